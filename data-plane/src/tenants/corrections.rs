//! Corrections of spend (resets, imports, other prices) reach the counters: those of the
//! organization are read anew from the ledger before they are trusted again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::directory::Revision;
use domain::ids::{KeyId, OrganizationId, ProjectId, TeamId};
use domain::ledger::Ledger;
use domain::spend::{ScopeKind, SpendScope};
use tokio::sync::watch;

use crate::node::Node;
use crate::tenants::known::Known;

/// When the ledger or the counters do not answer, they are asked again after this.
const PAUSE: Duration = Duration::from_secs(1);

/// Follows corrections from `since` on: whenever the node follows the store to another revision,
/// the ledger is asked for them. Ends when `followed` does.
pub async fn follow(
    node: Arc<Node>,
    ledger: Arc<dyn Ledger>,
    mut since: Revision,
    mut followed: watch::Receiver<Revision>,
) {
    while followed.changed().await.is_ok() {
        let now = *followed.borrow_and_update();
        while since < now {
            match take(&node, &*ledger, since).await {
                Ok(last) => since = last.max(now),
                Err(Failed) => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

/// The ledger or the counters did not answer.
struct Failed;

/// Takes the corrections after `since`; the revision of the last one.
async fn take(node: &Node, ledger: &dyn Ledger, since: Revision) -> Result<Revision, Failed> {
    let corrections = ledger.corrections(since).await.map_err(|_away| Failed)?;
    let known = Arc::clone(&node.state().known);
    let last = corrections.last().map_or(since, |last| last.revision);
    let organizations: BTreeSet<String> = corrections
        .iter()
        .flat_map(|one| organizations_of(&known, &one.adjustment.scope))
        .collect();
    for organization in organizations {
        let counters = &node.governance.counters;
        let forgotten = counters.forget_all(&organization.into()).await;
        forgotten.map_err(|_away| Failed)?;
    }
    Ok(last)
}

/// Where a scope's counters lie; nowhere when the node does not know it, and then nothing counts.
fn organizations_of(known: &Known, scope: &SpendScope) -> Vec<String> {
    let tree = known.tree();
    let id = scope.id.as_str();
    let within = || scope.id.split_once('/').map(|(within, _)| within);
    let of_team = |id: &str| {
        let team = tree.team(&TeamId::new(id))?;
        Some(team.organization_id.to_string())
    };
    let found = match scope.kind {
        ScopeKind::Organization => Some(id.to_owned()),
        ScopeKind::EndUser | ScopeKind::Tag => within().map(str::to_owned),
        ScopeKind::Team => of_team(id),
        ScopeKind::Member => within().and_then(|within| {
            let organization = tree.organization(&OrganizationId::new(within));
            organization.map_or_else(|| of_team(within), |one| Some(one.id.to_string()))
        }),
        ScopeKind::Project => tree
            .project(&ProjectId::new(id))
            .map(|project| project.organization_id.to_string()),
        ScopeKind::Key => known
            .grant(&KeyId::new(id))
            .map(|grant| grant.organization_id.to_string()),
        // A person may have keys everywhere.
        ScopeKind::User => return tree.organization_ids(),
    };
    found.into_iter().collect()
}
