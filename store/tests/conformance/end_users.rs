//! End users are found in their own organization alone, by either id, and listed within a scope.

use domain::end_users::EndUser;
use domain::ids::{EndUserId, OrganizationId};
use domain::policies::Policy;
use domain::stamps::Stamps;
use store::StoreError;
use store::end_users::EndUserFilter;
use store::page::Page;

use crate::changes::{change, everything, organization, within};
use crate::setup::on_both;

fn end_user(organization: &OrganizationId, external_id: &str, name: Option<&str>) -> EndUser {
    EndUser {
        id: EndUserId::generate(),
        organization_id: organization.clone(),
        external_id: external_id.to_owned(),
        name: name.map(str::to_owned),
        policy: Policy {
            models: vec!["gpt-*".to_owned()],
            ..Policy::default()
        },
        blocked: false,
        stamps: Stamps::now("test"),
    }
}

on_both! {
    async fn an_end_user_is_found_in_their_organization_alone(store) {
        let (acme, bolt) = (organization(store, "Acme").await, organization(store, "Bolt").await);
        let (ada, other) = (end_user(&acme, "ada", None), end_user(&bolt, "ada", None));
        change!(store, insert_end_user(&ada)).unwrap();
        change!(store, insert_end_user(&other)).unwrap();
        assert_eq!(store.end_user(&acme, "ada").await.unwrap(), Some(ada.clone()));
        assert_eq!(store.end_user(&acme, ada.id.as_str()).await.unwrap(), Some(ada));
        assert_eq!(store.end_user(&acme, other.id.as_str()).await.unwrap(), None);
    }

    async fn a_name_is_taken_once_in_an_organization(store) {
        let acme = organization(store, "Acme").await;
        change!(store, insert_end_user(&end_user(&acme, "ada", None))).unwrap();
        let again = change!(store, insert_end_user(&end_user(&acme, "ada", None)));
        assert!(matches!(again, Err(StoreError::Exists(_))));
        let nowhere = end_user(&OrganizationId::generate(), "ada", None);
        let dangling = change!(store, insert_end_user(&nowhere));
        assert!(matches!(dangling, Err(StoreError::Dangling(_))), "{dangling:?}");
    }

    async fn an_end_user_is_written_anew_and_removed(store) {
        let acme = organization(store, "Acme").await;
        let mut ada = end_user(&acme, "ada", Some("Ada"));
        change!(store, insert_end_user(&ada)).unwrap();
        ada.name = None;
        ada.blocked = true;
        ada.policy = Policy::default();
        change!(store, update_end_user(&ada)).unwrap();
        assert_eq!(store.end_user(&acme, "ada").await.unwrap(), Some(ada.clone()));
        change!(store, delete_end_user(&ada.id)).unwrap();
        assert_eq!(store.end_user(&acme, "ada").await.unwrap(), None);
    }

    async fn end_users_are_listed_within_a_scope_page_by_page(store) {
        let (acme, bolt) = (organization(store, "Acme").await, organization(store, "Bolt").await);
        for (place, id, name) in [
            (&acme, "u_1", None), (&acme, "u-2", Some("Ada Lovelace")), (&bolt, "u_3", None),
        ] {
            change!(store, insert_end_user(&end_user(place, id, name))).unwrap();
        }
        let all = EndUserFilter { scope: everything(), ..EndUserFilter::default() };
        let first = Page { count: true, ..Page::first(2) };
        let page = store.end_users(&all, &first).await.unwrap();
        assert_eq!((page.items.len(), page.more, page.total), (2, true, Some(3)));
        let after = page.items.last().map(|last| last.id.to_string());
        let rest = store.end_users(&all, &Page { after, ..Page::first(2) }).await.unwrap();
        assert_eq!((rest.items.len(), rest.more), (1, false));
        let names = async |filter: EndUserFilter| {
            let mut names: Vec<String> = store.end_users(&filter, &Page::first(9)).await.unwrap()
                .items.into_iter().map(|found| found.external_id).collect();
            names.sort();
            names
        };
        let mine = EndUserFilter { scope: within(&acme), ..EndUserFilter::default() };
        assert_eq!(names(mine.clone()).await, ["u-2", "u_1"]);
        let search = |text: &str| EndUserFilter { search: Some(text.to_owned()), ..all.clone() };
        assert_eq!(names(search("U_")).await, ["u_1", "u_3"]);
        assert_eq!(names(search("lovelace")).await, ["u-2"]);
        let foreign = EndUserFilter { organization_id: Some(bolt), ..mine };
        assert!(names(foreign).await.is_empty());
        assert!(names(EndUserFilter::default()).await.is_empty());
    }
}
