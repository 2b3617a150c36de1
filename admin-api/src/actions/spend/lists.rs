//! Keys and people by what they have spent.

use std::collections::BTreeMap;

use domain::money::NanoUsd;
use domain::spend::ScopeKind;
use domain::users::User;
use domain::virtual_keys::VirtualKey;
use store::page::Page;
use store::usage::UsageQuery;
use store::users::UserFilter;
use store::virtual_keys::KeyFilter;

use super::{LIFE, Present, Spender, present};
use crate::acting::{Acting, may};
use crate::actions::levels::EVERYTHING;
use crate::actions::usage;
use crate::error::ActionError;

type Reading = Acting<may::ReadSpend>;

/// What everything that the actor may see has cost, as the ledger has it. Resets of keys do not make
/// it less, and what was spent before an import is not in it.
///
/// # Errors
/// When the store does not answer.
pub async fn total(acting: &Reading) -> Result<NanoUsd, ActionError> {
    let query = UsageQuery::sum(acting.scope(), LIFE.0, LIFE.1);
    let rows = usage::report(acting, query).await?.rows;
    let sum = rows.first().map(|row| row.sums.charge_nanousd);
    Ok(sum.unwrap_or_default())
}

/// The keys that have spent the most, the greatest first. Those that have spent nothing follow, when
/// there is room.
///
/// # Errors
/// When the store does not answer.
pub async fn top_keys(
    acting: &Reading,
    limit: usize,
) -> Result<Vec<(VirtualKey, Present)>, ActionError> {
    let scope = acting.scope();
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut keys = Vec::new();
    if scope.everything {
        let top = acting.store().top_spend(ScopeKind::Key, most).await?;
        let ids: Vec<String> = top.into_iter().map(|(id, _spent)| id).collect();
        if !ids.is_empty() {
            keys = listed(acting, ids, &Page::first(most)).await?;
        }
        let newest = listed(acting, Vec::new(), &Page::first(most)).await?;
        let known: BTreeMap<_, ()> = keys.iter().map(|key| (key.id.clone(), ())).collect();
        let others = newest
            .into_iter()
            .filter(|key| !known.contains_key(&key.id));
        keys.extend(others);
        keys.truncate(limit);
    } else {
        keys = listed(acting, Vec::new(), &EVERYTHING).await?;
    }
    let spenders: Vec<Spender<'_>> = keys.iter().map(Spender::from).collect();
    let spent = present(acting.store(), &spenders).await?;
    let scopes: Vec<_> = spenders.iter().map(Spender::scope).collect();
    let with_spend = keys.into_iter().zip(scopes).map(|(key, scope)| {
        let spent = spent.get(&scope).copied().unwrap_or_default();
        (key, spent)
    });
    let mut keys: Vec<(VirtualKey, Present)> = with_spend.collect();
    keys.sort_by_key(|(_key, spent)| std::cmp::Reverse(spent.spend));
    keys.truncate(limit);
    Ok(keys)
}

async fn listed(
    acting: &Reading,
    ids: Vec<String>,
    page: &Page,
) -> Result<Vec<VirtualKey>, ActionError> {
    let filter = KeyFilter {
        scope: acting.scope(),
        ids,
        ..KeyFilter::default()
    };
    Ok(acting.store().virtual_keys(&filter, page).await?.items)
}

/// People whom the actor may see, or one of them, with what they have spent.
///
/// # Errors
/// When the store does not answer.
pub async fn users(
    acting: &Reading,
    user_id: Option<&str>,
) -> Result<Vec<(User, Present)>, ActionError> {
    let mut filter = UserFilter {
        scope: acting.scope(),
        ..UserFilter::default()
    };
    if let Some(id) = user_id {
        let found = acting.store().user(id).await?;
        filter.ids = vec![found.map_or_else(|| id.to_owned(), |user| user.id.to_string())];
    }
    let people = acting.store().users(&filter, &EVERYTHING).await?.items;
    let spenders: Vec<Spender<'_>> = people.iter().map(Spender::from).collect();
    let spent = present(acting.store(), &spenders).await?;
    let scopes: Vec<_> = spenders.iter().map(Spender::scope).collect();
    let with_spend = people.into_iter().zip(scopes).map(|(user, scope)| {
        let spent = spent.get(&scope).copied().unwrap_or_default();
        (user, spent)
    });
    let mut people: Vec<(User, Present)> = with_spend.collect();
    people.sort_by_key(|(_user, spent)| std::cmp::Reverse(spent.spend));
    Ok(people)
}
