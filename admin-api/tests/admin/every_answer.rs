//! What every answer of the admin side has, whatever was asked.

use domain::directory::Revision;
use serde_json::json;

use crate::browser::Browser;
use crate::setup::served;

#[tokio::test]
async fn every_answer_has_an_id_and_tells_browsers_to_be_careful() {
    let admin = served().await;
    let browser = Browser::at(&admin);
    for (method, path) in [
        ("GET", "/api/v1/setup"),
        ("GET", "/api/v1/organizations"),
        ("GET", "/nothing"),
        ("PUT", "/api/v1/setup"),
        ("GET", "/api/docs"),
    ] {
        let chosen = [("x-request-id", "mine")];
        let reply = browser.send(method, path, &chosen, None).await;
        let id = reply.header("x-request-id");
        assert!(id.starts_with("req_"), "{path}: {id}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        let policy = reply.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(policy.starts_with("default-src 'none'"), "{path}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_answer_in_the_dialect_of_the_path() {
    let admin = served().await;
    let browser = Browser::at(&admin);
    let reply = browser.get("/api/v1/nothing").await.is(404);
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(reply.body["code"], "not_found");
    let reply = browser.get("/team/nothing").await.is(404);
    assert_eq!(reply.body["error"]["code"], "404");
    let reply = browser.send("PUT", "/api/v1/setup", &[], None).await;
    let reply = reply.is(405);
    assert_eq!(reply.header("allow"), "GET, POST");
    assert_eq!(reply.body["code"], "method_not_allowed");
    let reply = browser.send("GET", "/login", &[], None).await.is(405);
    assert_eq!(reply.body["error"]["code"], "405");
}

#[tokio::test]
async fn what_cannot_be_read_answers_in_the_dialect_of_the_path() {
    let admin = served().await;
    let path = "/api/v1/organizations?limit=many";
    let reply = admin.get(path).await;
    assert!(
        reply.refused(400).contains("limit")
            || reply_is_about_the_query(&admin.get(path).await.text)
    );
    let large = json!({"name": "x".repeat(5 * 1024 * 1024)});
    let reply = admin.post("/api/v1/organizations", large).await;
    reply.refused(413);
}

#[tokio::test]
async fn a_caller_who_sends_nonsense_or_goes_away_breaks_nothing_for_others() {
    let admin = served().await;
    for _try in 0..50 {
        let reply = admin.get("/api/v1/organizations?limit=many").await;
        assert_eq!(reply.status, 400, "{}", reply.text);
    }
    let mut gone = Vec::new();
    for try_number in 0..50 {
        let path = format!("{}/api/v1/organizations", admin.url);
        let request = reqwest::Client::new().get(path).bearer_auth(&admin.master);
        let patience = std::time::Duration::from_micros(200 * try_number);
        gone.push(request.timeout(patience).send());
    }
    for request in gone {
        let _gone_or_not = request.await;
    }
    admin.get("/api/v1/organizations").await.ok();
}

fn reply_is_about_the_query(text: &str) -> bool {
    text.to_lowercase().contains("query")
}

#[tokio::test]
async fn a_change_answers_when_the_data_plane_follows_it() {
    let admin = served().await;
    let browser = Browser::at(&admin);
    let master = format!("Bearer {}", admin.master);
    let headers = [("authorization", master.as_str())];
    let post = async || {
        let new = Some(json!({"name": "Acme"}));
        let path = "/api/v1/organizations";
        browser.send("POST", path, &headers, new).await.is(201)
    };
    let revision = |reply: &crate::browser::Reply| {
        let number = reply.header("x-headgate-revision");
        number.parse::<u64>().unwrap()
    };
    let (one, two) = (post().await, post().await);
    assert!(revision(&two) > revision(&one));
    // Data planes that are elsewhere, and nobody who tells them.
    assert_eq!(two.header("x-headgate-enforced-within-ms"), "2000");

    // A data plane that stands still.
    admin.store.propagation.followed(Revision(1));
    let late = post().await;
    assert_eq!(late.header("x-headgate-enforced-within-ms"), "2000");
    // One that follows.
    let next = revision(&late) + 1;
    let propagation = &admin.store.propagation;
    let following = async {
        let mut commits = propagation.commits();
        let seen = commits.wait_for(|newest| u64::try_from(newest.0).unwrap() >= next);
        let newest = *seen.await.unwrap();
        propagation.followed(newest);
    };
    let (told, ()) = tokio::join!(post(), following);
    assert_eq!(told.header("x-headgate-enforced-within-ms"), "");
    let read = browser.send("GET", "/api/v1/organizations", &headers, None);
    assert_eq!(read.await.header("x-headgate-revision"), "");
}
