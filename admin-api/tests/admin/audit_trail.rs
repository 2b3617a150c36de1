//! The audit trail over the API: who sees what of it, and as what.

use domain::actors::Actor;
use domain::permissions::{PlatformRole, Role};
use domain::policies::Policy;
use serde_json::json;
use store::Event;

use crate::browser::Browser;
use crate::setup::{Served, served};

/// Notes something in a place.
async fn note(
    admin: &Served,
    action: &'static str,
    organization: Option<&str>,
    team: Option<&str>,
) {
    let event = Event {
        action,
        object_kind: "thing",
        object_id: "=cmd|'/c calc'!A1".to_owned(),
        organization_id: organization.map(str::to_owned),
        team_id: team.map(str::to_owned),
        after: Some(json!({"name": "x, \"y\""})),
        ..Event::default()
    };
    let store = &admin.store;
    store.record(&Actor::system(), event).await.unwrap();
}

#[tokio::test]
async fn each_sees_of_the_trail_what_is_theirs() {
    let admin = served().await;
    let (acme, rival) = (
        admin.organization("acme").await,
        admin.organization("rival").await,
    );
    let team = admin.team(&acme, Policy::default()).await;
    note(&admin, "thing.ours", Some("acme"), None).await;
    note(&admin, "thing.teams", Some("acme"), Some(team.as_str())).await;
    note(&admin, "thing.theirs", Some("rival"), None).await;
    note(&admin, "thing.everybodys", None, None).await;
    let head = Some((Role::OrganizationAdmin, &acme, None));
    let lead = Some((Role::TeamAdmin, &acme, Some(&team)));
    let member = Some((Role::Member, &rival, None));
    let auditor = Some(PlatformRole::PlatformAuditor);
    let all = [
        "thing.ours",
        "thing.teams",
        "thing.theirs",
        "thing.everybodys",
    ];
    for (role, place, organization, expect) in [
        (auditor, None, &acme, &all[..]),
        (None, head, &acme, &all[..2]),
        (None, lead, &acme, &all[1..2]),
        (None, member, &rival, &[]),
    ] {
        let person = admin.person(role, place).await;
        let key = admin.key_of(&person, organization).await;
        let path = "/api/v1/audit?object_kind=thing";
        let listed = admin.ask(&key, "GET", path, None).await;
        if expect.is_empty() {
            listed.refused(403);
            continue;
        }
        let listed = listed.ok();
        let items = listed["items"].as_array().unwrap();
        let seen: Vec<&str> = items
            .iter()
            .rev()
            .map(|one| one["action"].as_str().unwrap())
            .collect();
        assert_eq!(seen, expect);
        let path = "/api/v1/audit?action=thing.theirs";
        let theirs = admin.get(path).await.ok()["items"][0]["sequence"].clone();
        for path in [
            format!("/api/v1/audit/{theirs}"),
            format!("/audit/{theirs}"),
        ] {
            let shown = admin.ask(&key, "GET", &path, None).await;
            assert_eq!(shown.status, if expect.len() == 4 { 200 } else { 404 });
        }
    }
}

#[tokio::test]
async fn entries_are_filtered_and_paged() {
    let admin = served().await;
    for _entry in 0..5 {
        note(&admin, "thing.made", Some("default"), None).await;
    }
    note(&admin, "thing.gone", Some("default"), None).await;
    let get = async |query: &str| admin.get(&format!("/api/v1/audit?{query}")).await.ok();
    let one = get("action=thing.made&limit=3").await;
    assert_eq!(one["items"].as_array().unwrap().len(), 3);
    let cursor = one["next_cursor"].as_str().unwrap();
    let two = get(&format!("action=thing.made&limit=3&cursor={cursor}")).await;
    assert_eq!(two["items"].as_array().unwrap().len(), 2);
    assert!(two["next_cursor"].is_null());
    let items = |body: serde_json::Value| body["items"].as_array().unwrap().len();
    assert_eq!(items(get("who=system&object_kind=thing").await), 6);
    assert_eq!(items(get("who=nobody").await), 0);
    assert_eq!(items(get("until=2001-01-01T00:00:00Z").await), 0);
    assert_eq!(
        items(get("action=thing.gone&from=2001-01-01T00:00:00Z").await),
        1
    );
    admin.get("/api/v1/audit?from=yesterday").await.refused(400);
    admin.get("/api/v1/audit?limit=0").await.refused(400);
    admin.get("/api/v1/audit?cursor=x").await.refused(400);
    let theirs = admin
        .get("/audit?action=thing.made&page=2&page_size=2")
        .await
        .ok();
    assert_eq!(
        (&theirs["total"], &theirs["total_pages"]),
        (&json!(5), &json!(3))
    );
    assert_eq!(theirs["audit_logs"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_table_of_the_trail_runs_nothing_in_a_spreadsheet() {
    let admin = served().await;
    note(&admin, "thing.made", None, None).await;
    let browser = Browser::at(&admin);
    let master = format!("Bearer {}", admin.master);
    let headers = [("authorization", master.as_str())];
    let path = "/api/v1/audit?format=csv&object_kind=thing";
    let reply = browser.send("GET", path, &headers, None).await.is(200);
    assert!(reply.header("content-type").starts_with("text/csv"));
    let mut lines = reply.text.split("\r\n");
    assert!(lines.next().unwrap().starts_with("sequence,at,"));
    let row = lines.next().unwrap();
    assert!(row.contains(",'=cmd|'/c calc'!A1,"), "{row}");
    assert!(
        row.contains("\"{\"\"name\"\":\"\"x, \\\"\"y\\\"\"\"\"}\""),
        "{row}"
    );
}

#[tokio::test]
async fn the_trail_is_verified_by_those_over_the_platform_and_that_is_noted() {
    let admin = served().await;
    let verified = admin.post("/api/v1/audit/verify", json!({})).await.ok();
    assert_eq!(verified["whole"], true, "{verified}");
    assert_eq!(verified["faults"], json!([]));
    assert_eq!(admin.audited(1).await[0].0, "audit.verify");
    let acme = admin.organization("acme").await;
    let head = Some((Role::OrganizationAdmin, &acme, None));
    let person = admin.person(None, head).await;
    let key = admin.key_of(&person, &acme).await;
    let refused = admin.ask(&key, "POST", "/api/v1/audit/verify", Some(json!({})));
    refused.await.refused(403);
}
