//! What stands above a thing, and what it points to: its organization, a shared budget.

use domain::budgets::SharedBudget;
use domain::ids::{OrganizationId, TeamId, UserId};
use domain::organizations::Organization;
use domain::permissions::Place;
use domain::policies::Policy;
use domain::teams::Team;
use domain::virtual_keys::VirtualKey;
use store::page::Page;
use store::virtual_keys::KeyFilter;

use crate::acting::{Acting, Permission};
use crate::error::ActionError;

/// The organization that a new thing is for: the named one; else the only one in which the actor
/// may make such things; else `default`.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not make such a thing there.
pub async fn organization_for<P: Permission>(
    acting: &Acting<P>,
    named: Option<&str>,
) -> Result<Organization, ActionError> {
    let scope = acting.scope();
    let only = match (scope.everything, scope.organizations.len()) {
        (false, 1) => scope.organizations.first().cloned(),
        _ => None,
    };
    let id = match named {
        Some(id) => id.to_owned(),
        None => only.unwrap_or_else(OrganizationId::default_one).to_string(),
    };
    let found = acting.store().organization(&id).await?;
    let organization = found.ok_or_else(|| ActionError::not_found("Organization", &id))?;
    let place = Place {
        organization_id: Some(organization.id.clone()),
        ..Place::default()
    };
    acting.on(&place, "Organization", &id).await?;
    Ok(organization)
}

/// What an organization allows, for what is below it.
///
/// # Errors
/// When the store does not answer.
pub async fn policy_of_organization<P: Permission>(
    acting: &Acting<P>,
    id: &OrganizationId,
) -> Result<Policy, ActionError> {
    let found = acting.store().organization(id.as_str()).await?;
    Ok(found
        .map(|organization| organization.policy)
        .unwrap_or_default())
}

/// Makes a policy point to a shared budget of its own organization by our id; `organization` is
/// none for a person, whose policy only the platform's administrators set.
///
/// # Errors
/// [`ActionError::NotFound`] when there is no such budget, or it is another organization's.
pub async fn resolve_budget<P: Permission>(
    acting: &Acting<P>,
    policy: &mut Policy,
    organization: Option<&OrganizationId>,
) -> Result<(), ActionError> {
    let Some(asked) = &policy.budget_id else {
        return Ok(());
    };
    let called = acting.store().shared_budgets_called(asked.as_str()).await?;
    let budget = called
        .into_iter()
        .find(|budget| organization.is_none_or(|id| budget.organization_id == *id))
        .ok_or_else(|| ActionError::not_found("Budget", asked.as_str()))?;
    policy.budget_id = Some(budget.id);
    Ok(())
}

/// The team that an actor means by an id: an id that is chosen is unique within an organization
/// only, and their own organizations come before any other. It may be one that they may not see.
///
/// # Errors
/// When the store does not answer.
pub async fn meant_team<P: Permission>(
    acting: &Acting<P>,
    id: &str,
) -> Result<Option<Team>, ActionError> {
    let called = acting.store().teams_called(id).await?;
    Ok(meant(acting, called, |team| &team.organization_id))
}

/// Likewise the shared budget.
///
/// # Errors
/// As [`meant_team`].
pub async fn meant_budget<P: Permission>(
    acting: &Acting<P>,
    id: &str,
) -> Result<Option<SharedBudget>, ActionError> {
    let called = acting.store().shared_budgets_called(id).await?;
    Ok(meant(acting, called, |budget| &budget.organization_id))
}

fn meant<P, T>(
    acting: &Acting<P>,
    called: Vec<T>,
    organization: impl Fn(&T) -> &OrganizationId,
) -> Option<T> {
    let grants = &acting.actor.rights.grants;
    let is_own = |one: &T| {
        let id = organization(one);
        grants.iter().any(|grant| grant.organization_id == *id)
    };
    let place = called.iter().position(is_own).unwrap_or_default();
    called.into_iter().nth(place)
}

/// All keys that a filter says, to go with the thing they belong to.
///
/// # Errors
/// When the store does not answer.
pub async fn all_keys<P: Permission>(
    acting: &Acting<P>,
    mut filter: KeyFilter,
) -> Result<Vec<VirtualKey>, ActionError> {
    filter.scope.everything = true;
    let listed = acting.store().virtual_keys(&filter, &EVERYTHING).await?;
    Ok(listed.items)
}

/// A page that holds a whole list.
pub const EVERYTHING: Page = Page {
    after: None,
    skip: 0,
    limit: i64::MAX,
    count: false,
    order: None,
};

/// Our id of an organization that a list is narrowed by. The list's scope hides what is foreign, so
/// an id of nothing is as good as one of something foreign.
///
/// # Errors
/// When the store does not answer.
pub async fn organization_id<P: Permission>(
    acting: &Acting<P>,
    asked: Option<String>,
) -> Result<Option<OrganizationId>, ActionError> {
    let Some(asked) = asked else { return Ok(None) };
    let found = acting.store().organization(&asked).await?;
    Ok(Some(
        found.map_or_else(|| OrganizationId::new(asked), |one| one.id),
    ))
}

/// Likewise of a team.
///
/// # Errors
/// When the store does not answer.
pub async fn team_id<P: Permission>(
    acting: &Acting<P>,
    asked: Option<String>,
) -> Result<Option<TeamId>, ActionError> {
    let Some(asked) = asked else { return Ok(None) };
    let found = meant_team(acting, &asked).await?;
    Ok(Some(found.map_or_else(|| TeamId::new(asked), |one| one.id)))
}

/// Likewise of a person.
///
/// # Errors
/// When the store does not answer.
pub async fn user_id<P: Permission>(
    acting: &Acting<P>,
    asked: Option<String>,
) -> Result<Option<UserId>, ActionError> {
    let Some(asked) = asked else { return Ok(None) };
    let found = acting.store().user(&asked).await?;
    Ok(Some(found.map_or_else(|| UserId::new(asked), |one| one.id)))
}
