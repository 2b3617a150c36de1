//! Pages of the console: opened, filled in, and guarded.

use admin_api::{cross_site, routes};
use domain::keys::Secret;
use domain::permissions::{PlatformRole, Role};
use domain::policies::Policy;
use scraper::{Html, Selector};

use crate::browser::{Browser, Reply, session};
use crate::setup::{Served, served};

/// The texts of what a selector finds.
fn texts(reply: &Reply, selector: &str) -> Vec<String> {
    let page = Html::parse_document(&reply.text);
    let selector = Selector::parse(selector).unwrap();
    let found = page.select(&selector);
    found
        .map(|one| {
            let text = one.text().collect::<String>();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect()
}

/// Whether a page has something.
fn has(reply: &Reply, selector: &str) -> bool {
    let page = Html::parse_document(&reply.text);
    page.select(&Selector::parse(selector).unwrap())
        .next()
        .is_some()
}

/// The operator, signed in by the form.
async fn operator(admin: &Served) -> Browser {
    let mut browser = Browser::at(admin);
    let master = [("master_key", admin.master.as_str())];
    let reply = browser.submit("/ui/sign-in", &master).await.is(303);
    assert_eq!(reply.header("location"), "/ui");
    browser.keep(&reply);
    with_token(browser)
}

/// A browser that knows its session's token, as its pages tell it.
fn with_token(mut browser: Browser) -> Browser {
    let cookie = browser.cookie.clone().unwrap();
    let cookie = Secret::new(cookie.split_once('=').unwrap().1);
    browser.token = Some(cross_site::token_of(&cookie).expose().to_owned());
    browser
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_led_to_where_one_signs_in_and_back() {
    let admin = served().await;
    let browser = Browser::at(&admin);
    let reply = browser.get("/ui/keys?q=a").await.is(303);
    let address = reply.header("location").to_owned();
    assert_eq!(address, "/ui/sign-in?next=/ui/keys%3Fq%3Da");
    let page = browser.get(&address).await.is(200);
    assert_eq!(texts(&page, "h1"), ["Sign in to Headgate"]);
    assert!(has(&page, "input[name=next][value='/ui/keys?q=a']"));
    let form = [
        ("master_key", admin.master.as_str()),
        ("next", "/ui/keys?q=a"),
    ];
    let reply = browser.submit("/ui/sign-in", &form).await.is(303);
    assert_eq!(reply.header("location"), "/ui/keys?q=a");
    let form = [
        ("master_key", admin.master.as_str()),
        ("next", "//evil.example"),
    ];
    let reply = browser.submit("/ui/sign-in", &form).await.is(303);
    assert_eq!(reply.header("location"), "/ui");
}

#[tokio::test]
async fn a_failed_sign_in_says_so_and_keeps_the_address_but_no_secret() {
    let admin = served().await;
    let browser = Browser::at(&admin);
    let form = [
        ("email", "ada@example.com"),
        ("password", "hunter2-hunter2"),
    ];
    let page = browser.submit("/ui/sign-in", &form).await.is(401);
    let said = texts(&page, "[role=alert]");
    assert_eq!(said, ["The email address or the password is wrong."]);
    assert!(has(&page, "input[name=email][value='ada@example.com']"));
    assert!(!page.text.contains("hunter2"));
}

#[tokio::test]
async fn the_first_administrator_is_made_on_a_page_and_signs_in() {
    let admin = served().await;
    let token = admin_api::actions::setup::first_token(&admin.store).await;
    let token = token.unwrap().unwrap();
    let mut browser = Browser::at(&admin);
    let page = browser.get("/ui/sign-in").await.is(200);
    assert!(has(&page, "a[href='/ui/setup']"));
    let form = |password: &'static str| {
        [
            ("token", token.expose().to_owned()),
            ("name", "Ada".to_owned()),
            ("email", "ada@example.com".to_owned()),
            ("password", password.to_owned()),
        ]
    };
    let short = form("short");
    let short: Vec<(&str, &str)> = short.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let page = browser.submit("/ui/setup", &short).await.is(422);
    assert!(has(&page, "[role=alert]"));
    assert!(has(&page, "input[name=email][value='ada@example.com']"));
    let good = form("seven brown owls at noon");
    let good: Vec<(&str, &str)> = good.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let reply = browser.submit("/ui/setup", &good).await.is(303);
    let page = browser.get(reply.header("location")).await.is(200);
    assert_eq!(
        texts(&page, "[role=status]"),
        ["Your account is made. Sign in with it."]
    );
    let form = [
        ("email", "ada@example.com"),
        ("password", "seven brown owls at noon"),
    ];
    let reply = browser.submit("/ui/sign-in", &form).await.is(303);
    browser.keep(&reply);
    let page = browser.get("/ui/keys").await.is(200);
    assert!(page.text.contains("Ada"));
    let page = browser.get("/ui/setup").await.is(200);
    assert!(!has(&page, "input[name=token]"));
}

#[tokio::test]
async fn a_key_is_made_listed_blocked_and_deleted_without_javascript() {
    let admin = served().await;
    let organization = admin.organization("ours").await;
    let team = admin.team(&organization, Policy::default()).await;
    let browser = operator(&admin).await;
    let empty = browser.get("/ui/keys").await.is(200);
    assert_eq!(texts(&empty, ".empty h2"), ["No keys yet"]);
    let form = browser.get("/ui/keys/new").await.is(200);
    assert!(has(&form, "dialog[open] input[name=name]"));
    let typed = [
        ("name", "support-bot-prod"),
        ("team", team.as_str()),
        ("owner", "service"),
        ("budget", "5,000"),
        ("period", "1mo"),
        ("expires", "90d"),
        ("rpm", "600"),
    ];
    let made = browser.submit("/ui/keys", &typed).await.is(200);
    let key = texts(&made, "#sec").remove(0);
    assert!(key.starts_with("sk-"), "{key}");
    assert!(made.text.contains(&format!("OPENAI_API_KEY={key}")));
    let list = browser.get("/ui/keys").await.is(200);
    assert_eq!(texts(&list, "tbody a.name"), ["support-bot-prod"]);
    assert!(!list.text.contains(&key));
    assert!(
        texts(&list, "tbody")
            .remove(0)
            .contains("$0.00 of $5,000 / month")
    );
    let href = {
        let page = Html::parse_document(&list.text);
        let link = Selector::parse("tbody a.name").unwrap();
        let link = page.select(&link).next().unwrap();
        link.value().attr("href").unwrap().to_owned()
    };
    let page = browser.get(&href).await.is(200);
    assert_eq!(texts(&page, "h1"), ["support-bot-prod"]);
    assert!(page.text.contains("600"));
    let asked = browser.get(&format!("{href}/block")).await.is(200);
    assert!(has(&asked, "dialog#dlg-block[open]"));
    let reply = browser.submit(&format!("{href}/block"), &[]).await.is(303);
    let page = browser.get(reply.header("location")).await.is(200);
    assert!(
        texts(&page, "[role=status]")
            .contains(&"The key is blocked. Its requests are refused from now on.".to_owned())
    );
    let blocked = browser.get("/ui/keys?view=blocked").await.is(200);
    assert_eq!(texts(&blocked, "tbody a.name"), ["support-bot-prod"]);
    let none = browser.get("/ui/keys?q=zzzz").await.is(200);
    assert_eq!(texts(&none, ".empty h2"), ["No key matches “zzzz”"]);
    browser.submit(&format!("{href}/delete"), &[]).await.is(303);
    let gone = browser.get(&href).await.is(200);
    assert_eq!(texts(&gone, ".page-h .badge"), ["Deleted"]);
}

#[tokio::test]
async fn a_form_that_cannot_be_read_keeps_what_was_typed_and_names_the_field() {
    let admin = served().await;
    admin.organization("ours").await;
    let browser = operator(&admin).await;
    let typed = [("name", "<script>x"), ("budget", "much"), ("period", "1mo")];
    let page = browser.submit("/ui/keys", &typed).await.is(422);
    assert!(has(&page, "[role=alert] a[href='#k-b']"));
    assert!(has(&page, "input#k-b[aria-invalid=true][value=much]"));
    assert!(has(&page, "input#k-name[value='<script>x']"));
    assert!(!page.text.contains("<script>x"));
    let typed = [("budget", "5")];
    let page = browser.submit("/ui/keys", &typed).await.is(422);
    assert!(has(&page, "[role=alert] a[href='#k-name']"));
}

#[tokio::test]
async fn a_form_filled_before_somebody_elses_change_is_not_written_over_it() {
    let admin = served().await;
    admin.organization("ours").await;
    let browser = operator(&admin).await;
    let body = serde_json::json!({"alias": "mine", "organization_id": "ours"});
    let made = admin.post("/api/v1/keys", body).await.ok();
    let id = made["details"]["id"].as_str().unwrap().to_owned();
    let path = format!("/ui/keys/{id}");
    let page = browser.get(&format!("{path}/edit")).await.is(200);
    let version = {
        let page = Html::parse_document(&page.text);
        let field = Selector::parse("input[name=version]").unwrap();
        let field = page.select(&field).next().unwrap();
        field.value().attr("value").unwrap().to_owned()
    };
    let theirs = serde_json::json!({"environment": "staging"});
    admin
        .ask(
            &admin.master,
            "PATCH",
            &format!("/api/v1/keys/{id}"),
            Some(theirs),
        )
        .await
        .ok();
    let typed = [("name", "ours-now"), ("version", version.as_str())];
    let page = browser.submit(&path, &typed).await.is(409);
    assert!(has(&page, "input#k-name[value='ours-now']"));
    let kept = admin.get(&format!("/api/v1/keys/{id}")).await.ok();
    assert_eq!(kept["alias"], "mine");
}

#[tokio::test]
async fn every_page_has_the_strict_policy_and_a_nonce_of_its_own() {
    let admin = served().await;
    let browser = operator(&admin).await;
    let mut nonces = Vec::new();
    for path in [
        "/ui/sign-in",
        "/ui/keys",
        "/ui/keys/new",
        "/ui/nothing",
        "/ui/keys/key_0",
    ] {
        let reply = browser.get(path).await;
        let policy = reply.header("content-security-policy").to_owned();
        for part in [
            "default-src 'none'",
            "script-src 'self' 'nonce-",
            "style-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types htmx",
        ] {
            assert!(
                reply.status == 303 || policy.contains(part),
                "{path}: {policy}"
            );
        }
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        if reply.status != 303 {
            assert_eq!(reply.header("referrer-policy"), "same-origin", "{path}");
            assert_eq!(
                reply.header("cross-origin-opener-policy"),
                "same-origin",
                "{path}"
            );
            let nonce = policy.split("'nonce-").nth(1).unwrap();
            let nonce = nonce.split('\'').next().unwrap().to_owned();
            assert!(reply.text.contains(&format!("nonce=\"{nonce}\"")), "{path}");
            nonces.push(nonce);
        }
    }
    let all = nonces.len();
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), all);
}

#[tokio::test]
async fn what_a_page_is_dressed_in_is_kept_for_ever_and_comes_compressed() {
    let admin = served().await;
    let browser = Browser::at(&admin);
    for asset in web_ui::assets::ASSETS {
        let path = format!("/ui/static/{}", asset.hashed);
        let plain = browser.get(&path).await.is(200);
        assert_eq!(plain.header("content-type"), asset.content_type);
        assert_eq!(plain.header("x-content-type-options"), "nosniff");
        assert!(plain.header("cache-control").contains("immutable"));
        let accept = [("accept-encoding", "gzip, deflate, br")];
        let small = browser.send("GET", &path, &accept, None).await.is(200);
        assert_eq!(small.header("content-encoding"), "br");
        assert_eq!(small.header("vary"), "accept-encoding");
    }
    browser.get("/ui/static/app.css").await.is(404);
}

#[tokio::test]
async fn every_change_without_the_sessions_token_or_from_another_site_is_refused() {
    let admin = served().await;
    let browser = operator(&admin).await;
    let mut nobodys = browser.clone();
    nobodys.token = None;
    let mut asked = 0;
    for route in routes::all().filter(|one| one.path.starts_with("/ui") && one.method != "GET") {
        let path = route
            .path
            .replace("{key_id}", "key_0")
            .replace(['{', '}'], "");
        let foreign = [("sec-fetch-site", "cross-site")];
        browser
            .send(route.method, &path, &foreign, None)
            .await
            .is(403);
        if route.action.is_some() {
            asked += 1;
            let page = nobodys.submit(&path, &[]).await.is(403);
            assert_eq!(
                texts(&page, "h1"),
                ["This did not come from the console"],
                "{path}"
            );
        }
    }
    assert!(asked > 5);
}

#[tokio::test]
async fn a_key_opens_no_page() {
    let admin = served().await;
    let reply = admin.get("/ui/keys").await;
    // The client follows to the page on which one signs in.
    assert!(reply.text.contains("Sign in to Headgate"));
}

#[tokio::test]
async fn a_page_shows_only_what_one_may_do() {
    let admin = served().await;
    let organization = admin.organization("ours").await;
    let place = Some((Role::Viewer, &organization, None));
    let viewer = admin.person(None, place).await;
    let cookie = session(&admin, &viewer, None).await;
    let mut browser = Browser::at(&admin);
    browser.cookie = Some(format!("hg_session={}", cookie.expose()));
    let page = browser.get("/ui/keys").await.is(200);
    assert!(!has(&page, "a[href='/ui/keys/new']"));
    let page = browser.get("/ui/keys/new").await.is(403);
    assert_eq!(texts(&page, "h1"), ["You may not see this"]);
    assert!(has(&page, "nav a[href='/ui/keys']"), "the navigation stays");
    let auditor = admin
        .person(Some(PlatformRole::PlatformAuditor), None)
        .await;
    let role = Some(PlatformRole::PlatformAuditor);
    let cookie = session(&admin, &auditor, role).await;
    browser.cookie = Some(format!("hg_session={}", cookie.expose()));
    browser.get("/ui/keys").await.is(200);
}

#[tokio::test]
async fn htmx_gets_the_rows_alone() {
    let admin = served().await;
    admin.organization("ours").await;
    let browser = operator(&admin).await;
    let body = serde_json::json!({"alias": "mine", "organization_id": "ours"});
    admin.post("/api/v1/keys", body).await.ok();
    let piece = [("hx-request", "true")];
    let reply = browser
        .send("GET", "/ui/keys?q=min", &piece, None)
        .await
        .is(200);
    let piece_of_page = reply.text.trim_start();
    assert!(piece_of_page.starts_with("<div class=\"table-wrap\""));
    assert!(has(&reply, "a.name[href^='/ui/keys/key_']"));
    assert!(!reply.text.contains("<html"));
    assert_eq!(reply.header("vary"), "HX-Request, Accept-Language, Cookie");
    let gone = browser.send("GET", "/ui/requests/req_0", &piece, None);
    let gone = gone.await.is(404);
    assert!(gone.text.starts_with("<div class=\"note danger\""));
    let nobody = Browser::at(&admin);
    let reply = nobody.send("GET", "/ui/keys", &piece, None).await.is(401);
    assert_eq!(reply.header("hx-redirect"), "/ui/sign-in");
}
