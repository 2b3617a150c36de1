//! Lists of keys and of their aliases, cut to what the actor may see.

use domain::virtual_keys::VirtualKey;
use store::page::{Listed, Page};
use store::virtual_keys::KeyFilter;

use crate::acting::{Acting, may};
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
