//! When people were last here outlives their sessions, and every way in is told.

use std::collections::BTreeMap;

use domain::identity::Identity;
use domain::ids::{InvitationId, SessionId, UserId};
use domain::invitations::{Invitation, InvitationPurpose};
use domain::sessions::Session;
use domain::stamps::Stamps;
use domain::time::TimestampMs;
use store::Store;
use store::presence::Presence;

use crate::changes::change;
use crate::setup::on_both;
use crate::tenants::{add_key, key, organizations, users};

/// The time of every question.
const NOW: TimestampMs = TimestampMs(10_000);

async fn told(store: &Store, people: &[&UserId]) -> BTreeMap<UserId, Presence> {
    let people: Vec<UserId> = people.iter().map(|id| (*id).clone()).collect();
    store.presence(&people, NOW).await.unwrap()
}

fn session(user: &UserId) -> Session {
    Session {
        id: SessionId::generate(),
        hash: format!("cookie of {user}"),
        user_id: Some(user.clone()),
        csrf_hash: String::new(),
        address: None,
        user_agent: None,
        created_at: TimestampMs(100),
        last_seen_at: TimestampMs(100),
        expires_at: TimestampMs(1_000),
        platform_role: None,
    }
}

fn link(user: &UserId, expires_at: u64) -> Invitation {
    Invitation {
        id: InvitationId::generate(),
        hash: format!("link of {user} until {expires_at}"),
        purpose: InvitationPurpose::Password,
        email: None,
        user_id: Some(user.clone()),
        organization_id: None,
        team_id: None,
        role: None,
        platform_role: None,
        expires_at: TimestampMs(expires_at),
        accepted_at: None,
        revoked_at: None,
        stamps: Stamps::now("test"),
    }
}

on_both! {
    async fn who_was_here_is_known_when_their_sessions_are_forgotten(store) {
        let [ann, ben] = users(store, ["ann", "ben"]).await;
        let session = session(&ann.id);
        change!(store, insert_session(&session)).unwrap();
        assert_eq!(told(store, &[&ann.id]).await[&ann.id].last_active_at, Some(TimestampMs(100)));
        store.touch_session(&session, TimestampMs(300)).await.unwrap();
        store.touch_session(&session, TimestampMs(200)).await.unwrap();
        store.forget_ended_sessions(NOW, 1).await.unwrap();
        assert!(store.sessions(&ann.id).await.unwrap().is_empty());
        // A change of the person is none of their doings.
        change!(store, update_user(&ann)).unwrap();
        let told = told(store, &[&ann.id, &ben.id]).await;
        assert_eq!(told[&ann.id].last_active_at, Some(TimestampMs(300)));
        assert_eq!(told[&ben.id], Presence::default());
    }

    async fn the_newest_use_of_any_of_their_own_keys_counts(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let [ann, ben] = users(store, ["ann", "ben"]).await;
        for (owner, alias, used) in [(&ann, "a", 500), (&ann, "b", 700), (&ben, "c", 900)] {
            let (mut key, mut secret) = key(&acme, alias);
            key.user_id = Some(owner.id.clone());
            secret.last_used_at = Some(TimestampMs(used));
            add_key(store, &key, &secret).await;
        }
        let told = told(store, &[&ann.id]).await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[&ann.id].last_active_at, Some(TimestampMs(700)));
    }

    async fn every_way_in_is_told_and_a_link_only_while_it_is_good(store) {
        let [ann, ben, eve] = users(store, ["ann", "ben", "eve"]).await;
        change!(store, set_password_hash(&ann.id, Some("hash"))).unwrap();
        let identity = Identity {
            issuer: "https://sso.example".to_owned(),
            subject: "s-1".to_owned(),
            user_id: ann.id.clone(),
            created_at: TimestampMs(100),
            last_used_at: TimestampMs(800),
        };
        change!(store, insert_identity(&identity)).unwrap();
        change!(store, insert_invitation(&link(&ben.id, NOW.0 + 1))).unwrap();
        change!(store, insert_invitation(&link(&eve.id, NOW.0))).unwrap();
        let told = told(store, &[&ann.id, &ben.id, &eve.id]).await;
        let expected = Presence {
            last_active_at: Some(TimestampMs(800)),
            has_password: true,
            issuers: vec!["https://sso.example".to_owned()],
            is_invited: false,
        };
        assert_eq!(told[&ann.id], expected);
        assert!(told[&ben.id].is_invited && !told[&ben.id].has_password);
        assert_eq!(told[&eve.id], Presence::default());
    }
}
