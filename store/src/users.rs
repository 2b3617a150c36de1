//! People: found, listed, written; and their passwords' hashes, which no list shows.

use diesel::{
    BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, NullableExpressionMethods,
    OptionalExtension, QueryDsl, TextExpressionMethods,
};
use diesel_async::RunQueryDsl;
use domain::ids::{OrganizationId, TeamId, UserId};
use domain::permissions::{PlatformRole, Role, Scope};
use domain::policies::Policy;
use domain::users::User;

use crate::Store;
use crate::column::row;
use crate::connection::on_either;
use crate::error::Result;
use crate::listing::{found, listed};
use crate::narrowing::contains;
use crate::page::{Listed, Order, Page, containing};
use crate::schema::{members, sessions, users};
use crate::transaction::{Touched, Transaction};

row!(UserRow of User in users {
    id: UserId,
    external_id: Option<String>,
    email: Option<String>,
    name: Option<String>,
    platform_role: Option<PlatformRole>,
    policy: Policy,
    blocked: bool,
});

/// What somebody without a role over the platform is at most, as LiteLLM has one role for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Runs an organization.
    OrganizationAdmin,
    /// Is in a team or an organization, or nowhere.
    Member,
    /// Only looks.
    Viewer,
}

/// Which people are listed; all that is said holds at once.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Those who may be seen: members of these organizations and teams, and the owner.
    pub scope: Scope,
    /// Those whose email, name or id contains this, in any case.
    pub search: Option<String>,
    /// Those with one of these ids, when there are any.
    pub ids: Vec<String>,
    /// Those with this role over the platform.
    pub platform_role: Option<PlatformRole>,
    /// Those who have no role over the platform, and this standing in the places of the scope.
    pub standing: Option<Standing>,
    /// Members of this organization or of one of its teams.
    pub organization_id: Option<OrganizationId>,
    /// Members of this team.
    pub team_id: Option<TeamId>,
}

/// People by their names, or else their addresses, for [`Page::order`].
#[must_use]
pub const fn by_name(descending: bool) -> Order {
    Order::by("lower(COALESCE(name, email, ''))", descending)
}

/// The ids of the members of what a condition on `members` says.
macro_rules! members_of {
    ($condition:expr) => {
        members::table.filter($condition).select(members::user_id)
    };
}

/// The ids of those who have one of these roles in a place of a scope.
macro_rules! holders_of {
    ($scope:expr, $roles:expr) => {{
        let scope: &Scope = $scope;
        let seen = if scope.everything { "1 = 1" } else { "1 = 0" };
        let organizations = scope.organizations.iter().map(OrganizationId::as_str);
        let teams = scope.teams.iter().map(TeamId::as_str);
        let owner = scope.owner.as_ref().map_or("", UserId::as_str);
        let roles = $roles.map(Role::as_str);
        let place = diesel::dsl::sql::<diesel::sql_types::Bool>(seen)
            .or(members::organization_id.eq_any(organizations))
            .or(members::team_id.eq_any(teams))
            .or(members::user_id.eq(owner));
        members::table
            .filter(members::role.eq_any(roles))
            .filter(place)
            .select(members::user_id)
    }};
}

impl Store {
    /// Finds a person by their id, or by the id that their maker chose.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn user(&self, id: &str) -> Result<Option<User>> {
        found!(self, UserRow of User, users::table
            .filter(users::id.eq(id).or(users::external_id.eq(id))))
    }

    /// Finds a person by their email address, in any case.
    ///
    /// # Errors
    /// As [`Store::user`].
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>> {
        found!(self, UserRow of User, users::table.filter(users::email.eq(email.to_lowercase())))
    }

    /// The hash of a person's password, when they have one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn password_hash(&self, id: &UserId) -> Result<Option<String>> {
        let mut connection = self.connect().await?;
        let hash = on_either!(connection, c => users::table
            .find(id.as_str())
            .select(users::password_hash)
            .first::<Option<String>>(c)
            .await
            .optional()?);
        Ok(hash.flatten())
    }

    /// Lists people.
    ///
    /// # Errors
    /// As [`Store::user`].
    pub async fn users(&self, filter: &UserFilter, page: &Page) -> Result<Listed<User>> {
        let scope = &filter.scope;
        listed!(self, page, UserRow of User in users, {
            let mut query = users::table.into_boxed();
            if !scope.everything {
                let organizations = scope.organizations.iter().map(OrganizationId::as_str);
                let teams = scope.teams.iter().map(TeamId::as_str);
                let seen = members_of!(members::organization_id
                    .eq_any(organizations)
                    .or(members::team_id.eq_any(teams)));
                let owner = scope.owner.as_ref().map_or("", UserId::as_str);
                query = query.filter(users::id.eq_any(seen).or(users::id.eq(owner)));
            }
            if let Some(organization) = &filter.organization_id {
                let theirs = members_of!(members::organization_id.eq(organization.as_str()));
                query = query.filter(users::id.eq_any(theirs));
            }
            if let Some(team) = &filter.team_id {
                let theirs = members_of!(members::team_id.eq(team.as_str()));
                query = query.filter(users::id.eq_any(theirs));
            }
            if let Some(role) = filter.platform_role {
                query = query.filter(users::platform_role.eq(role.as_str()));
            }
            if let Some(standing) = filter.standing {
                let heads = holders_of!(scope, [Role::OrganizationAdmin]);
                let active = holders_of!(scope, [Role::TeamAdmin, Role::Member]);
                let lookers = holders_of!(scope, [Role::Viewer]);
                query = query.filter(users::platform_role.is_null());
                query = match standing {
                    Standing::OrganizationAdmin => query.filter(users::id.eq_any(heads)),
                    Standing::Member => query.filter(users::id.ne_all(heads)).filter(
                        users::id.eq_any(active).or(users::id.ne_all(lookers)),
                    ),
                    Standing::Viewer => query
                        .filter(users::id.ne_all(heads))
                        .filter(users::id.ne_all(active))
                        .filter(users::id.eq_any(lookers)),
                };
            }
            if !filter.ids.is_empty() {
                query = query.filter(
                    users::id.eq_any(&filter.ids).or(users::external_id.eq_any(&filter.ids)),
                );
            }
            if let Some(search) = &filter.search {
                let part = containing(search);
                query = query.filter(
                    contains!(users::email.assume_not_null(), part)
                        .or(contains!(users::name.assume_not_null(), part))
                        .or(contains!(users::id, part))
                        .or(contains!(users::external_id.assume_not_null(), part)),
                );
            }
            query
        })
    }
}

/// A person's row: their email is kept in lower case, so that it is unique in any case.
fn row_of(user: &User) -> UserRow {
    let mut row = UserRow::from(user);
    row.email = row.email.map(|email| email.to_lowercase());
    row
}

impl Transaction<'_> {
    /// Adds a person. Their email is kept in lower case.
    ///
    /// # Errors
    /// [`crate::StoreError::Exists`] when their id or email is taken, and when the database does
    /// not answer.
    pub async fn insert_user(&mut self, user: &User) -> Result<()> {
        self.touch(Touched::Level, user.id.as_str());
        let row = row_of(user);
        on_either!(*self.connection()?, c => diesel::insert_into(users::table)
            .values(&row)
            .execute(c)
            .await?);
        Ok(())
    }

    /// Writes a person as they are now; their password stays.
    ///
    /// # Errors
    /// As [`Transaction::insert_user`].
    pub async fn update_user(&mut self, user: &User) -> Result<()> {
        self.touch(Touched::Level, user.id.as_str());
        self.note_user(user).await?;
        let row = row_of(user);
        on_either!(*self.connection()?, c => diesel::update(users::table.find(user.id.as_str()))
            .set(&row)
            .execute(c)
            .await?);
        Ok(())
    }

    /// Sets or takes away the hash of a person's password. Data planes do not read it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_password_hash(&mut self, id: &UserId, hash: Option<&str>) -> Result<()> {
        on_either!(*self.connection()?, c => diesel::update(users::table.find(id.as_str()))
            .set(users::password_hash.eq(hash))
            .execute(c)
            .await?);
        Ok(())
    }

    /// Whether somebody else is a platform administrator and not blocked. Asked within the change
    /// that takes the role from this person, so that two such changes cannot miss each other.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_other_platform_admin(&mut self, id: &UserId) -> Result<bool> {
        let others: i64 = on_either!(*self.connection()?, c => users::table
            .filter(users::platform_role.eq(PlatformRole::PlatformAdmin.as_str()))
            .filter(users::blocked.eq(false))
            .filter(users::id.ne(id.as_str()))
            .count()
            .get_result(c)
            .await?);
        Ok(others > 0)
    }

    /// Removes a person, their memberships and their sessions.
    ///
    /// # Errors
    /// [`crate::StoreError::Dangling`] when they still own keys.
    pub async fn delete_user(&mut self, id: &UserId) -> Result<()> {
        self.touch(Touched::Level, id.as_str());
        on_either!(*self.connection()?, c => {
            diesel::delete(members::table.filter(members::user_id.eq(id.as_str())))
                .execute(c)
                .await?;
            diesel::delete(sessions::table.filter(sessions::user_id.eq(id.as_str())))
                .execute(c)
                .await?;
            diesel::delete(users::table.find(id.as_str()))
                .execute(c)
                .await?;
        });
        Ok(())
    }
}
