//! Teams, projects and service accounts: found by their ids, listed within a scope, kept together.

use domain::permissions::{Role, Scope};
use store::StoreError;
use store::page::Page;
use store::projects::ProjectFilter;
use store::service_accounts::ServiceAccountFilter;
use store::teams::TeamFilter;

use crate::setup::{commit, on_both};
use crate::tenants::{everything, member, organizations, project, service_account, teams, users};

on_both! {
    async fn a_team_is_found_by_either_id_and_read_as_it_was_written(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let [mut blue] = teams(store, &acme, ["Blue"]).await;
        assert_eq!(store.teams_called("external-Blue").await.unwrap(), [blue.clone()]);
        blue.blocked = true;
        blue.external_id = None;
        blue.member_policy.tags = vec!["b".to_owned()];
        let mut change = store.begin().await.unwrap();
        change.update_team(&blue).await.unwrap();
        commit(change).await;
        assert_eq!(store.team(&blue.id).await.unwrap(), Some(blue));
        assert!(store.teams_called("external-Blue").await.unwrap().is_empty());
    }

    async fn a_list_of_teams_holds_what_the_filter_says(store) {
        let [acme, bolt] = organizations(store, ["Acme", "Bolt"]).await;
        let [blue, green] = teams(store, &acme, ["Blue", "Gruen Ost"]).await;
        let [other] = teams(store, &bolt, ["Blue too"]).await;
        let [ann] = users(store, ["ann"]).await;
        let mut change = store.begin().await.unwrap();
        change.put_member(&member(&acme, Some(&green), &ann, Role::Member)).await.unwrap();
        commit(change).await;
        let names = async |filter: TeamFilter| -> Vec<String> {
            let listed = store.teams(&filter, &Page::first(10)).await.unwrap();
            listed.items.into_iter().map(|team| team.name).collect()
        };
        let all = || TeamFilter { scope: everything(), ..TeamFilter::default() };
        assert_eq!(names(all()).await, ["Blue too", "Gruen Ost", "Blue"]);
        assert!(names(TeamFilter::default()).await.is_empty());
        let scope = Scope { organizations: [bolt.id.clone()].into(), teams: [blue.id.clone()].into(), ..Scope::default() };
        assert_eq!(names(TeamFilter { scope, ..all() }).await, ["Blue too", "Blue"]);
        assert_eq!(names(TeamFilter { organization_id: Some(acme.id), ..all() }).await, ["Gruen Ost", "Blue"]);
        assert_eq!(names(TeamFilter { search: Some("EN O".to_owned()), ..all() }).await, ["Gruen Ost"]);
        assert_eq!(names(TeamFilter { search: Some(other.id.to_string()), ..all() }).await, ["Blue too"]);
        assert_eq!(names(TeamFilter { user_id: Some(ann.id), ..all() }).await, ["Gruen Ost"]);
        let ids = vec![blue.id.to_string(), "external-Blue too".to_owned()];
        assert_eq!(names(TeamFilter { ids, ..all() }).await, ["Blue too", "Blue"]);
    }

    async fn pages_follow_each_other_without_a_gap(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let all = teams(store, &acme, ["1", "2", "3", "4", "5"]).await;
        let filter = TeamFilter { scope: everything(), ..TeamFilter::default() };
        let (mut seen, mut page) = (Vec::new(), Page { count: true, ..Page::first(2) });
        loop {
            let listed = store.teams(&filter, &page).await.unwrap();
            assert_eq!(listed.total, Some(5));
            page.after = listed.items.last().map(|team| team.id.to_string());
            seen.extend(listed.items);
            if !listed.more {
                break;
            }
        }
        seen.reverse();
        assert_eq!(seen, all);
        let skipping = Page { skip: 4, ..Page::first(2) };
        assert_eq!(store.teams(&filter, &skipping).await.unwrap().items, all[..1]);
    }

    async fn a_team_goes_with_its_members_but_not_with_its_projects(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let [blue] = teams(store, &acme, ["Blue"]).await;
        let [ann] = users(store, ["ann"]).await;
        let search = project(&blue, "search");
        let mut change = store.begin().await.unwrap();
        change.put_member(&member(&acme, Some(&blue), &ann, Role::Member)).await.unwrap();
        change.insert_project(&search).await.unwrap();
        commit(change).await;
        let mut change = store.begin().await.unwrap();
        let refused = change.delete_team(&blue.id).await;
        assert!(matches!(refused, Err(StoreError::Dangling(_))), "{refused:?}");
        drop(change);
        assert_eq!(store.team_members(&blue.id).await.unwrap().len(), 1);
        let mut change = store.begin().await.unwrap();
        change.delete_project(&search.id).await.unwrap();
        change.delete_team(&blue.id).await.unwrap();
        commit(change).await;
        assert_eq!(store.team(&blue.id).await.unwrap(), None);
        assert!(store.memberships(&ann.id).await.unwrap().is_empty());
    }

    async fn projects_and_service_accounts_have_one_name_in_a_team(store) {
        let [acme] = organizations(store, ["Acme"]).await;
        let [blue, red] = teams(store, &acme, ["Blue", "Red"]).await;
        let (search, robot) = (project(&blue, "Search"), service_account(&blue, "robot"));
        let mut change = store.begin().await.unwrap();
        change.insert_project(&search).await.unwrap();
        change.insert_project(&project(&red, "Search")).await.unwrap();
        change.insert_service_account(&robot).await.unwrap();
        change.insert_service_account(&service_account(&red, "robot")).await.unwrap();
        commit(change).await;
        let mut change = store.begin().await.unwrap();
        let again = change.insert_project(&project(&blue, "Search")).await;
        assert!(matches!(again, Err(StoreError::Exists(_))), "{again:?}");
        drop(change);
        let mut change = store.begin().await.unwrap();
        let again = change.insert_service_account(&service_account(&blue, "robot")).await;
        assert!(matches!(again, Err(StoreError::Exists(_))), "{again:?}");
        drop(change);
        let scope = Scope { teams: [blue.id.clone()].into(), ..Scope::default() };
        let filter = ProjectFilter { scope: scope.clone(), search: Some("sea".to_owned()), ..ProjectFilter::default() };
        assert_eq!(store.projects(&filter, &Page::first(9)).await.unwrap().items, std::slice::from_ref(&search));
        let filter = ServiceAccountFilter { scope, name: Some("robot".to_owned()), ..ServiceAccountFilter::default() };
        assert_eq!(store.service_accounts(&filter, &Page::first(9)).await.unwrap().items, std::slice::from_ref(&robot));
        assert_eq!(store.project(search.id.as_str()).await.unwrap(), Some(search));
        let mut change = store.begin().await.unwrap();
        change.delete_service_account(&robot.id).await.unwrap();
        commit(change).await;
        assert_eq!(store.service_account(robot.id.as_str()).await.unwrap(), None);
    }
}
