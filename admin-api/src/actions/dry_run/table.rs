//! The routing table as data planes have it: the file's deployments and those of the store that serve.

use domain::ids::OrganizationId;
use domain::permissions::Scope;
use domain::routing::{Origin, RoutingTable};
use providers::destination::Destination;

use crate::acting::{Acting, may};
use crate::actions::deployments::{self, KnownDeployment, Listing, Written};
use crate::error::ActionError;

/// A deployment of the store that takes no requests.
pub struct OutOfService {
    /// Its id.
    pub id: String,
    /// The name under which callers would ask for it.
    pub model_name: String,
    /// Why it means nothing; none for one that is blocked.
    pub fault: Option<String>,
}

/// The table for one organization, and what is left out of it.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn merged(
    acting: &Acting<may::ReadDeployments>,
    organization_id: &OrganizationId,
) -> Result<(RoutingTable, Vec<OutOfService>), ActionError> {
    let scope = Scope {
        organizations: [organization_id.clone()].into_iter().collect(),
        ..Scope::default()
    };
    let listing = Listing {
        origin: Some(Origin::Store),
        ..Listing::default()
    };
    let mut stored = Vec::new();
    let mut unused = Vec::new();
    for known in deployments::all(acting, scope, &listing).await? {
        match unused_because(&known) {
            Some(fault) => unused.push(OutOfService {
                id: known.id.to_string(),
                model_name: known.model_name,
                fault,
            }),
            None => stored.extend(meant(known)),
        }
    }
    let file = acting.api().settings.file.load_full();
    Ok((serving(RoutingTable::merge(&file.table, stored)), unused))
}

/// Why a deployment takes no requests: it is blocked, or means nothing and why.
fn unused_because(known: &KnownDeployment) -> Option<Option<String>> {
    match &known.meaning {
        _ if known.blocked => Some(None),
        Written::Nothing(why) => Some(Some(why.clone())),
        Written::Meant(_) => None,
    }
}

fn meant(known: KnownDeployment) -> Vec<domain::routing::Deployment> {
    match known.meaning {
        Written::Meant(deployments) => deployments,
        Written::Nothing(_) => Vec::new(),
    }
}

/// Only deployments of vendors that are ours serve; a node leaves the others out.
fn serving(mut table: RoutingTable) -> RoutingTable {
    table
        .deployments
        .retain(|deployment| Destination::of(deployment).is_some());
    table
}
