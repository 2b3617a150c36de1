//! The books of everybody beside each other: the provider's own ledger, the rows and the roll-ups in
//! the database, what the API reports, and the counters in Redis. All in nano-dollars.

use std::collections::BTreeMap;

use harness::fleet::Fleet;

use crate::accounts::Key;
use crate::requests;
use crate::setup::{nanousd, until};

/// Spend by scope: `key:…`, `team:…`, `organization:…`.
pub type Spend = BTreeMap<String, i64>;

/// Where a counter stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    /// Settled.
    pub settled: i64,
    /// Held by what is under way.
    pub reserved: i64,
    /// Held by what nobody knows the end of.
    pub orphaned: i64,
}

fn add(spend: &mut Spend, key: &Key, nanousd: i64) {
    let scopes = [
        format!("key:{}", key.id),
        format!("team:{}", key.team_id),
        format!("organization:{}", key.organization_id),
    ];
    for scope in scopes {
        *spend.entry(scope).or_default() += nanousd;
    }
}

/// What the provider would bill. What stands after a dot in the name of a bill says which request.
pub fn of_provider(fleet: &Fleet, keys: &[Key]) -> Spend {
    let mut spend = Spend::new();
    for key in keys {
        add(&mut spend, key, 0);
    }
    for (name, bill) in fleet.upstream("openai").bills() {
        let owner = name.split('.').next().unwrap_or_default();
        let key = keys.iter().find(|key| key.bill == owner);
        let key = key.unwrap_or_else(|| panic!("a bill of nobody: {name}"));
        add(
            &mut spend,
            key,
            i64::try_from(nanousd(bill.tokens)).unwrap(),
        );
    }
    spend
}

/// What the provider would bill, but for answers that the gateway ended before they were counted:
/// those are charged by its own count, which is no less.
async fn of_provider_or_cut(fleet: &Fleet, keys: &[Key]) -> Result<Spend, String> {
    let mut spend = of_provider(fleet, keys);
    let billed = requests::billed(fleet, "openai");
    for (name, charge) in requests::cut(fleet).await {
        let billed = billed.get(&name).copied().unwrap_or_default();
        let Some(more) = charge.checked_sub(billed) else {
            return Err(format!("{name} was cut: billed {billed}, charged {charge}"));
        };
        let key = keys
            .iter()
            .find(|key| name.starts_with(&format!("{}.", key.bill)));
        add(&mut spend, key.unwrap(), i64::try_from(more).unwrap());
    }
    Ok(spend)
}

/// The sum of the ledger's rows.
pub async fn of_rows(fleet: &Fleet, keys: &[Key]) -> Spend {
    let sums = "SELECT d.key_id, sum(a.charge_nanousd)::bigint FROM attempts a JOIN usage_dimensions d ON d.id = a.dimension_id GROUP BY 1";
    by_key(fleet, keys, sums).await
}

/// The sum of the roll-ups.
pub async fn of_quarters(fleet: &Fleet, keys: &[Key]) -> Spend {
    let sums = "SELECT d.key_id, sum(q.charge_nanousd)::bigint FROM usage_quarters q JOIN usage_dimensions d ON d.id = q.dimension_id GROUP BY 1";
    by_key(fleet, keys, sums).await
}

async fn by_key(fleet: &Fleet, keys: &[Key], sums: &str) -> Spend {
    let mut spend = Spend::new();
    let rows = fleet.database.rows(sums).await;
    for key in keys {
        let row = rows.iter().find(|row| row[0] == key.id);
        add(
            &mut spend,
            key,
            row.map_or(0, |row| row[1].parse().unwrap()),
        );
    }
    spend
}

/// What `/api/v1/usage` reports, by each scope of its own.
pub async fn of_reports(fleet: &Fleet, keys: &[Key]) -> Spend {
    let mut spend = Spend::new();
    for key in keys {
        add(&mut spend, key, 0);
    }
    for dimension in ["key", "team", "organization"] {
        let path = format!("/api/v1/usage?group_by={dimension}&limit=200");
        let report = fleet.admin().get(&path).await;
        assert_eq!(report.status, 200, "{}", report.text());
        for line in report.json()["items"].as_array().unwrap() {
            let id = line["groups"][dimension].as_str().unwrap();
            let charge = dollars(line["sums"]["charge_usd"].as_str().unwrap());
            if let Some(known) = spend.get_mut(&format!("{dimension}:{id}")) {
                *known = charge;
            }
        }
    }
    spend
}

/// Decimal dollars in nano-dollars.
fn dollars(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<9}").parse().unwrap()
}

/// The counters of all time that Redis knows, by scope.
pub fn counters(fleet: &Fleet, keys: &[Key]) -> BTreeMap<String, Counter> {
    let mut found = BTreeMap::new();
    let primary = fleet.redis.primary();
    let mut organizations: Vec<&str> = keys.iter().map(|key| &*key.organization_id).collect();
    organizations.dedup();
    for organization in organizations {
        let prefix = format!("h1:{{o:{organization}}}:b:");
        let names: Vec<String> = fleet
            .redis
            .says(primary, &["KEYS", &format!("{prefix}*/life")]);
        for name in names {
            let fields: Vec<Option<String>> = fleet
                .redis
                .says(primary, &["HMGET", &name, "t", "s", "r", "x"]);
            let amount = |at: usize| fields[at].as_deref().unwrap_or("0").parse().unwrap();
            let scope = name[prefix.len()..].trim_end_matches("/life").to_owned();
            if fields[0].as_deref() == Some("S") {
                found.insert(
                    scope,
                    Counter {
                        settled: amount(1),
                        reserved: amount(2),
                        orphaned: amount(3),
                    },
                );
            }
        }
    }
    found
}

/// Rows that the provider has not counted, or that did not end well.
async fn uncounted(fleet: &Fleet) -> Vec<Vec<String>> {
    let rows =
        "SELECT to_jsonb(attempts)::text FROM attempts WHERE outcome <> 'ok' OR estimated LIMIT 20";
    fleet.database.rows(rows).await
}

/// Where two books differ, in words.
pub fn differences(name: &str, theirs: &Spend, ours: &Spend) -> Result<(), String> {
    let different = theirs
        .iter()
        .filter(|(scope, nanousd)| ours.get(*scope).copied().unwrap_or_default() != **nanousd);
    let words: Vec<String> = different
        .map(|(scope, nanousd)| format!("{scope}: {nanousd}, {name} {:?}", ours.get(scope)))
        .collect();
    if words.is_empty() {
        Ok(())
    } else {
        Err(words.join("\n"))
    }
}

/// Where counters differ from a book. Every counter has to hold nothing, and to be as the book says.
pub fn off(counters: &BTreeMap<String, Counter>, spend: &Spend) -> Result<(), String> {
    let wrong = counters.iter().filter(|(scope, counter)| {
        let settled = spend.get(*scope).copied().unwrap_or_default();
        **counter
            != Counter {
                settled,
                ..Counter::default()
            }
    });
    let words: Vec<String> = wrong
        .map(|(scope, counter)| format!("{scope}: {counter:?}, spent {:?}", spend.get(scope)))
        .collect();
    if words.is_empty() {
        Ok(())
    } else {
        Err(words.join("\n"))
    }
}

/// The books agree, every one with every other, in the end; so many counters are among them.
pub async fn agree(fleet: &Fleet, keys: &[Key], count: usize) {
    until("the rows are what the provider bills", || async {
        let billed = of_provider_or_cut(fleet, keys).await?;
        match differences("rows", &billed, &of_rows(fleet, keys).await) {
            Ok(()) => Ok(()),
            Err(words) => Err(format!("{words}\n{:?}", uncounted(fleet).await)),
        }
    })
    .await;
    let billed = of_provider_or_cut(fleet, keys).await.unwrap();
    let quarters = of_quarters(fleet, keys).await;
    assert_eq!(differences("roll-ups", &billed, &quarters), Ok(()));
    let reports = of_reports(fleet, keys).await;
    assert_eq!(differences("reports", &billed, &reports), Ok(()));
    until("the counters are what the provider bills", || async {
        let counters = counters(fleet, keys);
        off(&counters, &billed)?;
        match counters.len() {
            known if known == count => Ok(()),
            _ => Err(format!("{counters:?}")),
        }
    })
    .await;
}
