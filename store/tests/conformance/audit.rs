//! The audit trail is listed newest first, within a scope, and every column comes back.

use domain::actors::{Actor, ActorKind};
use domain::audit::Mac;
use domain::ids::{OrganizationId, SessionId, TeamId, UserId};
use domain::permissions::Scope;
use domain::time::TimestampMs;
use serde_json::json;
use store::audit::{AuditFilter, AuditPage};
use store::verification::verify;
use store::{Event, Store};

use crate::changes::{everything, within};
use crate::setup::on_both;

const TEN: AuditPage = AuditPage {
    before_sequence: None,
    limit: 10,
    count: false,
};

async fn record(store: &Store, object_id: &str, organization: Option<&str>, team: Option<&str>) {
    let event = Event {
        action: "key.create",
        object_kind: "key",
        object_id: object_id.to_owned(),
        organization_id: organization.map(str::to_owned),
        team_id: team.map(str::to_owned),
        ..Event::default()
    };
    store.record(&Actor::system(), event).await.unwrap();
}

async fn objects(store: &Store, filter: AuditFilter) -> Vec<String> {
    let listed = store.audit_entries(&filter, &TEN).await.unwrap();
    let objects = listed.items.into_iter().map(|found| found.entry.object_id);
    objects.collect()
}

on_both! {
    async fn every_column_of_an_entry_comes_back(store) {
        assert_eq!(store.audit_head().await.unwrap(), (0, Mac::GENESIS));
        let actor = Actor {
            kind: ActorKind::Session(SessionId::new("sess_1"), UserId::new("user_1")),
            address: Some("203.0.113.9".to_owned()),
            request_id: Some("req_1".to_owned()),
            on_behalf_of: Some("terraform".to_owned()),
            ..Actor::system()
        };
        let event = Event {
            action: "key.update",
            object_kind: "key",
            object_id: "key_1".to_owned(),
            also_about: Vec::new(),
            organization_id: Some("org_1".to_owned()),
            team_id: Some("team_1".to_owned()),
            before: Some(json!({ "b": 1, "a": 2 })),
            after: Some(json!({ "b": "é\u{1f600}\\\"" })),
            reason: Some("because".to_owned()),
        };
        store.record(&actor, event).await.unwrap();
        let found = store.audit_after(0, 10).await.unwrap().pop().unwrap();
        let entry = found.entry.clone();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!((entry.organization_id, entry.team_id), (some("org_1"), some("team_1")));
        assert_eq!((entry.actor_kind.as_str(), entry.actor_id.as_str()), ("session", "user_1"));
        assert_eq!((entry.address, entry.session_id), (some("203.0.113.9"), some("sess_1")));
        assert_eq!((entry.on_behalf_of, entry.request_id), (some("terraform"), some("req_1")));
        assert_eq!((entry.action.as_str(), entry.object_kind.as_str()), ("key.update", "key"));
        assert_eq!((entry.object_id.as_str(), entry.reason), ("key_1", some("because")));
        assert_eq!(entry.before, some(r#"{"b":1,"a":2}"#));
        assert_eq!(entry.after, Some(json!({ "b": "é\u{1f600}\\\"" }).to_string()));
        assert_eq!(store.audit_head().await.unwrap(), (1, found.mac));
    }

    async fn entries_are_seen_by_those_whose_organization_or_team_they_are_of(store) {
        record(store, "of_platform", None, None).await;
        record(store, "of_acme", Some("acme"), None).await;
        record(store, "of_team", Some("acme"), Some("team_1")).await;
        record(store, "of_bolt", Some("bolt"), None).await;
        let seen = |scope: Scope| AuditFilter { scope, ..AuditFilter::default() };
        let all = ["of_bolt", "of_team", "of_acme", "of_platform"];
        assert_eq!(objects(store, seen(everything())).await, all);
        let acme = OrganizationId::new("acme");
        assert_eq!(objects(store, seen(within(&acme))).await, ["of_team", "of_acme"]);
        let team = Scope { teams: [TeamId::new("team_1")].into(), ..Scope::default() };
        assert_eq!(objects(store, seen(team)).await, ["of_team"]);
        let owner = Scope { owner: Some(UserId::new("system")), ..Scope::default() };
        assert!(objects(store, seen(owner)).await.is_empty());
        assert!(objects(store, seen(Scope::default())).await.is_empty());
        let narrowed = AuditFilter { organization_id: Some(OrganizationId::new("bolt")), ..seen(within(&acme)) };
        assert!(objects(store, narrowed).await.is_empty());
    }

    async fn an_entry_about_several_is_found_by_each_of_them(store) {
        for about in [vec!["a", "b", "a"], vec!["b", "c"], vec!["d"]] {
            let event = Event {
                action: "key.delete",
                object_kind: "key",
                object_id: about.join(","),
                also_about: about.into_iter().map(str::to_owned).collect(),
                ..Event::default()
            };
            store.record(&Actor::system(), event).await.unwrap();
        }
        let about = |id: &str| AuditFilter {
            scope: everything(),
            object_id: Some(id.to_owned()),
            ..AuditFilter::default()
        };
        let counting = AuditPage { limit: 1, count: true, ..TEN };
        for (id, found) in [("a", 1), ("b", 2), ("c", 1), ("d", 1), ("a,b,a", 1), ("e", 0)] {
            for kind in [None, Some("key".to_owned())] {
                let filter = AuditFilter { object_kind: kind, ..about(id) };
                assert_eq!(objects(store, filter.clone()).await.len(), found, "{id}");
                let listed = store.audit_entries(&filter, &counting).await.unwrap();
                assert_eq!(listed.total, Some(found.try_into().unwrap()));
                assert_eq!(listed.more, found > 1);
            }
            let unseen = AuditFilter { scope: Scope::default(), ..about(id) };
            assert!(objects(store, unseen).await.is_empty());
        }
    }

    async fn a_list_is_narrowed_by_everything_that_is_asked_for(store) {
        record(store, "one", Some("acme"), None).await;
        record(store, "two", Some("acme"), None).await;
        let all = AuditFilter { scope: everything(), ..AuditFilter::default() };
        let some = |text: &str| Some(text.to_owned());
        let one = AuditFilter { object_id: some("one"), ..all.clone() };
        assert_eq!(objects(store, one).await, ["one"]);
        let both = AuditFilter {
            actor_id: some("system"),
            action: some("key.create"),
            object_kind: some("key"),
            organization_id: Some(OrganizationId::new("acme")),
            from: Some(TimestampMs(1)),
            until: Some(TimestampMs(TimestampMs::now().0 + 60_000)),
            ..all.clone()
        };
        assert_eq!(objects(store, both.clone()).await, ["two", "one"]);
        for none in [
            AuditFilter { actor_id: some("user_1"), ..both.clone() },
            AuditFilter { action: some("key"), ..both.clone() },
            AuditFilter { object_kind: some("team"), ..both.clone() },
            AuditFilter { from: both.until, ..both.clone() },
            AuditFilter { until: both.from, ..both.clone() },
        ] {
            assert!(objects(store, none.clone()).await.is_empty(), "{none:?}");
        }
    }

    async fn a_list_goes_on_where_its_page_ended(store) {
        for number in 1..=5 {
            record(store, &number.to_string(), None, None).await;
        }
        let all = AuditFilter { scope: everything(), ..AuditFilter::default() };
        let page = AuditPage { limit: 2, count: true, ..TEN };
        let first = store.audit_entries(&all, &page).await.unwrap();
        let numbers: Vec<i64> = first.items.iter().map(|entry| entry.sequence).collect();
        assert_eq!((numbers, first.more, first.total), (vec![5, 4], true, Some(5)));
        let page = AuditPage { before_sequence: Some(2), ..page };
        let last = store.audit_entries(&all, &page).await.unwrap();
        let numbers: Vec<i64> = last.items.iter().map(|entry| entry.sequence).collect();
        assert_eq!((numbers, last.more, last.total), (vec![1], false, Some(5)));
        let ascending = store.audit_after(2, 2).await.unwrap();
        let numbers: Vec<i64> = ascending.iter().map(|entry| entry.sequence).collect();
        assert_eq!(numbers, [3, 4]);
    }

    async fn a_trail_that_nobody_touched_is_found_whole(store) {
        for number in 1..=25 {
            record(store, &number.to_string(), (number % 2 == 0).then_some("acme"), None).await;
        }
        let verified = verify(store, &[]).await.unwrap();
        assert_eq!((verified.entries, verified.last_sequence), (25, 25));
        assert_eq!((verified.last_anchored, verified.faults), (None, Vec::new()));
    }
}
