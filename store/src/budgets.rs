//! Shared budgets: found, listed, written.

use diesel::{
    BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, NullableExpressionMethods,
    OptionalExtension, QueryDsl, SelectableHelper, TextExpressionMethods,
};
use diesel_async::RunQueryDsl;
use domain::budgets::SharedBudget;
use domain::ids::{BudgetId, OrganizationId};
use domain::permissions::Scope;
use domain::policies::Policy;

use crate::Store;
use crate::column::row;
use crate::connection::on_either;
use crate::error::Result;
use crate::listing::{called, found, listed, written};
use crate::narrowing::contains;
use crate::page::{Listed, Page, containing};
use crate::schema::budgets;

row!(BudgetRow of SharedBudget in budgets {
    id: BudgetId,
    organization_id: OrganizationId,
    external_id: Option<String>,
    policy: Policy,
});

written!("a shared budget", BudgetRow of SharedBudget by BudgetId in budgets,
    insert_shared_budget, update_shared_budget, delete_shared_budget);

impl Store {
    /// Finds a shared budget by our id.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn shared_budget(&self, id: &BudgetId) -> Result<Option<SharedBudget>> {
        found!(self, BudgetRow of SharedBudget, budgets::table.find(id.as_str()))
    }

    /// Finds the shared budgets of these ids.
    ///
    /// # Errors
    /// As [`Store::shared_budget`].
    pub async fn shared_budgets_of(
        &self,
        ids: impl IntoIterator<Item = &BudgetId>,
    ) -> Result<Vec<SharedBudget>> {
        let ids: Vec<&str> = ids.into_iter().map(BudgetId::as_str).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut connection = self.connect().await?;
        let rows: Vec<BudgetRow> = on_either!(connection, c => budgets::table
            .filter(budgets::id.eq_any(&ids))
            .select(BudgetRow::as_select())
            .load(c)
            .await?);
        rows.into_iter().map(SharedBudget::try_from).collect()
    }

    /// Finds shared budgets by our id, or by the one that their makers chose, which is unique within
    /// an organization only. Those of `default` come first, then the oldest.
    ///
    /// # Errors
    /// As [`Store::shared_budget`].
    pub async fn shared_budgets_called(&self, id: &str) -> Result<Vec<SharedBudget>> {
        called!(self, BudgetRow of SharedBudget in budgets, id, budgets::external_id)
    }

    /// Lists shared budgets of the organizations in `scope`, whose id contains `search` in any case.
    ///
    /// # Errors
    /// As [`Store::shared_budget`].
    pub async fn shared_budgets(
        &self,
        scope: &Scope,
        search: Option<&str>,
        page: &Page,
    ) -> Result<Listed<SharedBudget>> {
        listed!(self, page, BudgetRow of SharedBudget in budgets, {
            let mut query = budgets::table.into_boxed();
            if !scope.everything {
                let ids = scope.organizations.iter().map(OrganizationId::as_str);
                query = query.filter(budgets::organization_id.eq_any(ids));
            }
            if let Some(search) = search {
                let part = containing(search);
                let chosen = contains!(budgets::external_id.assume_not_null(), part);
                query = query.filter(contains!(budgets::id, part).or(chosen));
            }
            query
        })
    }
}
