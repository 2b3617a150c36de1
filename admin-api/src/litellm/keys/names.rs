//! The ids under which callers of LiteLLM's routes know what keys belong to: their own, where they
//! chose one. Read for all keys of an answer at once.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{BudgetId, OrganizationId, ServiceAccountId, TeamId, UserId};
use domain::organizations::Organization;
use domain::permissions::Scope;
use domain::users::User;
use domain::virtual_keys::VirtualKey;
use store::Store;
use store::page::Page;
use store::teams::TeamFilter;
use store::users::UserFilter;

use crate::error::ActionError;

/// What keys belong to, by our ids.
#[derive(Default)]
pub struct Names {
    teams: BTreeMap<TeamId, String>,
    users: BTreeMap<UserId, User>,
    organizations: BTreeMap<OrganizationId, Organization>,
    service_accounts: BTreeMap<ServiceAccountId, String>,
    budgets: BTreeMap<BudgetId, String>,
}

impl Names {
    /// Reads what these keys belong to.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn of(store: &Store, keys: &[VirtualKey]) -> Result<Self, ActionError> {
        let mut names = Self {
            teams: teams(store, keys).await?,
            users: users(store, keys).await?,
            ..Self::default()
        };
        let organizations: BTreeSet<_> = keys.iter().map(|key| &key.organization_id).collect();
        for id in organizations {
            if let Some(organization) = store.organization(id.as_str()).await? {
                names.organizations.insert(id.clone(), organization);
            }
        }
        let accounts: BTreeSet<_> = keys
            .iter()
            .filter_map(|key| key.service_account_id.as_ref())
            .collect();
        for id in accounts {
            if let Some(account) = store.service_account(id.as_str()).await? {
                names.service_accounts.insert(id.clone(), account.name);
            }
        }
        names.budgets = budgets(store, keys).await?;
        Ok(names)
    }

    /// The shared budget of a key, by the id that callers know.
    #[must_use]
    pub fn budget(&self, key: &VirtualKey) -> Option<String> {
        let id = key.policy.budget_id.as_ref()?;
        let own = self.budgets.get(id).cloned();
        Some(own.unwrap_or_else(|| id.to_string()))
    }

    /// The team of a key.
    #[must_use]
    pub fn team(&self, key: &VirtualKey) -> Option<String> {
        let id = key.team_id.as_ref()?;
        Some(
            self.teams
                .get(id)
                .cloned()
                .unwrap_or_else(|| id.to_string()),
        )
    }

    /// The person of a key, by the id that callers know.
    #[must_use]
    pub fn user(&self, key: &VirtualKey) -> Option<String> {
        let id = key.user_id.as_ref()?;
        let own = self.users.get(id).and_then(|user| user.external_id.clone());
        Some(own.unwrap_or_else(|| id.to_string()))
    }

    /// The person of a key.
    #[must_use]
    pub fn person(&self, key: &VirtualKey) -> Option<&User> {
        self.users.get(key.user_id.as_ref()?)
    }

    /// The organization of a key, by the id that callers know.
    #[must_use]
    pub fn organization(&self, key: &VirtualKey) -> String {
        let own = self.organizations.get(&key.organization_id);
        own.and_then(|organization| organization.external_id.clone())
            .unwrap_or_else(|| key.organization_id.to_string())
    }

    /// The name of a key's service account.
    #[must_use]
    pub fn service_account(&self, key: &VirtualKey) -> Option<&str> {
        let name = self.service_accounts.get(key.service_account_id.as_ref()?);
        name.map(String::as_str)
    }
}

fn everything() -> Scope {
    Scope {
        everything: true,
        ..Scope::default()
    }
}

fn page(ids: &[String]) -> Page {
    Page::first(i64::try_from(ids.len()).unwrap_or(i64::MAX))
}

async fn teams(
    store: &Store,
    keys: &[VirtualKey],
) -> Result<BTreeMap<TeamId, String>, ActionError> {
    let ids: BTreeSet<String> = keys
        .iter()
        .filter_map(|key| key.team_id.as_ref().map(ToString::to_string))
        .collect();
    let ids: Vec<String> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let page = page(&ids);
    let filter = TeamFilter {
        scope: everything(),
        ids,
        ..TeamFilter::default()
    };
    let teams = store.teams(&filter, &page).await?.items.into_iter();
    Ok(teams
        .filter_map(|team| Some((team.id, team.external_id?)))
        .collect())
}

async fn budgets(
    store: &Store,
    keys: &[VirtualKey],
) -> Result<BTreeMap<BudgetId, String>, ActionError> {
    let ids = keys.iter().filter_map(|key| key.policy.budget_id.as_ref());
    let mut budgets = BTreeMap::new();
    for id in ids.collect::<BTreeSet<_>>() {
        let shared = store.shared_budget(id).await?;
        if let Some(own) = shared.and_then(|shared| shared.external_id) {
            budgets.insert(id.clone(), own);
        }
    }
    Ok(budgets)
}

async fn users(store: &Store, keys: &[VirtualKey]) -> Result<BTreeMap<UserId, User>, ActionError> {
    let ids: BTreeSet<String> = keys
        .iter()
        .filter_map(|key| key.user_id.as_ref().map(ToString::to_string))
        .collect();
    let ids: Vec<String> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let page = page(&ids);
    let filter = UserFilter {
        scope: everything(),
        ids,
        ..UserFilter::default()
    };
    let users = store.users(&filter, &page).await?.items.into_iter();
    Ok(users.map(|user| (user.id.clone(), user)).collect())
}
