//! Virtual keys: found, listed, written.

use diesel::dsl::Eq;
use diesel::{
    BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, JoinOnDsl,
    NullableExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
    TextExpressionMethods,
};
use diesel_async::RunQueryDsl;
use domain::ids::{KeyId, OrganizationId, ProjectId, ServiceAccountId, TeamId, UserId};
use domain::keys::KeyHash;
use domain::permissions::Scope;
use domain::policies::Policy;
use domain::time::TimestampMs;
use domain::virtual_keys::{KeySecret, VirtualKey};

use crate::Store;
use crate::column::{Column, row};
use crate::connection::on_either;
use crate::error::Result;
use crate::key_secrets::{KeySecretRow, live};
use crate::listing::{found, listed};
use crate::narrowing::{contains, equal, within};
use crate::page::{Listed, Order, Page, containing, lower};
use crate::schema::{key_activity, key_secrets, virtual_keys};
use crate::transaction::{Touched, Transaction};

row!(VirtualKeyRow of VirtualKey in virtual_keys {
    id: KeyId,
    organization_id: OrganizationId,
    team_id: Option<TeamId>,
    project_id: Option<ProjectId>,
    user_id: Option<UserId>,
    service_account_id: Option<ServiceAccountId>,
    alias: Option<String>,
    environment: Option<String>,
    hash: KeyHash,
    last_four: String,
    policy: Policy,
    expires_at: Option<TimestampMs>,
    blocked: bool,
});

/// Which keys are listed; all that is said holds at once.
#[derive(Clone, Debug, Default)]
pub struct KeyFilter {
    /// Those that may be seen.
    pub scope: Scope,
    /// Those of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Those of this team.
    pub team_id: Option<TeamId>,
    /// Those of this project.
    pub project_id: Option<ProjectId>,
    /// Those of this person.
    pub user_id: Option<UserId>,
    /// Those of this service account.
    pub service_account_id: Option<ServiceAccountId>,
    /// Those with exactly this alias.
    pub alias: Option<String>,
    /// Those whose alias contains this, in any case.
    pub alias_part: Option<String>,
    /// Those of this environment.
    pub environment: Option<String>,
    /// Those whose alias or id contains this, in any case, or whose secret ends in these four.
    pub search: Option<String>,
    /// Those that are blocked, or those that are not.
    pub blocked: Option<bool>,
    /// Those that have ended by then.
    pub expired_at: Option<TimestampMs>,
    /// Those that have not ended by then.
    pub alive_at: Option<TimestampMs>,
    /// Those with one of these ids, when there are any.
    pub ids: Vec<String>,
    /// Those of no team.
    pub without_team: bool,
    /// Those of service accounts.
    pub of_services: bool,
    /// Those that were made before this time and not used since.
    pub unused_since: Option<TimestampMs>,
    /// Those with a budget of their own.
    pub with_budget: bool,
}

/// By what keys are ordered, beside when they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrder {
    /// When they were made.
    Created,
    /// Their aliases.
    Name,
    /// When they end; those without an end last.
    Expires,
    /// When they were last used; those that never were first.
    LastUsed,
    /// What they have spent since ever.
    Spend,
}

impl KeyOrder {
    /// For [`Page::order`].
    #[must_use]
    pub const fn order(self, descending: bool) -> Order {
        const ACTIVITY: (&str, &str) = ("key_activity", "key_id");
        match self {
            Self::Created => Order::by("created_at_ms", descending),
            Self::Name => Order::by("lower(COALESCE(alias, ''))", descending),
            Self::Expires => Order::by("COALESCE(expires_at_ms, 9223372036854775807)", descending),
            Self::LastUsed => {
                Order::by_joined("key_activity.last_used_at_ms", ACTIVITY, descending)
            }
            Self::Spend => Order::by_joined("key_activity.spent_nanousd", ACTIVITY, descending),
        }
    }
}

/// What a filter keeps of `$keys`: the table of keys, or a join with it.
macro_rules! matching {
    ($keys:expr, $filter:ident) => {{
        let mut query = $keys.into_boxed();
        within!(query, $filter.scope, organization virtual_keys::organization_id,
            team virtual_keys::team_id, owner virtual_keys::user_id);
        equal!(query, virtual_keys::organization_id => $filter.organization_id,
            virtual_keys::team_id => $filter.team_id,
            virtual_keys::project_id => $filter.project_id,
            virtual_keys::user_id => $filter.user_id,
            virtual_keys::service_account_id => $filter.service_account_id,
            virtual_keys::alias => $filter.alias,
            virtual_keys::environment => $filter.environment);
        if let Some(part) = &$filter.alias_part {
            let part = containing(part);
            query = query.filter(contains!(virtual_keys::alias.assume_not_null(), part));
        }
        if let Some(search) = &$filter.search {
            let part = containing(search);
            query = query.filter(
                contains!(virtual_keys::alias.assume_not_null(), part)
                    .or(virtual_keys::id.like(lower(part.clone())).escape('\\'))
                    .or(virtual_keys::last_four.eq(search)),
            );
        }
        if let Some(blocked) = $filter.blocked {
            query = query.filter(virtual_keys::blocked.eq(blocked));
        }
        if let Some(by) = $filter.expired_at {
            query = query.filter(virtual_keys::expires_at.le(by.to_stored()));
        }
        if let Some(at) = $filter.alive_at {
            query = query.filter(
                virtual_keys::expires_at
                    .is_null()
                    .or(virtual_keys::expires_at.gt(at.to_stored())),
            );
        }
        if !$filter.ids.is_empty() {
            query = query.filter(virtual_keys::id.eq_any(&$filter.ids));
        }
        if $filter.without_team {
            query = query.filter(virtual_keys::team_id.is_null());
        }
        if $filter.with_budget {
            query = query.filter(virtual_keys::has_budgets);
        }
        if $filter.of_services {
            query = query.filter(virtual_keys::service_account_id.is_not_null());
        }
        query
    }};
}

impl Store {
    /// Finds a key by its id.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn virtual_key(&self, id: &str) -> Result<Option<VirtualKey>> {
        found!(self, VirtualKeyRow of VirtualKey, virtual_keys::table.find(id))
    }

    /// Finds a key by one of its secrets: the newest, or one in its grace period.
    ///
    /// # Errors
    /// As [`Store::virtual_key`].
    pub async fn virtual_key_by_hash(&self, hash: KeyHash) -> Result<Option<VirtualKey>> {
        let now = TimestampMs::now().to_stored();
        found!(self, VirtualKeyRow of VirtualKey, virtual_keys::table.filter(
        virtual_keys::id.eq_any(
            key_secrets::table
                .filter(key_secrets::hash.eq(hash.to_stored()))
                .filter(live!(now))
                .select(key_secrets::key_id),
        )))
    }

    /// Lists keys.
    ///
    /// # Errors
    /// As [`Store::virtual_key`].
    pub async fn virtual_keys(
        &self,
        filter: &KeyFilter,
        page: &Page,
    ) -> Result<Listed<VirtualKey>> {
        let joined = filter.unused_since.is_some() || page.order.is_some_and(Order::is_joined);
        if !joined {
            return listed!(self, page, VirtualKeyRow of VirtualKey in virtual_keys,
                matching!(virtual_keys::table, filter));
        }
        let since = filter.unused_since.to_stored().unwrap_or(i64::MAX);
        listed!(self, page, VirtualKeyRow of VirtualKey in virtual_keys, {
            let is_of_key = key_activity::key_id.eq(virtual_keys::id);
            let keys = virtual_keys::table.inner_join(key_activity::table.on(is_of_key));
            matching!(keys, filter)
                .filter(key_activity::last_used_at_ms.lt(since))
                .filter(virtual_keys::created_at_ms.lt(since))
        })
    }
}

/// What lists of keys with budgets of their own are read by.
fn has_budgets(key: &VirtualKey) -> Eq<virtual_keys::has_budgets, bool> {
    virtual_keys::has_budgets.eq(!key.policy.budgets.is_empty())
}

impl Transaction<'_> {
    /// A key as it is within this change: nobody else changes it before this ends.
    ///
    /// # Errors
    /// As [`Store::virtual_key`].
    pub async fn virtual_key(&mut self, id: &KeyId) -> Result<Option<VirtualKey>> {
        let row = on_either!(*self.connection()?, c => virtual_keys::table
            .find(id.as_str())
            .select(VirtualKeyRow::as_select())
            .first(c)
            .await
            .optional()?);
        row.map(VirtualKey::try_from).transpose()
    }

    /// Adds a key with its first secret.
    ///
    /// # Errors
    /// [`crate::StoreError::Exists`] when the organization has a key of this alias or the secret is
    /// known, [`crate::StoreError::Dangling`] when what it belongs to is not there, and when the
    /// database does not answer.
    pub async fn insert_key(&mut self, key: &VirtualKey, secret: &KeySecret) -> Result<()> {
        self.put_key(key, std::slice::from_ref(secret)).await
    }

    /// Puts a key where it lets callers in, with all its secrets.
    pub(crate) async fn put_key(&mut self, key: &VirtualKey, secrets: &[KeySecret]) -> Result<()> {
        self.touch(Touched::Key, key.id.as_str());
        let row = VirtualKeyRow::from(key);
        let last_use = secrets
            .iter()
            .filter_map(|secret| secret.last_used_at)
            .max();
        let last_used_at_ms = last_use.map_or(0, |at| at.to_stored());
        let secrets: Vec<KeySecretRow> = secrets.iter().map(KeySecretRow::from).collect();
        on_either!(*self.connection()?, c => {
            diesel::insert_into(virtual_keys::table)
                .values((&row, has_budgets(key)))
                .execute(c)
                .await?;
            for secret in &secrets {
                diesel::insert_into(key_secrets::table)
                    .values(secret)
                    .execute(c)
                    .await?;
            }
            // Of a key that is restored it stayed.
            diesel::insert_into(key_activity::table)
                .values((
                    key_activity::key_id.eq(key.id.as_str()),
                    key_activity::last_used_at_ms.eq(last_used_at_ms),
                    key_activity::spent_nanousd.eq(0),
                ))
                .on_conflict_do_nothing()
                .execute(c)
                .await?;
        });
        Ok(())
    }

    /// Writes a key as it is now; its secrets stay.
    ///
    /// # Errors
    /// As [`Transaction::insert_key`].
    pub async fn update_key(&mut self, key: &VirtualKey) -> Result<()> {
        self.touch(Touched::Key, key.id.as_str());
        let row = VirtualKeyRow::from(key);
        let written = on_either!(*self.connection()?, c => diesel::update(
            virtual_keys::table.find(key.id.as_str()))
            .set((&row, has_budgets(key)))
            .execute(c)
            .await?);
        // Of a key that was deleted meanwhile nobody is told that it may be used.
        if written > 0 {
            self.note_key(key);
        }
        Ok(())
    }
}
