//! What scripts of LiteLLM's users do to the admin side, by the hundred and without looking.

use serde_json::{Value, json};

use crate::keys::made;
use crate::setup::{Served, served};

#[tokio::test]
async fn of_many_who_change_a_key_at_once_nobody_is_sent_away() {
    let admin = served().await;
    let (key, row) = made(&admin, json!({"key_alias": "shared"})).await;
    let changes = (0..20).map(|number| {
        let change = json!({"key": key, "metadata": {"n": number}});
        admin.post("/key/update", change)
    });
    for answer in futures_of(changes).await {
        answer.ok();
    }
    let token = row["token"].as_str().unwrap();
    let known = admin.get(&format!("/key/info?key={token}")).await.ok();
    assert!(known["info"]["metadata"]["n"].is_number(), "{known}");
}

/// All of them at once.
async fn futures_of<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<_> = all.map(Box::pin).collect();
    let mut done: Vec<Option<T>> = waiting.iter().map(|_| None).collect();
    std::future::poll_fn(move |context| {
        for (future, done) in waiting.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(output) = future.as_mut().poll(context)
            {
                *done = Some(output);
            }
        }
        if done.iter().any(Option::is_none) {
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(done.iter_mut().filter_map(Option::take).collect())
    })
    .await
}

#[tokio::test]
async fn a_key_opens_no_management_route_while_what_it_is_in_is_blocked() {
    let admin = served().await;
    admin
        .post("/team/new", json!({"team_id": "blue"}))
        .await
        .ok();
    let user = json!({"user_id": "ann", "auto_create_key": false});
    admin.post("/user/new", user).await.ok();
    let member = json!({"team_id": "blue", "member": {"user_id": "ann", "role": "user"}});
    admin.post("/team/member_add", member).await.ok();
    let (key, _row) = made(&admin, json!({"team_id": "blue", "user_id": "ann"})).await;
    let asked = || admin.ask(&key, "GET", "/key/info", None);
    asked().await.ok();
    for (change, status) in [("/team/block", 401), ("/team/unblock", 200)] {
        admin.post(change, json!({"team_id": "blue"})).await.ok();
        assert_eq!(asked().await.status, status, "{change}");
    }
}

#[tokio::test]
async fn a_person_and_their_first_key_are_one_entry_that_is_found_by_either() {
    let admin = served().await;
    let user = json!({"user_id": "ann", "user_email": "ann@example.com", "key_alias": "hers"});
    let before = trail(&admin, "").await.len();
    let row = admin.post("/user/new", user).await.ok();
    assert_eq!(trail(&admin, "").await.len(), before + 1);
    let token = row["token"].as_str().or(row["key"].as_str()).unwrap();
    let info = admin.get(&format!("/key/info?key={token}")).await.ok();
    let id = info["info"]["id"].as_str().unwrap();
    let found = trail(&admin, &format!("&object={id}")).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["action"], "user.create");
    assert_eq!(found[0]["after"]["keys"][0]["alias"], "hers");
    let user = found[0]["object_id"].as_str().unwrap();
    assert_eq!(trail(&admin, &format!("&object={user}")).await, found);
    let secret = row["key"].as_str().unwrap();
    assert!(!json!(found).to_string().contains(secret));
}

#[tokio::test]
async fn the_trail_of_a_key_has_what_was_done_to_it_with_others() {
    let admin = served().await;
    let made = json!({"team_alias": "core"});
    let team = admin.post("/team/new", made).await.ok()["team_id"].clone();
    let mut ids = Vec::new();
    for alias in ["one", "two", "three"] {
        let new = json!({"key_alias": alias, "team_id": team});
        let key = admin.post("/key/generate", new).await.ok()["token"].clone();
        let info = format!("/key/info?key={}", key.as_str().unwrap());
        let info = admin.get(&info).await.ok();
        ids.push((key, info["info"]["id"].as_str().unwrap().to_owned()));
    }
    let [(one, first), (two, second), (_, third)] = ids.as_slice() else {
        panic!("three keys");
    };
    let both = json!({"keys": [one, two]});
    admin.post("/key/delete", both).await.ok();
    admin
        .post("/team/delete", json!({"team_ids": [team]}))
        .await
        .ok();
    let actions = async |id: &str, kind: &str| -> Vec<String> {
        let found = trail(&admin, &format!("&object={id}{kind}")).await;
        let actions = found
            .iter()
            .map(|one| one["action"].as_str().unwrap().to_owned());
        actions.collect()
    };
    for id in [first, second] {
        assert_eq!(
            actions(id, "&object_kind=key").await,
            ["key.delete", "key.create"]
        );
        assert_eq!(actions(id, "").await, ["key.delete", "key.create"]);
    }
    assert_eq!(actions(third, "").await, ["team.delete", "key.create"]);
}

/// The newest entries of the audit trail, narrowed by parameters.
async fn trail(admin: &Served, more: &str) -> Vec<Value> {
    let trail = admin.get(&format!("/api/v1/audit?limit=100{more}")).await;
    trail.ok()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_member_that_is_there_twice_is_refused_and_so_is_a_cursor_that_no_page_said() {
    let admin = served().await;
    let body = r#"{"max_budget": 1, "max_budget": 2}"#;
    let twice = admin.post_text("/key/generate", body).await.refused(400);
    assert!(twice.contains("max_budget"), "{twice}");
    let body = r#"{"alias": "x", "policy": {"metadata": {"a": 1, "a": 2}}}"#;
    let nested = admin.post_text("/api/v1/keys", body).await.refused(400);
    assert!(nested.contains("duplicate field `a`"), "{nested}");
    let team = admin.organization("acme").await;
    let team = admin.team(&team, Default::default()).await;
    for cursor in ["no%20id", "zzz", team.as_str()] {
        let answer = admin.get(&format!("/api/v1/keys?cursor={cursor}")).await;
        assert!(answer.refused(400).contains("cursor"), "{cursor}");
    }
    admin.get("/api/v1/requests?cursor=zzz").await.refused(400);
    admin.get("/api/v1/keys?cursor=").await.ok();
    let key = domain::ids::KeyId::generate();
    admin.get(&format!("/api/v1/keys?cursor={key}")).await.ok();
}
