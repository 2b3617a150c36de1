//! The console in the language of whoever reads it.

use domain::money::NanoUsd;
use domain::permissions::PlatformRole;
use domain::policies::Policy;
use scraper::{Html, Selector};
use serde_json::json;
use web_ui::figures;
use web_ui::words::{Language, Words};

use crate::browser::{Browser, session};
use crate::setup::{Served, served, served_below};

async fn administrator(admin: &Served) -> Browser {
    let role = Some(PlatformRole::PlatformAdmin);
    let person = admin.person(role, None).await;
    let cookie = session(admin, &person, role).await;
    let mut browser = Browser::at(admin);
    browser.token = Some(admin_api::cross_site::token_of(&cookie).expose().to_owned());
    browser.cookie = Some(format!("hg_session={}", cookie.expose()));
    browser
}

#[tokio::test]
async fn who_signs_in_reads_the_language_of_their_browser() {
    let admin = served().await;
    let browser = Browser::at(&admin);
    for (asked, language, word) in [
        ("de-AT, en;q=0.4", "de", "Bei Headgate anmelden"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", "登录 Headgate"),
        ("fr-FR, en;q=0.5", "en", "Sign in to Headgate"),
        ("fr-FR", "en", "Sign in to Headgate"),
    ] {
        let headers = [("accept-language", asked)];
        for path in ["/ui/sign-in", "/ui/setup"] {
            let page = browser.send("GET", path, &headers, None).await.is(200);
            let tag = format!("<html lang=\"{language}\"");
            assert!(page.text.contains(&tag), "{path} for {asked}");
            let kept_apart = page.headers.get_all("vary").iter();
            let kept_apart: Vec<&str> = kept_apart.map(|one| one.to_str().unwrap()).collect();
            assert!(kept_apart.join(",").contains("Accept-Language"));
        }
        let page = browser.send("GET", "/ui/sign-in", &headers, None).await;
        assert!(page.text.contains(word), "{asked}");
    }
}

#[tokio::test]
async fn a_chosen_language_counts_before_the_browsers() {
    let admin = served().await;
    let mut browser = administrator(&admin).await;
    let german = [("accept-language", "de")];
    let chosen = [("theme", "dark"), ("keys", "on"), ("language", "zh-CN")];
    let saved = browser.submit("/ui/account/preferences", &chosen).await;
    let cookies = saved.is(303).headers;
    let cookies = cookies.get_all("set-cookie").iter();
    let kept = cookies.map(|one| one.to_str().unwrap().split(';').next().unwrap());
    let kept: Vec<&str> = kept.collect();
    let session = browser.cookie.clone().unwrap();
    browser.cookie = Some(format!("{session}; {}", kept.join("; ")));
    let page = browser.send("GET", "/ui/account", &german, None).await;
    assert!(page.text.contains("<html lang=\"zh-CN\""));
    assert!(
        page.text
            .contains("<option value=\"zh-CN\" lang=\"zh-CN\" selected>")
    );
    // What is no language of ours is taken back.
    let none = [("theme", "dark"), ("keys", "on"), ("language", "tlh")];
    let saved = browser.submit("/ui/account/preferences", &none).await;
    let gone = saved.headers.get_all("set-cookie").iter();
    let mut gone = gone.map(|one| one.to_str().unwrap());
    assert!(gone.any(|one| one.starts_with("hg_lang=;") && one.contains("Max-Age=0")));
}

/// Every text of a page that people read, and where there should be one: the ids of texts that no
/// catalogue has would stand there.
fn ids_shown(page: &str) -> Vec<String> {
    let parsed = Html::parse_document(page);
    let everything = Selector::parse("body *").unwrap();
    let ids = parsed.select(&everything).flat_map(|element| {
        let own = element.text().map(str::to_owned);
        let names = ["aria-label", "placeholder", "title"];
        let told = names.iter().filter_map(|name| element.value().attr(name));
        own.chain(told.map(str::to_owned)).collect::<Vec<String>>()
    });
    let catalogue = Language::English.source();
    let mut shown: Vec<String> = ids
        .map(|text| text.trim().to_owned())
        .filter(|text| text.contains('-') && catalogue.contains(&format!("\n{text} =")))
        .collect();
    shown.sort();
    shown.dedup();
    shown
}

#[tokio::test]
async fn every_page_speaks_every_language() {
    let admin = served().await;
    let organization = admin.organization("ours").await;
    let team = admin.team(&organization, Policy::default()).await;
    let policy = json!({"budgets": [{"limit_usd": "1234.5", "window": "1mo"}]});
    let key = json!({"alias": "a", "team_id": team, "policy": policy});
    let made = admin.post("/api/v1/keys", key).await.ok();
    let key = made["details"]["id"].as_str().unwrap();
    let browser = administrator(&admin).await;
    let mut paths: Vec<String> = crate::every_page::pages()
        .into_iter()
        .filter(|path| !matches!(*path, "/ui/sign-in" | "/ui/setup" | "/ui/invitation"))
        .map(str::to_owned)
        .collect();
    paths.push(format!("/ui/keys/{key}"));
    paths.push(format!("/ui/keys/{key}/edit"));
    paths.push(format!("/ui/teams/{team}"));
    paths.push("/ui/nowhere".to_owned());
    for language in Language::ALL.iter().copied() {
        let words = Words { language };
        let headers = [("accept-language", language.tag())];
        for path in &paths {
            let page = browser.send("GET", path, &headers, None).await;
            assert!(page.status < 500, "{path} in {language:?}: {}", page.text);
            if page.status == 303 {
                continue;
            }
            let tag = format!("<html lang=\"{}\"", language.tag());
            assert!(page.text.contains(&tag), "{path} in {language:?}");
            assert!(page.text.contains(&words.t("nav-requests")), "{path}");
            let ids = ids_shown(&page.text);
            assert!(ids.is_empty(), "{path} in {language:?}: {ids:?}");
        }
        let page = browser.send("GET", "/ui/keys", &headers, None).await;
        let limit = figures::limit(words, NanoUsd(1_234_500_000_000));
        assert!(page.text.contains(&limit), "{language:?}: {limit}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_question_where_a_request_would_go_is_told_in_the_pages_language() {
    let admin = served().await;
    let browser = administrator(&admin).await;
    let headers = [("accept-language", "de")];
    let path = "/ui/models/dry-run?model=m&key=sk-something";
    let page = browser.send("GET", path, &headers, None).await.is(422);
    assert!(page.text.contains("landen in Protokollen"), "{}", page.text);
    assert!(!page.text.contains("sk-something"), "{}", page.text);
}

#[tokio::test]
async fn an_amount_is_read_as_the_language_of_the_page_writes_it() {
    let admin = served().await;
    let browser = administrator(&admin).await;
    let limit = async |language: &str, budget: &str| {
        let name = format!("{language} {budget}");
        let typed = [
            ("name", name.as_str()),
            ("budget", budget),
            ("period", "1mo"),
            ("lang", language),
        ];
        let made = browser.submit("/ui/keys", &typed).await;
        let told = admin.get("/api/v1/keys?limit=200").await.ok();
        let listed = told["items"].as_array().unwrap().clone();
        let key = listed.into_iter().find(|one| one["alias"] == name.as_str());
        let limit = key.map(|key| key["policy"]["budgets"][0]["limit_usd"].to_string());
        (made.status, limit.map(|text| text.replace('"', "")))
    };
    assert_eq!(
        limit("de", "1.234,50").await,
        (200, Some("1234.5".to_owned()))
    );
    assert_eq!(limit("de", "12,5").await, (200, Some("12.5".to_owned())));
    assert_eq!(
        limit("en", "1,234.50").await,
        (200, Some("1234.5".to_owned()))
    );
    assert_eq!(limit("en", "1,234").await, (200, Some("1234".to_owned())));
    assert_eq!(limit("de", "1.234").await, (422, None));
}

#[tokio::test]
async fn a_root_path_stands_before_every_address_of_a_page() {
    let admin = served_below("/gateway").await;
    let browser = administrator(&admin).await;
    let attributes = ["href", "src", "action", "hx-get", "hx-post", "data-href"];
    let anything = Selector::parse("*").unwrap();
    for path in ["/ui", "/ui/keys", "/ui/requests", "/ui/account"] {
        let page = browser.get(path).await.is(200);
        let parsed = Html::parse_document(&page.text);
        let mut seen = 0;
        for element in parsed.select(&anything) {
            for name in attributes {
                let Some(address) = element.value().attr(name) else {
                    continue;
                };
                let is_ours = address.starts_with("/gateway/") || address.starts_with(['#', '?']);
                assert!(is_ours, "{path}: {name}={address}");
                seen += 1;
            }
        }
        assert!(seen > 30, "{path}: {seen}");
    }
    let nobody = Browser::at(&admin);
    let led = nobody.get("/ui/keys").await.is(303);
    assert_eq!(led.header("location"), "/gateway/ui/sign-in?next=/ui/keys");
    let told = admin.get("/api/openapi.json").await.ok();
    assert_eq!(told["servers"][0]["url"], "/gateway");
}

#[tokio::test]
async fn what_programs_read_is_the_same_in_every_language() {
    let admin = served().await;
    let browser = administrator(&admin).await;
    let mut first = None;
    for language in ["en", "de", "zh-CN"] {
        let headers = [("accept-language", language)];
        let told = browser
            .send("GET", "/api/v1/usage?format=csv", &headers, None)
            .await
            .is(200)
            .text;
        assert_eq!(first.get_or_insert_with(|| told.clone()), &told);
    }
}
