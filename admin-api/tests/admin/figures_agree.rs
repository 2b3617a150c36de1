//! The page, its table and the API tell the same to the nano-dollar, whatever the range, zone and
//! grouping.

use std::collections::BTreeMap;

use admin_api::cross_site;
use domain::ids::KeyId;
use domain::keys::Secret;
use domain::money::NanoUsd;
use domain::permissions::Role;
use proptest::prelude::Strategy;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use scraper::{Html, Selector};
use serde_json::{Value, json};

use crate::browser::{Browser, Reply, session};
use crate::ledger::{Whose, append, drawn, entries};
use crate::setup::{Served, served};

/// Zones of whole and of broken hours, with and without summer time; Europe's begins in the days that
/// are made up.
const ZONES: [&str; 6] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Pacific/Chatham",
    "America/St_Johns",
];
const GROUPS: [&str; 8] = [
    "team",
    "model_group",
    "key",
    "user",
    "tag",
    "end_user",
    "provider",
    "status",
];
/// How many questions are asked of each ledger.
const QUESTIONS: usize = 12;

/// Charges in nano-dollars by the groups' words.
type Charges = BTreeMap<String, i64>;

/// What is asked: zone, grouping, first day of March 2026, and how many days more.
fn question() -> impl Strategy<Value = (usize, usize, u32, u32)> {
    (0..ZONES.len(), 0..GROUPS.len(), 26..31_u32, 0..3_u32)
}

async fn whose(admin: &Served) -> (Vec<Whose>, Browser) {
    let ours = admin.organization("ours").await;
    let mut payers = Vec::new();
    for alias in ["one", "two"] {
        let team = admin.team(&ours, Default::default()).await;
        let place = Some((Role::Member, &ours, Some(&team)));
        let user = admin.person(None, place).await;
        let key = json!({"alias": alias, "team_id": team, "user_id": user});
        let made = admin.post("/api/v1/keys", key).await.ok();
        let id = made["details"]["id"].as_str().unwrap();
        payers.push(Whose {
            organization: ours.clone(),
            team: Some(team),
            user: Some(user),
            key: Some(KeyId::new(id)),
        });
    }
    let lead = Some((Role::OrganizationAdmin, &ours, None));
    let lead = admin.person(None, lead).await;
    let cookie = session(admin, &lead, None).await;
    let mut browser = Browser::at(admin);
    browser.token = Some(token(&cookie));
    browser.cookie = Some(format!("hg_session={}", cookie.expose()));
    (payers, browser)
}

fn token(cookie: &Secret) -> String {
    cross_site::token_of(cookie).expose().to_owned()
}

fn nanos(text: &str) -> i64 {
    NanoUsd::from_usd(text).unwrap().0
}

/// What the page shows: its rows, all of it together, and where its table is.
fn of_page(page: &Reply) -> (Charges, i64, String) {
    let page = Html::parse_document(&page.text);
    let select = |selector: &str| Selector::parse(selector).unwrap();
    let (data, link) = (select("td data"), select("a[download]"));
    let row = select("tr[data-word]");
    let rows = page.select(&row).map(|row| {
        let word = row.value().attr("data-word").unwrap().to_owned();
        let exact = row.select(&data).next().unwrap();
        (word, nanos(exact.value().attr("value").unwrap()))
    });
    let rows: Charges = rows.collect();
    let total = page.select(&select("tfoot data")).next();
    let total = total.map_or(0, |one| nanos(one.value().attr("value").unwrap()));
    let table = page.select(&link).next().unwrap();
    (rows, total, table.value().attr("href").unwrap().to_owned())
}

/// What a table says of a group: the columns of the word and of the charge.
fn of_table(table: &Reply, group: &str) -> Charges {
    let mut lines = table.text.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |name: &str| head.iter().position(|one| *one == name).unwrap();
    let (word, charge) = (column(group), column("charge_usd"));
    let cells = lines.map(|line| line.split(',').collect::<Vec<_>>());
    cells
        .map(|cells| (cells[word].to_owned(), nanos(cells[charge])))
        .collect()
}

/// What the API says, page by page.
async fn of_api(browser: &Browser, query: &str, group: &str) -> (Charges, i64) {
    let (mut rows, mut cursor) = (Charges::new(), String::new());
    loop {
        let path = format!("/api/v1/usage?{query}&group_by={group}&limit=2&cursor={cursor}");
        let told = browser.get(&path).await.is(200).body;
        for row in told["items"].as_array().unwrap() {
            let word = match &row["groups"][group] {
                Value::String(word) => word.clone(),
                other => other.to_string(),
            };
            rows.insert(word, nanos(row["sums"]["charge_usd"].as_str().unwrap()));
        }
        let Some(next) = told["next_cursor"].as_str() else {
            let total = told["total"]["charge_usd"].as_str().unwrap();
            return (rows, nanos(total));
        };
        cursor = next.bytes().map(|byte| format!("%{byte:02X}")).collect();
    }
}

#[tokio::test]
async fn page_table_and_api_agree_to_the_nano_dollar_for_any_range_zone_and_grouping() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[5; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let admin = served().await;
    let (payers, browser) = whose(&admin).await;
    let requests = drawn(payers.len()).new_tree(&mut runner).unwrap().current();
    append(&admin.store, "strand", entries(&requests, &payers)).await;
    let mut seen = 0;
    for _ in 0..QUESTIONS {
        let (zone, group, first, more) = question().new_tree(&mut runner).unwrap().current();
        let (zone, group) = (ZONES[zone], GROUPS[group]);
        let path = "/api/v1/organizations/ours";
        let clock = Some(json!({"time_zone": zone}));
        admin.ask(&admin.master, "PATCH", path, clock).await.ok();
        let last = (first + more).min(31);
        let after = match last {
            31 => "2026-04-01".to_owned(),
            last => format!("2026-03-{}", last + 1),
        };
        let days = format!("from=2026-03-{first}&until=2026-03-{last}");
        let page = format!("/ui/usage?{days}&by={group}&by2=environment");
        let (rows, total, table) = of_page(&browser.get(&page).await.is(200));
        let said = format!("{group} of {first} to {last} in {zone}");
        let query = format!("from=2026-03-{first}&until={after}");
        let (told, all) = of_api(&browser, &query, group).await;
        assert_eq!(rows, told, "{said}");
        assert_eq!(total, all, "{said}");
        assert_eq!(
            of_table(&browser.get(&table).await.is(200), group),
            told,
            "{said}"
        );
        seen += usize::from(all > 0);
    }
    assert!(seen > QUESTIONS / 2, "{seen}");
}
