//! What the pages of people and organizations say and set.

use domain::permissions::PlatformRole;
use serde_json::{Value, json};

use crate::browser::session;
use crate::forms::{a_person, a_team, field};
use crate::setup::served;

#[tokio::test]
async fn the_list_of_people_says_who_was_here_and_how_each_signs_in() {
    let admin = served().await;
    let (browser, _team) = a_team(&admin).await;
    let ann = a_person(&admin, "ann@example.com").await;
    let body = json!({"user_email": "ben@example.com", "password": "a sentence that is long", "auto_create_key": false});
    admin.post("/user/new", body).await.ok();
    let people = browser.get("/ui/people").await.is(200);
    let row = |of: &str| -> String {
        let rows = people.text.split("<tr>");
        let mut theirs = rows.filter(|row| row.contains(of));
        theirs.next().unwrap().to_owned()
    };
    assert!(row("ann@example.com").contains("Never"), "{}", row("ann"));
    assert!(row("ann@example.com").contains("Not yet"));
    assert!(row("ben@example.com").contains("Password"));
    // Whoever looks runs the platform, and has no address: they are there for more than keys.
    assert!(!people.text.contains("Keys only"), "{}", people.text);
    // Whoever looks was seen just now.
    let shown = admin.get(&format!("/api/v1/users/{ann}")).await.ok();
    assert_eq!(shown["last_active_at"], Value::Null);
    assert_eq!(shown["sign_in_methods"], json!([]));
    let link = json!({"user_id": ann});
    admin.post("/invitation/new", link).await.ok();
    let shown = admin.get(&format!("/api/v1/users/{ann}")).await.ok();
    assert_eq!(shown["sign_in_methods"][0]["method"], "invited");
    let page = browser.get(&format!("/ui/people/{ann}")).await.is(200);
    assert!(page.text.contains("Invited"), "{}", page.text);
    let person = admin.person(None::<PlatformRole>, None).await;
    session(&admin, &person, None).await;
    let seen = admin.get(&format!("/api/v1/users/{person}")).await.ok();
    assert!(seen["last_active_at"].is_string(), "{seen}");
}

#[tokio::test]
async fn whether_members_make_keys_is_set_by_a_form_and_audited() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let id = admin.organization("acme").await;
    let form = browser.get(&format!("/ui/orgs/{id}/edit")).await.is(200);
    assert_eq!(field(&form, "members_may_create_keys"), "");
    assert!(form.text.contains("As usual: no"), "{}", form.text);
    let said = [
        ("name", "acme"),
        ("members_may_create_keys", "yes"),
        ("lang", "en"),
    ];
    let done = browser.submit(&format!("/ui/orgs/{id}"), &said).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let now = admin.get(&format!("/api/v1/organizations/{id}")).await.ok();
    assert_eq!(now["policy"]["members_may_create_keys"], true);
    assert_eq!(admin.audited(1).await[0].0, "organization.update");
    let form = browser.get(&format!("/ui/orgs/{id}/edit")).await.is(200);
    assert_eq!(field(&form, "members_may_create_keys"), "yes");
    // A form that does not say it leaves it.
    browser
        .submit(&format!("/ui/orgs/{id}"), &[("name", "Acme")])
        .await
        .is(303);
    let now = admin.get(&format!("/api/v1/organizations/{id}")).await.ok();
    assert_eq!(now["policy"]["members_may_create_keys"], true);
    let said = [("name", "Core"), ("members_may_create_keys", "no")];
    let done = browser.submit(&format!("/ui/teams/{team}"), &said).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let now = admin.get(&format!("/api/v1/teams/{team}")).await.ok();
    assert_eq!(now["policy"]["members_may_create_keys"], false);
}
