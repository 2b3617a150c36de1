//! People sign in to the console, and what guards their sessions.

use domain::actors::Actor;
use domain::ids::UserId;
use domain::keys::Secret;
use domain::passwords::hash_password;
use domain::permissions::{PlatformRole, Role};
use domain::time::TimestampMs;
use serde_json::{Value, json};
use store::Event;

use crate::browser::Browser;
use crate::setup::{Served, served};

const PASSWORD: &str = "seven brown owls at noon";

/// Gives a person an email and a password.
pub async fn with_password(admin: &Served, person: &UserId, email: &str) -> Value {
    let hash = hash_password(&Secret::new(PASSWORD)).unwrap();
    let mut user = admin.store.user(person.as_str()).await.unwrap().unwrap();
    user.email = Some(email.to_owned());
    let mut change = admin.store.begin().await.unwrap();
    change.update_user(&user).await.unwrap();
    let hash = Some(hash.as_str());
    change.set_password_hash(person, hash).await.unwrap();
    change
        .commit(&Actor::system(), Event::default())
        .await
        .unwrap();
    json!({"email": email, "password": PASSWORD})
}

async fn administrator(admin: &Served) -> (UserId, Value) {
    let person = admin.person(Some(PlatformRole::PlatformAdmin), None).await;
    let body = with_password(admin, &person, "ada@example.com").await;
    (person, body)
}

#[tokio::test]
async fn a_person_signs_in_acts_and_signs_out() {
    let admin = served().await;
    let (person, body) = administrator(&admin).await;
    let mut browser = Browser::at(&admin);
    let begun = browser.sign_in(body).await.is(201);
    assert_eq!(admin.audited(1).await[0].0, "session.create");
    let cookie = begun.header("set-cookie");
    for part in ["hg_session=", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    // The caller is on this machine over plain http: no browser would keep a `Secure` one.
    assert!(!cookie.contains("Secure") && !cookie.contains("__Host-"));
    let current = browser.get("/api/v1/sessions/current").await.is(200);
    assert_eq!(current.body["user_id"], json!(person));
    assert_eq!(current.body["csrf_token"], begun.body["csrf_token"]);
    let listed = browser.get("/api/v1/sessions").await.is(200);
    assert_eq!(listed.body["items"][0]["current"], true);
    let new = json!({"name": "Acme"});
    let path = "/api/v1/organizations";
    browser.send("POST", path, &[], Some(new)).await.is(201);
    browser
        .send("DELETE", "/api/v1/sessions/current", &[], None)
        .await
        .is(204);
    browser.get("/api/v1/sessions/current").await.is(401);
}

#[tokio::test]
async fn elsewhere_the_cookie_is_bound_to_the_host_and_to_https() {
    let admin = served().await;
    let (_person, body) = administrator(&admin).await;
    let browser = Browser::at(&admin);
    let from_afar = [("x-forwarded-for", "203.0.113.9")];
    let path = "/api/v1/sessions";
    let begun = browser.send("POST", path, &from_afar, Some(body)).await;
    let cookie = begun.header("set-cookie");
    assert!(cookie.starts_with("__Host-hg_session="), "{cookie}");
    assert!(cookie.contains("; Secure"), "{cookie}");
    // Planted by a page of another port of the same host, the other name means nothing there.
    let value = cookie.split(['=', ';']).nth(1).unwrap();
    let planted = format!("hg_session={value}");
    let headers = [from_afar[0], ("cookie", planted.as_str())];
    browser.send("GET", path, &headers, None).await.is(401);
    let real = format!("__Host-hg_session={value}");
    let headers = [from_afar[0], ("cookie", real.as_str())];
    browser.send("GET", path, &headers, None).await.is(200);
}

#[tokio::test]
async fn another_sites_page_can_change_nothing() {
    let admin = served().await;
    let (_person, body) = administrator(&admin).await;
    let mut browser = Browser::at(&admin);
    browser.sign_in(body.clone()).await.is(201);
    let path = "/api/v1/organizations";
    let post = async |headers: &[(&str, &str)]| {
        let new = Some(json!({"name": "Acme"}));
        browser.send("POST", path, headers, new).await
    };
    let entries = admin.entries().await;
    for headers in [
        [("x-csrf-token", "")],
        [("x-csrf-token", "0")],
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("origin", "https://evil.example")],
        [("origin", "null")],
    ] {
        let refused = post(&headers).await.is(403);
        assert_eq!(refused.body["code"], "cross_site_request", "{headers:?}");
    }
    assert_eq!(admin.entries().await, entries);
    let foreign = [("origin", "https://evil.example")];
    let signing_in = browser.send("POST", "/api/v1/sessions", &foreign, Some(body));
    signing_in.await.is(403);
    let own = admin.url.clone();
    post(&[("sec-fetch-site", "same-origin"), ("origin", &own)])
        .await
        .is(201);
}

#[tokio::test]
async fn with_a_key_the_cookie_counts_for_nothing() {
    let admin = served().await;
    let (_person, body) = administrator(&admin).await;
    let mut browser = Browser::at(&admin);
    browser.sign_in(body).await.is(201);
    let master = format!("Bearer {}", admin.master);
    // A key needs no token, since no browser sends one by itself.
    let headers = [("authorization", master.as_str()), ("x-csrf-token", "")];
    let new = Some(json!({"name": "Acme"}));
    let path = "/api/v1/organizations";
    browser.send("POST", path, &headers, new).await.is(201);
    let headers = [("authorization", "Bearer sk-of-nobody-at-all")];
    browser.send("GET", path, &headers, None).await.is(401);
}

#[tokio::test]
async fn wrong_passwords_and_unknown_accounts_answer_alike_and_wait_longer_and_longer() {
    let admin = served().await;
    let (_person, right) = administrator(&admin).await;
    let browser = Browser::at(&admin);
    let post = async |body: Value| {
        let path = "/api/v1/sessions";
        browser.send("POST", path, &[], Some(body)).await
    };
    let wrong = json!({"email": "ada@example.com", "password": "not this one at all"});
    let unknown = json!({"email": "eve@example.com", "password": PASSWORD});
    for _try in 0..5 {
        let (one, other) = (post(wrong.clone()).await, post(unknown.clone()).await);
        assert_eq!((one.status, other.status), (401, 401));
        assert_eq!(one.text, other.text);
    }
    let words = admin.audited(2).await;
    assert!(
        words
            .iter()
            .all(|(action, _)| action == "session.locked_out")
    );
    let entries = admin.entries().await;
    for body in [&wrong, &unknown, &right] {
        let locked = post(body.clone()).await;
        let expect = if body["email"] == "ada@example.com" {
            429
        } else {
            locked.status
        };
        assert_eq!(locked.status, expect, "{}", locked.text);
        if locked.status == 429 {
            let wait: u64 = locked.header("retry-after").parse().unwrap();
            assert!((1..=2).contains(&wait));
        }
    }
    assert_eq!(
        admin.entries().await,
        entries,
        "what is locked is not even noted"
    );
}

#[tokio::test]
async fn a_lock_out_ends_by_itself_and_a_sign_in_forgets_the_failures() {
    let admin = served().await;
    let (_person, right) = administrator(&admin).await;
    let (account, network) = ("ada@example.com", "127.0.0.0/24");
    let long_ago = TimestampMs(TimestampMs::now().0 - 60 * 60 * 1_000);
    for _failure in 0..30 {
        let store = &admin.store;
        let noted = store.note_sign_in_failure(account, network, long_ago);
        noted.await.unwrap();
    }
    let mut browser = Browser::at(&admin);
    browser.sign_in(right).await.is(201);
    let left = admin.store.sign_in_failures(account, network).await;
    assert_eq!(left.unwrap(), None);
}

#[tokio::test]
async fn the_operator_signs_in_with_the_master_key() {
    let admin = served().await;
    let mut browser = Browser::at(&admin);
    browser
        .sign_in(json!({"master_key": "wrong"}))
        .await
        .is(401);
    let master = admin.master.clone();
    browser.sign_in(json!({"master_key": master})).await.is(201);
    let current = browser.get("/api/v1/sessions/current").await.is(200);
    assert_eq!(current.body["platform_role"], "platform_admin");
    assert_eq!(current.body["user_id"], Value::Null);
    let path = "/api/v1/organizations";
    let new = Some(json!({"name": "Acme"}));
    browser.send("POST", path, &[], new).await.is(201);
    let other = {
        let mut other = Browser::at(&admin);
        other.sign_in(json!({"master_key": master})).await.is(201);
        other
    };
    browser
        .send("DELETE", "/api/v1/sessions", &[], None)
        .await
        .is(204);
    other.get(path).await.is(401);
    let both = json!({"master_key": master, "email": "ada@example.com"});
    Browser::at(&admin).sign_in(both).await.is(400);
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before() {
    let admin = served().await;
    let (_person, body) = administrator(&admin).await;
    let mut browser = Browser::at(&admin);
    browser.sign_in(body.clone()).await.is(201);
    let before = browser.clone();
    browser.sign_in(body).await.is(201);
    assert_ne!(before.cookie, browser.cookie);
    before.get("/api/v1/sessions").await.is(401);
    browser.get("/api/v1/sessions").await.is(200);
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_changes_this_one() {
    let admin = served().await;
    let (_person, body) = administrator(&admin).await;
    let mut here = Browser::at(&admin);
    let mut there = Browser::at(&admin);
    here.sign_in(body.clone()).await.is(201);
    there.sign_in(body.clone()).await.is(201);
    let before = here.clone();
    let path = "/api/v1/me/password";
    let wrong = json!({"current_password": "wrong", "new_password": "eight grey cats at dawn"});
    here.send("POST", path, &[], Some(wrong)).await.is(400);
    let weak = json!({"current_password": PASSWORD, "new_password": "short"});
    here.send("POST", path, &[], Some(weak)).await.is(400);
    let new = json!({"current_password": PASSWORD, "new_password": "eight grey cats at dawn"});
    let changed = here.send("POST", path, &[], Some(new)).await.is(200);
    here.keep(&changed);
    here.get("/api/v1/sessions").await.is(200);
    before.get("/api/v1/sessions").await.is(401);
    there.get("/api/v1/sessions").await.is(401);
    there.sign_in(body).await.is(401);
    let new = json!({"email": "ada@example.com", "password": "eight grey cats at dawn"});
    there.sign_in(new).await.is(201);
}

#[tokio::test]
async fn a_session_does_not_outlive_a_change_of_role_or_a_block() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let place = Some((Role::Member, &acme, None));
    let person = admin.person(None, place).await;
    let body = with_password(&admin, &person, "bob@example.com").await;
    let mut browser = Browser::at(&admin);
    browser.sign_in(body.clone()).await.is(201);
    let change = async |edit: &dyn Fn(&mut domain::users::User)| {
        let mut user = admin.store.user(person.as_str()).await.unwrap().unwrap();
        edit(&mut user);
        let mut change = admin.store.begin().await.unwrap();
        change.update_user(&user).await.unwrap();
        change
            .commit(&Actor::system(), Event::default())
            .await
            .unwrap();
    };
    change(&|user| user.platform_role = Some(PlatformRole::PlatformAdmin)).await;
    browser.get("/api/v1/sessions").await.is(401);
    browser.sign_in(body.clone()).await.is(201);
    browser.get("/api/v1/sessions").await.is(200);
    change(&|user| user.blocked = true).await;
    browser.get("/api/v1/sessions").await.is(401);
    browser.sign_in(body).await.is(401);
}

#[tokio::test]
async fn sessions_end_when_nobody_uses_them_and_after_four_or_twelve_hours() {
    let admin = served().await;
    let (_person, body) = administrator(&admin).await;
    let acme = admin.organization("acme").await;
    let member = admin.person(None, Some((Role::Member, &acme, None))).await;
    let members = with_password(&admin, &member, "bob@example.com").await;
    let hour = 60 * 60 * 1_000;
    for (body, created, used, expect) in [
        (&body, 3 * hour, 0, 200),
        (&body, 4 * hour, 0, 401),
        (&members, 4 * hour, 0, 200),
        (&members, 12 * hour, 0, 401),
        (&members, hour, 29 * 60 * 1_000, 200),
        (&members, hour, 30 * 60 * 1_000, 401),
    ] {
        let mut browser = Browser::at(&admin);
        browser.sign_in(body.clone()).await.is(201);
        age(&admin, &browser, created, used).await;
        let reply = browser.get("/api/v1/sessions").await;
        assert_eq!(reply.status, expect, "{created} {used}: {}", reply.text);
    }
}

/// Makes the browser's session older.
async fn age(admin: &Served, browser: &Browser, created_ms: u64, used_ms: u64) {
    let cookie = browser.cookie.as_deref().unwrap();
    let (_name, value) = cookie.split_once('=').unwrap();
    let hash = admin_api::tokens::digest(&Secret::new(value));
    let found = admin.store.session_by_hash(&hash).await.unwrap();
    let mut session = found.unwrap();
    let earlier = |time: TimestampMs, by: u64| TimestampMs(time.0 - by);
    session.expires_at = earlier(session.expires_at, created_ms);
    session.last_seen_at = earlier(session.last_seen_at, used_ms);
    session.created_at = earlier(session.created_at, created_ms);
    let mut change = admin.store.begin().await.unwrap();
    change.delete_session(&session.id).await.unwrap();
    change.insert_session(&session).await.unwrap();
    change
        .commit(&Actor::system(), Event::default())
        .await
        .unwrap();
}

#[tokio::test]
async fn litellms_forms_sign_in_too() {
    let admin = served().await;
    let (_person, _body) = administrator(&admin).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = client.build().unwrap();
    let ask = async |path: &str, accept: &str, body: String, kind: &str| {
        let request = client.post(format!("{}{path}", admin.url));
        let request = request
            .header("accept", accept)
            .header("content-type", kind);
        request.body(body).send().await.unwrap()
    };
    let form = "application/x-www-form-urlencoded";
    let given = "username=ada%40example.com&password=seven+brown+owls+at+noon".to_owned();
    let page = ask("/login", "text/html,*/*", given.clone(), form).await;
    assert_eq!(page.status().as_u16(), 303);
    assert_eq!(page.headers()["location"], "/ui/");
    assert!(page.headers().contains_key("set-cookie"));
    let json = json!({"username": "admin", "password": admin.master}).to_string();
    let answer = ask("/v2/login", "*/*", json, "application/json").await;
    assert!(answer.headers().contains_key("set-cookie"));
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["redirect_url"], "/ui/");
    let wrong = ask("/login", "*/*", "username=x&password=y".to_owned(), form).await;
    assert_eq!(wrong.status().as_u16(), 401);
    let body: Value = wrong.json().await.unwrap();
    assert_eq!(body["error"]["type"], "authentication_error");
}
