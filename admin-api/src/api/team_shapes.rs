//! A team as `/api/v1` takes and shows it.

use std::collections::BTreeMap;

use domain::money::NanoUsd;
use domain::spend::{ScopeKind, SpendScope};
use domain::teams::Team;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::acting::{Acting, Permission};
use crate::actions::spend;
use crate::api::policy::PolicyBody;
use crate::error::ActionError;

/// What a team is made with.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TeamNew {
    /// Its organization; your only one, else `default`, when it is not said.
    pub organization_id: Option<String>,
    /// For people.
    pub name: String,
    /// What it allows.
    pub policy: PolicyBody,
    /// What each member may spend who has nothing of their own.
    pub member_policy: PolicyBody,
    /// Whether all its keys are refused.
    pub blocked: bool,
}

/// What may be written of a team.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TeamWrite {
    /// For people.
    pub name: String,
    /// What it allows.
    pub policy: PolicyBody,
    /// What each member may spend who has nothing of their own.
    pub member_policy: PolicyBody,
    /// Whether all its keys are refused.
    pub blocked: bool,
}

/// A team.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TeamBody {
    /// `team_…`.
    pub id: String,
    /// The id that its maker chose; it is found by either.
    pub external_id: Option<String>,
    /// Its organization.
    pub organization_id: String,
    /// For people.
    pub name: String,
    /// What it allows.
    pub policy: PolicyBody,
    /// What each member may spend who has nothing of their own.
    pub member_policy: PolicyBody,
    /// Whether all its keys are refused.
    pub blocked: bool,
    /// Dollars as decimal text, from the beginning.
    pub spend_usd: String,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// By whom.
    pub created_by: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
}

impl TeamBody {
    pub(super) fn of(team: Team, spend: &BTreeMap<SpendScope, NanoUsd>) -> Self {
        let scope = scope(&team);
        Self {
            id: team.id.to_string(),
            external_id: team.external_id,
            organization_id: team.organization_id.to_string(),
            name: team.name,
            policy: PolicyBody::from(&team.policy),
            member_policy: PolicyBody::from(&team.member_policy),
            blocked: team.blocked,
            spend_usd: spend.get(&scope).copied().unwrap_or_default().to_string(),
            created_at: team.stamps.created_at.to_rfc3339(),
            created_by: team.stamps.created_by,
            updated_at: team.stamps.updated_at.to_rfc3339(),
        }
    }
}

/// What its spend is counted under.
fn scope(team: &Team) -> SpendScope {
    SpendScope {
        kind: ScopeKind::Team,
        id: team.id.to_string(),
    }
}

/// A team with what it has spent.
///
/// # Errors
/// When the store does not answer.
pub async fn shown<P: Permission>(acting: &Acting<P>, team: Team) -> Result<TeamBody, ActionError> {
    let spend = spend::shown(acting.store(), std::slice::from_ref(&team)).await?;
    Ok(TeamBody::of(team, &spend))
}
