//! The switch of organizations: what is looked at, and what lists and figures show of it.

use domain::ids::{KeyId, OrganizationId, TeamId, UserId};
use domain::permissions::Role;
use domain::policies::Policy;
use domain::time::TimestampMs;
use scraper::{Html, Selector};
use serde_json::json;

use crate::browser::{Browser, Reply, session};
use crate::every_page::administrator;
use crate::ledger::{Whose, append, plain};
use crate::setup::{Served, served};

/// Pages that show things of organizations, and what of a tenant's things stands there.
const PAGES: [(&str, &str); 8] = [
    ("/ui?r=7d", "-key"),
    ("/ui/requests?r=7d", "-key"),
    ("/ui/usage?r=7d", "-team"),
    ("/ui/keys", "-key"),
    ("/ui/keys.csv", "-key"),
    ("/ui/teams", "-team"),
    ("/ui/people", "-person"),
    ("/ui/budgets", "-team"),
];

/// An organization with a team that has a budget, a person, a key and a request.
async fn tenant(admin: &Served, name: &str, number: usize) -> Whose {
    let organization = admin.organization(name).await;
    let team = json!({
        "team_alias": format!("{name}-team"), "organization_id": name, "max_budget": 9,
        "budget_duration": "30d",
    });
    let team = admin.post("/team/new", team).await.ok();
    let team = team["team_id"].as_str().unwrap();
    let person = json!({"user_email": format!("{name}-person@example.com"),
        "organizations": [name], "auto_create_key": false});
    let person = admin.post("/user/new", person).await.ok();
    let person = person["user_id"].as_str().unwrap();
    let key = json!({"alias": format!("{name}-key"), "organization_id": name, "team_id": team});
    let key = admin.post("/api/v1/keys", key).await.ok();
    let whose = Whose {
        organization,
        team: Some(TeamId::new(team)),
        user: Some(UserId::new(person)),
        key: Some(KeyId::new(key["details"]["id"].as_str().unwrap())),
    };
    let at = TimestampMs(TimestampMs::now().0 - 60_000);
    append(&admin.store, name, vec![plain(number, at, &whose)]).await;
    whose
}

/// What the switch says: what is looked at, and what else one may choose.
fn switch(reply: &Reply) -> (String, Vec<String>) {
    let page = Html::parse_document(&reply.text);
    let texts = |selector: &str| -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let found = page.select(&selector);
        found
            .map(|one| one.text().collect::<String>().trim().to_owned())
            .collect()
    };
    let now = texts(".scope b").remove(0);
    (now, texts("#scope-menu a[href*='organization=']"))
}

#[tokio::test]
async fn one_organization_is_looked_at_alone_on_every_list() {
    let admin = served().await;
    for (number, name) in ["north", "south"].into_iter().enumerate() {
        tenant(&admin, name, number).await;
    }
    let browser = administrator(&admin).await;
    for (path, suffix) in PAGES {
        let joint = if path.contains('?') { '&' } else { '?' };
        let all = browser.get(path).await.is(200);
        let (north, south) = (format!("north{suffix}"), format!("south{suffix}"));
        assert!(
            all.text.contains(&north) && all.text.contains(&south),
            "{path}"
        );
        let path = format!("{path}{joint}organization=north");
        let one = browser.get(&path).await.is(200);
        assert!(one.text.contains(&north), "{path}: {}", one.text);
        assert!(!one.text.contains(&south), "{path}");
    }
    let trail = browser.get("/ui/audit?organization=north").await.is(200);
    assert!(trail.text.contains("north"), "{}", trail.text);
    assert!(!trail.text.contains("org:south") && !trail.text.contains("south-key"));
}

#[tokio::test]
async fn a_choice_holds_until_another_is_made_and_a_thing_is_shown_wherever_it_lies() {
    let admin = served().await;
    let north = tenant(&admin, "north", 1).await;
    tenant(&admin, "south", 2).await;
    let mut browser = administrator(&admin).await;
    let page = browser.get("/ui/keys").await.is(200);
    let (now, choices) = switch(&page);
    assert_eq!(now, "All organizations");
    assert!(choices.len() > 2, "{choices:?}");
    let page = browser.get("/ui/keys?organization=south").await.is(200);
    let chosen = page.header("set-cookie").split(';').next().unwrap();
    let session = browser.cookie.clone().unwrap();
    browser.cookie = Some(format!("{session}; {chosen}"));
    for path in ["/ui/keys", "/ui/teams"] {
        let page = browser.get(path).await.is(200);
        assert!(
            page.text.contains("south-") && !page.text.contains("north-"),
            "{path}"
        );
    }
    let key = north.key.unwrap();
    let page = browser.get(&format!("/ui/keys/{key}")).await.is(200);
    // With its figures.
    assert!(
        page.text.contains("north-key") && page.text.contains("$0.20"),
        "{}",
        page.text
    );
    let page = browser.get("/ui/keys?organization=all").await.is(200);
    assert!(page.text.contains("north-key") && page.text.contains("south-key"));
    assert!(page.header("set-cookie").contains("Max-Age=0"));
}

#[tokio::test]
async fn figures_of_one_organization_are_the_same_in_its_table() {
    let admin = served().await;
    let (north, south) = (
        tenant(&admin, "north", 1).await,
        tenant(&admin, "south", 2).await,
    );
    let team = |whose: Whose| whose.team.unwrap().to_string();
    let (north, south) = (team(north), team(south));
    let browser = administrator(&admin).await;
    for page in ["/ui/usage?r=7d", "/ui/requests?r=7d", "/ui/budgets?"] {
        let path = format!("{page}&organization=north");
        let reply = browser.get(&path).await.is(200);
        let document = Html::parse_document(&reply.text);
        let tables = Selector::parse("a[href*='format=csv']").unwrap();
        let table = document.select(&tables).next().unwrap();
        let table = browser.get(table.value().attr("href").unwrap()).await;
        let table = table.is(200).text;
        assert!(table.contains(&north), "{path}: {table}");
        assert!(!table.contains(&south), "{path}: {table}");
    }
}

#[tokio::test]
async fn whoever_is_in_several_organizations_sees_their_own_things_of_one() {
    let admin = served().await;
    let (north, south) = (
        admin.organization("north").await,
        admin.organization("south").await,
    );
    admin.organization("other").await;
    let person = admin.person(None, Some((Role::Member, &north, None))).await;
    join(&admin, &person, &south).await;
    for name in ["north", "south"] {
        let key =
            json!({"alias": format!("{name}-key"), "organization_id": name, "user_id": person});
        admin.post("/api/v1/keys", key).await.ok();
    }
    let cookie = session(&admin, &person, None).await;
    let mut browser = Browser::at(&admin);
    browser.cookie = Some(format!("hg_session={}", cookie.expose()));
    let page = browser.get("/ui/keys").await.is(200);
    assert!(page.text.contains("north-key") && page.text.contains("south-key"));
    assert_eq!(switch(&page).1.len(), 3);
    let page = browser.get("/ui/keys?organization=south").await.is(200);
    assert!(page.text.contains("south-key") && !page.text.contains("north-key"));
    // What they are not in, is as what is not there.
    for id in ["other", "nothing"] {
        let path = format!("/ui/keys?organization={id}");
        let page = browser.get(&path).await.is(404);
        assert_eq!(page.header("set-cookie"), "");
    }
}

async fn join(admin: &Served, person: &UserId, organization: &OrganizationId) {
    let member = domain::members::Member {
        organization_id: organization.clone(),
        team_id: None,
        user_id: person.clone(),
        role: Role::Member,
        policy: Policy::default(),
        stamps: domain::stamps::Stamps::now("test"),
    };
    let mut change = admin.store.begin().await.unwrap();
    change.put_member(&member).await.unwrap();
    let system = domain::actors::Actor::system();
    change
        .commit(&system, store::Event::default())
        .await
        .unwrap();
}

#[tokio::test]
async fn whoever_is_in_one_organization_has_nothing_to_choose() {
    let admin = served().await;
    let north = admin.organization("north").await;
    admin.organization("south").await;
    let role = Some((Role::OrganizationAdmin, &north, None));
    let person = admin.person(None, role).await;
    let cookie = session(&admin, &person, None).await;
    let mut browser = Browser::at(&admin);
    browser.cookie = Some(format!("hg_session={}; hg_org=south", cookie.expose()));
    let page = browser.get("/ui/keys").await.is(200);
    assert_eq!(switch(&page), ("Organization".to_owned(), Vec::new()));
}
