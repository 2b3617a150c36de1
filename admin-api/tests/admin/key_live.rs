//! What a key's pages tell as one goes: the line for a shell, a team without models, shared budgets,
//! why a key was blocked, how busy it is, how long its requests took.

use domain::ids::{KeyId, OrganizationId, TeamId};
use domain::permissions::Role;
use domain::policies::Policy;
use domain::time::TimestampMs;
use serde_json::json;

use crate::browser::{Browser, session};
use crate::forms::{a_team, told};
use crate::ledger::{Whose, append, plain};
use crate::setup::{Served, served};

async fn model(admin: &Served, name: &str) {
    let body = json!({"model_name": name, "litellm_params": {"model": "openai/gpt-4o", "api_key": "sk-x"}});
    admin.post("/model/new", body).await.ok();
}

async fn a_key(admin: &Served, team: &str) -> String {
    let made = json!({"alias": "bot", "team_id": team});
    let made = admin.post("/api/v1/keys", made).await.ok();
    made["details"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_form_of_a_key_says_the_line_that_makes_the_same() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let blank = browser.get("/ui/keys/new").await.is(200);
    assert!(blank.text.contains("headgate keys create"));
    let typed = [
        ("name", "night bot"),
        ("team", team.as_str()),
        ("budget", "$50"),
        ("period", "1mo"),
        ("expires", "90d"),
    ];
    let shown = browser.submit("/ui/keys/line", &typed).await.is(200);
    let line = format!(
        "headgate keys create --alias &#39;night bot&#39; --team {team} --service &#39;night bot&#39; \
         --budget 50/1mo --expires 90d"
    );
    assert!(shown.text.contains(&line), "{}", shown.text);
    // Without JavaScript it is the form again.
    assert!(shown.text.contains("value=\"night bot\""));
    let wrong = browser
        .submit("/ui/keys/line", &[("budget", "much")])
        .await
        .is(200);
    assert!(!wrong.text.contains("headgate keys create"));
}

/// What a flag of the line says.
fn said<'a>(line: &'a str, flag: &str) -> Option<&'a str> {
    let (_before, after) = line.split_once(&format!(" --{flag} "))?;
    after.split([' ', '<', '&']).next()
}

#[tokio::test]
async fn the_line_names_the_owner_that_the_form_gives_the_key_also_for_a_teams_administrator() {
    let admin = served().await;
    let (_browser, team) = a_team(&admin).await;
    let ours = OrganizationId::new("ours");
    let of_team = TeamId::new(&team);
    let place = Some((Role::TeamAdmin, &ours, Some(&of_team)));
    let person = admin.person(None, place).await;
    let mut browser = Browser::at(&admin);
    let cookie = session(&admin, &person, None).await;
    browser.token = Some(admin_api::cross_site::token_of(&cookie).expose().to_owned());
    browser.cookie = Some(format!("hg_session={}", cookie.expose()));
    for (name, owner) in [("mine", "person"), ("ours", "service")] {
        let typed = [("name", name), ("team", team.as_str()), ("owner", owner)];
        let line = browser.submit("/ui/keys/line", &typed).await.is(200).text;
        let user = said(&line, "user").map(str::to_owned);
        assert_eq!(said(&line, "team"), Some(team.as_str()), "{line}");
        assert_eq!(user.is_some(), owner == "person", "{line}");
        browser.submit("/ui/keys", &typed).await.is(200);
        let made = told(&admin, &format!("/api/v1/keys?alias={name}")).await;
        assert_eq!(made["items"][0]["user_id"], json!(user), "{made}");
        let is_of_service = made["items"][0]["service_account_id"].is_string();
        assert_eq!(is_of_service, said(&line, "service").is_some());
    }
}

#[tokio::test]
async fn the_line_of_a_key_without_a_team_names_the_organization_and_the_person_of_the_form() {
    let admin = served().await;
    let ours = admin.organization("ours").await;
    let person = admin
        .person(None, Some((Role::OrganizationAdmin, &ours, None)))
        .await;
    let mut browser = Browser::at(&admin);
    let cookie = session(&admin, &person, None).await;
    browser.token = Some(admin_api::cross_site::token_of(&cookie).expose().to_owned());
    browser.cookie = Some(format!("hg_session={}", cookie.expose()));
    for (name, owner) in [("mine", "person"), ("teamless", "service")] {
        let typed = [("name", name), ("owner", owner)];
        let line = browser.submit("/ui/keys/line", &typed).await.is(200).text;
        browser.submit("/ui/keys", &typed).await.is(200);
        let made = told(&admin, &format!("/api/v1/keys?alias={name}")).await;
        let made = &made["items"][0];
        assert_eq!(made["organization_id"], json!(said(&line, "org")), "{line}");
        assert_eq!(made["user_id"], json!(said(&line, "user")), "{line}");
        assert_eq!(made["organization_id"], "ours");
    }
}

#[tokio::test]
async fn a_team_that_may_use_no_model_is_named_with_the_way_to_it() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let acme = admin.organization("acme").await;
    let only = |model: &str| Policy {
        models: vec![model.to_owned()],
        ..Policy::default()
    };
    let poor = admin.team(&acme, only("gone")).await.to_string();
    let line = async |team: &str| {
        let shown = browser.submit("/ui/keys/line", &[("team", team)]).await;
        shown.is(200).text
    };
    let none = line(&team).await;
    assert!(none.contains("There is no model yet") && none.contains("/ui/models/new"));
    model(&admin, "gpt-4o").await;
    assert!(!line(&team).await.contains("could call nothing"));
    let said = line(&poor).await;
    assert!(said.contains("could call nothing") && said.contains(&format!("/ui/teams/{poor}")));
    model(&admin, "openai/*").await;
    let part = admin.team(&acme, only("openai/gpt-4o")).await.to_string();
    assert!(!line(&part).await.contains("could call nothing"));
}

#[tokio::test]
async fn a_shared_budget_is_chosen_for_a_key_and_for_a_team() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let without = browser.get("/ui/keys/new").await.is(200);
    assert!(!without.text.contains("name=\"shared\""));
    let budget = |organization: &str, name: &str| json!({"budget_id": name, "organization_id": organization, "max_budget": 5});
    let made = admin
        .post("/budget/new", budget("ours", "small"))
        .await
        .ok();
    let small = made["id"].as_str().unwrap().to_owned();
    admin.organization("theirs").await;
    let made = admin
        .post("/budget/new", budget("theirs", "other"))
        .await
        .ok();
    let other = made["id"].as_str().unwrap().to_owned();

    let typed = |budget| [("name", "bot"), ("team", team.as_str()), ("shared", budget)];
    let refused = browser
        .submit("/ui/keys", &typed(other.as_str()))
        .await
        .is(422);
    assert!(refused.text.contains("href=\"#k-sb\""), "{}", refused.text);
    browser
        .submit("/ui/keys", &typed(small.as_str()))
        .await
        .is(200);
    let keys = admin.get("/api/v1/keys?search=bot").await.ok();
    assert_eq!(keys["items"][0]["policy"]["budget_id"], small);
    let id = keys["items"][0]["id"].as_str().unwrap();
    let edit = browser.get(&format!("/ui/keys/{id}/edit")).await.is(200);
    assert!(edit.text.contains(&format!("value=\"{small}\" selected")));
    assert!(!edit.text.contains(&other), "{}", edit.text);
    let new = format!("/ui/keys/new?team={team}");
    let new = browser.get(&new).await.is(200).text;
    assert!(new.contains(&small) && !new.contains(&other), "{new}");
    let none = [
        ("name", "bot"),
        ("team", team.as_str()),
        ("expires", "same"),
        ("shared", ""),
    ];
    browser
        .submit(&format!("/ui/keys/{id}"), &none)
        .await
        .is(303);
    let key = told(&admin, &format!("/api/v1/keys/{id}")).await;
    assert!(key["policy"]["budget_id"].is_null());

    let edit = browser.get(&format!("/ui/teams/{team}/edit")).await.is(200);
    assert!(edit.text.contains("name=\"shared\"") && !edit.text.contains(&other));
    let set = [("name", "Team"), ("shared", small.as_str())];
    browser
        .submit(&format!("/ui/teams/{team}"), &set)
        .await
        .is(303);
    let team = told(&admin, &format!("/api/v1/teams/{team}")).await;
    assert_eq!(team["policy"]["budget_id"], small);
}

#[tokio::test]
async fn a_key_is_blocked_for_a_reason_that_its_page_and_the_audit_trail_tell() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let id = a_key(&admin, &team).await;
    let whose = Whose {
        organization: OrganizationId::new("ours"),
        team: Some(TeamId::new(&team)),
        user: None,
        key: Some(KeyId::new(&id)),
    };
    let now = TimestampMs::now();
    append(&admin.store, "strand", vec![plain(1, now, &whose)]).await;
    let path = format!("/ui/keys/{id}");
    let asked = browser.get(&format!("{path}/block")).await.is(200);
    assert!(
        asked.text.contains("One request in the last 5 minutes."),
        "{}",
        asked.text
    );
    let reason = [("reason", "It stood in a <public> repository.")];
    browser
        .submit(&format!("{path}/block"), &reason)
        .await
        .is(303);
    let page = browser.get(&path).await.is(200);
    assert!(
        page.text
            .contains("It stood in a &#60;public&#62; repository."),
        "{}",
        page.text
    );
    assert!(
        admin
            .audit_text()
            .await
            .contains("It stood in a <public> repository.")
    );
    browser
        .submit(&format!("{path}/unblock"), &[])
        .await
        .is(303);
    let page = browser.get(&path).await.is(200);
    assert!(!page.text.contains("repository."));
    let block = format!("/api/v1/keys/{id}/block");
    admin
        .post(&block, json!({"reason": "  "}))
        .await
        .refused(400);
    admin.post(&block, json!({"reason": "leaked"})).await.ok();
    assert_eq!(
        admin.store.block_reason(&id).await.unwrap().as_deref(),
        Some("leaked")
    );
    admin.post(&block, json!({})).await.ok();
    assert_eq!(
        admin.store.block_reason(&id).await.unwrap().as_deref(),
        Some("leaked")
    );
}

#[tokio::test]
async fn what_came_five_minutes_ago_and_more_is_not_counted_as_lately() {
    const QUARTER_MS: u64 = 15 * 60_000;
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let id = a_key(&admin, &team).await;
    let whose = Whose {
        organization: OrganizationId::new("ours"),
        team: Some(TeamId::new(&team)),
        user: None,
        key: Some(KeyId::new(&id)),
    };
    let now = TimestampMs::now();
    // The beginning of the quarter of an hour that a report of the last five minutes would add up.
    let ago = now.0 - 5 * 60_000;
    let before = TimestampMs(ago - ago % QUARTER_MS);
    let both = vec![plain(1, before, &whose), plain(2, now, &whose)];
    append(&admin.store, "strand", both).await;
    let asked = format!("/ui/keys/{id}/block");
    let one = browser.get(&asked).await.is(200).text;
    assert!(one.contains("One request in the last 5 minutes."), "{one}");
    let more = (3..=102).map(|number| plain(number, now, &whose));
    append(&admin.store, "strand", more.collect()).await;
    let many = browser.get(&asked).await.is(200).text;
    let text = "More than 100 requests in the last 5 minutes.";
    assert!(many.contains(text), "{many}");
}

#[tokio::test]
async fn the_page_of_a_key_shows_latency_by_model_and_how_to_begin_before_all_else() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let id = a_key(&admin, &team).await;
    let path = format!("/ui/keys/{id}");
    let place = |text: &str, what: &str| text.find(what).unwrap();
    let fresh = browser.get(&path).await.is(200).text;
    assert!(place(&fresh, "id=\"h-snip\"") < place(&fresh, "id=\"h-use\""));
    let whose = Whose {
        organization: OrganizationId::new("ours"),
        team: Some(TeamId::new(&team)),
        user: None,
        key: Some(KeyId::new(&id)),
    };
    let now = TimestampMs::now();
    append(&admin.store, "strand", vec![plain(1, now, &whose)]).await;
    let hash = admin.store.key_secrets(&KeyId::new(&id)).await.unwrap()[0].hash;
    let uses = [(hash, (1, now))].into();
    domain::directory::Directory::record_uses(&*admin.store, uses)
        .await
        .unwrap();
    let used = browser.get(&format!("{path}?m=latency")).await.is(200).text;
    assert!(place(&used, "id=\"h-snip\"") > place(&used, "id=\"h-use\""));
    assert!(used.contains("is-line") && used.contains(" ms"), "{used}");
    assert!(!used.contains("with the most requests"), "{used}");
    let of_others = (2..=7).map(|number| {
        let mut one = plain(number, now, &whose);
        one.attempts[0].group = format!("model-{number}");
        one
    });
    append(&admin.store, "strand", of_others.collect()).await;
    let many = browser.get(&format!("{path}?m=latency")).await.is(200).text;
    let said = "The 5 with the most requests are shown.";
    assert!(many.contains(said), "{many}");
}
