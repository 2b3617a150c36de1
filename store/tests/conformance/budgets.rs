//! Shared budgets: what points to them. And what is seen of one organization alone.

use domain::budgets::SharedBudget;
use domain::ids::BudgetId;
use domain::permissions::{Action, Grant, Rights, Role};
use domain::policies::Policy;
use domain::spend::ScopeKind;
use domain::stamps::Stamps;
use store::Store;
use store::budget_uses::BudgetUse;
use store::page::Page;
use store::virtual_keys::KeyFilter;

use crate::setup::{commit, on_both};
use crate::tenants::{add_key, key, member, organizations, teams, users};

/// What points to a budget, page by page.
async fn used(store: &Store, budget: &BudgetId) -> Vec<(ScopeKind, String)> {
    let (mut all, mut page) = (Vec::new(), Page::first(1));
    loop {
        let listed = store.budget_uses(budget, &page).await.unwrap();
        assert!(listed.items.len() <= 1);
        page.after = listed.items.last().map(BudgetUse::cursor);
        all.extend(listed.items.into_iter().map(|one| (one.kind, one.id)));
        if !listed.more {
            return all;
        }
    }
}

on_both! {
    async fn everything_that_points_to_a_budget_is_named_and_counted(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let [mut blue, mut green] = teams(store, &acme, ["Blue", "Green"]).await;
        let [mut ann] = users(store, ["ann"]).await;
        let budget = |id: &str| SharedBudget {
            id: BudgetId::new(id),
            organization_id: acme.id.clone(),
            external_id: None,
            policy: Policy::default(),
            stamps: Stamps::now("test"),
        };
        let (small, large) = (budget("bud_small"), budget("bud_large"));
        let points = Policy { budget_id: Some(small.id.clone()), ..Policy::default() };
        blue.policy = points.clone();
        // What it gives to each counts once with it.
        blue.member_policy = points.clone();
        ann.policy = points.clone();
        // To speak of it is not to point to it.
        green.policy.metadata.insert("budget_id".to_owned(), small.id.as_str().into());
        let mut ours = member(&acme, Some(&green), &ann, Role::Member);
        ours.policy = points;
        let mut change = store.begin().await.unwrap();
        change.insert_shared_budget(&small).await.unwrap();
        change.insert_shared_budget(&large).await.unwrap();
        change.update_team(&blue).await.unwrap();
        change.update_team(&green).await.unwrap();
        change.update_user(&ann).await.unwrap();
        change.put_member(&ours).await.unwrap();
        commit(change).await;
        let of_green = (ScopeKind::Member, format!("{}/{}", green.id, ann.id));
        let of_blue = (ScopeKind::Team, blue.id.to_string());
        let of_ann = (ScopeKind::User, ann.id.to_string());
        let everything = [of_green, of_blue, of_ann];
        assert_eq!(used(store, &small.id).await, everything);
        let counts = store.budget_use_counts(&[small.id.clone(), large.id.clone()]).await.unwrap();
        let one_each = [ScopeKind::Member, ScopeKind::Team, ScopeKind::User].map(|kind| (kind, 1));
        assert_eq!(counts.get(&small.id).unwrap(), &one_each);
        assert_eq!(counts.get(&large.id), None);
    }

    async fn of_ones_own_things_only_those_of_one_organization_are_seen(store) {
        let [acme, bolt] = organizations(store, ["Acme", "Bolt"]).await;
        let [ann] = users(store, ["ann"]).await;
        let own = async |organization, alias| {
            let (mut key, secret) = key(organization, alias);
            key.user_id = Some(ann.id.clone());
            add_key(store, &key, &secret).await;
            key
        };
        let (here, there) = (own(&acme, "here").await, own(&bolt, "there").await);
        let of = |organization| Grant { role: Role::Member, organization_id: organization, team_id: None };
        let rights = Rights {
            platform: None,
            grants: vec![of(acme.id.clone()), of(bolt.id.clone())],
            user_id: Some(ann.id.clone()),
        };
        let seen = async |scope| -> Vec<_> {
            let filter = KeyFilter { scope, ..KeyFilter::default() };
            let listed = store.virtual_keys(&filter, &Page::first(10)).await.unwrap();
            listed.items.into_iter().map(|key| key.id).collect()
        };
        assert_eq!(seen(rights.scope(Action::ReadKeys)).await, [there.id.clone(), here.id.clone()]);
        assert_eq!(seen(rights.scope_within(Action::ReadKeys, &acme.id)).await, [here.id]);
        assert_eq!(seen(rights.scope_within(Action::ReadKeys, &bolt.id)).await, [there.id]);
    }
}
