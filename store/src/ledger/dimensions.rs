//! Combinations of what usage is split by: each has a number, given once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use domain::ledger::{AttemptEntry, RequestEntry};
use sha2::{Digest, Sha256};

use crate::connection::Connection;
use crate::error::Result;
use crate::sql::{Cell, Dialect, Given, Kind, Sql};
use crate::usage::pieces::Rollup;

/// The columns of `usage_dimensions` that hold text, in the order of [`Combination::words`].
pub(crate) const WORDS: [&str; 13] = [
    "organization_id",
    "team_id",
    "project_id",
    "key_id",
    "user_id",
    "end_user",
    "environment",
    "model_group",
    "provider",
    "model",
    "deployment_id",
    "operation",
    "time_zone",
];

/// Those of `team_dimensions`, in the order of [`Combination::of_team`].
const TEAM_WORDS: [&str; 9] = [
    "organization_id",
    "team_id",
    "environment",
    "model_group",
    "provider",
    "model",
    "deployment_id",
    "operation",
    "time_zone",
];

/// One combination.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Combination<'a> {
    words: [&'a str; 13],
    status: u16,
    /// In order, each once.
    tags: &'a [String],
}

impl<'a> Combination<'a> {
    /// That of a request and one of its attempts, or of a request that came to none.
    pub fn of(entry: &'a RequestEntry, attempt: Option<&'a AttemptEntry>, zone: &'a str) -> Self {
        let payer = &entry.payer;
        let word = |word: &'a Option<String>| word.as_deref().unwrap_or_default();
        let named = |named: fn(&AttemptEntry) -> &str| attempt.map_or("", named);
        Self {
            words: [
                &payer.organization_id,
                word(&payer.team_id),
                word(&payer.project_id),
                word(&payer.key_id),
                word(&payer.user_id),
                word(&payer.end_user),
                word(&payer.environment),
                named(|attempt| &attempt.group),
                named(|attempt| &attempt.provider),
                named(|attempt| &attempt.model),
                named(|attempt| &attempt.deployment_id),
                &entry.operation,
                zone,
            ],
            status: entry.status,
            tags: &payer.tags,
        }
    }

    /// Half a SHA-256 of everything, each word with its length before it.
    fn digest(&self) -> String {
        digest(
            self.words
                .into_iter()
                .chain(self.tags.iter().map(String::as_str)),
            self.status,
        )
    }

    /// The same without who of the team it was.
    const fn of_team(&self) -> [&'a str; 9] {
        let [
            organization,
            team,
            _project,
            _key,
            _user,
            _end_user,
            environment,
            group,
            provider,
            model,
            deployment,
            operation,
            zone,
        ] = self.words;
        [
            organization,
            team,
            environment,
            group,
            provider,
            model,
            deployment,
            operation,
            zone,
        ]
    }

    fn team_digest(&self) -> String {
        digest(self.of_team().into_iter(), self.status)
    }
}

fn digest<'w>(words: impl Iterator<Item = &'w str>, status: u16) -> String {
    let mut hash = Sha256::new();
    for word in words {
        hash.update(word.len().to_le_bytes());
        hash.update(word);
    }
    hash.update(status.to_le_bytes());
    let digest = domain::hex::encode(&hash.finalize());
    digest.chars().take(32).collect()
}

/// The numbers of a combination.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Number {
    /// Its own.
    pub id: i64,
    /// That of its team's.
    pub team: i64,
}

#[derive(QueryableByName)]
struct Numbered {
    #[diesel(sql_type = Text)]
    digest: String,
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    team: i64,
}

/// The numbers of combinations, in their order; those that are new get one.
pub(super) async fn numbers(
    connection: &mut Connection,
    combinations: &[Combination<'_>],
) -> Result<Vec<Number>> {
    let digests: Vec<String> = combinations.iter().map(Combination::digest).collect();
    let mut known = numbered(connection, Rollup::Payers, &digests).await?;
    let mut fresh: Vec<(&String, &Combination<'_>)> = digests
        .iter()
        .zip(combinations)
        .filter(|(digest, _combination)| !known.contains_key(*digest))
        .collect();
    if !fresh.is_empty() {
        // In one order everywhere, so that two writers wait for one another in that order only.
        fresh.sort_by_key(|(digest, _combination)| *digest);
        let teams = numbers_of_teams(connection, &fresh).await?;
        insert(connection, &fresh, &teams).await?;
        let asked: Vec<String> = fresh.iter().map(|(digest, _)| (*digest).clone()).collect();
        known.extend(numbered(connection, Rollup::Payers, &asked).await?);
        insert_tags(connection, &fresh, &known).await?;
    }
    let number = |digest: &String| known.get(digest).copied().unwrap_or_default();
    Ok(digests.iter().map(number).collect())
}

/// The numbers of the teams' combinations that have these numbers themselves.
pub(super) async fn teams_of(
    connection: &mut Connection,
    ids: &BTreeSet<i64>,
) -> Result<HashMap<i64, i64>> {
    let mut given = Given::new(&[("id", Kind::Number)]);
    for id in ids {
        given.row([Cell::from(*id)]);
    }
    let text = "SELECT d.digest, d.id, d.team_dimension_id AS team FROM usage_dimensions d JOIN ";
    let mut sql = Sql::new(connection.dialect(), text);
    sql.rows(given, "r").push(" ON r.id = d.id");
    let rows: Vec<Numbered> = connection.load(sql).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.team)).collect())
}

async fn numbered(
    connection: &mut Connection,
    rollup: Rollup,
    digests: &[String],
) -> Result<HashMap<String, Number>> {
    let text = match rollup {
        Rollup::Payers => {
            "SELECT digest, id, team_dimension_id AS team FROM usage_dimensions WHERE digest"
        }
        Rollup::Teams => "SELECT digest, id, id AS team FROM team_dimensions WHERE digest",
    };
    let mut sql = Sql::new(connection.dialect(), text);
    sql.among(digests.iter().map(String::as_str));
    let rows: Vec<Numbered> = connection.load(sql).await?;
    let numbered = |row: Numbered| {
        let Numbered { digest, id, team } = row;
        (digest, Number { id, team })
    };
    Ok(rows.into_iter().map(numbered).collect())
}

type Fresh<'f, 'a> = [(&'f String, &'f Combination<'a>)];

/// The numbers of the teams' combinations of new ones, by their digests.
async fn numbers_of_teams(
    connection: &mut Connection,
    fresh: &Fresh<'_, '_>,
) -> Result<HashMap<String, Number>> {
    let teams: BTreeMap<String, &Combination<'_>> = fresh
        .iter()
        .map(|(_digest, combination)| (combination.team_digest(), *combination))
        .collect();
    let digests: Vec<String> = teams.keys().cloned().collect();
    let known = numbered(connection, Rollup::Teams, &digests).await?;
    let mut columns = vec![("digest", Kind::Text), ("status", Kind::Number)];
    columns.extend(TEAM_WORDS.map(|word| (word, Kind::Text)));
    let mut given = Given::new(&columns);
    for (digest, combination) in &teams {
        if !known.contains_key(digest) {
            let named = [
                Cell::from(digest.as_str()),
                Cell::from(u32::from(combination.status)),
            ];
            given.row(
                named
                    .into_iter()
                    .chain(combination.of_team().map(Cell::from)),
            );
        }
    }
    if given.is_empty() {
        return Ok(known);
    }
    insert_numbered(connection, Rollup::Teams, given).await?;
    numbered(connection, Rollup::Teams, &digests).await
}

async fn insert(
    connection: &mut Connection,
    fresh: &Fresh<'_, '_>,
    teams: &HashMap<String, Number>,
) -> Result<()> {
    let mut columns = vec![
        ("digest", Kind::Text),
        ("status", Kind::Number),
        ("team_dimension_id", Kind::Number),
    ];
    columns.extend(WORDS.map(|word| (word, Kind::Text)));
    let mut given = Given::new(&columns);
    let mut zones = Given::new(&[("time_zone", Kind::Text)]);
    let mut zone_before = None;
    for (digest, combination) in fresh {
        let team = teams.get(&combination.team_digest()).copied();
        let named = [
            Cell::from(digest.as_str()),
            Cell::from(u32::from(combination.status)),
            Cell::from(team.unwrap_or_default().id),
        ];
        given.row(named.into_iter().chain(combination.words.map(Cell::from)));
        let zone = combination.words.last().copied();
        if zone != zone_before {
            zones.row(zone.map(Cell::from));
            zone_before = zone;
        }
    }
    insert_numbered(connection, Rollup::Payers, given).await?;
    let text = "INSERT INTO usage_zones (time_zone) SELECT DISTINCT time_zone FROM ";
    let mut sql = Sql::new(connection.dialect(), text);
    sql.rows(zones, "r")
        .push(" WHERE true ORDER BY time_zone ON CONFLICT (time_zone) DO NOTHING");
    connection.execute(sql).await?;
    Ok(())
}

/// Inserts what is not there yet; each gets the next number.
async fn insert_numbered(connection: &mut Connection, rollup: Rollup, given: Given) -> Result<()> {
    let (list, table) = (given.list(), rollup.dimensions());
    let text = match connection.dialect() {
        Dialect::Postgres => format!("INSERT INTO {table} ({list}) SELECT {list} FROM "),
        // One writes at a time.
        Dialect::Sqlite => format!(
            "INSERT INTO {table} (id, {list}) SELECT \
             (SELECT COALESCE(MAX(id), 0) FROM {table}) + ROW_NUMBER() OVER (), {list} FROM "
        ),
    };
    let mut sql = Sql::new(connection.dialect(), &text);
    sql.rows(given, "r")
        .push(" WHERE true ON CONFLICT (digest) DO NOTHING");
    connection.execute(sql).await?;
    Ok(())
}

async fn insert_tags(
    connection: &mut Connection,
    fresh: &Fresh<'_, '_>,
    known: &HashMap<String, Number>,
) -> Result<()> {
    let mut given = Given::new(&[("dimension_id", Kind::Number), ("tag", Kind::Text)]);
    for (digest, combination) in fresh {
        let Number { id, team: _ } = known.get(*digest).copied().unwrap_or_default();
        for tag in combination.tags {
            given.row([Cell::from(id), Cell::from(tag.as_str())]);
        }
    }
    if given.is_empty() {
        return Ok(());
    }
    let text =
        "INSERT INTO usage_dimension_tags (dimension_id, tag) SELECT dimension_id, tag FROM ";
    let mut sql = Sql::new(connection.dialect(), text);
    sql.rows(given, "r")
        .push(" WHERE true ON CONFLICT (dimension_id, tag) DO NOTHING");
    connection.execute(sql).await?;
    Ok(())
}
