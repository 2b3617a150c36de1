//! Combinations of what usage is split by: each has a number, given once.

use std::collections::HashMap;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use domain::ledger::{AttemptEntry, RequestEntry};
use sha2::{Digest, Sha256};

use crate::connection::Connection;
use crate::error::Result;
use crate::sql::{Cell, Dialect, Given, Kind, Sql};

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
        let mut hash = Sha256::new();
        let words = self.words.iter().copied();
        for word in words.chain(self.tags.iter().map(String::as_str)) {
            hash.update(word.len().to_le_bytes());
            hash.update(word);
        }
        hash.update(self.status.to_le_bytes());
        let digest = domain::hex::encode(&hash.finalize());
        digest.chars().take(32).collect()
    }
}

#[derive(QueryableByName)]
struct Numbered {
    #[diesel(sql_type = Text)]
    digest: String,
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The numbers of combinations, in their order; those that are new get one.
pub(super) async fn numbers(
    connection: &mut Connection,
    combinations: &[Combination<'_>],
) -> Result<Vec<i64>> {
    let digests: Vec<String> = combinations.iter().map(Combination::digest).collect();
    let mut known = numbered(connection, &digests).await?;
    let mut fresh: Vec<(&String, &Combination<'_>)> = digests
        .iter()
        .zip(combinations)
        .filter(|(digest, _combination)| !known.contains_key(*digest))
        .collect();
    if !fresh.is_empty() {
        // In one order everywhere, so that two writers wait for one another in that order only.
        fresh.sort_by_key(|(digest, _combination)| *digest);
        insert(connection, &fresh).await?;
        let asked: Vec<String> = fresh.iter().map(|(digest, _)| (*digest).clone()).collect();
        known.extend(numbered(connection, &asked).await?);
        insert_tags(connection, &fresh, &known).await?;
    }
    let number = |digest: &String| known.get(digest).copied().unwrap_or_default();
    Ok(digests.iter().map(number).collect())
}

async fn numbered(connection: &mut Connection, digests: &[String]) -> Result<HashMap<String, i64>> {
    let text = "SELECT digest, id FROM usage_dimensions WHERE digest";
    let mut sql = Sql::new(connection.dialect(), text);
    sql.among(digests.iter().map(String::as_str));
    let rows: Vec<Numbered> = connection.load(sql).await?;
    Ok(rows.into_iter().map(|row| (row.digest, row.id)).collect())
}

async fn insert(connection: &mut Connection, fresh: &[(&String, &Combination<'_>)]) -> Result<()> {
    let mut columns = vec![("digest", Kind::Text), ("status", Kind::Number)];
    columns.extend(WORDS.map(|word| (word, Kind::Text)));
    let mut given = Given::new(&columns);
    let mut zones = Given::new(&[("time_zone", Kind::Text)]);
    let mut zone_before = None;
    for (digest, combination) in fresh {
        let words = combination.words.iter().map(|word| Cell::from(*word));
        let status = Cell::from(u32::from(combination.status));
        given.row(
            [Cell::from(digest.as_str()), status]
                .into_iter()
                .chain(words),
        );
        let zone = combination.words.last().copied();
        if zone != zone_before {
            zones.row(zone.map(Cell::from));
            zone_before = zone;
        }
    }
    let list = given.list();
    let mut sql = match connection.dialect() {
        Dialect::Postgres => {
            let text = format!("INSERT INTO usage_dimensions ({list}) SELECT {list} FROM ");
            Sql::new(Dialect::Postgres, &text)
        }
        // One writes at a time.
        Dialect::Sqlite => {
            let text = format!(
                "INSERT INTO usage_dimensions (id, {list}) SELECT \
                 (SELECT COALESCE(MAX(id), 0) FROM usage_dimensions) + ROW_NUMBER() OVER (), \
                 {list} FROM "
            );
            Sql::new(Dialect::Sqlite, &text)
        }
    };
    sql.rows(given, "r")
        .push(" WHERE true ON CONFLICT (digest) DO NOTHING");
    connection.execute(sql).await?;
    let text = "INSERT INTO usage_zones (time_zone) SELECT DISTINCT time_zone FROM ";
    let mut sql = Sql::new(connection.dialect(), text);
    sql.rows(zones, "r")
        .push(" WHERE true ORDER BY time_zone ON CONFLICT (time_zone) DO NOTHING");
    connection.execute(sql).await?;
    Ok(())
}

async fn insert_tags(
    connection: &mut Connection,
    fresh: &[(&String, &Combination<'_>)],
    known: &HashMap<String, i64>,
) -> Result<()> {
    let mut given = Given::new(&[("dimension_id", Kind::Number), ("tag", Kind::Text)]);
    for (digest, combination) in fresh {
        let id = known.get(*digest).copied().unwrap_or_default();
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
