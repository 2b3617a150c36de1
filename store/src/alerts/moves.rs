//! Which spend has moved: the ledger notes it with each batch, in the same transaction; whoever looks
//! at budgets reads it, looks, and only then forgets it.
//!
//! One row for each batch: appending is never delayed by readers, and nothing is missed by one that is
//! killed. What is looked at twice is told once, for an alert's occasion is unique.

use std::collections::{BTreeMap, BTreeSet};

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use domain::ledger::{Batch, Payer};
use domain::spend::SpendScope;

use crate::Store;
use crate::connection::Connection;
use crate::error::Result;
use crate::sql::{Cell, Given, Kind, Sql};

/// How many dimensions one query asks for.
const AT_ONCE: usize = 5_000;

/// Spend that has moved since somebody looked.
#[derive(Debug, Default)]
pub struct Moved {
    /// Whose.
    pub scopes: BTreeSet<SpendScope>,
    /// The notes that say so: to be forgotten when the budgets have been looked at.
    pub notes: Vec<String>,
}

#[derive(QueryableByName)]
struct Note {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    dimensions: String,
}

#[derive(QueryableByName)]
struct Dimension {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    organization_id: String,
    #[diesel(sql_type = Text)]
    team_id: String,
    #[diesel(sql_type = Text)]
    project_id: String,
    #[diesel(sql_type = Text)]
    key_id: String,
    #[diesel(sql_type = Text)]
    user_id: String,
    #[diesel(sql_type = Text)]
    end_user: String,
}

#[derive(QueryableByName)]
struct Tagged {
    #[diesel(sql_type = BigInt)]
    dimension_id: i64,
    #[diesel(sql_type = Text)]
    tag: String,
}

/// Notes that spend of these dimensions moved, in the transaction of the batch.
pub(crate) async fn note(
    connection: &mut Connection,
    batch: &Batch,
    dimensions: &[i64],
) -> Result<()> {
    let each: BTreeSet<i64> = dimensions.iter().copied().collect();
    let text = serde_json::to_string(&each).unwrap_or_default();
    let mut sql = Sql::new(
        connection.dialect(),
        "INSERT INTO spend_moves (id, dimensions) VALUES (",
    );
    // A strand is never used twice, and each of its parts is taken once.
    let (segment, offset_bytes) = (batch.to.segment, batch.to.offset_bytes);
    sql.text(&format!("{}.{segment}.{offset_bytes}", batch.strand))
        .push(", ")
        .text(&text)
        .push(")");
    connection.execute(sql).await?;
    Ok(())
}

impl Store {
    /// What has moved, by at most this many notes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn moved(&self, most_notes: i64) -> Result<Moved> {
        let mut connection = self.connect().await?;
        let mut sql = Sql::new(
            connection.dialect(),
            "SELECT id, dimensions FROM spend_moves LIMIT ",
        );
        sql.number(most_notes);
        let notes: Vec<Note> = connection.load(sql).await?;
        let mut numbers = BTreeSet::new();
        for note in &notes {
            // Written by `note`; one that was changed by hand names nothing.
            numbers.extend(serde_json::from_str::<Vec<i64>>(&note.dimensions).unwrap_or_default());
        }
        let mut scopes = BTreeSet::new();
        let numbers: Vec<i64> = numbers.into_iter().collect();
        for part in numbers.chunks(AT_ONCE) {
            for payer in payers(&mut connection, part).await? {
                scopes.extend(payer.scopes());
            }
        }
        Ok(Moved {
            scopes,
            notes: notes.into_iter().map(|note| note.id).collect(),
        })
    }

    /// Forgets notes of what moved.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_moves(&self, notes: &[String]) -> Result<()> {
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        let mut sql = Sql::new(connection.dialect(), "DELETE FROM spend_moves WHERE id");
        sql.among(notes.iter().map(String::as_str));
        connection.execute(sql).await?;
        Ok(())
    }
}

async fn payers(connection: &mut Connection, numbers: &[i64]) -> Result<Vec<Payer>> {
    let given = || {
        let mut given = Given::new(&[("id", Kind::Number)]);
        for number in numbers {
            given.row([Cell::from(*number)]);
        }
        given
    };
    let mut sql = Sql::new(
        connection.dialect(),
        "SELECT d.id, d.organization_id, d.team_id, d.project_id, d.key_id, d.user_id, d.end_user \
         FROM usage_dimensions d JOIN ",
    );
    sql.rows(given(), "r").push(" ON r.id = d.id");
    let dimensions: Vec<Dimension> = connection.load(sql).await?;
    let mut sql = Sql::new(
        connection.dialect(),
        "SELECT t.dimension_id, t.tag FROM usage_dimension_tags t JOIN ",
    );
    sql.rows(given(), "r").push(" ON r.id = t.dimension_id");
    let tags: Vec<Tagged> = connection.load(sql).await?;
    let mut tags_of = BTreeMap::<i64, Vec<String>>::new();
    for Tagged { dimension_id, tag } in tags {
        tags_of.entry(dimension_id).or_default().push(tag);
    }
    let named = |word: String| (!word.is_empty()).then_some(word);
    let payer = |dimension: Dimension| Payer {
        organization_id: dimension.organization_id,
        key_id: named(dimension.key_id),
        team_id: named(dimension.team_id),
        project_id: named(dimension.project_id),
        user_id: named(dimension.user_id),
        end_user: named(dimension.end_user),
        tags: tags_of.get(&dimension.id).cloned().unwrap_or_default(),
        environment: None,
    };
    Ok(dimensions.into_iter().map(payer).collect())
}
