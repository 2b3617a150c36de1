//! The queue: an alert and its deliveries are written together or not at all, a delivery is taken by
//! one sender at a time, and one whose sender died is taken again.

use diesel::sql_types::{BigInt, Text};
use diesel::{ExpressionMethods, QueryDsl, QueryableByName, SelectableHelper};
use diesel_async::RunQueryDsl;
use domain::alerts::{Alert, DeliveryState, TargetName};
use domain::ids::DeliveryId;
use domain::time::TimestampMs;

use crate::Store;
use crate::alerts::{AlertRow, DeliveryRow};
use crate::column::Column;
use crate::connection::{Connection, on_either};
use crate::error::{Result, StoreError};
use crate::schema::{alert_deliveries, alerts};
use crate::sql::{Dialect, Sql};

/// An alert, and where it goes.
#[derive(Clone, Debug)]
pub struct Queued {
    /// What happened.
    pub alert: Alert,
    /// The targets that hear of it.
    pub targets: Vec<TargetName>,
}

/// A delivery that this sender has taken: nobody else takes it before the lease ends.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The delivery.
    pub id: DeliveryId,
    /// Which try this is, from 1. It says whose lease it is.
    pub attempt: u64,
    /// Where it goes.
    pub target: TargetName,
    /// What it says.
    pub alert: Alert,
}

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The target took it.
    Sent,
    /// It did not; it is tried again then.
    Again(TimestampMs, String),
    /// It did not, and it is given up.
    Dead(String),
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    alert_id: String,
    #[diesel(sql_type = Text)]
    target: String,
    #[diesel(sql_type = BigInt)]
    attempts: i64,
}

impl Store {
    /// Queues alerts whose occasion is new, each in the same transaction as its deliveries; gives
    /// those that were new.
    ///
    /// # Errors
    /// When the database does not answer; then none of them is queued.
    pub async fn queue_alerts(&self, queued: &[Queued]) -> Result<Vec<Alert>> {
        if queued.is_empty() {
            return Ok(Vec::new());
        }
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        connection.begin_writing().await?;
        match queue(&mut connection, queued).await {
            Ok(new) => {
                connection.commit().await?;
                Ok(new)
            }
            Err(cause) => {
                connection.close();
                Err(cause)
            }
        }
    }

    /// Takes deliveries that are due; each is tried again when the lease ends before
    /// [`Store::delivery_ended`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim_deliveries(
        &self,
        now: TimestampMs,
        lease_ms: u64,
        most: i64,
    ) -> Result<Vec<Claimed>> {
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        let mut sql = Sql::new(
            connection.dialect(),
            "UPDATE alert_deliveries SET attempts = attempts + 1, next_attempt_at_ms = ",
        );
        sql.number(TimestampMs(now.0.saturating_add(lease_ms)).to_stored())
            .push(
                " WHERE id IN (SELECT id FROM alert_deliveries \
                 WHERE state = 'waiting' AND next_attempt_at_ms <= ",
            )
            .number(now.to_stored())
            .push(" ORDER BY next_attempt_at_ms, id LIMIT ")
            .number(most);
        if sql.dialect() == Dialect::Postgres {
            sql.push(" FOR UPDATE SKIP LOCKED");
        }
        sql.push(") RETURNING id, alert_id, target, attempts");
        let taken: Vec<Taken> = Connection::load(&mut connection, sql).await?;
        claimed(&mut connection, taken).await
    }

    /// Notes what became of a try, unless somebody else has taken the delivery since.
    ///
    /// # Errors
    /// When the database does not answer: the delivery is then tried again when its lease ends.
    pub async fn delivery_ended(
        &self,
        claimed: &Claimed,
        now: TimestampMs,
        outcome: Outcome,
    ) -> Result<()> {
        let (state, next, error) = match outcome {
            Outcome::Sent => (DeliveryState::Sent, None, None),
            Outcome::Again(at, error) => (DeliveryState::Waiting, Some(at), Some(error)),
            Outcome::Dead(error) => (DeliveryState::Dead, None, Some(error)),
        };
        let ended_at_ms = next.is_none().then(|| now.to_stored());
        let next_ms = next.unwrap_or(now).to_stored();
        let mine = (claimed.id.as_str(), claimed.attempt.to_stored());
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        on_either!(connection, c => diesel::update(alert_deliveries::table)
            .filter(alert_deliveries::id.eq(mine.0))
            .filter(alert_deliveries::attempts.eq(mine.1))
            .set((
                alert_deliveries::state.eq(state.as_str()),
                alert_deliveries::next_attempt_at_ms.eq(next_ms),
                alert_deliveries::last_error.eq(&error),
                alert_deliveries::ended_at_ms.eq(ended_at_ms),
            ))
            .execute(c)
            .await?);
        Ok(())
    }

    /// Forgets alerts of windows that ended before a time. Those of budgets that never start anew
    /// stay: they are what keeps them from being told again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_alerts(&self, ended_before: TimestampMs) -> Result<usize> {
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        let mut sql = Sql::new(
            connection.dialect(),
            "DELETE FROM alerts WHERE window_ends_at_ms < ",
        );
        sql.number(ended_before.to_stored());
        Connection::execute(&mut connection, sql).await
    }
}

async fn queue(connection: &mut Connection, queued: &[Queued]) -> Result<Vec<Alert>> {
    let mut new = Vec::new();
    for Queued { alert, targets } in queued {
        let row = AlertRow::from(alert);
        let written = on_either!(*connection, c => diesel::insert_into(alerts::table)
            .values(&row)
            .on_conflict(alerts::occasion)
            .do_nothing()
            .execute(c)
            .await?);
        if written == 0 {
            continue;
        }
        for target in targets {
            let row = waiting(alert, target);
            on_either!(*connection, c => diesel::insert_into(alert_deliveries::table)
                .values(&row)
                .execute(c)
                .await?);
        }
        new.push(alert.clone());
    }
    Ok(new)
}

fn waiting(alert: &Alert, target: &TargetName) -> DeliveryRow {
    DeliveryRow {
        id: DeliveryId::generate().to_stored(),
        alert_id: alert.id.to_stored(),
        target: target.to_stored(),
        state: DeliveryState::Waiting.to_stored(),
        attempts: 0,
        next_attempt_at_ms: alert.at.to_stored(),
        last_error: None,
        ended_at_ms: None,
    }
}

async fn claimed(connection: &mut Connection, taken: Vec<Taken>) -> Result<Vec<Claimed>> {
    if taken.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<&str> = taken.iter().map(|one| one.alert_id.as_str()).collect();
    let rows: Vec<AlertRow> = on_either!(*connection, c => alerts::table
        .filter(alerts::id.eq_any(&ids))
        .select(AlertRow::as_select())
        .load(c)
        .await?);
    let told: Vec<Alert> = rows
        .into_iter()
        .map(Alert::try_from)
        .collect::<Result<_>>()?;
    let mut all = Vec::new();
    for one in taken {
        let alert = told.iter().find(|alert| alert.id.as_str() == one.alert_id);
        all.push(Claimed {
            attempt: u64::try_from(one.attempts).unwrap_or(0),
            target: TargetName::new(one.target),
            alert: alert.cloned().ok_or(StoreError::Missing)?,
            id: DeliveryId::new(one.id),
        });
    }
    Ok(all)
}
