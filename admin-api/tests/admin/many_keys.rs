//! Many keys changed at once, in batches, by the console's pages.

use domain::actors::Actor;
use domain::ids::{KeyId, OrganizationId, TeamId, UserId};
use domain::keys::KeyHash;
use domain::permissions::Role;
use domain::time::TimestampMs;
use domain::virtual_keys::{KeySecret, VirtualKey};
use scraper::{Html, Selector};
use serde_json::json;
use store::Event;

use crate::browser::{Browser, Reply, session};
use crate::forms::{a_person, a_team, has};
use crate::ledger::{Whose, append, plain};
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
    let ours = OrganizationId::new("ours");
    let team = TeamId::new(&team);
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

/// The names in the legends of a page's charts.
fn legend(reply: &Reply) -> Vec<String> {
    let page = Html::parse_document(&reply.text);
    let items = Selector::parse(".chart-legend li").unwrap();
    let items = page.select(&items);
    items.map(|one| one.text().collect::<String>()).collect()
}

#[tokio::test]
async fn a_chart_names_its_keys_and_people_however_many_others_there_are() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let person = a_person(&admin, "ada@example.com").await;
    let key = json!({"alias": "the-busy-one", "team_id": team, "user_id": person});
    let made = admin.post("/api/v1/keys", key).await.ok();
    let id = KeyId::new(made["details"]["id"].as_str().unwrap());
    let first = admin.store.virtual_key(id.as_str()).await.unwrap().unwrap();
    let mut change = admin.store.begin().await.unwrap();
    for number in 0..1_001 {
        let hash = KeyHash::of(&format!("sk-{number}"));
        let other = VirtualKey {
            id: KeyId::generate(),
            alias: Some(format!("other-{number}")),
            hash,
            ..first.clone()
        };
        let secret = KeySecret {
            key_id: other.id.clone(),
            hash,
            last_four: "none".to_owned(),
            created_at: first.stamps.created_at,
            ends_at: None,
            uses: 0,
            last_used_at: None,
        };
        change.insert_key(&other, &secret).await.unwrap();
    }
    let made = change.commit(&Actor::system(), Event::default()).await;
    made.unwrap();
    let whose = Whose {
        organization: OrganizationId::new("ours"),
        team: Some(TeamId::new(&team)),
        user: Some(UserId::new(&person)),
        key: Some(id),
    };
    let now = TimestampMs::now();
    append(&admin.store, "strand", vec![plain(1, now, &whose)]).await;
    for (page, name) in [
        ("/ui?by=key", "the-busy-one"),
        ("/ui/usage?by=key", "the-busy-one"),
        ("/ui/usage?by=user", "ada@example.com"),
        ("/ui/usage?by=user&m=latency", "ada@example.com"),
    ] {
        let names = legend(&browser.get(page).await.is(200));
        assert!(names[0].contains(name), "{page}: {names:?}");
    }
}
