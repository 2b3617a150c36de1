//! Deployments found and listed: the file's beside the store's.

use domain::deployments::StoredDeployment;
use domain::permissions::{Place, Scope};
use domain::routing::Origin;
use serde_json::Map;
use store::deployments::DeploymentFilter;
use store::page::{Listed, Page};

use super::known::KnownDeployment;
use super::{in_the_file, meaning, secrets_of};
use crate::acting::{Acting, Permission, may};
use crate::actions::levels::EVERYTHING;
use crate::error::ActionError;

/// Which deployments are listed.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Those whose model's name or id contains this, in any case.
    pub search: Option<String>,
    /// Those of the model with exactly this name.
    pub model_name: Option<String>,
    /// Those of the file, or those of the store.
    pub origin: Option<Origin>,
}

/// One of the store as it may be seen.
pub(super) async fn known<P: Permission>(
    acting: &Acting<P>,
    stored: StoredDeployment,
) -> Result<KnownDeployment, ActionError> {
    // One row that cannot be read (any more) must not hide the others.
    let secrets = match secrets_of(acting, &stored) {
        Ok(secrets) => secrets,
        Err(unreadable) => {
            let said = Err(unreadable.to_string());
            return Ok(KnownDeployment::of_store(stored, &Map::new(), said));
        }
    };
    let meant = meaning(acting, &stored, secrets.clone()).await?;
    Ok(KnownDeployment::of_store(stored, &secrets, meant))
}

/// Finds a deployment of the file or the store.
///
/// # Errors
/// [`ActionError::NotFound`] also when it is another organization's.
pub async fn find(
    acting: &Acting<may::ReadDeployments>,
    id: &str,
) -> Result<KnownDeployment, ActionError> {
    if let Some(deployment) = in_the_file(acting, id) {
        return Ok(KnownDeployment::of_file(deployment));
    }
    let found = acting.store().stored_deployment(id).await?;
    let stored = found.ok_or_else(|| ActionError::not_found("Deployment", id))?;
    if stored.organization_id.is_some() {
        let place = Place {
            organization_id: stored.organization_id.clone(),
            ..Place::default()
        };
        acting.on(&place, "Deployment", id).await?;
    }
    known(acting, stored).await
}

/// Lists deployments. The first page begins with those of the file, which the page's limit does
/// not count.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    acting: &Acting<may::ReadDeployments>,
    listing: &Listing,
    page: &Page,
) -> Result<Listed<KnownDeployment>, ActionError> {
    let scope = acting.scope();
    listed(acting, (scope, listing), page).await
}

/// All deployments that lie in a scope, those of the file first.
///
/// # Errors
/// As [`list`].
pub async fn all<P: Permission>(
    acting: &Acting<P>,
    scope: Scope,
    listing: &Listing,
) -> Result<Vec<KnownDeployment>, ActionError> {
    Ok(listed(acting, (scope, listing), &EVERYTHING).await?.items)
}

async fn listed<P: Permission>(
    acting: &Acting<P>,
    (scope, listing): (Scope, &Listing),
    page: &Page,
) -> Result<Listed<KnownDeployment>, ActionError> {
    let mut items = Vec::new();
    if page.after.is_none() && listing.origin != Some(Origin::Store) {
        let file = acting.api().settings.file.load_full();
        let of_file = file.table.deployments.iter().cloned();
        items.extend(
            of_file
                .map(KnownDeployment::of_file)
                .filter(|one| fits(one, listing)),
        );
    }
    if listing.origin == Some(Origin::File) {
        return Ok(Listed {
            items,
            more: false,
            total: None,
        });
    }
    let filter = DeploymentFilter {
        scope,
        search: listing.search.clone(),
        model_name: listing.model_name.clone(),
    };
    let Listed {
        items: stored,
        more,
        total,
    } = acting.store().stored_deployments(&filter, page).await?;
    for one in stored {
        items.push(known(acting, one).await?);
    }
    Ok(Listed { items, more, total })
}

/// Whether one of the file is asked for.
fn fits(one: &KnownDeployment, listing: &Listing) -> bool {
    let contains = |part: &String| {
        let part = part.to_lowercase();
        one.model_name.to_lowercase().contains(&part)
            || one.id.as_str().to_lowercase().contains(&part)
    };
    listing.search.as_ref().is_none_or(contains)
        && listing
            .model_name
            .as_ref()
            .is_none_or(|name| *name == one.model_name)
}
