//! Organizations are found by either id, listed within a scope, and a dropped change leaves nothing.

use domain::actors::Actor;
use domain::organizations::Organization;
use domain::permissions::Scope;
use store::Event;
use store::page::Page;

use crate::setup::on_both;
use crate::tenants::organization;

fn created(organization: &Organization) -> Event {
    Event {
        action: "organization.create",
        object_kind: "organization",
        object_id: organization.id.to_string(),
        ..Event::default()
    }
}

on_both! {
    async fn an_organization_is_found_by_either_id(store) {
        let acme = organization("Acme");
        let mut change = store.begin().await.unwrap();
        change.insert_organization(&acme).await.unwrap();
        change.commit(&Actor::system(), created(&acme)).await.unwrap();
        let by_id = store.organization(acme.id.as_str()).await.unwrap();
        let by_other = store.organization("external-Acme").await.unwrap();
        assert_eq!(by_id, Some(acme));
        assert_eq!(by_id, by_other);
    }

    async fn a_change_without_a_commit_leaves_nothing_and_blocks_nobody(store) {
        let acme = organization("Acme");
        let mut change = store.begin().await.unwrap();
        change.insert_organization(&acme).await.unwrap();
        drop(change);
        assert_eq!(store.organization(acme.id.as_str()).await.unwrap(), None);
        let mut change = store.begin().await.unwrap();
        change.insert_organization(&acme).await.unwrap();
        change.commit(&Actor::system(), created(&acme)).await.unwrap();
        assert!(store.organization(acme.id.as_str()).await.unwrap().is_some());
    }

    async fn a_list_shows_what_the_scope_holds_and_the_search_says(store) {
        let mut all = Vec::new();
        for name in ["Acme", "Bolt 100%", "Bolt 1000"] {
            let one = organization(name);
            let mut change = store.begin().await.unwrap();
            change.insert_organization(&one).await.unwrap();
            change.commit(&Actor::system(), created(&one)).await.unwrap();
            all.push(one);
        }
        let everything = Scope { everything: true, ..Scope::default() };
        let found = store.organizations(&everything, Some("0%"), &Page::first(10)).await.unwrap();
        assert_eq!(found.items, vec![all[1].clone()]);
        let mine = Scope { organizations: [all[0].id.clone()].into(), ..Scope::default() };
        let found = store.organizations(&mine, None, &Page { count: true, ..Page::first(10) }).await.unwrap();
        assert_eq!((found.items, found.total), (vec![all[0].clone()], Some(1)));
        let nothing = store.organizations(&Scope::default(), None, &Page::first(10)).await.unwrap();
        assert!(nothing.items.is_empty());
    }
}
