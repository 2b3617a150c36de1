//! Many keys changed at once, in batches, by the console's pages.

use domain::permissions::Role;
use scraper::{Html, Selector};
use serde_json::json;

use crate::browser::{Browser, Reply, session};
use crate::forms::{a_team, has};
use crate::setup::{Served, served};

/// More than one batch has.
const MANY: usize = 450;

async fn keys(admin: &Served, team: &str, many: usize) {
    for number in 0..many {
        let key = json!({"alias": format!("key-{number}"), "team_id": team});
        admin.post("/api/v1/keys", key).await.ok();
    }
}

/// What a page's form would send, but for its token.
fn members(reply: &Reply, form: &str) -> Vec<(String, String)> {
    let page = Html::parse_document(&reply.text);
    let inputs = Selector::parse(&format!("{form} input, {form} select")).unwrap();
    let found = page.select(&inputs).map(|one| {
        let attribute = |name: &str| one.value().attr(name).unwrap_or_default().to_owned();
        (attribute("name"), attribute("value"))
    });
    found
        .filter(|(name, _value)| name != "csrf" && name != "lang")
        .collect()
}

async fn submit(browser: &Browser, members: &[(String, String)]) -> Reply {
    let members: Vec<(&str, &str)> = members
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser.submit("/ui/keys/bulk", &members).await
}

/// Asks for all keys of a team to be changed, and goes on until nothing is left to do; the last page,
/// and how many there were.
async fn through(browser: &Browser, team: &str, deed: &str) -> (Reply, usize) {
    let asked = [("do", deed), ("all", "on"), ("team", team), ("sure", "1")];
    let mut reply = browser.submit("/ui/keys/bulk", &asked).await.is(200);
    assert!(has(&reply, "Keys", &MANY.to_string()), "{}", reply.text);
    let mut form = members(&reply, "#dlg form");
    let mut pages = 0;
    while !form.is_empty() && pages < 10 {
        reply = submit(browser, &form).await.is(200);
        form = members(&reply, "#batches");
        pages += 1;
    }
    (reply, pages)
}

#[tokio::test]
async fn all_keys_of_a_filter_are_changed_however_many_they_are() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    keys(&admin, &team, MANY).await;
    let other = json!({"alias": "other", "organization_id": "ours"});
    admin.post("/api/v1/keys", other).await.ok();
    let entries = admin.entries().await;
    let (last, pages) = through(&browser, &team, "block").await;
    assert_eq!(pages, 3);
    assert!(last.text.contains("450 keys are through"), "{}", last.text);
    let listed = browser.get("/ui/keys?status=blocked").await.is(200);
    assert!(listed.text.contains("of 450"), "{}", listed.text);
    let active = browser.get("/ui/keys?status=active").await.is(200);
    assert!(active.text.contains("other") && !active.text.contains("key-0"));
    assert_eq!(admin.entries().await - entries, 3);
}

#[tokio::test]
async fn keys_that_are_made_while_others_are_changed_are_left_alone() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    keys(&admin, &team, 101).await;
    let asked = [("do", "block"), ("all", "on"), ("team", team.as_str())];
    let reply = browser.submit("/ui/keys/bulk", &asked).await.is(200);
    let late = json!({"alias": "late", "team_id": team});
    admin.post("/api/v1/keys", late).await.ok();
    let last = submit(&browser, &members(&reply, "#dlg form")).await;
    let last = last.is(200);
    assert!(last.text.contains("101 keys are through"), "{}", last.text);
    let active = browser.get("/ui/keys?status=active").await.is(200);
    assert!(active.text.contains("late"));
}

#[tokio::test]
async fn what_was_passed_over_is_told_with_its_reason() {
    let admin = served().await;
    let (_browser, team) = a_team(&admin).await;
    keys(&admin, &team, 101).await;
    // Who may not unblock a key which somebody above has blocked: a member, their own keys.
    let ours = domain::ids::OrganizationId::new("ours");
    let team = domain::ids::TeamId::new(&team);
    let role = Some((Role::Member, &ours, Some(&team)));
    let person = admin.person(None, role).await;
    for number in 0..101 {
        let key = json!({"alias": format!("own-{number}"), "team_id": team, "user_id": person,
            "blocked": number < 3});
        admin.post("/api/v1/keys", key).await.ok();
    }
    let cookie = session(&admin, &person, None).await;
    let mut browser = Browser::at(&admin);
    browser.cookie = Some(format!("hg_session={}", cookie.expose()));
    let token = admin_api::cross_site::token_of(&cookie);
    browser.token = Some(token.expose().to_owned());
    let asked = [("do", "unblock"), ("all", "on")];
    let reply = browser.submit("/ui/keys/bulk", &asked).await.is(200);
    let last = submit(&browser, &members(&reply, "#dlg form")).await;
    let last = last.is(200);
    assert!(
        last.text.contains("3 of them were passed over"),
        "{}",
        last.text
    );
    let page = Html::parse_document(&last.text);
    let reasons = Selector::parse("#batches dd").unwrap();
    assert_eq!(page.select(&reasons).count(), 3);
}

#[tokio::test]
async fn a_wrong_amount_is_told_before_any_key_is_changed() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    keys(&admin, &team, 101).await;
    let asked = [("do", "budget"), ("all", "on"), ("team", team.as_str())];
    let reply = browser.submit("/ui/keys/bulk", &asked).await.is(200);
    let mut form = members(&reply, "#dlg form");
    form.retain(|(name, _value)| name != "budget" && name != "period");
    form.push(("budget".to_owned(), "much".to_owned()));
    let entries = admin.entries().await;
    let refused = submit(&browser, &form).await.is(422);
    assert!(refused.text.contains("role=\"alert\""));
    assert_eq!(admin.entries().await, entries);
}
