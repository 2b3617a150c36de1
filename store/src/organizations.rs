//! Organizations: found, listed, written.

use diesel::{
    BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, NullableExpressionMethods,
    OptionalExtension, QueryDsl, TextExpressionMethods,
};
use diesel_async::RunQueryDsl;
use domain::ids::OrganizationId;
use domain::organizations::Organization;
use domain::permissions::Scope;
use domain::policies::Policy;

use crate::Store;
use crate::column::row;
use crate::error::Result;
use crate::listing::{found, listed, written};
use crate::narrowing::contains;
use crate::page::{Listed, Order, Page, containing};
use crate::schema::organizations;

row!(OrganizationRow of Organization in organizations {
    id: OrganizationId,
    external_id: Option<String>,
    name: String,
    time_zone: String,
    policy: Policy,
    blocked: bool,
});

written!("organization", OrganizationRow of Organization by OrganizationId in organizations,
    insert_organization, update_organization, delete_organization,
    noted by note_organization and note_deleted_organization);

/// Organizations by their names, for [`Page::order`].
#[must_use]
pub const fn by_name(descending: bool) -> Order {
    Order::by("lower(name)", descending)
}

impl Store {
    /// Finds an organization by its id, or by the id that its maker chose.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn organization(&self, id: &str) -> Result<Option<Organization>> {
        found!(self, OrganizationRow of Organization, organizations::table
            .filter(organizations::id.eq(id).or(organizations::external_id.eq(id))))
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
        listed!(self, page, OrganizationRow of Organization in organizations, {
            let mut query = organizations::table.into_boxed();
            if !scope.everything {
                let ids = scope.organizations.iter().map(OrganizationId::as_str);
                query = query.filter(organizations::id.eq_any(ids));
            }
            if let Some(search) = search {
                let part = containing(search);
                query = query.filter(
                    contains!(organizations::name, part)
                        .or(contains!(organizations::id, part))
                        .or(contains!(organizations::external_id.assume_not_null(), part)),
                );
            }
            query
        })
    }
}
