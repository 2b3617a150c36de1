//! Deleted keys: kept aside, restored as they were, and gone for good after their time.

use domain::actors::Actor;
use domain::blocks::BlockLevel;
use domain::deleted_keys::{Deletion, RESTORABLE_MS};
use domain::directory::Directory;
use domain::permissions::Scope;
use domain::time::TimestampMs;
use domain::virtual_keys::VirtualKey;
use store::deleted_keys::DeletedKeyFilter;
use store::page::Page;
use store::{Event, Store, StoreError};

use crate::setup::{commit, on_both};
use crate::tenants::{add_key, deletion, everything, key, organizations, secret, teams};

async fn delete(store: &Store, key: &VirtualKey, deletion: &Deletion) {
    let mut change = store.begin().await.unwrap();
    change.delete_key(&key.id, deletion).await.unwrap();
    commit(change).await;
}

fn ago(ms: u64) -> Deletion {
    Deletion {
        at: TimestampMs(TimestampMs::now().0 - ms),
        ..deletion()
    }
}

async fn listed(store: &Store, filter: DeletedKeyFilter) -> Vec<String> {
    let listed = store.deleted_keys(&filter, &Page::first(50)).await.unwrap();
    let each = listed.items.into_iter();
    each.map(|one| one.key.alias.unwrap_or_default()).collect()
}

fn all() -> DeletedKeyFilter {
    DeletedKeyFilter {
        scope: everything(),
        ..DeletedKeyFilter::default()
    }
}

on_both! {
    async fn a_restored_key_is_what_it_was_with_both_secrets_and_its_block(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let (mut kept, old) = key(&acme, "k");
        add_key(store, &kept, &old).await;
        let new = secret(&kept.id, "the next");
        kept.blocked = true;
        let mut change = store.begin().await.unwrap();
        change.add_secret(&new).await.unwrap();
        change.update_key(&kept).await.unwrap();
        change.set_block_level(kept.id.as_str(), Some(BlockLevel::Organization)).await.unwrap();
        change.set_block_reason(kept.id.as_str(), "It leaked.").await.unwrap();
        commit(change).await;
        delete(store, &kept, &deletion()).await;
        assert_eq!(store.block_level(kept.id.as_str()).await.unwrap(), None);
        let before = store.revision().await.unwrap();
        let mut change = store.begin().await.unwrap();
        let found = change.deleted_key(&kept.id).await.unwrap().unwrap();
        change.restore_key(&found).await.unwrap();
        commit(change).await;
        for hash in [old.hash, new.hash] {
            assert_eq!(store.virtual_key_by_hash(hash).await.unwrap(), Some(kept.clone()));
        }
        let level = store.block_level(kept.id.as_str()).await.unwrap();
        assert_eq!(level, Some(BlockLevel::Organization));
        let reason = store.block_reason(kept.id.as_str()).await.unwrap();
        assert_eq!(reason.as_deref(), Some("It leaked."));
        assert_eq!(store.deleted_key(kept.id.as_str()).await.unwrap(), None);
        let delta = store.changes(before).await.unwrap().unwrap();
        let told: Vec<_> = delta.keys.iter().map(|(id, grant)| (id, grant.as_ref().map(|one| one.secrets.len()))).collect();
        assert_eq!(told, [(&kept.id, Some(2))]);
    }

    async fn a_deleted_key_is_in_nothing_that_a_data_plane_is_told(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let (gone, secret) = key(&acme, "k");
        add_key(store, &gone, &secret).await;
        delete(store, &gone, &deletion()).await;
        assert!(store.snapshot(10).await.unwrap().keys.is_empty());
        assert!(store.key(secret.hash).await.unwrap().is_none());
        // What was read before the deletion is written after it: nothing comes back.
        let mut change = store.begin().await.unwrap();
        change.update_key(&gone).await.unwrap();
        commit(change).await;
        assert!(store.key(secret.hash).await.unwrap().is_none());
        assert_eq!(store.virtual_key(gone.id.as_str()).await.unwrap(), None);
    }

    async fn an_alias_or_a_secret_that_is_taken_by_now_is_not_taken_back(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let (first, first_secret) = key(&acme, "k");
        add_key(store, &first, &first_secret).await;
        delete(store, &first, &deletion()).await;
        let (mut second, second_secret) = key(&acme, "another");
        second.alias.clone_from(&first.alias);
        add_key(store, &second, &second_secret).await;
        let mut change = store.begin().await.unwrap();
        let found = change.deleted_key(&first.id).await.unwrap().unwrap();
        let refused = change.restore_key(&found).await;
        assert!(matches!(&refused, Err(StoreError::Exists(what)) if what.contains("alias")), "{refused:?}");
        drop(change);
        assert!(store.deleted_key(first.id.as_str()).await.unwrap().is_some());
        assert_eq!(store.virtual_key(second.id.as_str()).await.unwrap(), Some(second));
    }

    async fn deleted_keys_are_listed_by_what_they_were_the_last_deleted_first(store) {
        let [acme, bolt] = organizations(store, ["Acme", "Bolt"]).await;
        let [blue] = teams(store, &acme, ["Blue"]).await;
        for (organization, alias, minutes) in [(&acme, "first", 3), (&acme, "second", 2), (&bolt, "third", 1)] {
            let (mut key, secret) = key(organization, alias);
            if alias == "second" {
                key.team_id = Some(blue.id.clone());
            }
            add_key(store, &key, &secret).await;
            delete(store, &key, &ago(minutes * 60_000)).await;
        }
        assert_eq!(listed(store, all()).await, ["third", "second", "first"]);
        let of_acme = Scope { organizations: [acme.id.clone()].into(), ..Scope::default() };
        let of_blue = Scope { teams: [blue.id.clone()].into(), ..Scope::default() };
        assert_eq!(listed(store, DeletedKeyFilter { scope: of_acme, ..all() }).await, ["second", "first"]);
        assert_eq!(listed(store, DeletedKeyFilter { scope: of_blue, ..all() }).await, ["second"]);
        assert_eq!(listed(store, DeletedKeyFilter { team_id: Some(blue.id), ..all() }).await, ["second"]);
        assert_eq!(listed(store, DeletedKeyFilter { search: Some("THIR".to_owned()), ..all() }).await, ["third"]);
        let first = store.deleted_keys(&all(), &Page::first(5)).await.unwrap().items.pop().unwrap();
        let ids = vec![first.key.id.to_string(), "key_none".to_owned()];
        assert_eq!(listed(store, DeletedKeyFilter { ids, ..all() }).await, ["first"]);
        assert!(listed(store, DeletedKeyFilter { scope: Scope::default(), ..all() }).await.is_empty());
        let page = Page { count: true, ..Page::first(2) };
        let first = store.deleted_keys(&all(), &page).await.unwrap();
        assert_eq!((first.items.len(), first.more, first.total), (2, true, Some(3)));
        let after = first.items.last().map(|one| one.key.id.to_string());
        let rest = store.deleted_keys(&all(), &Page { after, ..page }).await.unwrap();
        let rest: Vec<_> = rest.items.into_iter().filter_map(|one| one.key.alias).collect();
        assert_eq!(rest, ["first"]);
    }

    async fn after_thirty_days_only_the_name_of_a_deleted_key_is_left(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let (old, old_secret) = key(&acme, "old");
        let (new, new_secret) = key(&acme, "new");
        add_key(store, &old, &old_secret).await;
        add_key(store, &new, &new_secret).await;
        delete(store, &old, &ago(RESTORABLE_MS + 1)).await;
        delete(store, &new, &ago(RESTORABLE_MS - 60_000)).await;
        // Nobody has to wait for the purge for this.
        assert_eq!(store.deleted_key(old.id.as_str()).await.unwrap(), None);
        assert_eq!(listed(store, all()).await, ["new"]);
        let ended = TimestampMs(TimestampMs::now().0 - RESTORABLE_MS);
        assert!(store.has_keys_deleted_by(ended).await.unwrap());
        let mut change = store.begin().await.unwrap();
        let gone = change.purge_deleted_keys(ended).await.unwrap();
        change.commit(&Actor::system(), Event::default()).await.unwrap();
        assert_eq!(gone.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), [old.id.as_str()]);
        assert!(!store.has_keys_deleted_by(ended).await.unwrap());
        let names = store.names_of_deleted_keys([old.id.as_str(), new.id.as_str(), "key_none"]).await.unwrap();
        let named = [(old.id.to_string(), "old".to_owned()), (new.id.to_string(), "new".to_owned())];
        assert_eq!(names, named.into());
        assert_eq!(listed(store, all()).await, ["new"]);
        let mut change = store.begin().await.unwrap();
        change.forget_deleted_keys(&acme.id).await.unwrap();
        commit(change).await;
        assert!(store.names_of_deleted_keys([old.id.as_str()]).await.unwrap().is_empty());
    }
}
