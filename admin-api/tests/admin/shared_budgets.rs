//! Shared budgets on their pages: made, changed, deleted, and who uses them.

use scraper::{Html, Selector};
use serde_json::json;

use crate::browser::Reply;
use crate::forms::{a_team, field, has, told};
use crate::setup::served;

/// The names in a page's table.
fn named(reply: &Reply) -> Vec<String> {
    let page = Html::parse_document(&reply.text);
    let names = Selector::parse("tbody[data-rows] th").unwrap();
    let found = page.select(&names);
    found
        .map(|one| one.text().collect::<String>().trim().to_owned())
        .collect()
}

#[tokio::test]
async fn a_shared_budget_is_made_changed_and_deleted_by_its_pages() {
    let admin = served().await;
    let (browser, _team) = a_team(&admin).await;
    let form = [
        ("budget_id", "small"),
        ("organization", "ours"),
        ("budget", "25"),
        ("period", "1mo"),
        ("rpm", "60"),
    ];
    let made = browser.submit("/ui/budgets/shared", &form).await.is(303);
    let page = made.header("location").to_owned();
    assert!(page.starts_with("/ui/budgets/shared/bud_"), "{page}");
    let at = page.split_once('?').unwrap().0.to_owned();
    let list = browser.get("/ui/budgets/shared").await.is(200);
    assert!(list.text.contains("small") && list.text.contains("$25"));
    let edit = browser.get(&format!("{at}/edit")).await.is(200);
    assert_eq!(field(&edit, "budget"), "25");
    let version = field(&edit, "version");
    let change = [("budget", "30"), ("period", "1mo"), ("version", &version)];
    browser.submit(&at, &change).await.is(303);
    let now = told(&admin, "/api/v1/budgets/small").await;
    assert_eq!(now["policy"]["budgets"][0]["limit_usd"], "30");
    assert_eq!(now["policy"]["limits"]["rpm"], 60);
    // Who filled the form before is told.
    browser.submit(&at, &change).await.is(409);
    browser.submit(&format!("{at}/delete"), &[]).await.is(303);
    admin.get("/api/v1/budgets/small").await.refused(404);
}

#[tokio::test]
async fn the_page_of_a_shared_budget_names_everything_that_points_to_it() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let budget = json!({"budget_id": "small", "organization_id": "ours", "max_budget": 5});
    admin.post("/budget/new", budget).await.ok();
    let update = json!({"team_id": team, "budget_id": "small"});
    admin.post("/team/update", update).await.ok();
    for name in ["one", "two", "three"] {
        let mut key = json!({"key_alias": name, "organization_id": "ours"});
        if name != "three" {
            key["budget_id"] = "small".into();
        } else {
            // Only what points to it counts, not what speaks of it.
            key["metadata"] = json!({"budget_id": "small"});
        }
        admin.post("/key/generate", key).await.ok();
    }
    let id = told(&admin, "/api/v1/budgets/small").await;
    let at = format!("/ui/budgets/shared/{}", id["id"].as_str().unwrap());
    let page = browser.get(&at).await.is(200);
    assert_eq!(named(&page), ["one", "two", "Team"]);
    let list = browser.get("/ui/budgets/shared").await.is(200);
    assert!(list.text.contains("Key: 2") && list.text.contains("Team: 1"));
    let asked = browser.get(&format!("{at}/delete")).await.is(200);
    assert!(has(&asked, "Used by", "Key: 2 · Team: 1"), "{}", asked.text);
    // It stands among the budgets of all levels, with the way to it.
    let all = browser.get("/ui/budgets?level=key").await.is(200);
    assert!(all.text.contains(&at), "{}", all.text);
}
