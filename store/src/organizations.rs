//! Organizations: found, listed, written.

use diesel::{
    EscapeExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
    TextExpressionMethods,
};
use diesel_async::RunQueryDsl;
use domain::ids::OrganizationId;
use domain::organizations::Organization;
use domain::permissions::Scope;
use domain::policies::Policy;

use crate::Store;
use crate::column::row;
use crate::connection::on_either;
use crate::error::Result;
use crate::page::{Listed, Page, containing};
use crate::schema::organizations;
use crate::transaction::{Touched, Transaction};

row!(OrganizationRow of Organization in organizations {
    id: OrganizationId,
    external_id: Option<String>,
    name: String,
    time_zone: String,
    policy: Policy,
    blocked: bool,
});

impl Store {
    /// Finds an organization by its id, or by the id that its maker chose.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn organization(&self, id: &str) -> Result<Option<Organization>> {
        let mut connection = self.connect().await?;
        let row = on_either!(connection, c => organizations::table
            .filter(organizations::id.eq(id))
            .or_filter(organizations::external_id.eq(id))
            .select(OrganizationRow::as_select())
            .first(c)
            .await
            .optional()?);
        row.map(Organization::try_from).transpose()
    }

    /// Lists organizations whose name or id contains `search`.
    ///
    /// # Errors
    /// As [`Store::organization`].
    pub async fn organizations(
        &self,
        scope: &Scope,
        search: Option<&str>,
        page: &Page,
    ) -> Result<Listed<Organization>> {
        let mut connection = self.connect().await?;
        macro_rules! matching {
            () => {{
                let mut query = organizations::table.into_boxed();
                if !scope.everything {
                    let ids = scope.organizations.iter().map(OrganizationId::as_str);
                    query = query.filter(organizations::id.eq_any(ids));
                }
                if let Some(search) = search {
                    let name = crate::page::lower(organizations::name);
                    query = query.filter(name.like(containing(search)).escape('\\'));
                }
                query
            }};
        }
        let (rows, total) = on_either!(connection, c => {
            let mut query = matching!().order(organizations::id.desc());
            if let Some(after) = &page.after {
                query = query.filter(organizations::id.lt(after));
            }
            let rows: Vec<OrganizationRow> = query
                .offset(page.skip)
                .limit(page.rows())
                .select(OrganizationRow::as_select())
                .load(c)
                .await?;
            let total = match page.count {
                true => Some(matching!().count().get_result::<i64>(c).await?),
                false => None,
            };
            (rows, total)
        });
        let items = rows.into_iter().map(Organization::try_from);
        Ok(page.cut(items.collect::<Result<_>>()?, total))
    }
}

impl Transaction<'_> {
    /// Adds an organization.
    ///
    /// # Errors
    /// When its id is taken, or the database does not answer.
    pub async fn insert_organization(&mut self, organization: &Organization) -> Result<()> {
        self.touch(Touched::Level, organization.id.as_str());
        let row = OrganizationRow::from(organization);
        on_either!(*self.connection()?, c => diesel::insert_into(organizations::table)
            .values(&row)
            .execute(c)
            .await?);
        Ok(())
    }

    /// Writes an organization as it is now.
    ///
    /// # Errors
    /// As [`Transaction::insert_organization`].
    pub async fn update_organization(&mut self, organization: &Organization) -> Result<()> {
        self.touch(Touched::Level, organization.id.as_str());
        let row = OrganizationRow::from(organization);
        on_either!(*self.connection()?, c => diesel::update(
            organizations::table.find(organization.id.as_str()))
            .set(&row)
            .execute(c)
            .await?);
        Ok(())
    }

    /// Removes an organization in which nothing is any more.
    ///
    /// # Errors
    /// [`crate::StoreError::Dangling`] when something still belongs to it.
    pub async fn delete_organization(&mut self, id: &OrganizationId) -> Result<()> {
        self.touch(Touched::Level, id.as_str());
        on_either!(*self.connection()?, c => diesel::delete(
            organizations::table.find(id.as_str()))
            .execute(c)
            .await?);
        Ok(())
    }
}
