//! People are found by what their provider calls them; its keys and roles are kept; nothing comes
//! back twice.

use domain::directory::Directory as _;
use domain::identity::{Identity, ProvidedRole, StoredKeySet};
use domain::ids::{OrganizationId, UserId};
use domain::permissions::{PlatformRole, Role};
use domain::policies::Policy;
use domain::stamps::Stamps;
use domain::time::TimestampMs;
use domain::users::User;
use store::{Store, StoreError};

use crate::changes::change;
use crate::setup::on_both;

pub async fn person(store: &Store) -> UserId {
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

fn identity(user: &UserId, subject: &str, at: u64) -> Identity {
    Identity {
        issuer: "https://sso.example".to_owned(),
        subject: subject.to_owned(),
        user_id: user.clone(),
        created_at: TimestampMs(at),
        last_used_at: TimestampMs(at),
    }
}

on_both! {
    async fn a_person_is_found_by_issuer_and_subject_and_keeps_their_first_time(store) {
        let ada = person(store).await;
        let known = identity(&ada, "s-1", 100);
        change!(store, insert_identity(&known)).unwrap();
        assert!(change!(store, insert_identity(&known)).is_err());
        store.touch_identity(&known, TimestampMs(200)).await.unwrap();
        let found = store.identity("https://sso.example", "s-1").await.unwrap().unwrap();
        assert_eq!((found.created_at, found.last_used_at), (TimestampMs(100), TimestampMs(200)));
        assert_eq!(found.user_id, ada);
        assert_eq!(store.identity("https://other.example", "s-1").await.unwrap(), None);
        assert_eq!(store.identities_of(&ada).await.unwrap().len(), 1);
        let known = store.snapshot(10).await.unwrap().levels.identities;
        assert_eq!((known[0].subject.as_str(), &known[0].user_id), ("s-1", &ada));
        let nobody = identity(&UserId::generate(), "s-2", 1);
        let refused = change!(store, insert_identity(&nobody));
        assert!(matches!(refused, Err(StoreError::Dangling(_))), "{refused:?}");
        change!(store, delete_user(&ada)).unwrap();
        assert_eq!(store.identity("https://sso.example", "s-1").await.unwrap(), None);
    }

    async fn roles_of_a_provider_are_kept_apart_from_those_of_another(store) {
        let ada = person(store).await;
        let roles = [
            ProvidedRole::of_platform(PlatformRole::PlatformAuditor),
            ProvidedRole::within(OrganizationId::default_one(), None, Role::Viewer),
        ];
        change!(store, put_provided_roles(&ada, "one", &roles)).unwrap();
        let mut found = store.provided_roles(&ada, "one").await.unwrap();
        found.sort();
        assert_eq!(found, roles);
        assert!(store.provided_roles(&ada, "two").await.unwrap().is_empty());
        change!(store, put_provided_roles(&ada, "one", &roles[1..])).unwrap();
        assert_eq!(store.provided_roles(&ada, "one").await.unwrap(), roles[1..]);
    }

    async fn a_sign_in_comes_back_once(store) {
        let end = TimestampMs(1_000);
        assert!(store.note_returned_sign_in("a", end).await.unwrap());
        assert!(!store.note_returned_sign_in("a", end).await.unwrap());
        assert!(store.note_returned_sign_in("b", end).await.unwrap());
        store.forget_returned_sign_ins(TimestampMs(999)).await.unwrap();
        assert!(!store.note_returned_sign_in("a", end).await.unwrap());
        store.forget_returned_sign_ins(end).await.unwrap();
        assert!(store.note_returned_sign_in("a", end).await.unwrap());
    }

    async fn data_planes_hear_of_new_keys_and_ask_for_them(store) {
        let set = |document: &str| StoredKeySet {
            url: "https://sso.example/keys".to_owned(),
            document: document.to_owned(),
        };
        let before = store.snapshot(10).await.unwrap().revision;
        change!(store, put_identity_keys(&set("{}"), TimestampMs(5))).unwrap();
        let delta = store.changes(before).await.unwrap().unwrap();
        assert_eq!(delta.levels.unwrap().key_sets, [set("{}")]);
        store.want_keys("https://sso.example/keys".to_owned()).await.unwrap();
        let kept = store.identity_keys().await.unwrap();
        assert!(kept[0].wanted_at > kept[0].fetched_at);
        change!(store, put_identity_keys(&set("{1}"), TimestampMs(7))).unwrap();
        store.note_identity_keys("https://sso.example/keys", TimestampMs(9)).await.unwrap();
        let kept = store.identity_keys().await.unwrap();
        assert_eq!((kept.len(), kept[0].fetched_at), (1, TimestampMs(9)));
        assert_eq!(kept[0].set, set("{1}"));
    }
}
