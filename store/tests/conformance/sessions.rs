//! Sessions are found by their cookie's digest, end one by one or together, and go with the person.

use domain::ids::{SessionId, UserId};
use domain::policies::Policy;
use domain::sessions::Session;
use domain::stamps::Stamps;
use domain::time::TimestampMs;
use domain::users::User;
use store::{Store, StoreError};

use crate::changes::change;
use crate::setup::on_both;

async fn person(store: &Store) -> UserId {
    let user = User {
        id: UserId::generate(),
        external_id: None,
        email: None,
        name: None,
        platform_role: None,
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::now("test"),
    };
    change!(store, insert_user(&user)).unwrap();
    user.id
}

fn session(user: &UserId, hash: &str, created_at: u64) -> Session {
    Session {
        id: SessionId::generate(),
        hash: hash.to_owned(),
        user_id: Some(user.clone()),
        csrf_hash: format!("csrf of {hash}"),
        address: Some("203.0.113.9".to_owned()),
        user_agent: None,
        created_at: TimestampMs(created_at),
        last_seen_at: TimestampMs(created_at),
        expires_at: TimestampMs(created_at + 1_000),
        platform_role: None,
    }
}

async fn hashes(store: &Store, user: &UserId) -> Vec<String> {
    let sessions = store.sessions(user).await.unwrap();
    let mut hashes: Vec<String> = sessions.into_iter().map(|found| found.hash).collect();
    hashes.sort();
    hashes
}

on_both! {
    async fn a_session_is_found_by_its_cookies_digest_until_it_is_ended(store) {
        let ada = person(store).await;
        assert!(store.has_people().await.unwrap());
        let (one, two) = (session(&ada, "one", 100), session(&ada, "two", 100));
        change!(store, insert_session(&one)).unwrap();
        change!(store, insert_session(&two)).unwrap();
        assert_eq!(store.session_by_hash("one").await.unwrap(), Some(one.clone()));
        assert_eq!(store.session_by_hash("three").await.unwrap(), None);
        change!(store, delete_session(&one.id)).unwrap();
        assert_eq!(store.session_by_hash("one").await.unwrap(), None);
        assert_eq!(hashes(store, &ada).await, ["two"]);
        change!(store, delete_sessions(&ada)).unwrap();
        assert!(hashes(store, &ada).await.is_empty());
    }

    async fn a_session_of_nobody_is_refused(store) {
        let nobody = session(&UserId::generate(), "one", 100);
        let refused = change!(store, insert_session(&nobody));
        assert!(matches!(refused, Err(StoreError::Dangling(_))), "{refused:?}");
    }

    async fn the_last_use_of_a_session_only_rises(store) {
        let ada = person(store).await;
        let one = session(&ada, "one", 100);
        change!(store, insert_session(&one)).unwrap();
        for (now, seen) in [(150, 150), (120, 150)] {
            store.touch_session(&one, TimestampMs(now)).await.unwrap();
            let found = store.session_by_hash("one").await.unwrap().unwrap();
            assert_eq!(found.last_seen_at, TimestampMs(seen));
        }
    }

    async fn sessions_that_have_ended_are_forgotten_when_their_person_signs_in_again(store) {
        let (ada, bob) = (person(store).await, person(store).await);
        change!(store, insert_session(&session(&ada, "old", 100))).unwrap();
        change!(store, insert_session(&session(&bob, "his", 100))).unwrap();
        change!(store, insert_session(&session(&ada, "live", 1_099))).unwrap();
        assert_eq!(hashes(store, &ada).await, ["live", "old"]);
        change!(store, insert_session(&session(&ada, "new", 1_100))).unwrap();
        assert_eq!(hashes(store, &ada).await, ["live", "new"]);
        assert_eq!(hashes(store, &bob).await, ["his"]);
    }

    async fn sessions_that_are_over_are_forgotten_and_the_others_stay(store) {
        let ada = person(store).await;
        change!(store, insert_session(&session(&ada, "over", 100))).unwrap();
        change!(store, insert_session(&session(&ada, "idle", 500))).unwrap();
        change!(store, insert_session(&session(&ada, "live", 1_000))).unwrap();
        store.forget_ended_sessions(TimestampMs(1_200), 600).await.unwrap();
        assert_eq!(hashes(store, &ada).await, ["live"]);
    }

    async fn the_operators_sessions_are_nobodys(store) {
        let ada = person(store).await;
        let operators = Session { user_id: None, ..session(&ada, "operator", 100) };
        change!(store, insert_session(&operators)).unwrap();
        change!(store, insert_session(&session(&ada, "hers", 100))).unwrap();
        assert_eq!(hashes(store, &ada).await, ["hers"]);
        assert_eq!(store.operator_sessions().await.unwrap(), [operators]);
        change!(store, delete_operator_sessions()).unwrap();
        assert!(store.operator_sessions().await.unwrap().is_empty());
        assert_eq!(hashes(store, &ada).await, ["hers"]);
    }

    async fn the_sessions_of_a_person_who_is_removed_end(store) {
        let ada = person(store).await;
        change!(store, insert_session(&session(&ada, "one", 100))).unwrap();
        change!(store, delete_user(&ada)).unwrap();
        assert_eq!(store.session_by_hash("one").await.unwrap(), None);
    }
}
