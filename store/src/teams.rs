//! Teams: found, listed, written.

use diesel::{
    BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, NullableExpressionMethods,
    OptionalExtension, QueryDsl, TextExpressionMethods,
};
use diesel_async::RunQueryDsl;
use domain::ids::{OrganizationId, TeamId, UserId};
use domain::permissions::Scope;
use domain::policies::Policy;
use domain::teams::Team;

use crate::Store;
use crate::column::row;
use crate::connection::on_either;
use crate::error::Result;
use crate::listing::{called, found, listed};
use crate::narrowing::{contains, equal, within};
use crate::page::{Listed, Order, Page, containing};
use crate::schema::{members, teams};
use crate::transaction::{Touched, Transaction};

row!(TeamRow of Team in teams {
    id: TeamId,
    organization_id: OrganizationId,
    external_id: Option<String>,
    name: String,
    policy: Policy,
    member_policy: Policy,
    blocked: bool,
});

/// Which teams are listed; all that is said holds at once.
#[derive(Clone, Debug, Default)]
pub struct TeamFilter {
    /// Those that may be seen.
    pub scope: Scope,
    /// Those of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Those whose name or id contains this, in any case.
    pub search: Option<String>,
    /// Those that this person is a member of.
    pub user_id: Option<UserId>,
    /// Those with one of these ids, when there are any.
    pub ids: Vec<String>,
}

/// Teams by their names, for [`Page::order`].
#[must_use]
pub const fn by_name(descending: bool) -> Order {
    Order::by("lower(name)", descending)
}

impl Store {
    /// Finds a team by our id.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn team(&self, id: &TeamId) -> Result<Option<Team>> {
        found!(self, TeamRow of Team, teams::table.find(id.as_str()))
    }

    /// Finds teams by our id, or by the one that their makers chose, which is unique within an
    /// organization only. Those of `default` come first, then the oldest.
    ///
    /// # Errors
    /// As [`Store::team`].
    pub async fn teams_called(&self, id: &str) -> Result<Vec<Team>> {
        called!(self, TeamRow of Team in teams, id, teams::external_id)
    }

    /// Lists teams.
    ///
    /// # Errors
    /// As [`Store::team`].
    pub async fn teams(&self, filter: &TeamFilter, page: &Page) -> Result<Listed<Team>> {
        listed!(self, page, TeamRow of Team in teams, {
            let mut query = teams::table.into_boxed();
            within!(query, filter.scope, organization teams::organization_id, team teams::id);
            equal!(query, teams::organization_id => filter.organization_id);
            if let Some(user) = &filter.user_id {
                let theirs = members::table
                    .filter(members::user_id.eq(user.as_str()))
                    .select(members::team_id);
                query = query.filter(teams::id.eq_any(theirs));
            }
            if !filter.ids.is_empty() {
                query = query.filter(
                    teams::id
                        .eq_any(&filter.ids)
                        .or(teams::external_id.eq_any(&filter.ids)),
                );
            }
            if let Some(search) = &filter.search {
                let part = containing(search);
                query = query.filter(
                    contains!(teams::name, part)
                        .or(contains!(teams::id, part))
                        .or(contains!(teams::external_id.assume_not_null(), part)),
                );
            }
            query
        })
    }
}

impl Transaction<'_> {
    /// Adds a team.
    ///
    /// # Errors
    /// [`crate::StoreError::Exists`] when its id is taken, [`crate::StoreError::Dangling`] when
    /// its organization is not there, and when the database does not answer.
    pub async fn insert_team(&mut self, team: &Team) -> Result<()> {
        self.touch(Touched::Level, team.id.as_str());
        let row = TeamRow::from(team);
        on_either!(*self.connection()?, c => diesel::insert_into(teams::table)
            .values(&row)
            .execute(c)
            .await?);
        Ok(())
    }

    /// Writes a team as it is now.
    ///
    /// # Errors
    /// As [`Transaction::insert_team`].
    pub async fn update_team(&mut self, team: &Team) -> Result<()> {
        self.touch(Touched::Level, team.id.as_str());
        self.note_team(team);
        let row = TeamRow::from(team);
        on_either!(*self.connection()?, c => diesel::update(teams::table.find(team.id.as_str()))
            .set(&row)
            .execute(c)
            .await?);
        Ok(())
    }

    /// Removes a team and its memberships.
    ///
    /// # Errors
    /// [`crate::StoreError::Dangling`] when keys, projects or service accounts still belong to it.
    pub async fn delete_team(&mut self, id: &TeamId) -> Result<()> {
        self.touch(Touched::Level, id.as_str());
        self.note_deleted_team(id).await?;
        self.set_block_level(id.as_str(), None).await?;
        on_either!(*self.connection()?, c => {
            diesel::delete(members::table.filter(members::team_id.eq(id.as_str())))
                .execute(c)
                .await?;
            diesel::delete(teams::table.find(id.as_str()))
                .execute(c)
                .await?;
        });
        Ok(())
    }
}
