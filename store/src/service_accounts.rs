//! Service accounts: found, listed, added, removed.

use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::ids::{OrganizationId, ServiceAccountId, TeamId};
use domain::permissions::Scope;
use domain::service_accounts::ServiceAccount;

use crate::Store;
use crate::column::row;
use crate::connection::on_either;
use crate::error::Result;
use crate::listing::{found, listed};
use crate::narrowing::{equal, within};
use crate::page::{Listed, Page};
use crate::schema::service_accounts;
use crate::transaction::Transaction;

row!(ServiceAccountRow of ServiceAccount in service_accounts {
    id: ServiceAccountId,
    organization_id: OrganizationId,
    team_id: TeamId,
    name: String,
});

/// Which service accounts are listed; all that is said holds at once.
#[derive(Clone, Debug, Default)]
pub struct ServiceAccountFilter {
    /// Those that may be seen.
    pub scope: Scope,
    /// Those of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Those of this team.
    pub team_id: Option<TeamId>,
    /// The one with exactly this name.
    pub name: Option<String>,
}

impl Store {
    /// Finds a service account by its id.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn service_account(&self, id: &str) -> Result<Option<ServiceAccount>> {
        found!(self, ServiceAccountRow of ServiceAccount, service_accounts::table.find(id))
    }

    /// Lists service accounts.
    ///
    /// # Errors
    /// As [`Store::service_account`].
    pub async fn service_accounts(
        &self,
        filter: &ServiceAccountFilter,
        page: &Page,
    ) -> Result<Listed<ServiceAccount>> {
        listed!(self, page, ServiceAccountRow of ServiceAccount in service_accounts, {
            let mut query = service_accounts::table.into_boxed();
            within!(query, filter.scope, organization service_accounts::organization_id,
                team service_accounts::team_id);
            equal!(query, service_accounts::organization_id => filter.organization_id,
                service_accounts::team_id => filter.team_id,
                service_accounts::name => filter.name);
            query
        })
    }
}

// Data planes know of a service account by the keys it owns alone: there is nothing they would
// have to read anew.
impl Transaction<'_> {
    /// Adds a service account.
    ///
    /// # Errors
    /// [`crate::StoreError::Exists`] when the team has one of this name,
    /// [`crate::StoreError::Dangling`] when the team is not there, and when the database does not
    /// answer.
    pub async fn insert_service_account(&mut self, account: &ServiceAccount) -> Result<()> {
        let row = ServiceAccountRow::from(account);
        on_either!(*self.connection()?, c => diesel::insert_into(service_accounts::table)
            .values(&row)
            .execute(c)
            .await?);
        Ok(())
    }

    /// Removes a service account.
    ///
    /// # Errors
    /// [`crate::StoreError::Dangling`] when it still owns keys.
    pub async fn delete_service_account(&mut self, id: &ServiceAccountId) -> Result<()> {
        on_either!(*self.connection()?, c => diesel::delete(
            service_accounts::table.find(id.as_str()))
            .execute(c)
            .await?);
        Ok(())
    }
}
