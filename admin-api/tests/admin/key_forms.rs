//! Lists of keys, several at once, deployments and credentials: by the console's forms.

use scraper::{Html, Selector};
use serde_json::json;

use crate::browser::Reply;
use crate::forms::{a_team, field, has, stakes, told};
use crate::setup::served;

/// The keys of a list, in its order.
fn listed(reply: &Reply) -> Vec<String> {
    let page = Html::parse_document(&reply.text);
    let names = Selector::parse("tbody[data-rows] a.name").unwrap();
    let names = page.select(&names);
    names.map(|one| one.text().collect::<String>()).collect()
}

#[tokio::test]
async fn keys_are_sorted_in_the_database_and_pages_go_on_where_they_ended() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let mut names: Vec<String> = (0..60).map(|n| format!("key-{:02}", n * 37 % 60)).collect();
    for name in &names {
        let key = json!({"alias": name, "team_id": team});
        admin.post("/api/v1/keys", key).await.ok();
    }
    names.sort();
    for (order, reversed) in [("name", false), ("-name", true)] {
        let first = browser.get(&format!("/ui/keys?sort={order}")).await.is(200);
        let mut seen = listed(&first);
        let page = Html::parse_document(&first.text);
        let next = Selector::parse(".pager a").unwrap();
        let next = page.select(&next).next_back().unwrap();
        let next = next.value().attr("href").unwrap().to_owned();
        seen.extend(listed(&browser.get(&next).await.is(200)));
        if reversed {
            seen.reverse();
        }
        assert_eq!(seen, names, "{order}");
    }
    for order in ["expires", "-used", "spend", "-created"] {
        let page = browser.get(&format!("/ui/keys?sort={order}")).await.is(200);
        assert_eq!(listed(&page).len(), 50, "{order}");
    }
}

#[tokio::test]
async fn several_keys_are_changed_after_a_question_that_counts_them() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        let key = json!({"alias": name, "team_id": team, "environment": "dev"});
        let made = admin.post("/api/v1/keys", key).await.ok();
        ids.push(made["details"]["id"].as_str().unwrap().to_owned());
    }
    let path = "/ui/keys/bulk";
    browser.submit(path, &[("do", "block")]).await.is(422);
    let ticked = [
        ("do", "block"),
        ("ids", ids[0].as_str()),
        ("ids", ids[1].as_str()),
    ];
    let asked = browser.submit(path, &ticked).await.is(200);
    assert!(has(&asked, "Keys", "2"), "{:?}", stakes(&asked));
    let path_of = |place: usize| format!("/api/v1/keys/{}", ids[place]);
    assert_eq!(told(&admin, &path_of(0)).await["blocked"], false);
    let sure = [&ticked[..], &[("sure", "1")]].concat();
    browser.submit(path, &sure).await.is(303);
    assert_eq!(told(&admin, &path_of(1)).await["blocked"], true);
    assert_eq!(told(&admin, &path_of(2)).await["blocked"], false);
    let all = [
        ("do", "budget"),
        ("all", "on"),
        ("environment", "dev"),
        ("budget", "7"),
        ("period", "1mo"),
        ("sure", "1"),
    ];
    browser.submit(path, &all).await.is(303);
    let policy = told(&admin, &format!("/api/v1/keys/{}", ids[2])).await;
    assert_eq!(policy["policy"]["budgets"][0]["limit_usd"], "7");
    let table = browser.get("/ui/keys.csv?sort=name").await.is(200);
    let aliases = table.text.lines().skip(1);
    let aliases: Vec<&str> = aliases
        .map(|line| line.split(',').nth(1).unwrap())
        .collect();
    assert_eq!(aliases, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_pasted_key_is_found_and_stands_in_no_address_and_no_answer() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let made = admin
        .post("/api/v1/keys", json!({"team_id": team}))
        .await
        .ok();
    let secret = made["key"].as_str().unwrap();
    let id = made["details"]["id"].as_str().unwrap();
    let found = browser
        .submit("/ui/keys/find", &[("key", secret)])
        .await
        .is(303);
    assert_eq!(found.header("location"), format!("/ui/keys/{id}"));
    let wrong = format!("{secret}x");
    let missing = browser
        .submit("/ui/keys/find", &[("key", &wrong)])
        .await
        .is(422);
    assert!(!missing.text.contains(&wrong));
}

#[tokio::test]
async fn a_deployment_is_tried_before_it_is_added_and_its_key_is_never_shown() {
    let admin = served().await;
    let (browser, _team) = a_team(&admin).await;
    let form = |test: &'static str| {
        [
            ("provider", "ollama"),
            ("model", "llama3"),
            ("api_base", "http://127.0.0.1:9"),
            ("api_key", "sk-very-secret"),
            ("name", "mine"),
            ("test", test),
        ]
    };
    let silent = browser.submit("/ui/models", &form("on")).await.is(422);
    assert!(!silent.text.contains("sk-very-secret"));
    browser.submit("/ui/models", &form("")).await.is(303);
    let all = told(&admin, "/api/v1/deployments?search=mine").await;
    let id = all["items"][0]["id"].as_str().unwrap().to_owned();
    let filled = browser.get(&format!("/ui/models/{id}/edit")).await.is(200);
    assert_eq!(field(&filled, "model"), "llama3");
    assert!(!filled.text.contains("sk-very-secret"));
    let page = browser.get("/ui/models").await.is(200);
    assert!(page.text.contains("mine") && !page.text.contains("sk-very-secret"));
    let asked = browser
        .get(&format!("/ui/models/{id}/delete"))
        .await
        .is(200);
    assert!(has(&asked, "Others that answer for mine", "0"));
    browser
        .submit(&format!("/ui/models/{id}/delete"), &[])
        .await
        .is(303);
    let all = told(&admin, "/api/v1/deployments?search=mine").await;
    assert_eq!(all["items"], json!([]));
}

#[tokio::test]
async fn a_credential_is_set_and_replaced_and_no_page_says_it() {
    let admin = served().await;
    let (browser, _team) = a_team(&admin).await;
    let form = [
        ("name", "main"),
        ("api_key", "sk-hidden"),
        ("more", "region"),
    ];
    let refused = browser.submit("/ui/credentials", &form).await.is(422);
    assert!(!refused.text.contains("sk-hidden"));
    let form = [
        ("name", "main"),
        ("api_key", "sk-hidden"),
        ("more", "region=eu"),
    ];
    browser.submit("/ui/credentials", &form).await.is(303);
    let page = browser.get("/ui/credentials").await.is(200);
    assert!(page.text.contains("region") && !page.text.contains("sk-hidden"));
    let one = told(&admin, "/api/v1/credentials/main").await;
    let path = format!("/ui/credentials/{}", one["id"].as_str().unwrap());
    browser
        .submit(&path, &[("api_key", "sk-other")])
        .await
        .is(303);
    let one = told(&admin, "/api/v1/credentials/main").await;
    assert_eq!(one["members"], json!(["api_key", "region"]));
    browser.submit(&format!("{path}/delete"), &[]).await.is(303);
    admin.get("/api/v1/credentials/main").await.refused(404);
}
