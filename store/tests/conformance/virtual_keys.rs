//! Keys: found by every secret that works, listed by what they are, spent, removed with their secrets.

use domain::ids::{AdjustmentId, KeyId};
use domain::keys::KeyHash;
use domain::money::NanoUsd;
use domain::permissions::Scope;
use domain::policies::Policy;
use domain::spend::{Adjustment, ScopeKind, SpendScope};
use domain::time::TimestampMs;
use domain::virtual_keys::VirtualKey;
use serde_json::json;
use store::StoreError;
use store::page::Page;
use store::virtual_keys::KeyFilter;

use crate::setup::{commit, on_both};
use crate::tenants::{
    add_key, deletion, everything, key, organizations, project, secret, service_account, teams,
    users,
};

fn now_and(later_ms: u64) -> TimestampMs {
    TimestampMs(TimestampMs::now().0 + later_ms)
}

on_both! {
    async fn a_rotated_key_is_found_by_both_secrets_until_the_old_one_ends(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let (mut key, old) = key(&acme, "k");
        add_key(store, &key, &old).await;
        let new = secret(&key.id, "the next");
        (key.hash, key.last_four) = (new.hash, new.last_four.clone());
        let mut change = store.begin().await.unwrap();
        change.add_secret(&new).await.unwrap();
        change.end_secret(old.hash, now_and(60_000)).await.unwrap();
        change.update_key(&key).await.unwrap();
        commit(change).await;
        for hash in [old.hash, new.hash] {
            assert_eq!(store.virtual_key_by_hash(hash).await.unwrap(), Some(key.clone()));
        }
        let mut change = store.begin().await.unwrap();
        change.end_secret(old.hash, TimestampMs(1)).await.unwrap();
        commit(change).await;
        assert_eq!(store.virtual_key_by_hash(old.hash).await.unwrap(), None);
        assert_eq!(store.key_secrets(&key.id).await.unwrap().len(), 2);
        let mut change = store.begin().await.unwrap();
        change.delete_secret(old.hash).await.unwrap();
        commit(change).await;
        assert_eq!(store.key_secrets(&key.id).await.unwrap(), [new]);
        assert_eq!(store.virtual_key(key.id.as_str()).await.unwrap(), Some(key));
    }

    async fn a_secret_or_an_alias_is_not_given_twice(store) {
        let [acme, bolt] = organizations(store, ["Acme", "Bolt"]).await;
        let (first, first_secret) = key(&acme, "k");
        add_key(store, &first, &first_secret).await;
        let (mut other, same_secret) = key(&acme, "k");
        other.alias = None;
        let mut change = store.begin().await.unwrap();
        let refused = change.insert_key(&other, &same_secret).await;
        assert!(matches!(refused, Err(StoreError::Exists(_))), "{refused:?}");
        drop(change);
        let (mut other, other_secret) = key(&acme, "other");
        other.alias = Some("k".to_owned());
        let mut change = store.begin().await.unwrap();
        let refused = change.insert_key(&other, &other_secret).await;
        assert!(matches!(refused, Err(StoreError::Exists(_))), "{refused:?}");
        drop(change);
        other.organization_id = bolt.id;
        add_key(store, &other, &other_secret).await;
    }

    async fn a_list_of_keys_holds_what_the_filter_says(store) {
        let [acme, bolt] = organizations(store, ["Acme", "Bolt"]).await;
        let [blue] = teams(store, &acme, ["Blue"]).await;
        let [ann] = users(store, ["ann"]).await;
        let (search, robot) = (project(&blue, "search"), service_account(&blue, "robot"));
        let mut change = store.begin().await.unwrap();
        change.insert_project(&search).await.unwrap();
        change.insert_service_account(&robot).await.unwrap();
        commit(change).await;
        let (plain, of_plain) = key(&acme, "aaaa plain");
        let (anns, of_anns) = key(&acme, "bbbb Anns");
        let anns = VirtualKey { user_id: Some(ann.id.clone()), blocked: true, ..anns };
        let (teams, of_teams) = key(&acme, "cccc teams");
        let teams = VirtualKey { team_id: Some(blue.id.clone()), project_id: Some(search.id.clone()), service_account_id: Some(robot.id.clone()), environment: Some("production".to_owned()), ..teams };
        let (foreign, of_foreign) = key(&bolt, "dddd foreign");
        let foreign = VirtualKey { expires_at: Some(TimestampMs(1_000)), ..foreign };
        for (key, secret) in [(&plain, &of_plain), (&anns, &of_anns), (&teams, &of_teams), (&foreign, &of_foreign)] {
            add_key(store, key, secret).await;
        }
        let initials = async |filter: KeyFilter| -> String {
            let listed = store.virtual_keys(&filter, &Page { count: true, ..Page::first(9) }).await.unwrap();
            assert_eq!(listed.total, Some(i64::try_from(listed.items.len()).unwrap()));
            listed.items.iter().filter_map(|key| key.alias.as_ref()?.chars().next()).collect()
        };
        let all = || KeyFilter { scope: everything(), ..KeyFilter::default() };
        assert_eq!(initials(all()).await, "dcba");
        assert_eq!(initials(KeyFilter::default()).await, "");
        let scope = Scope { teams: [blue.id.clone()].into(), owner: Some(ann.id.clone()), ..Scope::default() };
        assert_eq!(initials(KeyFilter { scope: scope.clone(), ..all() }).await, "cb");
        let both = Scope { organizations: [bolt.id].into(), ..scope };
        assert_eq!(initials(KeyFilter { scope: both, ..all() }).await, "dcb");
        assert_eq!(initials(KeyFilter { organization_id: Some(acme.id), ..all() }).await, "cba");
        assert_eq!(initials(KeyFilter { team_id: Some(blue.id), ..all() }).await, "c");
        assert_eq!(initials(KeyFilter { project_id: Some(search.id), ..all() }).await, "c");
        assert_eq!(initials(KeyFilter { user_id: Some(ann.id), ..all() }).await, "b");
        assert_eq!(initials(KeyFilter { service_account_id: Some(robot.id), ..all() }).await, "c");
        assert_eq!(initials(KeyFilter { alias: Some("aaaa plain".to_owned()), ..all() }).await, "a");
        assert_eq!(initials(KeyFilter { alias: Some("plain".to_owned()), ..all() }).await, "");
        assert_eq!(initials(KeyFilter { environment: Some("production".to_owned()), ..all() }).await, "c");
        assert_eq!(initials(KeyFilter { search: Some("B ann".to_owned()), ..all() }).await, "b");
        assert_eq!(initials(KeyFilter { search: Some(plain.id.to_string()), ..all() }).await, "a");
        assert_eq!(initials(KeyFilter { search: Some(foreign.last_four), ..all() }).await, "d");
        assert_eq!(initials(KeyFilter { blocked: Some(true), ..all() }).await, "b");
        assert_eq!(initials(KeyFilter { blocked: Some(false), ..all() }).await, "dca");
        assert_eq!(initials(KeyFilter { expired_at: Some(TimestampMs(1_000)), ..all() }).await, "d");
        assert_eq!(initials(KeyFilter { expired_at: Some(TimestampMs(999)), ..all() }).await, "");
        assert_eq!(initials(KeyFilter { ids: vec![plain.id.to_string()], ..all() }).await, "a");
        assert_eq!(initials(KeyFilter { without_team: true, ..all() }).await, "dba");
    }

    async fn keys_with_budgets_of_their_own_are_listed_and_those_that_only_note_the_word_are_not(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let (noting, of_noting) = key(&acme, "noting");
        let metadata = json!({ "budgets": "\"budgets\":[1]\u{0}" });
        let policy = Policy { metadata: metadata.as_object().cloned().unwrap(), ..Policy::default() };
        let noting = VirtualKey { policy, ..noting };
        let (mut holding, of_holding) = key(&acme, "holding");
        holding.policy.budgets = serde_json::from_value(json!([{ "limit_nanousd": 5 }])).unwrap();
        add_key(store, &noting, &of_noting).await;
        add_key(store, &holding, &of_holding).await;
        let filter = KeyFilter { scope: everything(), with_budget: true, ..KeyFilter::default() };
        let listed = async || store.virtual_keys(&filter, &Page::first(9)).await.unwrap().items;
        assert_eq!(listed().await, [holding.clone()]);
        holding.policy.budgets.clear();
        let mut change = store.begin().await.unwrap();
        change.update_key(&holding).await.unwrap();
        commit(change).await;
        assert_eq!(listed().await, []);
    }

    async fn a_search_finds_letters_of_every_alphabet_and_minds_no_case_of_ours(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let (key, secret) = key(&acme, "Zürich ÄRZTE");
        add_key(store, &key, &secret).await;
        for part in ["zürich", "ZüRICH", "ÄRZTE", "Ärz"] {
            let filter = KeyFilter { scope: everything(), search: Some(part.to_owned()), ..KeyFilter::default() };
            assert_eq!(store.virtual_keys(&filter, &Page::first(9)).await.unwrap().items.len(), 1, "{part}");
        }
    }

    async fn aliases_are_listed_once_in_the_order_of_their_letters(store) {
        let [acme, bolt] = organizations(store, ["Acme", "Bolt"]).await;
        for (place, text, alias) in [(&acme, "1", Some("b-two")), (&bolt, "2", Some("b-two")), (&acme, "3", Some("a-one")), (&acme, "4", None), (&bolt, "5", Some("c-x"))] {
            let (mut key, secret) = key(place, text);
            key.alias = alias.map(str::to_owned);
            add_key(store, &key, &secret).await;
        }
        let page = Page { count: true, ..Page::first(2) };
        let listed = store.key_aliases(&everything(), None, &page).await.unwrap();
        assert_eq!((listed.items, listed.more, listed.total), (vec!["a-one".to_owned(), "b-two".to_owned()], true, Some(3)));
        let after = Page { after: Some("b-two".to_owned()), ..Page::first(2) };
        assert_eq!(store.key_aliases(&everything(), None, &after).await.unwrap().items, ["c-x"]);
        let scope = Scope { organizations: [bolt.id].into(), ..Scope::default() };
        assert_eq!(store.key_aliases(&scope, Some("TWO"), &page).await.unwrap().items, ["b-two"]);
    }

    async fn spend_is_the_sum_of_its_corrections(store) {
        let scope = |kind, id: &str| SpendScope { kind, id: id.to_owned() };
        let of = |scope: &SpendScope, amount| Adjustment {
            id: AdjustmentId::generate(),
            scope: scope.clone(),
            model: None,
            window: None,
            amount_nanousd: NanoUsd(amount),
            kind: "reset".to_owned(),
            reason: "asked".to_owned(),
            actor: "test".to_owned(),
            at: TimestampMs(5),
        };
        let (mine, teams, other) = (scope(ScopeKind::Key, "x"), scope(ScopeKind::Team, "x"), scope(ScopeKind::Key, "y"));
        let all = [of(&mine, 5_000_000_000_000_000_000), of(&teams, 7), of(&mine, -4_999_999_999_999_999_999)];
        let mut change = store.begin().await.unwrap();
        for one in &all {
            change.adjust(one).await.unwrap();
        }
        commit(change).await;
        let spend = store.spend_of(&[mine.clone(), other, teams.clone()]).await.unwrap();
        assert_eq!(spend, [(mine.clone(), NanoUsd(1)), (teams, NanoUsd(7))].into());
        let mut told = store.adjustments(&mine).await.unwrap();
        told.sort_by_key(|one| one.amount_nanousd);
        assert_eq!(told, [all[2].clone(), all[0].clone()]);
    }

    async fn a_deleted_key_leaves_no_secret_that_opens_anything(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let (key, secret) = key(&acme, "k");
        add_key(store, &key, &secret).await;
        let mut change = store.begin().await.unwrap();
        change.delete_key(&key.id, &deletion()).await.unwrap();
        commit(change).await;
        assert_eq!(store.virtual_key_by_hash(secret.hash).await.unwrap(), None);
        assert!(store.key_secrets(&key.id).await.unwrap().is_empty());
        assert_eq!(store.virtual_key(KeyId::generate().as_str()).await.unwrap(), None);
        assert_eq!(store.virtual_key_by_hash(KeyHash::of("never")).await.unwrap(), None);
    }
}
