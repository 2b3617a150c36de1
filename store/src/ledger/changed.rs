//! Figures that change afterwards: rows, roll-ups and the note of both figures, in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::AdjustmentId;
use domain::money::NanoUsd;
use domain::spend::{Adjustment, REWRITTEN, ScopeKind, SpendScope};
use domain::time::TimestampMs;

use crate::column::Column;
use crate::error::Result;
use crate::ledger::dimensions;
use crate::ledger::measures::{Measures, add};
use crate::ledger::rollups::{Days, Sums, write_sums};
use crate::sql::{Cell, Given, Kind, Sql};
use crate::transaction::Transaction;
use crate::usage::pieces::floor;

/// An attempt whose figure changes.
pub(crate) struct Change {
    pub request_id: String,
    pub number: i64,
    pub reserved_at: TimestampMs,
    pub dimension_id: i64,
    pub organization_id: String,
    pub zone: String,
    /// As it is.
    pub old: NanoUsd,
    /// As it becomes.
    pub new: NanoUsd,
    /// Whether the figure was, and stays, an estimate.
    pub estimated: bool,
    /// Whether it is an orphan, and is none afterwards.
    pub orphaned: bool,
}

/// Who changes figures, and why.
pub(crate) struct Changer<'a> {
    pub actor: &'a str,
    pub reason: &'a str,
    pub at: TimestampMs,
}

/// By what roll-ups change; written once, at the end, so that their rows are locked in one order.
#[derive(Default)]
pub(crate) struct Differences {
    quarters: Sums,
    days: Sums,
    organizations: BTreeSet<String>,
    zones: Days,
}

impl Differences {
    fn add(&mut self, change: &Change) {
        let by = change.new.0.saturating_sub(change.old.0);
        let estimated = if change.estimated { by } else { 0 };
        let orphaned = match change.orphaned {
            true => change.old.0.saturating_neg(),
            false => 0,
        };
        let measures: Measures = [
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, by, estimated, orphaned, 0,
        ];
        let (at, id) = (change.reserved_at, change.dimension_id);
        let quarter = floor(at).to_stored();
        let day = self.zones.starts_at(&change.zone, at).to_stored();
        add(self.quarters.entry((quarter, id)).or_default(), &measures);
        add(self.days.entry((id, day)).or_default(), &measures);
        self.organizations.insert(change.organization_id.clone());
    }

    /// Changes the roll-ups, and tells data planes to count anew.
    pub async fn write(self, change: &mut Transaction<'_>, by: &Changer<'_>) -> Result<()> {
        let connection = change.connection()?;
        let ids = self.quarters.keys().map(|(_at, id)| *id).collect();
        let teams = dimensions::teams_of(connection, &ids).await?;
        write_sums(connection, (self.quarters, self.days), &teams).await?;
        for organization_id in self.organizations {
            let rewritten = Adjustment {
                id: AdjustmentId::generate(),
                scope: SpendScope::new(ScopeKind::Organization, organization_id),
                model: None,
                window: None,
                amount_nanousd: NanoUsd(0),
                kind: REWRITTEN.to_owned(),
                reason: by.reason.to_owned(),
                actor: by.actor.to_owned(),
                at: by.at,
            };
            change.adjust(&rewritten).await?;
        }
        Ok(())
    }
}

/// Changes rows and notes both figures of each; the roll-ups are changed by what is noted in
/// `differences`.
pub(crate) async fn change_rows(
    transaction: &mut Transaction<'_>,
    by: &Changer<'_>,
    changes: &[Change],
    differences: &mut Differences,
) -> Result<()> {
    let times = || changes.iter().map(|change| change.reserved_at);
    let (Some(first), Some(last)) = (times().min(), times().max()) else {
        return Ok(());
    };
    for change in changes {
        differences.add(change);
    }
    update_attempts(transaction, changes, (first, last)).await?;
    update_requests(transaction, changes, (first, last)).await?;
    note(transaction, by, changes).await
}

async fn update_attempts(
    transaction: &mut Transaction<'_>,
    changes: &[Change],
    (first, last): (TimestampMs, TimestampMs),
) -> Result<()> {
    let mut given = Given::new(&[
        ("request_id", Kind::Text),
        ("number", Kind::Number),
        ("new_nanousd", Kind::Number),
        ("orphaned", Kind::Truth),
    ]);
    for change in changes {
        given.row([
            Cell::from(change.request_id.as_str()),
            Cell::from(change.number),
            Cell::from(change.new),
            Cell::from(change.orphaned),
        ]);
    }
    let connection = transaction.connection()?;
    let mut sql = Sql::new(
        connection.dialect(),
        "UPDATE attempts SET charge_nanousd = r.new_nanousd, priced = true, \
         outcome = CASE WHEN r.orphaned THEN 'settled' ELSE attempts.outcome END FROM ",
    );
    sql.rows(given, "r")
        .push(" WHERE attempts.request_id = r.request_id AND attempts.number = r.number")
        .push(" AND attempts.reserved_at_ms >= ")
        .number(first.to_stored())
        .push(" AND attempts.reserved_at_ms <= ")
        .number(last.to_stored());
    connection.execute(sql).await?;
    Ok(())
}

async fn update_requests(
    transaction: &mut Transaction<'_>,
    changes: &[Change],
    (first, last): (TimestampMs, TimestampMs),
) -> Result<()> {
    let mut by_request = BTreeMap::<&str, i64>::new();
    for change in changes {
        let by = by_request.entry(&change.request_id).or_default();
        *by = by.saturating_add(change.new.0.saturating_sub(change.old.0));
    }
    let mut given = Given::new(&[("request_id", Kind::Text), ("difference", Kind::Number)]);
    for (request_id, by) in by_request {
        given.row([Cell::from(request_id), Cell::from(by)]);
    }
    let connection = transaction.connection()?;
    let mut sql = Sql::new(
        connection.dialect(),
        "UPDATE requests SET charge_nanousd = requests.charge_nanousd + r.difference FROM ",
    );
    // A request comes in before its attempts, at most a day.
    let first = TimestampMs(first.0.saturating_sub(DAY_MS));
    sql.rows(given, "r")
        .push(" WHERE requests.id = r.request_id AND requests.at_ms >= ")
        .number(first.to_stored())
        .push(" AND requests.at_ms <= ")
        .number(TimestampMs(last.0.saturating_add(DAY_MS)).to_stored());
    connection.execute(sql).await?;
    Ok(())
}

const DAY_MS: u64 = 86_400_000;

async fn note(
    transaction: &mut Transaction<'_>,
    by: &Changer<'_>,
    changes: &[Change],
) -> Result<()> {
    let mut given = Given::new(&[
        ("request_id", Kind::Text),
        ("number", Kind::Number),
        ("revision", Kind::Number),
        ("at_ms", Kind::Number),
        ("actor", Kind::Text),
        ("reason", Kind::Text),
        ("old_nanousd", Kind::Number),
        ("new_nanousd", Kind::Number),
    ]);
    let revision = transaction.revision().0;
    for change in changes {
        given.row([
            Cell::from(change.request_id.as_str()),
            Cell::from(change.number),
            Cell::from(revision),
            Cell::from(by.at),
            Cell::from(by.actor),
            Cell::from(by.reason),
            Cell::from(change.old),
            Cell::from(change.new),
        ]);
    }
    let list = given.list();
    let text = format!("INSERT INTO attempt_corrections ({list}) SELECT {list} FROM ");
    let connection = transaction.connection()?;
    let mut sql = Sql::new(connection.dialect(), &text);
    sql.rows(given, "r");
    connection.execute(sql).await?;
    Ok(())
}
