//! Tags are found by their word in their organization, and shared budgets by either id.

use domain::budgets::SharedBudget;
use domain::directory::Directory;
use domain::ids::{BudgetId, OrganizationId, TagId};
use domain::permissions::Scope;
use domain::policies::Policy;
use domain::stamps::Stamps;
use domain::tags::Tag;
use store::StoreError;
use store::page::Page;
use store::tags::TagFilter;

use crate::changes::{change, everything, organization, within};
use crate::setup::on_both;

fn tag(organization: &OrganizationId, name: &str) -> Tag {
    Tag {
        id: TagId::generate(),
        organization_id: organization.clone(),
        name: name.to_owned(),
        description: Some("for tests".to_owned()),
        policy: Policy::default(),
        stamps: Stamps::now("test"),
    }
}

fn budget(organization: &OrganizationId, external_id: Option<&str>) -> SharedBudget {
    SharedBudget {
        id: BudgetId::generate(),
        organization_id: organization.clone(),
        external_id: external_id.map(str::to_owned),
        policy: Policy::default(),
        stamps: Stamps::now("test"),
    }
}

on_both! {
    async fn a_tag_is_found_by_its_word_or_id_in_its_organization(store) {
        let (acme, bolt) = (organization(store, "Acme").await, organization(store, "Bolt").await);
        let mut batch = tag(&acme, "batch");
        change!(store, insert_tag(&batch)).unwrap();
        change!(store, insert_tag(&tag(&bolt, "batch"))).unwrap();
        let again = change!(store, insert_tag(&tag(&acme, "batch")));
        assert!(matches!(again, Err(StoreError::Exists(_))));
        batch.description = None;
        change!(store, update_tag(&batch)).unwrap();
        assert_eq!(store.tag(&acme, "batch").await.unwrap(), Some(batch.clone()));
        assert_eq!(store.tag(&acme, batch.id.as_str()).await.unwrap(), Some(batch.clone()));
        assert_eq!(store.tag(&bolt, batch.id.as_str()).await.unwrap(), None);
        change!(store, delete_tag(&batch.id)).unwrap();
        assert_eq!(store.tag(&acme, "batch").await.unwrap(), None);
    }

    async fn tags_are_listed_within_a_scope(store) {
        let (acme, bolt) = (organization(store, "Acme").await, organization(store, "Bolt").await);
        for (place, name) in [(&acme, "Batch 50%"), (&acme, "batch 500"), (&bolt, "50% off")] {
            change!(store, insert_tag(&tag(place, name))).unwrap();
        }
        let names = async |filter: TagFilter| {
            let mut names: Vec<String> = store.tags(&filter, &Page::first(9)).await.unwrap()
                .items.into_iter().map(|found| found.name).collect();
            names.sort();
            names
        };
        let all = TagFilter { scope: everything(), ..TagFilter::default() };
        let search = TagFilter { search: Some("50%".to_owned()), ..all.clone() };
        assert_eq!(names(search.clone()).await, ["50% off", "Batch 50%"]);
        let mine = TagFilter { scope: within(&acme), ..search };
        assert_eq!(names(mine).await, ["Batch 50%"]);
        let theirs = TagFilter { organization_id: Some(bolt), ..all };
        assert_eq!(names(theirs).await, ["50% off"]);
        assert!(names(TagFilter::default()).await.is_empty());
    }

    async fn tags_with_rules_and_shared_budgets_reach_data_planes(store) {
        let acme = organization(store, "Acme").await;
        let (mut batch, plain) = (tag(&acme, "batch"), tag(&acme, "plain"));
        batch.policy.limits.rpm = Some(5);
        let budget = budget(&acme, None);
        let before = store.revision().await.unwrap();
        change!(store, insert_tag(&batch)).unwrap();
        change!(store, insert_tag(&plain)).unwrap();
        change!(store, insert_shared_budget(&budget)).unwrap();
        let levels = store.snapshot(9).await.unwrap().levels;
        assert_eq!((levels.tags, levels.budgets), (vec![batch.clone()], vec![budget.clone()]));
        let delta = store.changes(before).await.unwrap().unwrap();
        assert!(delta.revision > before);
        assert_eq!(delta.levels.unwrap().tags, [batch.clone()]);
        let before = delta.revision;
        change!(store, delete_tag(&batch.id)).unwrap();
        change!(store, delete_shared_budget(&budget.id)).unwrap();
        let levels = store.changes(before).await.unwrap().unwrap().levels.unwrap();
        assert!(levels.tags.is_empty() && levels.budgets.is_empty());
    }

    async fn a_shared_budget_is_found_by_either_id(store) {
        let acme = organization(store, "Acme").await;
        let (mut mine, plain) = (budget(&acme, Some("Small")), budget(&acme, None));
        change!(store, insert_shared_budget(&mine)).unwrap();
        change!(store, insert_shared_budget(&plain)).unwrap();
        mine.policy.limits.rpm = Some(5);
        change!(store, update_shared_budget(&mine)).unwrap();
        assert_eq!(store.shared_budgets_called("Small").await.unwrap(), [mine.clone()]);
        let found = store.shared_budgets_called(mine.id.as_str()).await.unwrap();
        assert_eq!(found, [mine.clone()]);
        assert_eq!(store.shared_budget(&plain.id).await.unwrap(), Some(plain));
        change!(store, delete_shared_budget(&mine.id)).unwrap();
        assert!(store.shared_budgets_called("Small").await.unwrap().is_empty());
    }

    async fn organizations_choose_the_same_id_for_budgets_of_their_own(store) {
        let (acme, bolt) = (organization(store, "Acme").await, organization(store, "Bolt").await);
        let (mine, theirs) = (budget(&acme, Some("Small")), budget(&bolt, Some("Small")));
        change!(store, insert_shared_budget(&mine)).unwrap();
        change!(store, insert_shared_budget(&theirs)).unwrap();
        let again = change!(store, insert_shared_budget(&budget(&acme, Some("Small"))));
        assert!(matches!(again, Err(StoreError::Exists(_))), "{again:?}");
        // LiteLLM's clients know no organizations: theirs are those of `default`.
        store.ensure_default_organization().await.unwrap();
        let of_all = budget(&OrganizationId::default_one(), Some("Small"));
        change!(store, insert_shared_budget(&of_all)).unwrap();
        let mut others = [mine, theirs];
        others.sort_by(|one, other| one.id.cmp(&other.id));
        let called = store.shared_budgets_called("Small").await.unwrap();
        let (first, rest) = called.split_first().unwrap();
        assert_eq!((first, rest), (&of_all, others.as_slice()));
    }

    async fn shared_budgets_are_listed_within_a_scope(store) {
        let (acme, bolt) = (organization(store, "Acme").await, organization(store, "Bolt").await);
        let (mine, plain) = (budget(&acme, Some("Small")), budget(&bolt, None));
        change!(store, insert_shared_budget(&mine)).unwrap();
        change!(store, insert_shared_budget(&plain)).unwrap();
        let ten = Page::first(10);
        let found = store.shared_budgets(&everything(), Some("sMALL"), &ten).await.unwrap();
        assert_eq!(found.items, vec![mine.clone()]);
        let id = plain.id.as_str();
        let found = store.shared_budgets(&everything(), Some(id), &ten).await.unwrap();
        assert_eq!(found.items, vec![plain.clone()]);
        let found = store.shared_budgets(&within(&bolt), None, &ten).await.unwrap();
        assert_eq!(found.items, [plain]);
        let found = store.shared_budgets(&Scope::default(), None, &ten).await.unwrap();
        assert!(found.items.is_empty());
    }
}
