//! Tags: found, listed, written.

use diesel::{
    BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl,
    TextExpressionMethods,
};
use diesel_async::RunQueryDsl;
use domain::ids::{DEFAULT_ORGANIZATION, OrganizationId, TagId};
use domain::permissions::Scope;
use domain::policies::Policy;
use domain::tags::Tag;

use crate::Store;
use crate::column::row;
use crate::error::Result;
use crate::listing::{found, listed, written};
use crate::narrowing::contains;
use crate::page::{Listed, Page, containing};
use crate::schema::tags;

row!(TagRow of Tag in tags {
    id: TagId,
    organization_id: OrganizationId,
    name: String,
    description: Option<String>,
    policy: Policy,
});

written!("a tag", TagRow of Tag by TagId in tags, insert_tag, update_tag, delete_tag);

/// Which tags are listed; all that is said holds at once.
#[derive(Clone, Debug, Default)]
pub struct TagFilter {
    /// Those of organizations that may be seen.
    pub scope: Scope,
    /// Those of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Those whose name contains this, in any case.
    pub search: Option<String>,
}

impl Store {
    /// Finds a tag of an organization by its name or id.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn tag(&self, organization: &OrganizationId, name: &str) -> Result<Option<Tag>> {
        found!(self, TagRow of Tag, tags::table
            .filter(tags::organization_id.eq(organization.as_str()))
            .filter(tags::name.eq(name).or(tags::id.eq(name))))
    }

    /// Lists tags.
    ///
    /// # Errors
    /// As [`Store::tag`].
    pub async fn tags(&self, filter: &TagFilter, page: &Page) -> Result<Listed<Tag>> {
        let TagFilter {
            scope,
            organization_id,
            search,
        } = filter;
        listed!(self, page, TagRow of Tag in tags, {
            let mut query = tags::table.into_boxed();
            if !scope.everything {
                let ids = scope.organizations.iter().map(OrganizationId::as_str);
                query = query.filter(tags::organization_id.eq_any(ids));
            }
            if let Some(id) = organization_id {
                query = query.filter(tags::organization_id.eq(id.as_str()));
            }
            if let Some(search) = search {
                let part = containing(search);
                query = query.filter(contains!(tags::name, part));
            }
            query
        })
    }

    /// Finds a tag among those that a filter lets through, by our id or by name; where several
    /// organizations have that name, that of `default`, else the oldest.
    ///
    /// # Errors
    /// As [`Store::tag`].
    pub async fn tag_within(&self, filter: &TagFilter, id: &str) -> Result<Option<Tag>> {
        let TagFilter {
            scope,
            organization_id,
            search: _,
        } = filter;
        found!(self, TagRow of Tag, {
            let mut query = tags::table
                .filter(tags::id.eq(id).or(tags::name.eq(id)))
                .order((
                    tags::organization_id.eq(DEFAULT_ORGANIZATION).desc(),
                    tags::id.asc(),
                ))
                .into_boxed();
            if !scope.everything {
                let ids = scope.organizations.iter().map(OrganizationId::as_str);
                query = query.filter(tags::organization_id.eq_any(ids));
            }
            if let Some(id) = organization_id {
                query = query.filter(tags::organization_id.eq(id.as_str()));
            }
            query
        })
    }
}
