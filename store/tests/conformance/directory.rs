//! What data planes are told: everything as of one revision, and then what changed, no more.

use domain::actors::Actor;
use domain::directory::{Directory, Revision};
use domain::keys::KeyHash;
use domain::permissions::Role;
use domain::time::TimestampMs;
use domain::virtual_keys::{Uses, VirtualKey};
use store::{Event, Store};

use crate::setup::{commit, on_both};
use crate::tenants::{add_key, deletion, key, member, organizations, secret, teams, users};

/// As many changes as that, all of nothing: each raises the revision.
async fn pass(store: &Store, revisions: usize) {
    for _ in 0..revisions {
        store
            .record(&Actor::system(), Event::default())
            .await
            .unwrap();
    }
}

on_both! {
    async fn a_snapshot_has_the_levels_and_the_keys_with_the_secrets_that_work(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let [blue] = teams(store, &acme, ["Blue"]).await;
        let [ann] = users(store, ["ann"]).await;
        let (mut key, old) = key(&acme, "k");
        key.team_id = Some(blue.id.clone());
        key.expires_at = Some(TimestampMs(9_000_000_000_000));
        let (new, ended) = (secret(&key.id, "new"), secret(&key.id, "ended"));
        let mut change = store.begin().await.unwrap();
        change.put_member(&member(&acme, Some(&blue), &ann, Role::Member)).await.unwrap();
        change.insert_key(&key, &old).await.unwrap();
        change.add_secret(&new).await.unwrap();
        change.add_secret(&ended).await.unwrap();
        change.end_secret(old.hash, TimestampMs(8_000_000_000_000)).await.unwrap();
        change.end_secret(ended.hash, TimestampMs(1)).await.unwrap();
        let revision = commit(change).await;
        let snapshot = store.snapshot(10).await.unwrap();
        assert_eq!((snapshot.revision, snapshot.complete), (revision, true));
        assert_eq!(store.revision().await.unwrap(), revision);
        assert_eq!(snapshot.levels.teams, [blue]);
        assert_eq!(snapshot.levels.users, [ann]);
        assert_eq!(snapshot.levels.members.len(), 1);
        let mut grant = store.key(new.hash).await.unwrap().unwrap();
        assert_eq!(snapshot.keys.len(), 1);
        assert_eq!(snapshot.keys[0].id, grant.id);
        assert_eq!((&grant.id, grant.expires_at, grant.created_at), (&key.id, key.expires_at, key.stamps.created_at));
        grant.secrets.sort();
        let mut secrets = vec![(old.hash, Some(TimestampMs(8_000_000_000_000))), (new.hash, None)];
        secrets.sort();
        assert_eq!(grant.secrets, secrets);
        assert_eq!(store.key(ended.hash).await.unwrap(), None);
        assert_eq!(store.key(KeyHash::of("unknown")).await.unwrap(), None);
    }

    async fn a_snapshot_of_too_many_keys_has_those_that_are_revoked(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        for (alias, blocked, expires_at) in [("a", false, None), ("b", true, None), ("c", false, Some(TimestampMs(1)))] {
            let (key, secret) = key(&acme, alias);
            add_key(store, &VirtualKey { blocked, expires_at, ..key }, &secret).await;
        }
        let aliases = async |most| -> (Vec<String>, bool) {
            let snapshot = store.snapshot(most).await.unwrap();
            let mut aliases: Vec<_> = snapshot.keys.into_iter().filter_map(|key| key.alias).collect();
            aliases.sort();
            (aliases, snapshot.complete)
        };
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(aliases(3).await, (named(&["a", "b", "c"]), true));
        assert_eq!(aliases(2).await, (named(&["b", "c"]), false));
        assert_eq!(aliases(1).await, (named(&["c"]), false));
    }

    async fn a_change_of_a_key_is_told_without_the_levels_and_the_other_way_around(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let (kept, kept_secret) = key(&acme, "kept");
        let (gone, gone_secret) = key(&acme, "gone");
        add_key(store, &kept, &kept_secret).await;
        add_key(store, &gone, &gone_secret).await;
        let before = store.revision().await.unwrap();
        let mut change = store.begin().await.unwrap();
        change.update_key(&VirtualKey { blocked: true, ..kept.clone() }).await.unwrap();
        change.delete_key(&gone.id, &deletion()).await.unwrap();
        let after = commit(change).await;
        let delta = store.changes(before).await.unwrap().unwrap();
        assert!(delta.levels.is_none());
        assert_eq!(delta.revision, after);
        let told: Vec<_> = delta.keys.iter().map(|(id, grant)| (id, grant.as_ref().map(|grant| grant.blocked))).collect();
        assert_eq!(told, [(&kept.id, Some(true)), (&gone.id, None)]);
        teams(store, &acme, ["Blue"]).await;
        let delta = store.changes(after).await.unwrap().unwrap();
        assert_eq!((delta.levels.unwrap().teams.len(), delta.keys.len()), (1, 0));
        let nothing = store.changes(delta.revision).await.unwrap().unwrap();
        assert!(nothing.levels.is_none() && nothing.keys.is_empty());
    }

    async fn changes_of_a_time_that_is_not_known_are_not_guessed(store) {
        organizations(store, ["Acme"]).await;
        let newest = store.revision().await.unwrap();
        assert!(store.changes(Revision(newest.0 + 1)).await.unwrap().is_none());
        assert!(store.changes(Revision(newest.0 - 10_001)).await.unwrap().is_none());
        pass(store, 3).await;
        let delta = store.changes(newest).await.unwrap().unwrap();
        assert_eq!((delta.revision, delta.keys.len()), (Revision(newest.0 + 3), 0));
    }

    async fn uses_are_added_up_and_are_no_change(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let (key, secret) = key(&acme, "k");
        add_key(store, &key, &secret).await;
        let before = store.revision().await.unwrap();
        let gone = (KeyHash::of("gone"), (1, TimestampMs(1)));
        for (count, last) in [(3, 2_000), (4, 1_000)] {
            let uses: Uses = [(secret.hash, (count, TimestampMs(last))), gone].into();
            store.record_uses(uses).await.unwrap();
        }
        store.record_uses(Uses::new()).await.unwrap();
        let told = store.key_secrets(&key.id).await.unwrap();
        assert_eq!((told[0].uses, told[0].last_used_at), (7, Some(TimestampMs(2_000))));
        assert_eq!(store.revision().await.unwrap(), before);
    }
}
