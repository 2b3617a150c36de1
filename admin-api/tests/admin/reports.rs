//! Reports agree with the ledger's rows to the nano-dollar, whatever the grouping, range and zone.

use std::collections::BTreeMap;

use domain::ledger::RequestEntry;
use domain::money::NanoUsd;
use domain::permissions::Role;
use domain::time::TimestampMs;
use domain::windows::{Day, TimeZone};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::ledger::{Whose, append, begins, drawn, entries, plain};
use crate::setup::{Served, served};

/// How many random ledgers are made up: always the same ones.
const LEDGERS: u8 = 6;

/// Three payers: two keys of one team, and the master key in another organization.
async fn payers(admin: &Served) -> Vec<Whose> {
    let acme = admin.organization("org_acme").await;
    let other = admin.organization("org_other").await;
    let team = admin.team(&acme, Default::default()).await;
    let (ann, bob) = (
        admin
            .person(None, Some((Role::Member, &acme, Some(&team))))
            .await,
        admin
            .person(None, Some((Role::Member, &acme, Some(&team))))
            .await,
    );
    let mut payers = Vec::new();
    for (user, alias) in [(&ann, "anns"), (&bob, "bobs")] {
        let body = json!({"user_id": user, "team_id": team, "key_alias": alias});
        let made = admin.post("/key/generate", body).await.ok();
        payers.push(Whose {
            organization: acme.clone(),
            team: Some(team.clone()),
            user: Some(user.clone()),
            key: Some(domain::ids::KeyId::new(made["id"].as_str().unwrap())),
        });
    }
    payers.push(Whose {
        organization: other,
        team: None,
        user: None,
        key: None,
    });
    payers
}

fn ledgers(payers: usize) -> impl Iterator<Item = Vec<crate::ledger::Drawn>> {
    (0..LEDGERS).map(move |seed| {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        drawn(payers).new_tree(&mut runner).unwrap().current()
    })
}

/// By what words an attempt is counted.
type Word = fn(&RequestEntry, usize) -> Vec<String>;

/// Charges by what a word of an attempt is, over attempts of a range.
fn folded(
    entries: &[RequestEntry],
    range: (TimestampMs, TimestampMs),
    word: impl Fn(&RequestEntry, usize) -> Vec<String>,
) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for entry in entries {
        for (place, attempt) in entry.attempts.iter().enumerate() {
            if attempt.reserved_at < range.0 || attempt.reserved_at >= range.1 {
                continue;
            }
            for word in word(entry, place) {
                *sums.entry(word).or_default() += attempt.charge_nanousd.0;
            }
        }
    }
    sums
}

fn nanos(text: &Value) -> i64 {
    NanoUsd::from_usd(text.as_str().unwrap()).unwrap().0
}

/// All rows of a report, page by page.
async fn all_rows(admin: &Served, query: &str) -> (Vec<Value>, Value) {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/usage?{query}&limit=3&cursor={cursor}");
        let page = admin.get(&path).await.ok();
        rows.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = urlencoded(next),
            None => return (rows, page["total"].clone()),
        }
    }
}

fn urlencoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn by(rows: &[Value], word: impl Fn(&Value) -> String) -> BTreeMap<String, i64> {
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for row in rows {
        *sums.entry(word(row)).or_default() += nanos(&row["sums"]["charge_usd"]);
    }
    sums.retain(|_word, sum| *sum != 0);
    sums
}

fn without_zeros(mut sums: BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    sums.retain(|_word, sum| *sum != 0);
    sums
}

#[tokio::test]
async fn every_grouping_is_what_a_plain_sum_of_the_rows_is() {
    for (number, drawn) in ledgers(3).enumerate() {
        let admin = served().await;
        let payers = payers(&admin).await;
        let entries = entries(&drawn, &payers);
        append(&admin.store, "strand", entries.clone()).await;
        let zone: TimeZone = ["UTC", "Europe/Berlin", "Asia/Kathmandu"][number % 3]
            .parse()
            .unwrap();
        let first: Day = "2026-03-28".parse().unwrap();
        let last: Day = "2026-03-31".parse().unwrap();
        let range = (first.begins_at(&zone), last.begins_at(&zone));
        let asked = format!("from={first}&until={last}&time_zone={}", zone.name());
        let dimensions: [(&str, Word); 8] = [
            ("model", |entry, place| {
                vec![entry.attempts[place].model.clone()]
            }),
            ("model_group", |entry, place| {
                vec![entry.attempts[place].group.clone()]
            }),
            ("key", |entry, _| {
                vec![entry.payer.key_id.clone().unwrap_or_default()]
            }),
            ("team", |entry, _| {
                vec![entry.payer.team_id.clone().unwrap_or_default()]
            }),
            ("user", |entry, _| {
                vec![entry.payer.user_id.clone().unwrap_or_default()]
            }),
            ("organization", |entry, _| {
                vec![entry.payer.organization_id.clone()]
            }),
            ("end_user", |entry, _| {
                vec![entry.payer.end_user.clone().unwrap_or_default()]
            }),
            ("tag", |entry, _| entry.payer.tags.clone()),
        ];
        for (dimension, word) in dimensions {
            let (rows, total) = all_rows(&admin, &format!("{asked}&group_by={dimension}")).await;
            let shown = by(&rows, |row| {
                row["groups"][dimension].as_str().unwrap().to_owned()
            });
            let expect = without_zeros(folded(&entries, range, word));
            assert_eq!(shown, expect, "{dimension} in ledger {number}");
            let all = folded(&entries, range, |_, _| vec![String::new()]);
            let all = all.values().next().copied().unwrap_or_default();
            assert_eq!(
                nanos(&total["charge_usd"]),
                all,
                "{dimension} in ledger {number}"
            );
        }
    }
}

#[tokio::test]
async fn days_are_those_of_the_zone_also_when_its_clock_changes() {
    for (number, drawn) in ledgers(3).enumerate() {
        let admin = served().await;
        let payers = payers(&admin).await;
        let entries = entries(&drawn, &payers);
        append(&admin.store, "strand", entries.clone()).await;
        for zone in ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"] {
            let zone: TimeZone = zone.parse().unwrap();
            let (first, last): (Day, Day) =
                ("2026-03-27".parse().unwrap(), "2026-04-01".parse().unwrap());
            let range = (first.begins_at(&zone), last.begins_at(&zone));
            let query = format!(
                "from={first}&until={last}&time_zone={}&bucket=day",
                zone.name()
            );
            let (rows, _total) = all_rows(&admin, &query).await;
            let shown = by(&rows, |row| row["date"].as_str().unwrap().to_owned());
            let expect = folded(&entries, range, |entry, place| {
                vec![Day::at(entry.attempts[place].reserved_at, &zone).to_string()]
            });
            assert_eq!(shown, without_zeros(expect), "{zone} in ledger {number}");
        }
    }
}

#[tokio::test]
async fn the_table_and_the_page_say_the_same() {
    let admin = served().await;
    let payers = payers(&admin).await;
    let drawn = ledgers(3).next().unwrap();
    append(&admin.store, "strand", entries(&drawn, &payers)).await;
    let query = "from=2026-03-27&until=2026-04-01&group_by=key,model&bucket=day&time_zone=UTC";
    let (rows, _total) = all_rows(&admin, query).await;
    let table = admin
        .get(&format!("/api/v1/usage?{query}&format=csv"))
        .await;
    let mut lines = table.text.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |name: &str| head.iter().position(|one| *one == name).unwrap();
    let (date, key, charge) = (column("date"), column("key"), column("charge_usd"));
    let shown: Vec<(String, String, String)> = lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (
                cells[date].to_owned(),
                cells[key].to_owned(),
                cells[charge].to_owned(),
            )
        })
        .collect();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let expect: Vec<(String, String, String)> = rows
        .iter()
        .map(|row| {
            let sum = text(&row["sums"]["charge_usd"]);
            (text(&row["date"]), text(&row["groups"]["key"]), sum)
        })
        .collect();
    assert_eq!(shown, expect);
    assert!(shown.len() > 5);
}

#[tokio::test]
async fn requests_are_paged_without_gaps_or_repeats_while_more_come_in() {
    let admin = served().await;
    let payers = payers(&admin).await;
    let at = |number: usize| TimestampMs(begins().0 + u64::try_from(number).unwrap() * 1_000);
    let old: Vec<RequestEntry> = (0..50)
        .map(|number| plain(number, at(number), &payers[number % 3]))
        .collect();
    let expect: Vec<String> = old.iter().rev().map(|entry| entry.id.clone()).collect();
    append(&admin.store, "one", old).await;
    let (mut seen, mut cursor, mut newer) = (Vec::new(), String::new(), 100);
    loop {
        let path = format!("/api/v1/requests?limit=7&cursor={cursor}");
        let page = admin.get(&path).await.ok();
        for row in page["items"].as_array().unwrap() {
            assert_eq!(row["charge_usd"], "0.2");
            seen.push(row["id"].as_str().unwrap().to_owned());
        }
        append(
            &admin.store,
            "two",
            vec![plain(newer, at(newer), &payers[0])],
        )
        .await;
        newer += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = urlencoded(next),
            None => break,
        }
    }
    assert_eq!(seen, expect);
}

#[tokio::test]
async fn a_request_is_shown_with_its_attempts_and_hidden_from_others() {
    let admin = served().await;
    let payers = payers(&admin).await;
    let entry = plain(1, begins(), &payers[0]);
    let id = entry.id.clone();
    append(
        &admin.store,
        "strand",
        vec![entry, plain(2, begins(), &payers[1])],
    )
    .await;
    let path = format!("/api/v1/requests/{id}");
    let shown = admin.get(&path).await.ok();
    assert_eq!(shown["request"]["charge_usd"], "0.2");
    assert_eq!(shown["attempts"][0]["usage"]["input_tokens"], 10);
    assert_eq!(shown["attempts"][0]["model"], "gpt-4o-mini");

    let whose = &payers[0];
    let (acme, team) = (&whose.organization, whose.team.as_ref().unwrap());
    let own = admin.key_of(whose.user.as_ref().unwrap(), acme).await;
    let others = admin.key_of(payers[1].user.as_ref().unwrap(), acme).await;
    let head = admin
        .person(None, Some((Role::TeamAdmin, acme, Some(team))))
        .await;
    let head = admin.key_of(&head, acme).await;
    let sibling = admin.team(acme, Default::default()).await;
    let stranger = admin
        .person(None, Some((Role::TeamAdmin, acme, Some(&sibling))))
        .await;
    let stranger = admin.key_of(&stranger, acme).await;
    for (key, status, count) in [
        (&own, 200, 1),
        (&others, 404, 1),
        (&head, 200, 2),
        (&stranger, 404, 0),
    ] {
        assert_eq!(admin.ask(key, "GET", &path, None).await.status, status);
        for list in ["/api/v1/requests", "/spend/logs", "/spend/logs/v2"] {
            let listed = admin.ask(key, "GET", list, None).await.ok();
            let rows = ["items", "data"]
                .iter()
                .find_map(|name| listed[name].as_array());
            let rows = rows.or_else(|| listed.as_array()).unwrap();
            assert_eq!(rows.len(), count, "{list}");
        }
        let range = "from=2026-03-27&until=2026-03-28";
        let total = admin
            .ask(key, "GET", &format!("/api/v1/usage?{range}"), None)
            .await
            .ok();
        let expect = ["0", "0.2", "0.4"][count];
        assert_eq!(total["total"]["charge_usd"], expect);
    }
    // A key of somebody else's is not there for them, by whatever name.
    let theirs = payers[0].key.as_ref().unwrap();
    let asked = format!("/spend/logs?api_key={theirs}");
    admin.ask(&others, "GET", &asked, None).await.refused(404);
}

#[tokio::test]
async fn what_means_nothing_in_a_report_is_refused_with_its_name() {
    let admin = served().await;
    for (path, word) in [
        ("/api/v1/usage?group_by=colour", "group_by"),
        ("/api/v1/usage?bucket=year", "bucket"),
        ("/api/v1/usage?from=2026-02-01&until=2026-01-01", "until"),
        ("/api/v1/usage?from=yesterday", "from"),
        ("/api/v1/usage?time_zone=Mars/Olympus", "Mars"),
        ("/api/v1/usage?order=colour", "order"),
        ("/api/v1/usage?limit=0", "limit"),
        ("/api/v1/requests?least_charge_usd=much", "much"),
        ("/api/v1/requests?limit=201", "limit"),
        ("/api/v1/budgets/forecasts?level=colour", "level"),
        ("/api/v1/budgets/forecasts?cursor=colour", "cursor"),
        ("/global/activity", "start_date"),
        ("/user/daily/activity?start_date=2026-01-01", "end_date"),
    ] {
        let said = admin.get(path).await.refused(400);
        assert!(said.contains(word), "{path}: {said}");
    }
}
