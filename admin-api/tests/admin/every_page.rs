//! What every page of the console keeps to, with nothing in the store and with things of all kinds.

use std::collections::BTreeSet;

use admin_api::routes;
use domain::policies::Policy;
use scraper::{ElementRef, Html, Selector};
use serde_json::json;

use crate::browser::{Browser, Reply, session};
use crate::setup::{Served, served};

/// A name that is markup where it is not escaped.
const HOSTILE: &str = "<img src=x onerror=alert(1)>\"'&amp;<script>alert(1)</script>";

pub async fn administrator(admin: &Served) -> Browser {
    let role = Some(domain::permissions::PlatformRole::PlatformAdmin);
    let person = admin.person(role, None).await;
    let cookie = session(admin, &person, role).await;
    let mut browser = Browser::at(admin);
    browser.cookie = Some(format!("hg_session={}", cookie.expose()));
    browser
}

/// The addresses of all pages that name no thing.
pub fn pages() -> Vec<&'static str> {
    let pages = routes::all().filter(|route| {
        let is_page = route.path.starts_with("/ui") && !route.path.contains('{');
        // What a search finds is a piece of a page, and a stream is none.
        let is_piece = route.path == "/ui/palette"
            || route.path.ends_with("/tail")
            || route.path.ends_with("/first-request");
        // Tables and lines of JSON are files.
        let is_file = route.path.contains('.');
        is_page && route.method == "GET" && !is_piece && !is_file
    });
    pages.map(|route| route.path).collect()
}

fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(selector).unwrap();
    page.select(&selector).collect()
}

/// What is wrong with how a page is built.
fn faults(reply: &Reply) -> Vec<String> {
    let page = Html::parse_document(&reply.text);
    let mut faults = Vec::new();
    let headings = all(&page, "h1").len();
    if headings != 1 {
        faults.push(format!("{headings} h1"));
    }
    let mut ids = BTreeSet::new();
    for element in all(&page, "[id]") {
        let id = element.value().attr("id").unwrap();
        if !ids.insert(id) {
            faults.push(format!("the id {id} twice"));
        }
    }
    for (selector, attribute) in [
        ("label[for]", "for"),
        ("[aria-labelledby]", "aria-labelledby"),
        ("[aria-describedby]", "aria-describedby"),
        ("[aria-controls]", "aria-controls"),
        ("[popovertarget]", "popovertarget"),
    ] {
        for element in all(&page, selector) {
            let id = element.value().attr(attribute).unwrap();
            if !ids.contains(id) {
                faults.push(format!("{attribute}={id} leads nowhere"));
            }
        }
    }
    for element in all(&page, "[data-open]") {
        let id = element.value().attr("data-open").unwrap();
        if !ids.contains(id.trim_start_matches('#')) {
            faults.push(format!("data-open={id} leads nowhere"));
        }
    }
    let inline = all(
        &page,
        "[style], style, script:not([src]), [onclick], [onerror]",
    );
    faults.extend(inline.iter().map(|one| format!("inline: {}", one.html())));
    for element in all(&page, "[hx-get], [hx-post]") {
        if element.value().attr("hx-nonce").is_none() {
            faults.push(format!("no hx-nonce: {}", element.html()));
        }
    }
    for form in all(&page, "form[method=post]") {
        let tokens = Selector::parse("input[name=csrf]").unwrap();
        if form.select(&tokens).next().is_none() && !reply.text.contains("name=\"next\"") {
            faults.push("a form without the session's token".to_owned());
        }
    }
    faults
}

#[tokio::test]
async fn every_page_is_well_built_with_nothing_in_the_store() {
    let admin = served().await;
    let browser = administrator(&admin).await;
    let mut wrong = Vec::new();
    for path in pages() {
        let reply = browser.get(path).await;
        // Whoever is signed in is led on from where one signs in; an invitation opens with its link only.
        if matches!(path, "/ui/sign-in" | "/ui/setup" | "/ui/invitation") {
            continue;
        }
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        wrong.extend(
            faults(&reply)
                .iter()
                .map(|fault| format!("{path}: {fault}")),
        );
        assert!(
            reply.text.len() < 60_000,
            "{path}: {} bytes",
            reply.text.len()
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The addresses of all pages, and of those of a key, a team and a person with their forms.
fn paths_of(id: &str, team: &str, user: &str) -> Vec<String> {
    let mut paths: Vec<String> = pages().into_iter().map(str::to_owned).collect();
    paths.push(format!("/ui/keys/{id}"));
    paths.push(format!("/ui/keys/{id}/edit"));
    paths.push(format!("/ui/teams/{team}"));
    paths.push(format!("/ui/teams/{team}/edit"));
    for form in ["block", "delete", "members/new"] {
        paths.push(format!("/ui/teams/{team}/{form}"));
    }
    for form in ["", "/edit", "/deactivate", "/delete", "/places/new"] {
        paths.push(format!("/ui/people/{}{form}", user));
    }
    paths.push("/ui/orgs/ours/edit".to_owned());
    for form in [
        "budget=new",
        "budget=0",
        "budget=0&do=raise",
        "budget=0&do=remove",
    ] {
        paths.push(format!("/ui/budgets/keys/{id}?{form}"));
    }
    paths.push("/ui/keys?q=%3Cimg%20src%3Dx%3E".to_owned());
    paths.push("/ui/requests?q=status%3A%3Cimg%3E%20%3Cscript%3E".to_owned());
    paths.push("/ui/palette?q=img".to_owned());
    paths
}

#[tokio::test]
async fn what_people_write_is_markup_on_no_page() {
    let admin = served().await;
    let organization = admin.organization("ours").await;
    let team = admin.team(&organization, Policy::default()).await;
    let rename = json!({"name": HOSTILE});
    let path = format!("/api/v1/teams/{team}");
    admin
        .ask(&admin.master, "PATCH", &path, Some(rename.clone()))
        .await
        .ok();
    let path = "/api/v1/organizations/ours";
    admin
        .ask(&admin.master, "PATCH", path, Some(rename))
        .await
        .ok();
    let policy = json!({"tags": [HOSTILE], "budgets": [{"limit_usd": "5", "window": "1mo"}]});
    let key = json!({"alias": HOSTILE, "team_id": team, "environment": HOSTILE, "policy": policy});
    let made = admin.post("/api/v1/keys", key).await.ok();
    let user = json!({"email": "a@example.com", "name": HOSTILE});
    let user = admin.post("/api/v1/users", user).await.ok();
    let id = made["details"]["id"].as_str().unwrap();
    let browser = administrator(&admin).await;
    let paths = paths_of(id, team.as_str(), user["id"].as_str().unwrap());
    let mut shown = 0;
    for path in paths {
        let reply = browser.get(&path).await;
        let leads_on = ["/ui/sign-in", "/ui/setup", "/ui/invitation"].contains(&path.as_str());
        assert!(
            reply.status == 200 || leads_on,
            "{path}: {} {}",
            reply.status,
            reply.text
        );
        if reply.text.contains("<main") {
            let wrong = faults(&reply);
            assert!(wrong.is_empty(), "{path}: {wrong:?}");
        }
        assert!(!reply.text.contains("<img src=x"), "{path}");
        assert!(!reply.text.contains("<script>"), "{path}");
        shown += usize::from(
            reply.text.contains("&#60;img src=x") || reply.text.contains("&lt;img src=x"),
        );
    }
    assert!(shown > 5, "{shown}");
}

#[tokio::test]
async fn a_page_and_the_api_tell_the_same_figures() {
    let admin = served().await;
    let organization = admin.organization("ours").await;
    let place = crate::things::Where {
        organization: &organization,
        people: &[],
        owner: None,
        marker: "mine",
    };
    crate::things::put(&admin.store, &admin.encryption, &place).await;
    let browser = administrator(&admin).await;
    let told = admin.get("/api/v1/usage?group_by=team").await.ok();
    let total = told["total"]["charge_usd"].as_str().unwrap();
    let total = domain::money::NanoUsd::from_usd(total).unwrap();
    let page = browser.get("/ui/usage?by=team").await.is(200);
    let parsed = Html::parse_document(&page.text);
    let cells = all(&parsed, "tfoot td");
    let shown: Vec<String> = cells.iter().map(|cell| cell.text().collect()).collect();
    assert_eq!(
        shown.first().unwrap(),
        &web_ui::figures::money(web_ui::words::Words::default(), total, 2)
    );
    let requests = told["total"]["requests"].as_u64().unwrap();
    assert!(shown.contains(&web_ui::figures::count(
        web_ui::words::Words::default(),
        requests
    )));
}
