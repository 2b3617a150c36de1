//! People come in by a link that is good once; nobody comes in by one into an account of somebody else.

use domain::invitations::InvitationState;
use domain::permissions::Role;
use domain::time::TimestampMs;
use serde_json::{Value, json};

use crate::browser::{Browser, Reply};
use crate::setup::{Served, served};
use crate::signing_in::with_password;

const PASSWORD: &str = "seven brown owls at noon";

async fn invite(admin: &Served, body: Value) -> Value {
    admin.post("/api/v1/invitations", body).await.ok()
}

/// The token of a link.
fn token(made: &Value) -> String {
    let link = made["link"].as_str().unwrap();
    let (_address, token) = link.split_once("/ui/invitation?token=").unwrap();
    token.to_owned()
}

async fn accept(browser: &Browser, token: &str) -> Reply {
    let body = json!({"token": token, "name": "Ada", "password": PASSWORD});
    browser
        .send("POST", "/api/v1/invitations/accept", &[], Some(body))
        .await
}

#[tokio::test]
async fn somebody_who_is_invited_sets_a_password_and_has_the_role() {
    let admin = served().await;
    let made = invite(
        &admin,
        json!({"email": "Ada@Example.com", "role": "viewer"}),
    )
    .await;
    assert_eq!(made["mailed"], false);
    assert_eq!(made["invitation"]["email"], "ada@example.com");
    let token = token(&made);
    let listed = admin.get("/api/v1/invitations").await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert!(
        !listed.to_string().contains(&token),
        "the link is told once"
    );

    let browser = Browser::at(&admin);
    let page = browser
        .get(&format!("/ui/invitation?token={token}"))
        .await
        .is(200);
    assert!(page.text.contains("ada@example.com"));
    accept(&browser, &token).await.is(201);
    let ada = admin
        .store
        .user_by_email("ada@example.com")
        .await
        .unwrap()
        .unwrap();
    let rights = admin.store.rights(&ada.id).await.unwrap().unwrap();
    assert_eq!(rights.grants[0].role, Role::Viewer);
    let mut again = Browser::at(&admin);
    let given = json!({"email": "ada@example.com", "password": PASSWORD});
    again.sign_in(given).await.is(201);

    accept(&browser, &token).await.is(401);
    let listed = admin.get("/api/v1/invitations").await.ok();
    assert!(listed["items"].as_array().unwrap().is_empty());
    let trail = admin.audit_text().await;
    assert!(trail.contains("invitation.create") && trail.contains("invitation.accept"));
    assert!(!trail.contains(&token));
}

#[tokio::test]
async fn a_link_that_was_taken_back_or_is_too_old_opens_nothing() {
    let admin = served().await;
    let made = invite(&admin, json!({"email": "ada@example.com"})).await;
    let id = made["invitation"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/invitations/{id}");
    let master = admin.master.clone();
    admin.ask(&master, "DELETE", &path, None).await.ok();
    let twice = admin.ask(&master, "DELETE", &path, None).await;
    assert!(twice.refused(409).contains("revoked"));
    let browser = Browser::at(&admin);
    accept(&browser, &token(&made)).await.is(401);

    let made = invite(&admin, json!({"email": "bob@example.com"})).await;
    let id = made["invitation"]["id"].as_str().unwrap().to_owned();
    let mut old = admin.store.invitation(&id).await.unwrap().unwrap();
    old.expires_at = TimestampMs(TimestampMs::now().0 - 1);
    let mut change = admin.store.begin().await.unwrap();
    change.update_invitation(&old).await.unwrap();
    let system = domain::actors::Actor::system();
    change
        .commit(&system, store::Event::default())
        .await
        .unwrap();
    assert_eq!(old.state(TimestampMs::now()), InvitationState::Expired);
    let page = browser
        .get(&format!("/ui/invitation?token={}", token(&made)))
        .await;
    assert_eq!(page.status, 401);
    assert!(!page.text.contains("name=\"password\""));
}

#[tokio::test]
async fn an_invitation_opens_no_account_that_is_there_already() {
    let admin = served().await;
    let id = admin.person(None, None).await;
    let given = with_password(&admin, &id, "ada@example.com").await;
    let asked = json!({"email": "ada@example.com", "role": "organization_admin"});
    let made = invite(&admin, asked).await;
    let stranger = Browser::at(&admin);
    let refused = accept(&stranger, &token(&made)).await.is(409);
    assert!(refused.text.contains("Sign in to it"));
    let mut hers = Browser::at(&admin);
    hers.sign_in(given.clone()).await.is(201);
    let other = json!({"token": token(&made), "password": "another good password"});
    hers.send("POST", "/api/v1/invitations/accept", &[], Some(other))
        .await
        .is(201);
    // Her password is still her own.
    Browser::at(&admin).sign_in(given).await.is(201);
    let rights = admin.store.rights(&id).await.unwrap().unwrap();
    assert_eq!(rights.grants[0].role, Role::OrganizationAdmin);
    let again = admin
        .post("/api/v1/invitations", json!({"email": "ada@example.com"}))
        .await;
    assert_eq!(again.status, 409);
}

#[tokio::test]
async fn an_invitation_leaves_a_place_alone_that_was_given_after_it() {
    let admin = served().await;
    let id = admin.person(None, None).await;
    let given = with_password(&admin, &id, "ada@example.com").await;
    let asked = json!({"email": "ada@example.com", "role": "organization_admin"});
    let made = invite(&admin, asked).await;
    let path = format!("/api/v1/organizations/default/members/{id}");
    let viewer = Some(json!({"role": "viewer"}));
    admin.ask(&admin.master, "PUT", &path, viewer).await.ok();
    let mut hers = Browser::at(&admin);
    hers.sign_in(given).await.is(201);
    let token = json!({"token": token(&made), "password": PASSWORD});
    hers.send("POST", "/api/v1/invitations/accept", &[], Some(token))
        .await
        .is(201);
    let rights = admin.store.rights(&id).await.unwrap().unwrap();
    let roles: Vec<Role> = rights.grants.iter().map(|grant| grant.role).collect();
    assert_eq!(roles, [Role::Viewer], "what an administrator said last");
    let listed = admin.get("/api/v1/invitations").await.ok();
    assert!(listed["items"].as_array().unwrap().is_empty(), "it is used");
}

#[tokio::test]
async fn an_invitation_ends_with_the_right_of_whoever_made_it() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let head = Some((Role::OrganizationAdmin, &acme, None));
    let maker = admin.person(None, head).await;
    let key = admin.key_of(&maker, &acme).await;
    let body = json!({"email": "ada@example.com", "organization_id": "acme"});
    let asked = admin.ask(&key, "POST", "/api/v1/invitations", Some(body));
    let token = token(&asked.await.ok());
    let browser = Browser::at(&admin);
    let page = format!("/ui/invitation?token={token}");
    browser.get(&page).await.is(200);
    let path = format!("/api/v1/organizations/acme/members/{maker}");
    let viewer = Some(json!({"role": "viewer"}));
    admin.ask(&admin.master, "PUT", &path, viewer).await.ok();
    browser.get(&page).await.is(401);
    accept(&browser, &token).await.is(401);
}

#[tokio::test]
async fn nobody_invites_into_more_than_they_run() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let team = admin.team(&acme, domain::policies::Policy::default()).await;
    let lead = admin
        .person(None, Some((Role::TeamAdmin, &acme, Some(&team))))
        .await;
    let key = admin.key_of(&lead, &acme).await;
    let ask = async |body: Value| {
        admin
            .ask(&key, "POST", "/api/v1/invitations", Some(body))
            .await
            .status
    };
    let email = "new@example.com";
    assert_eq!(
        ask(json!({"email": email, "team_id": team, "role": "member"})).await,
        201
    );
    assert_eq!(
        ask(json!({"email": email, "organization_id": acme})).await,
        404
    );
    assert_eq!(ask(json!({"email": email})).await, 404);
    assert_eq!(ask(json!({"email": email, "team_id": "nope"})).await, 404);
    let platform = json!({"email": email, "team_id": team, "platform_role": "platform_admin"});
    assert_eq!(ask(platform).await, 400);
    let viewer = admin.person(None, Some((Role::Viewer, &acme, None))).await;
    let key = admin.key_of(&viewer, &acme).await;
    let refused = admin
        .ask(
            &key,
            "POST",
            "/api/v1/invitations",
            Some(json!({"email": email})),
        )
        .await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn a_link_for_a_new_password_ends_all_sessions_and_is_good_once() {
    let admin = served().await;
    let id = admin.person(None, None).await;
    let given = with_password(&admin, &id, "ada@example.com").await;
    let mut hers = Browser::at(&admin);
    hers.sign_in(given.clone()).await.is(201);
    let path = format!("/api/v1/users/{id}/password-link");
    let made = admin.post(&path, json!({})).await.ok();
    let body = json!({"token": token(&made), "password": "another good password"});
    let stranger = Browser::at(&admin);
    let accepted = stranger.send(
        "POST",
        "/api/v1/invitations/accept",
        &[],
        Some(body.clone()),
    );
    accepted.await.is(201);
    hers.get("/api/v1/sessions/current").await.is(401);
    Browser::at(&admin).sign_in(given).await.is(401);
    let given = json!({"email": "ada@example.com", "password": "another good password"});
    Browser::at(&admin).sign_in(given).await.is(201);
    let twice = stranger.send("POST", "/api/v1/invitations/accept", &[], Some(body));
    twice.await.is(401);
}

#[tokio::test]
async fn litellms_routes_make_show_and_take_back_a_link() {
    let admin = served().await;
    let body = json!({"user_id": "ada", "user_email": "ada@example.com", "auto_create_key": false});
    admin.post("/user/new", body).await.ok();
    let made = admin
        .post("/invitation/new", json!({"user_id": "ada"}))
        .await
        .ok();
    assert_eq!(made["is_accepted"], false);
    let id = made["id"].as_str().unwrap().to_owned();
    let path = format!("/invitation/info?invitation_id={id}");
    assert_eq!(admin.get(&path).await.ok()["id"], made["id"]);
    let taken = admin
        .post("/invitation/delete", json!({"invitation_id": id}))
        .await;
    taken.ok();
    let link = made["invitation_link"].as_str().unwrap();
    let (_host, token) = link.split_once("token=").unwrap();
    accept(&Browser::at(&admin), token).await.is(401);
}

#[tokio::test]
async fn the_pages_do_it_without_scripts() {
    let admin = served().await;
    let mut browser = Browser::at(&admin);
    let master = json!({"master_key": admin.master});
    browser.sign_in(master).await.is(201);
    let page = browser.get("/ui/people").await.is(200);
    assert!(page.text.contains("href=\"/ui/invitations\""));
    let form = [
        ("email", "ada@example.com"),
        ("place", "organization:default"),
        ("role", "member"),
    ];
    let made = browser.submit("/ui/invitations", &form).await.is(201);
    let (_before, rest) = made.text.split_once("<code id=\"sec\">").unwrap();
    let link = rest.split('<').next().unwrap();
    let token = link.split_once("token=").unwrap().1.to_owned();
    let wrong = browser
        .submit("/ui/invitations", &[("email", "nobody")])
        .await;
    assert_eq!(wrong.status, 422);

    let hers = Browser::at(&admin);
    let short = [("token", token.as_str()), ("password", "short")];
    let refused = hers.submit("/ui/invitation", &short).await.is(422);
    assert!(refused.text.contains("name=\"password\""));
    let good = [
        ("token", token.as_str()),
        ("name", "Ada"),
        ("password", PASSWORD),
    ];
    let begun = hers.submit("/ui/invitation", &good).await.is(303);
    assert_eq!(begun.header("location"), "/ui");
    let ada = admin.store.user_by_email("ada@example.com").await.unwrap();
    assert_eq!(ada.unwrap().name.as_deref(), Some("Ada"));
}

#[tokio::test]
async fn preferences_are_kept_in_the_browser_and_shown_on_the_next_page() {
    let admin = served().await;
    let mut browser = Browser::at(&admin);
    let master = json!({"master_key": admin.master});
    browser.sign_in(master).await.is(201);
    let form = [
        ("theme", "dark"),
        ("density", "comfortable"),
        ("zone", "Asia/Tokyo"),
        ("keys", "off"),
    ];
    let saved = browser
        .submit("/ui/account/preferences", &form)
        .await
        .is(303);
    let set: Vec<&str> = saved
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap())
        .collect();
    let session = browser.cookie.clone().unwrap();
    browser.cookie = Some(format!("{session}; {}", set.join("; ")));
    let page = browser.get("/ui/account").await.is(200);
    assert!(
        page.text
            .contains("data-theme=\"dark\" data-density=\"comfortable\""),
        "{}",
        page.text
    );
    assert!(page.text.contains("value=\"Asia/Tokyo\""));
    assert!(page.text.contains("data-shortcuts=\"off\""));
    let wrong = browser
        .submit("/ui/account/preferences", &[("zone", "Mars/Base")])
        .await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("Mars/Base"));
}
