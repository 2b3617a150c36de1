//! Lists of keys and of their aliases, cut to what the actor may see.

use domain::virtual_keys::VirtualKey;
use store::page::{Listed, Page};
use store::virtual_keys::KeyFilter;

use crate::acting::{Acting, may};
use crate::actions::keys::spend_of;
use crate::actions::levels::EVERYTHING;
use crate::error::ActionError;

/// Lists the keys that the actor may see; the filter's own scope does not count.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    acting: &Acting<may::ReadKeys>,
    mut filter: KeyFilter,
    page: &Page,
) -> Result<Listed<VirtualKey>, ActionError> {
    filter.scope = acting.scope();
    Ok(acting.store().virtual_keys(&filter, page).await?)
}

/// Lists the aliases of the keys that the actor may see.
///
/// # Errors
/// When the store does not answer.
pub async fn aliases(
    acting: &Acting<may::ReadKeys>,
    search: Option<&str>,
    page: &Page,
) -> Result<Listed<String>, ActionError> {
    let scope = acting.scope();
    Ok(acting.store().key_aliases(&scope, search, page).await?)
}

/// The ids of those of these keys that have used so many percent of a budget of their own, or more,
/// in its present window.
///
/// # Errors
/// When the store does not answer.
pub async fn near_limit(
    acting: &Acting<may::ReadKeys>,
    mut filter: KeyFilter,
    percent: u64,
) -> Result<Vec<String>, ActionError> {
    filter.scope = acting.scope();
    filter.with_budget = true;
    let listed = acting.store().virtual_keys(&filter, &EVERYTHING).await?;
    let present = spend_of(acting.store(), &listed.items).await?;
    let is_near = |key: &&VirtualKey| {
        let spent = present.get(&key.id).map(|one| one.spend.0).unwrap_or(0);
        key.policy.hard_budget().is_some_and(|budget| {
            i128::from(spent).saturating_mul(100)
                >= i128::from(budget.limit_nanousd.0).saturating_mul(i128::from(percent))
        })
    };
    let near = listed.items.iter().filter(is_near);
    Ok(near.map(|key| key.id.to_string()).collect())
}
