//! End users: found, listed, written.

use diesel::{
    BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, NullableExpressionMethods,
    OptionalExtension, QueryDsl, TextExpressionMethods,
};
use diesel_async::RunQueryDsl;
use domain::end_users::EndUser;
use domain::ids::{DEFAULT_ORGANIZATION, EndUserId, OrganizationId};
use domain::permissions::Scope;
use domain::policies::Policy;

use crate::Store;
use crate::column::row;
use crate::error::Result;
use crate::listing::{found, listed, written};
use crate::narrowing::contains;
use crate::page::{Listed, Page, containing};
use crate::schema::end_users;

row!(EndUserRow of EndUser in end_users {
    id: EndUserId,
    organization_id: OrganizationId,
    external_id: String,
    name: Option<String>,
    policy: Policy,
    blocked: bool,
});

written!("an end user", EndUserRow of EndUser by EndUserId in end_users,
    insert_end_user, update_end_user, delete_end_user);

/// Which end users are listed; all that is said holds at once.
#[derive(Clone, Debug, Default)]
pub struct EndUserFilter {
    /// Those of organizations that may be seen.
    pub scope: Scope,
    /// Those of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Those whose id or name contains this, in any case.
    pub search: Option<String>,
}

impl Store {
    /// Finds an end user of an organization by our id, or by the name that requests give them.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn end_user(
        &self,
        organization: &OrganizationId,
        id: &str,
    ) -> Result<Option<EndUser>> {
        found!(self, EndUserRow of EndUser, end_users::table
            .filter(end_users::organization_id.eq(organization.as_str()))
            .filter(end_users::id.eq(id).or(end_users::external_id.eq(id))))
    }

    /// Lists end users.
    ///
    /// # Errors
    /// As [`Store::end_user`].
    pub async fn end_users(&self, filter: &EndUserFilter, page: &Page) -> Result<Listed<EndUser>> {
        let EndUserFilter {
            scope,
            organization_id,
            search,
        } = filter;
        listed!(self, page, EndUserRow of EndUser in end_users, {
            let mut query = end_users::table.into_boxed();
            if !scope.everything {
                let ids = scope.organizations.iter().map(OrganizationId::as_str);
                query = query.filter(end_users::organization_id.eq_any(ids));
            }
            if let Some(id) = organization_id {
                query = query.filter(end_users::organization_id.eq(id.as_str()));
            }
            if let Some(search) = search {
                let part = containing(search);
                let name = contains!(end_users::name.assume_not_null(), part);
                query = query.filter(contains!(end_users::external_id, part).or(name));
            }
            query
        })
    }

    /// Finds an end user among those that a filter lets through, by our id or by name; where several
    /// organizations have that name, that of `default`, else the oldest.
    ///
    /// # Errors
    /// As [`Store::end_user`].
    pub async fn end_user_within(
        &self,
        filter: &EndUserFilter,
        id: &str,
    ) -> Result<Option<EndUser>> {
        let EndUserFilter {
            scope,
            organization_id,
            search: _,
        } = filter;
        found!(self, EndUserRow of EndUser, {
            let mut query = end_users::table
                .filter(end_users::id.eq(id).or(end_users::external_id.eq(id)))
                .order((
                    end_users::organization_id.eq(DEFAULT_ORGANIZATION).desc(),
                    end_users::id.asc(),
                ))
                .into_boxed();
            if !scope.everything {
                let ids = scope.organizations.iter().map(OrganizationId::as_str);
                query = query.filter(end_users::organization_id.eq_any(ids));
            }
            if let Some(id) = organization_id {
                query = query.filter(end_users::organization_id.eq(id.as_str()));
            }
            query
        })
    }
}
