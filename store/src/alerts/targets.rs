//! Where alerts go: found, listed, written.

use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::alerts::{AlertTarget, TargetKind};
use domain::ids::{AlertTargetId, OrganizationId};
use domain::permissions::Scope;
use domain::sealed::Sealed;
use serde_json::{Map, Value};

use crate::Store;
use crate::column::row;
use crate::connection::on_either;
use crate::error::Result;
use crate::listing::{found, listed};
use crate::page::{Listed, Page};
use crate::schema::alert_targets;
use crate::transaction::Transaction;

row!(AlertTargetRow of AlertTarget in alert_targets {
    id: AlertTargetId,
    organization_id: Option<OrganizationId>,
    name: String,
    kind: TargetKind,
    monthly: bool,
    of_platform: bool,
    info: Map<String, Value>,
    sealed_settings: Sealed,
});

/// Which targets are listed; all that is said holds at once.
#[derive(Clone, Debug, Default)]
pub struct TargetFilter {
    /// Those of organizations that may be seen.
    pub scope: Scope,
    /// Those of this organization.
    pub organization_id: Option<OrganizationId>,
}

impl Store {
    /// Finds a target.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn alert_target(&self, id: &str) -> Result<Option<AlertTarget>> {
        found!(self, AlertTargetRow of AlertTarget, alert_targets::table.find(id))
    }

    /// Lists targets.
    ///
    /// # Errors
    /// As [`Store::alert_target`].
    pub async fn alert_targets(
        &self,
        filter: &TargetFilter,
        page: &Page,
    ) -> Result<Listed<AlertTarget>> {
        let TargetFilter {
            scope,
            organization_id,
        } = filter;
        listed!(self, page, AlertTargetRow of AlertTarget in alert_targets, {
            let mut query = alert_targets::table.into_boxed();
            if !scope.everything {
                let ids = scope.organizations.iter().map(OrganizationId::as_str);
                query = query.filter(alert_targets::organization_id.eq_any(ids));
            }
            if let Some(id) = organization_id {
                query = query.filter(alert_targets::organization_id.eq(id.as_str()));
            }
            query
        })
    }

    /// The targets that hear of an organization's alerts: its own, and those that hear of all.
    ///
    /// # Errors
    /// As [`Store::alert_target`].
    pub async fn hearers(
        &self,
        organization: Option<&OrganizationId>,
        page: &Page,
    ) -> Result<Listed<AlertTarget>> {
        listed!(self, page, AlertTargetRow of AlertTarget in alert_targets, {
            let query = alert_targets::table.into_boxed();
            match organization {
                Some(id) => query.filter(
                    alert_targets::organization_id
                        .is_null()
                        .or(alert_targets::organization_id.eq(id.as_str())),
                ),
                None => query.filter(alert_targets::organization_id.is_null()),
            }
        })
    }
}

impl Store {
    /// The targets that hear what a month came to, by their ids.
    ///
    /// # Errors
    /// As [`Store::alert_target`].
    pub async fn monthly_targets(&self, page: &Page) -> Result<Listed<AlertTarget>> {
        listed!(self, page, AlertTargetRow of AlertTarget in alert_targets, {
            alert_targets::table.filter(alert_targets::monthly.eq(true)).into_boxed()
        })
    }
}

impl Transaction<'_> {
    /// Adds a target. Data planes need not hear of it.
    ///
    /// # Errors
    /// When the organization is gone, or the database does not answer.
    pub async fn insert_alert_target(&mut self, target: &AlertTarget) -> Result<()> {
        let row = AlertTargetRow::from(target);
        on_either!(*self.connection()?, c =>
            diesel::insert_into(alert_targets::table).values(&row).execute(c).await?);
        Ok(())
    }

    /// Removes a target; what was on its way there is given up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_alert_target(&mut self, id: &AlertTargetId) -> Result<()> {
        on_either!(*self.connection()?, c =>
            diesel::delete(alert_targets::table.find(id.as_str())).execute(c).await?);
        Ok(())
    }
}
