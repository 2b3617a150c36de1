//! What has been spent since ever: what the ledger charged, with corrections and imports.

use std::collections::BTreeMap;

use domain::money::NanoUsd;
use domain::permissions::Scope;
use domain::spend::{Adjustment, ScopeKind, SpendScope};
use domain::users::User;
use domain::virtual_keys::VirtualKey;
use store::page::Page;
use store::users::UserFilter;
use store::virtual_keys::KeyFilter;

use crate::acting::{Acting, may};
use crate::actions::levels::EVERYTHING;
use crate::error::ActionError;

type Reading = Acting<may::ReadSpend>;

fn of(kind: ScopeKind, id: &str) -> SpendScope {
    SpendScope {
        kind,
        id: id.to_owned(),
    }
}

/// What all keys that the actor may see have spent together.
///
/// # Errors
/// When the store does not answer.
pub async fn total(acting: &Reading) -> Result<NanoUsd, ActionError> {
    if acting.scope().everything {
        return Ok(acting.store().total_spend(ScopeKind::Key).await?);
    }
    let spent = keys_in(acting, acting.scope()).await?;
    let sum = spent
        .iter()
        .fold(0_i64, |sum, (_key, spent)| sum.saturating_add(spent.0));
    Ok(NanoUsd(sum))
}

/// The keys that have spent the most, the greatest first. Those that have spent nothing follow, when
/// there is room.
///
/// # Errors
/// When the store does not answer.
pub async fn top_keys(
    acting: &Reading,
    limit: usize,
) -> Result<Vec<(VirtualKey, NanoUsd)>, ActionError> {
    let scope = acting.scope();
    if !scope.everything {
        let mut keys = keys_in(acting, scope).await?;
        keys.sort_by_key(|(_key, spent)| std::cmp::Reverse(*spent));
        keys.truncate(limit);
        return Ok(keys);
    }
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let top = acting.store().top_spend(ScopeKind::Key, most).await?;
    let spent: BTreeMap<String, NanoUsd> = top.into_iter().collect();
    let mut keys = Vec::new();
    if !spent.is_empty() {
        let filter = KeyFilter {
            scope: scope.clone(),
            ids: spent.keys().cloned().collect(),
            ..KeyFilter::default()
        };
        keys = acting
            .store()
            .virtual_keys(&filter, &Page::first(most))
            .await?
            .items;
    }
    keys.sort_by_key(|key| std::cmp::Reverse(spent.get(key.id.as_str()).copied()));
    let filter = KeyFilter {
        scope,
        ..KeyFilter::default()
    };
    let newest = acting
        .store()
        .virtual_keys(&filter, &Page::first(most))
        .await?;
    for key in newest.items {
        if keys.len() < limit && !spent.contains_key(key.id.as_str()) {
            keys.push(key);
        }
    }
    let with_spend = keys.into_iter().map(|key| {
        let spent = spent.get(key.id.as_str()).copied().unwrap_or_default();
        (key, spent)
    });
    Ok(with_spend.collect())
}

/// The keys of a scope with what they have spent.
async fn keys_in(
    acting: &Reading,
    scope: Scope,
) -> Result<Vec<(VirtualKey, NanoUsd)>, ActionError> {
    let filter = KeyFilter {
        scope,
        ..KeyFilter::default()
    };
    let keys = acting
        .store()
        .virtual_keys(&filter, &EVERYTHING)
        .await?
        .items;
    let scopes: Vec<SpendScope> = keys
        .iter()
        .map(|key| of(ScopeKind::Key, key.id.as_str()))
        .collect();
    let spent = acting.store().spend_of(&scopes).await?;
    let with_spend = keys.into_iter().zip(scopes).map(|(key, scope)| {
        let spent = spent.get(&scope).copied().unwrap_or_default();
        (key, spent)
    });
    Ok(with_spend.collect())
}

/// People whom the actor may see, or one of them, with what they have spent.
///
/// # Errors
/// When the store does not answer.
pub async fn users(
    acting: &Reading,
    user_id: Option<&str>,
) -> Result<Vec<(User, NanoUsd)>, ActionError> {
    let mut filter = UserFilter {
        scope: acting.scope(),
        ..UserFilter::default()
    };
    if let Some(id) = user_id {
        let found = acting.store().user(id).await?;
        filter.ids = vec![found.map_or_else(|| id.to_owned(), |user| user.id.to_string())];
    }
    let people = acting.store().users(&filter, &EVERYTHING).await?.items;
    let scopes: Vec<SpendScope> = people
        .iter()
        .map(|user| of(ScopeKind::User, user.id.as_str()))
        .collect();
    let spent = acting.store().spend_of(&scopes).await?;
    let mut people: Vec<(User, NanoUsd)> = people
        .into_iter()
        .zip(scopes)
        .map(|(user, scope)| (user, spent.get(&scope).copied().unwrap_or_default()))
        .collect();
    people.sort_by_key(|(_user, spent)| std::cmp::Reverse(*spent));
    Ok(people)
}

/// The corrections of one key's spend, the newest first.
///
/// # Errors
/// When there is no such key among those the actor may see.
pub async fn corrections_of_key(
    acting: &Reading,
    asked: &str,
) -> Result<Vec<(VirtualKey, Adjustment)>, ActionError> {
    let hash = domain::keys::KeyHash::from_hex(asked)
        .unwrap_or_else(|_no_hash| domain::keys::KeyHash::of(asked));
    let by_hash = acting.store().virtual_key_by_hash(hash).await?;
    let found = match by_hash {
        Some(key) => Some(key),
        None => acting.store().virtual_key(asked).await?,
    };
    let missing = || ActionError::not_found("Key", domain::keys::key_name(asked));
    let key = found.ok_or_else(missing)?;
    let place = domain::permissions::Place {
        organization_id: Some(key.organization_id.clone()),
        team_id: key.team_id.clone(),
        owner_id: key.user_id.clone(),
    };
    acting
        .on(&place, "Key", key.id.as_str())
        .await
        .map_err(|error| match error {
            ActionError::NotFound { .. } => missing(),
            other => other,
        })?;
    let scope = of(ScopeKind::Key, key.id.as_str());
    let corrections = acting.store().adjustments(&scope).await?;
    Ok(corrections
        .into_iter()
        .map(|one| (key.clone(), one))
        .collect())
}
