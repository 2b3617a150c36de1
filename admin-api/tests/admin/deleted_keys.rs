//! Deleted keys: gone at once, found for 30 days, and restored by whoever might delete them.

use domain::permissions::Role;
use domain::policies::Policy;
use serde_json::{Value, json};

use crate::forms::{a_person, a_team};
use crate::setup::{Served, served};

/// A key under `/api/v1`: its id and its text.
async fn made(admin: &Served, body: Value) -> (String, String) {
    let made = admin.post("/api/v1/keys", body).await.ok();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["details"]["id"]), text(&made["key"]))
}

async fn delete(admin: &Served, by: &str, id: &str) {
    let path = format!("/api/v1/keys/{id}");
    let gone = admin.ask(by, "DELETE", &path, None).await;
    assert_eq!(gone.status, 204, "{}", gone.text);
}

async fn restore(admin: &Served, by: &str, id: &str) -> crate::setup::Answer {
    let path = format!("/api/v1/keys/{id}/restore");
    admin.ask(by, "POST", &path, None).await
}

#[tokio::test]
async fn a_deleted_key_is_gone_for_litellm_and_restored_with_its_limits_and_its_spend() {
    let admin = served().await;
    let body = json!({"key_alias": "bot", "max_budget": 5, "spend": 2, "models": ["gpt-4o"]});
    let row = admin.post("/key/generate", body).await.ok();
    let (key, id) = (row["key"].as_str().unwrap(), row["id"].as_str().unwrap());
    let gone = admin.post("/key/delete", json!({"keys": [key]})).await.ok();
    assert_eq!(gone, json!({"deleted_keys": [key]}));
    admin
        .get(&format!("/key/info?key={key}"))
        .await
        .refused(404);
    admin.get(&format!("/api/v1/keys/{id}")).await.refused(404);
    admin.ask(key, "GET", "/key/info", None).await.refused(401);
    assert_eq!(admin.get("/key/list").await.ok()["total_count"], 0);
    let listed = admin.get("/api/v1/deleted-keys?search=BOT").await.ok();
    let one = &listed["items"][0];
    assert_eq!(
        (one["id"].as_str(), one["alias"].as_str()),
        (Some(id), Some("bot"))
    );
    assert_eq!(one["deleted_by"], "master_key");
    assert!(one["restorable_until"].as_str() > one["deleted_at"].as_str());
    assert!(!listed.to_string().contains(row["token"].as_str().unwrap()));

    let back = restore(&admin, &admin.master, id).await.ok();
    assert_eq!(
        (back["alias"].as_str(), back["spend_usd"].as_str()),
        (Some("bot"), Some("2"))
    );
    let info = admin.ask(key, "GET", "/key/info", None).await.ok();
    assert_eq!(info["info"]["max_budget"], 5);
    assert_eq!(info["info"]["models"], json!(["gpt-4o"]));
    assert!(
        admin.get("/api/v1/deleted-keys").await.ok()["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert!(
        restore(&admin, &admin.master, id)
            .await
            .refused(409)
            .contains("not deleted")
    );
    let entries = admin.audited(2).await;
    assert_eq!(entries[0], ("key.restore".to_owned(), id.to_owned()));
    assert_eq!(entries[1].0, "key.delete");
}

#[tokio::test]
async fn a_key_comes_back_to_its_name_only_when_that_is_free() {
    let admin = served().await;
    let (first, _) = made(&admin, json!({"alias": "bot"})).await;
    delete(&admin, &admin.master, &first).await;
    let (second, _) = made(&admin, json!({"alias": "bot"})).await;
    let refused = restore(&admin, &admin.master, &first).await.refused(409);
    assert!(refused.contains("alias"), "{refused}");
    let path = format!("/api/v1/keys/{second}");
    let other = Some(json!({"alias": "bot-2"}));
    admin.ask(&admin.master, "PATCH", &path, other).await.ok();
    restore(&admin, &admin.master, &first).await.ok();
}

#[tokio::test]
async fn who_stands_below_does_not_bring_back_what_was_deleted_from_above() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let team = admin.team(&acme, Policy::default()).await;
    let mut actors = Vec::new();
    for (role, team) in [
        (Role::Member, Some(&team)),
        (Role::TeamAdmin, Some(&team)),
        (Role::OrganizationAdmin, None),
    ] {
        let person = admin.person(None, Some((role, &acme, team))).await;
        actors.push(admin.key_of(&person, &acme).await);
    }
    actors.push(admin.master.clone());
    let own = json!({"team_id": team, "alias": "own"});
    let own = admin
        .ask(&actors[0], "POST", "/api/v1/keys", Some(own))
        .await
        .ok();
    let id = own["details"]["id"].as_str().unwrap();
    for (height, deleter) in actors.iter().enumerate() {
        for (other, restorer) in actors.iter().enumerate() {
            delete(&admin, deleter, id).await;
            let answer = restore(&admin, restorer, id).await;
            match other >= height {
                true => assert_eq!(answer.status, 200, "{height} {other}: {}", answer.text),
                false => {
                    let told = answer.refused(403);
                    assert!(told.contains("administrator deleted"), "{told}");
                    restore(&admin, deleter, id).await.ok();
                }
            }
        }
    }
}

#[tokio::test]
async fn a_block_survives_the_deletion_and_whoever_set_it_lifts_it() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    drop(browser);
    let (id, key) = made(&admin, json!({"alias": "bot", "team_id": team})).await;
    let path = format!("/api/v1/keys/{id}/block");
    admin.post(&path, json!({})).await.ok();
    delete(&admin, &admin.master, &id).await;
    let back = restore(&admin, &admin.master, &id).await.ok();
    assert_eq!(back["blocked"], true);
    admin.ask(&key, "GET", "/key/info", None).await.refused(401);
}

#[tokio::test]
async fn a_key_is_not_restored_to_a_team_or_a_person_that_is_gone() {
    let admin = served().await;
    let (_browser, team) = a_team(&admin).await;
    let (of_team, _) = made(&admin, json!({"alias": "team", "team_id": team})).await;
    let person = a_person(&admin, "ada@example.com").await;
    let (of_person, _) = made(&admin, json!({"alias": "ada", "user_id": person})).await;
    for (path, id, said) in [
        (
            format!("/api/v1/teams/{team}"),
            &of_team,
            "team is not there",
        ),
        (
            format!("/api/v1/users/{person}"),
            &of_person,
            "owner is not there",
        ),
    ] {
        let gone = admin.ask(&admin.master, "DELETE", &path, None).await;
        assert_eq!(gone.status, 204, "{}", gone.text);
        let refused = restore(&admin, &admin.master, id).await.refused(409);
        assert!(refused.contains(said), "{refused}");
    }
}

#[tokio::test]
async fn deleted_keys_stand_in_a_view_of_their_own_with_a_page_that_restores_them() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let (id, _) = made(&admin, json!({"alias": "support-bot", "team_id": team})).await;
    let page = format!("/ui/keys/{id}");
    let gone = browser.submit(&format!("{page}/delete"), &[]).await.is(303);
    assert!(gone.header("location").contains("view=deleted"));
    let all = browser.get("/ui/keys").await.is(200);
    assert!(!all.text.contains(&id));
    let view = browser.get("/ui/keys?view=deleted").await.is(200);
    assert!(view.text.contains(&page) && view.text.contains("support-bot"));
    assert!(!view.text.contains("id=\"bulk\""));
    let none = browser.get("/ui/keys?view=deleted&q=zzzz").await.is(200);
    assert!(none.text.contains("No deleted key"));
    let one = browser.get(&page).await.is(200);
    assert!(one.text.contains("Deleted by") && one.text.contains(&format!("{page}/restore")));
    made(&admin, json!({"alias": "support-bot", "team_id": team})).await;
    let refused = browser
        .submit(&format!("{page}/restore"), &[])
        .await
        .is(409);
    assert!(refused.text.contains("alias by now"), "{}", refused.text);
    let other = browser.get("/ui/keys?q=support-bot").await.is(200);
    let (_before, rest) = other.text.split_once("name=\"ids\" value=\"").unwrap();
    let second = rest.split('"').next().unwrap();
    browser
        .submit(&format!("/ui/keys/{second}/delete"), &[])
        .await
        .is(303);
    browser
        .submit(&format!("{page}/restore"), &[])
        .await
        .is(303);
    let back = browser.get(&page).await.is(200);
    assert!(back.text.contains(&format!("{page}/rotate")));
}

#[tokio::test]
async fn a_deleted_key_whose_team_is_gone_says_so_and_offers_no_button() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let (id, _) = made(&admin, json!({"alias": "orphan", "team_id": team})).await;
    delete(&admin, &admin.master, &id).await;
    let page = format!("/ui/keys/{id}");
    let before = browser.get(&page).await.is(200).text;
    assert!(before.contains(&format!("{page}/restore")), "{before}");
    let team = format!("/api/v1/teams/{team}");
    let gone = admin.ask(&admin.master, "DELETE", &team, None).await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    let after = browser.get(&page).await.is(200).text;
    assert!(after.contains("Its team is not there any more."), "{after}");
    assert!(!after.contains(&format!("{page}/restore")), "{after}");
}

#[tokio::test]
async fn nothing_of_the_view_of_deleted_keys_changes_keys_that_are_there() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let (id, _) = made(&admin, json!({"alias": "kept", "team_id": team})).await;
    let all = [
        ("do", "delete"),
        ("view", "deleted"),
        ("all", "on"),
        ("sure", "on"),
    ];
    browser.submit("/ui/keys/bulk", &all).await;
    admin.get(&format!("/api/v1/keys/{id}")).await.ok();
    let csv = browser.get("/ui/keys.csv?view=deleted").await.is(200);
    assert!(!csv.text.contains(&id));
}

#[tokio::test]
async fn reports_call_a_deleted_key_by_its_name() {
    use crate::ledger::{Whose, append, plain};
    let admin = served().await;
    let (browser, _team) = a_team(&admin).await;
    let (id, _) = made(&admin, json!({"alias": "long-gone"})).await;
    let whose = Whose {
        organization: domain::ids::OrganizationId::default_one(),
        team: None,
        user: None,
        key: Some(domain::ids::KeyId::new(&id)),
    };
    let now = domain::time::TimestampMs::now();
    append(&admin.store, "strand", vec![plain(1, now, &whose)]).await;
    delete(&admin, &admin.master, &id).await;
    for page in ["/ui/usage?by=key", "/ui/requests", "/ui"] {
        let page = browser.get(page).await.is(200);
        assert!(page.text.contains("long-gone"), "{}", page.text);
    }
}
