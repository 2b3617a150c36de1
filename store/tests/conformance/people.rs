//! People and their places: found by email in any case, seen by those who share a place with them.

use domain::permissions::{Grant, PlatformRole, Rights, Role, Scope};
use domain::users::User;
use store::StoreError;
use store::page::Page;
use store::users::UserFilter;

use crate::setup::{commit, on_both};
use crate::tenants::{deletion, everything, key, member, organizations, team, teams, user, users};

on_both! {
    async fn an_email_is_one_person_in_any_case(store) {
        let ann = User { email: Some("Ann@Example.COM".to_owned()), ..user("ann") };
        let mut change = store.begin().await.unwrap();
        change.insert_user(&ann).await.unwrap();
        commit(change).await;
        let found = store.user_by_email("aNN@example.com").await.unwrap().unwrap();
        assert_eq!(found, User { email: Some("ann@example.com".to_owned()), ..ann });
        let mut change = store.begin().await.unwrap();
        let again = change.insert_user(&user("ann")).await;
        assert!(matches!(again, Err(StoreError::Exists(_))), "{again:?}");
    }

    async fn a_password_stays_when_its_person_changes_and_no_list_shows_it(store) {
        let [ann] = users(store, ["ann"]).await;
        assert_eq!(store.password_hash(&ann.id).await.unwrap(), None);
        let mut change = store.begin().await.unwrap();
        change.set_password_hash(&ann.id, Some("$argon2id$x")).await.unwrap();
        change.update_user(&User { name: Some("Ann B".to_owned()), ..ann.clone() }).await.unwrap();
        commit(change).await;
        assert_eq!(store.password_hash(&ann.id).await.unwrap().as_deref(), Some("$argon2id$x"));
        let mut change = store.begin().await.unwrap();
        change.set_password_hash(&ann.id, None).await.unwrap();
        commit(change).await;
        assert_eq!(store.password_hash(&ann.id).await.unwrap(), None);
    }

    async fn people_are_seen_by_those_who_share_a_place_with_them(store) {
        let [acme, bolt] = organizations(store, ["Acme", "Bolt"]).await;
        let [blue] = teams(store, &acme, ["Blue"]).await;
        let [ann, ben, cai, dan] = users(store, ["ann", "ben", "cai", "dan"]).await;
        let admin = User { platform_role: Some(PlatformRole::PlatformAuditor), ..dan.clone() };
        let mut change = store.begin().await.unwrap();
        change.put_member(&member(&acme, None, &ann, Role::Viewer)).await.unwrap();
        change.put_member(&member(&acme, Some(&blue), &ben, Role::Member)).await.unwrap();
        change.put_member(&member(&bolt, None, &cai, Role::Member)).await.unwrap();
        change.update_user(&admin).await.unwrap();
        commit(change).await;
        let names = async |filter: UserFilter| -> Vec<String> {
            let listed = store.users(&filter, &Page { count: true, ..Page::first(9) }).await.unwrap();
            assert_eq!(listed.total, Some(i64::try_from(listed.items.len()).unwrap()));
            listed.items.into_iter().filter_map(|user| user.name).collect()
        };
        let all = || UserFilter { scope: everything(), ..UserFilter::default() };
        assert_eq!(names(all()).await, ["dan", "cai", "ben", "ann"]);
        assert!(names(UserFilter::default()).await.is_empty());
        let scope = Scope { organizations: [acme.id.clone()].into(), ..Scope::default() };
        assert_eq!(names(UserFilter { scope, ..all() }).await, ["ben", "ann"]);
        let scope = Scope { teams: [blue.id.clone()].into(), owner: Some(cai.id.clone()), ..Scope::default() };
        assert_eq!(names(UserFilter { scope, ..all() }).await, ["cai", "ben"]);
        assert_eq!(names(UserFilter { organization_id: Some(acme.id), ..all() }).await, ["ben", "ann"]);
        assert_eq!(names(UserFilter { team_id: Some(blue.id), ..all() }).await, ["ben"]);
        assert_eq!(names(UserFilter { platform_role: Some(PlatformRole::PlatformAuditor), ..all() }).await, ["dan"]);
        assert_eq!(names(UserFilter { ids: vec![ann.id.to_string()], ..all() }).await, ["ann"]);
        assert_eq!(names(UserFilter { search: Some("BEN@".to_owned()), ..all() }).await, ["ben"]);
    }

    async fn rights_follow_from_places_and_end_with_a_block(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let [blue] = teams(store, &acme, ["Blue"]).await;
        let [ann] = users(store, ["ann"]).await;
        let mut change = store.begin().await.unwrap();
        change.put_member(&member(&acme, None, &ann, Role::Viewer)).await.unwrap();
        change.put_member(&member(&acme, Some(&blue), &ann, Role::Member)).await.unwrap();
        change.put_member(&member(&acme, Some(&blue), &ann, Role::TeamAdmin)).await.unwrap();
        commit(change).await;
        let grant = |role, team_id| Grant { role, organization_id: acme.id.clone(), team_id };
        let rights = Rights {
            platform: None,
            grants: vec![grant(Role::Viewer, None), grant(Role::TeamAdmin, Some(blue.id.clone()))],
            user_id: Some(ann.id.clone()),
        };
        assert_eq!(store.rights(&ann.id).await.unwrap(), Some(rights));
        let place = store.member(&acme.id, Some(&blue.id), &ann.id).await.unwrap().unwrap();
        assert_eq!((place.role, place.team_id.as_ref()), (Role::TeamAdmin, Some(&blue.id)));
        assert_eq!(store.organization_members(&acme.id).await.unwrap().len(), 1);
        let mut change = store.begin().await.unwrap();
        change.delete_member(&acme.id, None, &ann.id).await.unwrap();
        change.update_user(&User { blocked: true, ..ann.clone() }).await.unwrap();
        commit(change).await;
        assert_eq!(store.memberships(&ann.id).await.unwrap(), [place]);
        assert_eq!(store.rights(&ann.id).await.unwrap(), None);
        assert_eq!(store.rights(&user("nobody").id).await.unwrap(), None);
    }

    async fn nobody_becomes_a_member_of_a_team_that_is_another_organizations(store) {
        let [acme, bolt] = organizations(store, ["Acme", "Bolt"]).await;
        let [blue] = teams(store, &acme, ["Blue"]).await;
        let [ann] = users(store, ["ann"]).await;
        for nowhere in [member(&bolt, Some(&blue), &ann, Role::Member), member(&acme, Some(&team(&acme, "x")), &ann, Role::Member), member(&acme, None, &user("x"), Role::Member)] {
            let mut change = store.begin().await.unwrap();
            let refused = change.put_member(&nowhere).await;
            assert!(matches!(refused, Err(StoreError::Dangling(_))), "{refused:?}");
        }
    }

    async fn a_person_with_keys_stays_and_one_without_goes_with_their_places(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let [ann] = users(store, ["ann"]).await;
        let (mut owned, secret) = key(&acme, "ann's");
        owned.user_id = Some(ann.id.clone());
        let mut change = store.begin().await.unwrap();
        change.put_member(&member(&acme, None, &ann, Role::Member)).await.unwrap();
        change.insert_key(&owned, &secret).await.unwrap();
        commit(change).await;
        let mut change = store.begin().await.unwrap();
        let refused = change.delete_user(&ann.id).await;
        assert!(matches!(refused, Err(StoreError::Dangling(_))), "{refused:?}");
        drop(change);
        let mut change = store.begin().await.unwrap();
        change.delete_key(&owned.id, &deletion()).await.unwrap();
        change.delete_user(&ann.id).await.unwrap();
        commit(change).await;
        assert_eq!(store.user(ann.id.as_str()).await.unwrap(), None);
        assert!(store.organization_members(&acme.id).await.unwrap().is_empty());
    }
}
