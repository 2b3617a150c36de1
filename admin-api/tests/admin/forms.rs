//! Forms and questions of the console: what they change, refuse, and say before something ends.

use domain::policies::Policy;
use scraper::{Html, Selector};
use serde_json::{Value, json};

use crate::browser::{Browser, Reply};
use crate::every_page::administrator;
use crate::setup::{Served, served};

/// The value of a field.
pub fn field(reply: &Reply, name: &str) -> String {
    let page = Html::parse_document(&reply.text);
    let selector = format!("#dlg input[name='{name}'], #dlg [name='{name}'] option[selected]");
    let found = page.select(&Selector::parse(&selector).unwrap()).next();
    let value = found.and_then(|one| one.value().attr("value"));
    value.unwrap_or_default().to_owned()
}

/// The figures of a question, by their names.
pub fn stakes(reply: &Reply) -> Vec<(String, String)> {
    let page = Html::parse_document(&reply.text);
    let texts = |selector: &str| -> Vec<String> {
        let found = Selector::parse(selector).unwrap();
        page.select(&found)
            .map(|one| one.text().collect())
            .collect()
    };
    let (names, values) = (texts("#dlg dt"), texts("#dlg dd"));
    names.into_iter().zip(values).collect()
}

/// Whether a question tells a figure.
pub fn has(reply: &Reply, name: &str, value: &str) -> bool {
    stakes(reply).contains(&(name.to_owned(), value.to_owned()))
}

/// An administrator of the platform in a browser, and a team.
pub async fn a_team(admin: &Served) -> (Browser, String) {
    let organization = admin.organization("ours").await;
    let team = admin.team(&organization, Policy::default()).await;
    let mut browser = administrator(admin).await;
    let cookie = browser.cookie.clone().unwrap();
    let cookie = domain::keys::Secret::new(cookie.split_once('=').unwrap().1);
    let token = admin_api::cross_site::token_of(&cookie);
    browser.token = Some(token.expose().to_owned());
    (browser, team.to_string())
}

async fn a_key(admin: &Served, team: &str, owner: Option<&str>) -> String {
    let key = json!({"alias": "bot", "team_id": team, "user_id": owner});
    let made = admin.post("/api/v1/keys", key).await.ok();
    made["details"]["id"].as_str().unwrap().to_owned()
}

/// A person of an address.
pub async fn a_person(admin: &Served, email: &str) -> String {
    let made = admin
        .post("/api/v1/users", json!({"email": email}))
        .await
        .ok();
    made["id"].as_str().unwrap().to_owned()
}

/// What the API tells.
pub async fn told(admin: &Served, path: &str) -> Value {
    admin.get(path).await.ok()
}

#[tokio::test]
async fn a_team_is_changed_by_its_form_and_what_the_form_does_not_say_stays() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let path = format!("/ui/teams/{team}");
    let form = [
        ("name", "Risk"),
        ("budget", "$1,500.50"),
        ("period", "1mo"),
        ("rpm", "600"),
        ("member_budget", "20"),
        ("member_period", "7d"),
    ];
    browser.submit(&path, &form).await.is(303);
    browser.submit(&path, &[("tpm", "9000")]).await.is(303);
    let now = told(&admin, &format!("/api/v1/teams/{team}")).await;
    assert_eq!(now["name"], "Risk");
    assert_eq!(now["policy"]["budgets"][0]["limit_usd"], "1500.5");
    assert_eq!(now["policy"]["limits"]["rpm"], 600);
    assert_eq!(now["policy"]["limits"]["tpm"], 9000);
    assert_eq!(now["member_policy"]["budgets"][0]["window"], "7d");
    let filled = browser.get(&format!("{path}/edit")).await.is(200);
    assert_eq!(field(&filled, "budget"), "1500.5");
    assert_eq!(field(&filled, "member_budget"), "20");
}

#[tokio::test]
async fn what_was_typed_wrong_comes_back_with_what_is_wrong_and_nothing_is_written() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let path = format!("/ui/teams/{team}");
    let form = [("name", "Renamed"), ("rpm", "many")];
    let again = browser.submit(&path, &form).await.is(422);
    assert_eq!(field(&again, "rpm"), "many");
    assert!(again.text.contains("aria-invalid"));
    assert!(again.text.contains("href=\"#f-rpm\""));
    let now = told(&admin, &format!("/api/v1/teams/{team}")).await;
    assert_ne!(now["name"], "Renamed");
}

#[tokio::test]
async fn of_two_who_fill_the_same_form_the_second_is_told() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let path = format!("/ui/teams/{team}");
    let filled = browser.get(&format!("{path}/edit")).await.is(200);
    assert!(!field(&filled, "version").is_empty());
    browser.submit(&path, &[("name", "First")]).await.is(303);
    let late = [("name", "Second"), ("version", "1")];
    let refused = browser.submit(&path, &late).await.is(409);
    assert_eq!(field(&refused, "name"), "Second");
    let now = told(&admin, &format!("/api/v1/teams/{team}")).await;
    assert_eq!(now["name"], "First");
}

#[tokio::test]
async fn who_deletes_a_team_reads_before_how_many_keys_end() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    for _ in 0..3 {
        let key = json!({"team_id": team});
        admin.post("/api/v1/keys", key).await.ok();
    }
    let asked = browser
        .get(&format!("/ui/teams/{team}/delete"))
        .await
        .is(200);
    assert!(has(&asked, "Keys that work", "3"), "{:?}", stakes(&asked));
    assert!(has(&asked, "Members", "0"));
    let path = format!("/ui/teams/{team}/delete");
    browser.submit(&path, &[]).await.is(303);
    admin
        .get(&format!("/api/v1/teams/{team}"))
        .await
        .refused(404);
}

#[tokio::test]
async fn members_are_added_changed_and_taken_out_by_forms() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let person = a_person(&admin, "ada@example.com").await;
    let path = format!("/ui/teams/{team}/members");
    let nobody = [("email", "user_nobody"), ("role", "member")];
    browser.submit(&path, &nobody).await.is(422);
    let form = [("email", "ada@example.com"), ("role", "team_admin")];
    browser.submit(&path, &form).await.is(303);
    let of_team = format!("/api/v1/teams/{team}/members");
    assert_eq!(
        told(&admin, &of_team).await["items"][0]["role"],
        "team_admin"
    );
    let one = format!("{path}/{person}");
    let form = [("role", "viewer"), ("budget", "3"), ("period", "1d")];
    browser.submit(&one, &form).await.is(303);
    let now = told(&admin, &of_team).await;
    assert_eq!(now["items"][0]["role"], "viewer");
    assert_eq!(now["items"][0]["policy"]["budgets"][0]["limit_usd"], "3");
    a_key(&admin, &team, Some(&person)).await;
    let asked = browser.get(&format!("{one}/remove")).await.is(200);
    assert!(has(&asked, "Keys that end", "1"));
    browser.submit(&format!("{one}/remove"), &[]).await.is(303);
    assert_eq!(told(&admin, &of_team).await["items"], json!([]));
}

#[tokio::test]
async fn a_budget_is_set_raised_for_its_period_and_taken_away_where_it_is() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let key = a_key(&admin, &team, None).await;
    let to_form = [("kind", "keys"), ("name", "bot")];
    let found = browser.submit("/ui/budgets/new", &to_form).await.is(303);
    let at = found.header("location").to_owned();
    assert_eq!(at, format!("/ui/budgets/keys/{key}?budget=new"));
    let form = [("budget", "10"), ("period", "1d"), ("alerts", "90, 50")];
    browser.submit(&at, &form).await.is(303);
    let of_model = [("budget", "4"), ("period", "1mo"), ("model", "gpt")];
    browser.submit(&at, &of_model).await.is(303);
    let path = format!("/api/v1/keys/{key}");
    let policy = told(&admin, &path).await["policy"].clone();
    assert_eq!(policy["budgets"][0]["alert_at_percent"], json!([50, 90]));
    assert_eq!(policy["model_budgets"]["gpt"]["limit_usd"], "4");
    let first = format!("/ui/budgets/keys/{key}?budget=0");
    let more = [("do", "raise"), ("more", "2.5"), ("until", "period")];
    browser.submit(&first, &more).await.is(303);
    let policy = told(&admin, &path).await["policy"].clone();
    assert_eq!(policy["budgets"][0]["limit_usd"], "10");
    assert_eq!(policy["budgets"][0]["increase"]["by_usd"], "2.5");
    let until = policy["budgets"][0]["increase"]["until"].as_str().unwrap();
    assert!(
        until.ends_with("00:00:00Z") || until.ends_with("00:00:00.000Z"),
        "{until}"
    );
    browser.submit(&first, &[("budget", "12")]).await.is(303);
    let policy = told(&admin, &path).await["policy"].clone();
    assert_eq!(policy["budgets"][0]["increase"]["by_usd"], "2.5");
    browser.submit(&first, &[("do", "remove")]).await.is(303);
    let of_gpt = format!("/ui/budgets/keys/{key}?budget=model:gpt");
    browser.submit(&of_gpt, &[("do", "remove")]).await.is(303);
    let policy = told(&admin, &path).await["policy"].clone();
    assert_eq!(policy["budgets"], json!([]));
    assert_eq!(policy["model_budgets"], json!({}));
}

#[tokio::test]
async fn a_member_who_gets_a_budget_of_their_own_keeps_what_the_team_gives_to_each() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let each = [("member_budget", "20"), ("member_period", "7d")];
    browser
        .submit(&format!("/ui/teams/{team}"), &each)
        .await
        .is(303);
    let person = a_person(&admin, "ada@example.com").await;
    let new = [("email", person.as_str()), ("role", "member")];
    browser
        .submit(&format!("/ui/teams/{team}/members"), &new)
        .await
        .is(303);
    let at = format!("/ui/budgets/team-members/{team}/{person}?budget=new");
    let form = [("budget", "1"), ("period", "1d")];
    browser.submit(&at, &form).await.is(303);
    let members = told(&admin, &format!("/api/v1/teams/{team}/members")).await;
    let budgets = members["items"][0]["policy"]["budgets"].as_array().unwrap();
    let limits: Vec<&Value> = budgets.iter().map(|one| &one["limit_usd"]).collect();
    assert_eq!(limits, ["20", "1"]);
}

#[tokio::test]
async fn keys_of_who_is_deactivated_go_to_whom_the_form_names() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let (going, staying) = ("ada@example.com", "bo@example.com");
    let (going, staying) = (
        a_person(&admin, going).await,
        a_person(&admin, staying).await,
    );
    for person in [&going, &staying] {
        let path = format!("/api/v1/teams/{team}/members/{person}");
        let role = Some(json!({"role": "member"}));
        admin.ask(&admin.master, "PUT", &path, role).await.ok();
    }
    let key = a_key(&admin, &team, Some(&going)).await;
    let path = format!("/ui/people/{going}/deactivate");
    let asked = browser.get(&path).await.is(200);
    assert!(has(&asked, "Keys that work", "1"));
    browser
        .submit(&path, &[("heir", "nobody@example.com")])
        .await
        .is(422);
    browser
        .submit(&path, &[("heir", "bo@example.com")])
        .await
        .is(303);
    let now = told(&admin, &format!("/api/v1/keys/{key}")).await;
    assert_eq!(now["user_id"], staying.as_str());
    let now = told(&admin, &format!("/api/v1/users/{going}")).await;
    assert_eq!(now["blocked"], true);
}

#[tokio::test]
async fn an_organization_and_a_template_are_made_and_changed_by_forms() {
    let admin = served().await;
    let (browser, _team) = a_team(&admin).await;
    let form = [("name", "Theirs"), ("time_zone", "Mars/Phobos")];
    browser.submit("/ui/orgs", &form).await.is(422);
    let form = [("name", "Theirs"), ("time_zone", "Europe/Berlin")];
    browser.submit("/ui/orgs", &form).await.is(303);
    let all = told(&admin, "/api/v1/organizations?search=Theirs").await;
    let id = all["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/ui/orgs/{id}");
    browser.submit(&format!("{path}/block"), &[]).await.is(303);
    browser
        .submit(&path, &[("budget", "9"), ("period", "")])
        .await
        .is(303);
    let now = told(&admin, &format!("/api/v1/organizations/{id}")).await;
    assert_eq!(
        (&now["blocked"], &now["time_zone"]),
        (&json!(true), &json!("Europe/Berlin"))
    );
    assert_eq!(now["policy"]["budgets"][0]["limit_usd"], "9");
    let form = [
        ("organization", id.as_str()),
        ("name", "Dev"),
        ("environment", "development"),
        ("given_budget", "5"),
        ("given_period", "1mo"),
        ("default_lifetime", "30d"),
        ("rpm", "10"),
    ];
    browser.submit("/ui/templates", &form).await.is(303);
    let all = told(&admin, "/api/v1/templates").await;
    let one = &all["items"][0];
    assert_eq!(one["defaults"]["budgets"][0]["limit_usd"], "5");
    assert_eq!(one["caps"]["limits"]["rpm"], 10);
    let path = format!("/ui/templates/{}", one["id"].as_str().unwrap());
    browser
        .submit(&path, &[("longest_lifetime", "soon")])
        .await
        .is(422);
    browser
        .submit(&path, &[("longest_lifetime", "90d")])
        .await
        .is(303);
    let one = told(&admin, "/api/v1/templates").await["items"][0].clone();
    assert_eq!(
        (&one["default_lifetime"], &one["name"]),
        (&json!("30d"), &json!("Dev"))
    );
}
