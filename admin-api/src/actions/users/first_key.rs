//! The key that a person gets as they are made: prepared like every key, written with the person.

use domain::ids::OrganizationId;
use domain::members::Member;
use domain::policies::Policy;
use domain::users::User;
use domain::virtual_keys::KeySecret;

use crate::acting::{Acting, Permission};
use crate::actions::keys::{AskedOwner, MadeKey, NewKey, prepare_for};
use crate::error::ActionError;
use crate::fields::Given;

/// What a person's first key may be made with.
#[derive(Debug)]
pub struct NewFirstKey {
    /// For people; unique in the organization.
    pub alias: Option<String>,
    /// Its team, by either of its ids.
    pub team_id: Option<String>,
    /// When it ends: `30d`, a date, `never`.
    pub lifetime: Given<String>,
    /// What it may do; money is the person's.
    pub policy: Policy,
}

pub(super) async fn made<P: Permission>(
    acting: &Acting<P>,
    user: &User,
    members: &[Member],
    asked: NewFirstKey,
) -> Result<(MadeKey, KeySecret), ActionError> {
    let first = members.first().map(|member| member.organization_id.clone());
    let organization = first.unwrap_or_else(OrganizationId::default_one);
    let new = NewKey {
        owner: AskedOwner {
            // The team's own, when there is one.
            organization_id: asked.team_id.is_none().then(|| organization.to_string()),
            team_id: asked.team_id,
            ..AskedOwner::default()
        },
        alias: asked.alias,
        policy: asked.policy,
        lifetime: asked.lifetime,
        // LiteLLM's keys reach its management routes as the person may.
        llm_routes_only: false,
        ..NewKey::default()
    };
    prepare_for(&acting.also()?, new, &user.id).await
}
