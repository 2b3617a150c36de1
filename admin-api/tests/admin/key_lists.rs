//! Lists of keys: pages, filters, orders.

use domain::policies::Policy;
use serde_json::{Value, json};

use crate::setup::served;

fn aliases(answer: &Value, list: &str, name: &str) -> Vec<String> {
    let items = answer[list].as_array().unwrap().iter();
    items
        .map(|item| item[name].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn pages_have_a_number_or_a_cursor() {
    let admin = served().await;
    for number in 0..5 {
        let body = json!({"key_alias": format!("key-{number}")});
        admin.post("/key/generate", body).await.ok();
    }
    let page = admin.get("/key/list?page=2&size=2").await.ok();
    assert_eq!(page["keys"].as_array().unwrap().len(), 2);
    assert_eq!(page["keys"][0].as_str().unwrap().len(), 64);
    assert_eq!(page["total_count"], 5);
    assert_eq!(page["current_page"], 2);
    assert_eq!(page["total_pages"], 3);
    for path in [
        "/key/list?size=101",
        "/key/list?page=0",
        "/api/v1/keys?limit=0",
    ] {
        admin.get(path).await.refused(400);
    }

    let mut seen = Vec::new();
    let mut path = "/api/v1/keys?limit=2".to_owned();
    loop {
        let page = admin.get(&path).await.ok();
        seen.extend(aliases(&page, "items", "alias"));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/v1/keys?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ["key-4", "key-3", "key-2", "key-1", "key-0"]);

    let names = admin.get("/key/aliases?size=2&search=KEY").await.ok();
    assert_eq!(names["aliases"], json!(["key-0", "key-1"]));
    assert_eq!(names["total_count"], 5);
}

#[tokio::test]
async fn filters_hold_together() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let team = admin.team(&acme, Policy::default()).await;
    let keys = [
        json!({"key_alias": "plain"}),
        json!({"key_alias": "blocked", "blocked": true, "environment": "development"}),
        json!({"key_alias": "old", "duration": "2020-01-01"}),
        json!({"key_alias": "team", "team_id": team, "agent_id": "robot"}),
    ];
    for body in keys {
        admin.post("/key/generate", body).await.ok();
    }
    for (query, expected) in [
        ("status=active", vec!["team", "plain"]),
        ("status=blocked", vec!["blocked"]),
        ("status=expired", vec!["old"]),
        ("status=deleted", vec![]),
        (&format!("team_id={team}"), vec!["team"]),
        ("organization_id=acme", vec!["team"]),
        ("agent_id=robot", vec!["team"]),
        ("agent_id=nobody", vec![]),
        ("key_alias=plain", vec!["plain"]),
        ("key_alias=lai", vec![]),
        ("key_alias=lai&substring_matching=true", vec!["plain"]),
        ("search=OLD", vec!["old"]),
        ("user_id=nobody", vec![]),
        ("key_hash=00", vec![]),
    ] {
        let path = format!("/key/list?return_full_object=true&{query}");
        let listed = admin.get(&path).await.ok();
        assert_eq!(aliases(&listed, "keys", "key_alias"), expected, "{query}");
        assert_eq!(listed["total_count"], expected.len(), "{query}");
    }
    for (query, expected) in [
        ("environment=development", vec!["blocked"]),
        ("blocked=false&expired=false", vec!["team", "plain"]),
        ("expired=true", vec!["old"]),
        (&format!("team_id={team}"), vec!["team"]),
        ("search=lai", vec!["plain"]),
    ] {
        let listed = admin.get(&format!("/api/v1/keys?{query}")).await.ok();
        assert_eq!(aliases(&listed, "items", "alias"), expected, "{query}");
    }
}

#[tokio::test]
async fn keys_are_sorted_as_asked() {
    let admin = served().await;
    for (alias, budget, spend) in [("a", 3, 1), ("b", 1, 3), ("c", 2, 2)] {
        let body = json!({"key_alias": alias, "max_budget": budget, "spend": spend});
        admin.post("/key/generate", body).await.ok();
    }
    for (query, expected) in [
        ("", ["c", "b", "a"]),
        ("sort_order=asc", ["a", "b", "c"]),
        ("sort_by=created_at&sort_order=asc", ["a", "b", "c"]),
        ("sort_by=max_budget&sort_order=asc", ["b", "c", "a"]),
        ("sort_by=spend", ["b", "c", "a"]),
        ("sort_by=key_alias&sort_order=desc", ["c", "b", "a"]),
    ] {
        let path = format!("/key/list?return_full_object=true&{query}");
        let listed = admin.get(&path).await.ok();
        assert_eq!(aliases(&listed, "keys", "key_alias"), expected, "{query}");
    }
    let last = "/key/list?return_full_object=true&sort_order=asc&size=2&page=2";
    let last = admin.get(last).await.ok();
    assert_eq!(aliases(&last, "keys", "key_alias"), ["c"]);
    admin.get("/key/list?sort_by=nonsense").await.refused(400);
}
