//! Alerts of budgets: which spend moved, where alerts go, and the queue of those on their way.

mod levels;
pub(crate) mod moves;
mod queue;
mod targets;

use diesel::{ExpressionMethods, Insertable, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel_async::RunQueryDsl;
use domain::alerts::{Alert, Delivery};
use domain::ids::OrganizationId;
use domain::permissions::Scope;

pub use self::levels::Holders;
pub use self::moves::Moved;
pub use self::queue::{Claimed, Outcome, Queued};
pub use self::targets::TargetFilter;

use crate::Store;
use crate::column::Column;
use crate::connection::on_either;
use crate::error::{Result, StoreError};
use crate::listing::listed;
use crate::page::{Listed, Page};
use crate::schema::{alert_deliveries, alerts};

/// A row of `alerts`.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = alerts)]
pub(crate) struct AlertRow {
    id: String,
    occasion: String,
    organization_id: Option<String>,
    team_id: Option<String>,
    body: String,
    created_at_ms: i64,
    window_ends_at_ms: Option<i64>,
}

impl From<&Alert> for AlertRow {
    fn from(alert: &Alert) -> Self {
        let Alert {
            id,
            organization_id,
            team_id,
            matter,
            at,
        } = alert;
        Self {
            id: id.to_stored(),
            occasion: matter.occasion(),
            organization_id: organization_id.to_stored(),
            team_id: team_id.to_stored(),
            body: matter.to_stored(),
            created_at_ms: at.to_stored(),
            window_ends_at_ms: matter.ends_at().to_stored(),
        }
    }
}

impl TryFrom<AlertRow> for Alert {
    type Error = StoreError;

    fn try_from(row: AlertRow) -> Result<Self> {
        let AlertRow {
            id,
            occasion: _,
            organization_id,
            team_id,
            body,
            created_at_ms,
            window_ends_at_ms: _,
        } = row;
        let name = id.clone();
        let unreadable = |column: &'static str| {
            let id = name.clone();
            move |cause: String| StoreError::Unreadable { column, id, cause }
        };
        Ok(Self {
            id: Column::from_stored(id).map_err(unreadable("id"))?,
            organization_id: Column::from_stored(organization_id)
                .map_err(unreadable("organization_id"))?,
            team_id: Column::from_stored(team_id).map_err(unreadable("team_id"))?,
            matter: Column::from_stored(body).map_err(unreadable("body"))?,
            at: Column::from_stored(created_at_ms).map_err(unreadable("created_at_ms"))?,
        })
    }
}

/// A row of `alert_deliveries`.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = alert_deliveries)]
pub(crate) struct DeliveryRow {
    id: String,
    alert_id: String,
    target: String,
    state: String,
    attempts: i64,
    next_attempt_at_ms: i64,
    last_error: Option<String>,
    ended_at_ms: Option<i64>,
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = StoreError;

    fn try_from(row: DeliveryRow) -> Result<Self> {
        let DeliveryRow {
            id,
            alert_id,
            target,
            state,
            attempts,
            next_attempt_at_ms,
            last_error,
            ended_at_ms,
        } = row;
        let name = id.clone();
        let unreadable = |column: &'static str| {
            let id = name.clone();
            move |cause: String| StoreError::Unreadable { column, id, cause }
        };
        Ok(Self {
            id: Column::from_stored(id).map_err(unreadable("id"))?,
            alert_id: Column::from_stored(alert_id).map_err(unreadable("alert_id"))?,
            target: Column::from_stored(target).map_err(unreadable("target"))?,
            state: Column::from_stored(state).map_err(unreadable("state"))?,
            attempts: Column::from_stored(attempts).map_err(unreadable("attempts"))?,
            next_attempt_at: Column::from_stored(next_attempt_at_ms)
                .map_err(unreadable("next_attempt_at_ms"))?,
            last_error,
            ended_at: Column::from_stored(ended_at_ms).map_err(unreadable("ended_at_ms"))?,
        })
    }
}

/// An alert, and how far it is on its way to each target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What happened.
    pub alert: Alert,
    /// To whom it goes.
    pub deliveries: Vec<Delivery>,
}

/// Which alerts are listed; all that is said holds at once.
#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    /// Those of organizations that may be seen.
    pub scope: Scope,
    /// Those of this organization.
    pub organization_id: Option<OrganizationId>,
}

impl Store {
    /// Lists alerts with their deliveries, the newest first.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn alerts(&self, filter: &AlertFilter, page: &Page) -> Result<Listed<Told>> {
        let AlertFilter {
            scope,
            organization_id,
        } = filter;
        let listed: Result<Listed<Alert>> = listed!(self, page, AlertRow of Alert in alerts, {
            let mut query = alerts::table.into_boxed();
            if !scope.everything {
                let ids = scope.organizations.iter().map(OrganizationId::as_str);
                query = query.filter(alerts::organization_id.eq_any(ids));
            }
            if let Some(id) = organization_id {
                query = query.filter(alerts::organization_id.eq(id.as_str()));
            }
            query
        });
        let Listed { items, more, total } = listed?;
        let ids: Vec<&str> = items
            .iter()
            .map(|alert: &Alert| alert.id.as_str())
            .collect();
        let mut deliveries = self.deliveries_of(&ids).await?;
        let told = |alert: Alert| {
            let (own, others) = std::mem::take(&mut deliveries)
                .into_iter()
                .partition(|one: &Delivery| one.alert_id == alert.id);
            deliveries = others;
            Told {
                deliveries: own,
                alert,
            }
        };
        Ok(Listed {
            items: items.into_iter().map(told).collect(),
            more,
            total,
        })
    }

    async fn deliveries_of(&self, alert_ids: &[&str]) -> Result<Vec<Delivery>> {
        let mut connection = self.connect().await?;
        let rows: Vec<DeliveryRow> = on_either!(connection, c => alert_deliveries::table
            .filter(alert_deliveries::alert_id.eq_any(alert_ids))
            .order(alert_deliveries::id.asc())
            .select(DeliveryRow::as_select())
            .load(c)
            .await?);
        rows.into_iter().map(Delivery::try_from).collect()
    }
}
