//! What the settings page says of the file, and what its tries find.

use std::sync::Arc;

use admin_api::alerts::{AlertSettings, Destination, FileTarget, MailServer, MailTls};
use admin_api::settings::{ConfiguredValue, FileModels, Settings, ValueSource};
use domain::keys::Secret;
use domain::permissions::PlatformRole;
use harness::smtp;
use serde_json::json;

use crate::browser::{Browser, session};
use crate::every_page::administrator;
use crate::setup::{Served, served, served_by};
use crate::single_sign_on::World;

fn value(path: &str, text: Option<&str>, mark: u64) -> ConfiguredValue {
    ConfiguredValue {
        path: path.to_owned(),
        value: text.map(str::to_owned),
        source: ValueSource::File {
            file: "config.yaml".to_owned(),
            line: 7,
        },
        replaces: None,
        needs_restart: path.starts_with("headgate."),
        mark,
    }
}

/// An administrator who can change things.
async fn writing(admin: &Served) -> Browser {
    let mut browser = administrator(admin).await;
    let cookie = browser.cookie.clone().unwrap();
    let cookie = Secret::new(cookie.split_once('=').unwrap().1);
    let token = admin_api::cross_site::token_of(&cookie);
    browser.token = Some(token.expose().to_owned());
    browser
}

/// A file that said these values at the start, and says others now.
fn read(settings: &mut Settings, now: Result<Vec<ConfiguredValue>, String>) {
    let started = vec![
        value("headgate.port", Some("4000"), 1),
        value("general_settings.master_key", None, 2),
        value("router_settings.num_retries", Some("2"), 3),
    ];
    settings.file.store(Arc::new(FileModels {
        values: started.clone(),
        started: Arc::new(started),
        ..FileModels::default()
    }));
    settings.read_file = Some(Arc::new(move || now.clone()));
}

#[tokio::test]
async fn what_the_file_says_now_stands_beside_what_is_in_effect() {
    let now = vec![
        value("headgate.port", Some("4100"), 10),
        value("general_settings.master_key", None, 20),
        value("router_settings.num_retries", Some("2"), 3),
    ];
    let admin = served_by(|settings| read(settings, Ok(now))).await;
    let page = administrator(&admin)
        .await
        .get("/ui/settings")
        .await
        .is(200);
    let card = page.text.split("id=\"h-file\"").nth(1).unwrap();
    let card = card.split("</section>").next().unwrap();
    assert!(card.contains("4000") && card.contains("4100"), "{card}");
    assert!(card.contains("with a restart"), "{card}");
    // A secret is told of, and not shown.
    assert!(card.contains("general_settings.master_key"), "{card}");
    assert_eq!(card.matches("Set, not shown").count(), 2, "{card}");
    assert!(!card.contains("num_retries"), "{card}");
}

#[tokio::test]
async fn a_file_that_would_be_refused_says_why() {
    let why = "config.yaml:3:5: `num_retry` is unknown";
    let admin = served_by(|settings| read(settings, Err(why.to_owned()))).await;
    let page = administrator(&admin)
        .await
        .get("/ui/settings")
        .await
        .is(200);
    assert!(page.text.contains("The file would be refused"));
    assert!(page.text.contains("config.yaml:3:5"), "{}", page.text);
}

#[tokio::test]
async fn every_part_of_the_program_is_listed_with_its_licence() {
    let admin = served().await;
    let browser = administrator(&admin).await;
    let page = browser.get("/ui/settings/licences").await.is(200);
    for part in ["htmx 4.0.1", "lucide", "tokio 1", "0BSD"] {
        assert!(page.text.contains(part), "{part}");
    }
}

#[tokio::test]
async fn a_try_of_a_provider_says_what_was_found_or_why_not() {
    let world = World::with(true, |_settings| {}).await;
    let browser = writing(&world.admin).await;
    let page = browser.get("/ui/settings").await.is(200);
    let address = "/ui/settings/try/provider/sso";
    assert!(page.text.contains(address), "{}", page.text);
    let tried = browser.submit(address, &[]).await.is(200);
    assert!(
        tried.text.contains("The provider answers."),
        "{}",
        tried.text
    );
    assert!(tried.text.contains(&world.issuer.url()));
    world.issuer.goes_away(true);
    let tried = browser.submit(address, &[]).await.is(200);
    assert!(tried.text.contains("It does not work"), "{}", tried.text);
    assert_eq!(world.admin.audited(1).await[0].0, "outside.test");
    browser
        .submit("/ui/settings/try/provider/none", &[])
        .await
        .is(404);
}

#[tokio::test]
async fn why_a_try_fails_is_told_in_the_readers_language() {
    let world = World::with(true, |_settings| {}).await;
    let mut browser = writing(&world.admin).await;
    world.issuer.goes_away(true);
    let signed_in = browser.cookie.clone().unwrap();
    browser.cookie = Some(format!("{signed_in}; hg_lang=de"));
    let address = "/ui/settings/try/provider/sso";
    let tried = browser.submit(address, &[]).await.is(200).text;
    assert!(tried.contains("hat die Verbindung abgebrochen"), "{tried}");
}

#[tokio::test]
async fn a_target_is_tried_by_those_who_may_say_where_alerts_go_and_no_auditor() {
    let target = FileTarget {
        name: "ops".to_owned(),
        destination: Destination::Webhook {
            url: Secret::new("http://127.0.0.1:9/"),
            secret: None,
        },
        monthly: false,
    };
    let alerts = AlertSettings {
        targets: vec![target],
        ..AlertSettings::default()
    };
    let admin = served_by(|settings| settings.alerts.store(Arc::new(alerts))).await;
    let address = "/ui/settings/try/target/ops";
    let allowed = writing(&admin).await;
    let page = allowed.get("/ui/settings").await.is(200);
    assert!(page.text.contains(address), "{}", page.text);
    let tried = allowed.submit(address, &[]).await.is(200);
    assert!(tried.text.contains("It does not work"), "{}", tried.text);

    let role = Some(PlatformRole::PlatformAuditor);
    let person = admin.person(role, None).await;
    let cookie = session(&admin, &person, role).await;
    let mut auditor = Browser::at(&admin);
    auditor.token = Some(admin_api::cross_site::token_of(&cookie).expose().to_owned());
    auditor.cookie = Some(format!("hg_session={}", cookie.expose()));
    let page = auditor.get("/ui/settings").await.is(200);
    assert!(!page.text.contains(address), "{}", page.text);
    auditor.submit(address, &[]).await.is(403);
}

#[tokio::test]
async fn a_test_letter_goes_to_whoever_asks() {
    let server = smtp::MailServer::start().await;
    let alerts = AlertSettings {
        mail: Some(MailServer {
            host: "127.0.0.1".to_owned(),
            port: server.port(),
            login: None,
            sender: "headgate@example.com".to_owned(),
            tls: MailTls::Off,
            authorities_file: None,
            verify_certificates: true,
        }),
        ..AlertSettings::default()
    };
    let admin = served_by(|settings| settings.alerts.store(Arc::new(alerts))).await;
    let browser = writing(&admin).await;
    let tried = browser.submit("/ui/settings/try/mail/smtp", &[]).await;
    let tried = tried.is(200);
    assert!(tried.text.contains("you have none here"), "{}", tried.text);
    // Nothing was tried, so nothing is noted.
    assert!(!admin.audit_text().await.contains("outside.test"));
    let people = admin.get("/api/v1/users").await.ok();
    let own = people["items"][0]["id"].as_str().unwrap();
    let body = json!({"email": "ada@example.com"});
    let path = format!("/api/v1/users/{own}");
    admin
        .ask(&admin.master, "PATCH", &path, Some(body))
        .await
        .ok();
    let tried = browser.submit("/ui/settings/try/mail/smtp", &[]).await;
    let tried = tried.is(200);
    assert!(tried.text.contains("ada@example.com"), "{}", tried.text);
    let letter = server.arrived(1).await.remove(0);
    assert!(letter.text.contains("Test letter"), "{}", letter.text);
}
