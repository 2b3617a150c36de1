//! Which organization does a request mean?

use domain::ids::OrganizationId;
use domain::organizations::Organization;
use domain::permissions::{Action, Place, Reach, Rights};
use domain::teams::Team;

use crate::acting::{Acting, Permission, may};
use crate::actions::keys::owner::AskedOwner;
use crate::error::ActionError;

/// The organization that a request means that names none: the actor's only one, else `default`.
///
/// # Errors
/// [`ActionError::NotFound`] when the one that it names does not exist.
pub async fn organization_asked<P: Permission>(
    acting: &Acting<P>,
    asked: Option<&str>,
) -> Result<Organization, ActionError> {
    let id = asked.map_or_else(
        || only_organization(&acting.actor.rights).to_string(),
        str::to_owned,
    );
    let found = acting.store().organization(&id).await?;
    found.ok_or_else(|| ActionError::not_found("Organization", id))
}

fn only_organization(rights: &Rights) -> OrganizationId {
    let mut ids = rights.grants.iter().map(|grant| &grant.organization_id);
    match ids.next() {
        Some(first) if ids.all(|id| id == first) => first.clone(),
        _ => OrganizationId::default_one(),
    }
}

/// The organization of a key: its team's, else the one named, else its person's only one.
///
/// # Errors
/// [`ActionError::NotFound`] when it does not exist or the actor may make no keys there.
pub(super) async fn organization(
    acting: &Acting<may::WriteKeys>,
    asked: &AskedOwner,
    team: Option<&Team>,
) -> Result<Organization, ActionError> {
    let store = acting.store();
    let Some(team) = team else {
        return permitted_without_team(acting, asked).await;
    };
    let found = store.organization(team.organization_id.as_str()).await?;
    let organization = found.ok_or_else(|| {
        ActionError::Internal(format!("the organization of team {} is missing", team.id))
    })?;
    if let Some(id) = &asked.organization_id
        && *id != organization.id.as_str()
        && Some(id) != organization.external_id.as_ref()
    {
        return Err(ActionError::invalid(
            "organization_id",
            "The team belongs to another organization. Leave `organization_id` out.",
        ));
    }
    Ok(organization)
}

/// The organization of a key without a team; whether the actor may make keys there is not looked at.
pub(super) async fn organization_without_team(
    acting: &Acting<may::WriteKeys>,
    asked: &AskedOwner,
) -> Result<Organization, ActionError> {
    let store = acting.store();
    let of_user = match (&asked.organization_id, &asked.user_id) {
        (None, Some(id)) => match store.user(id).await? {
            Some(user) => store.rights(&user.id).await?,
            None => None,
        },
        _ => None,
    };
    match &of_user {
        Some(rights) => organization_asked(acting, Some(only_organization(rights).as_str())).await,
        None => organization_asked(acting, asked.organization_id.as_deref()).await,
    }
}

async fn permitted_without_team(
    acting: &Acting<may::WriteKeys>,
    asked: &AskedOwner,
) -> Result<Organization, ActionError> {
    let organization = organization_without_team(acting, asked).await?;
    let rights = &acting.actor.rights;
    let own = rights.grants.iter().any(|grant| {
        Action::WriteKeys.reach(grant.role) >= Reach::Own
            && grant.organization_id == organization.id
    });
    if !own {
        let place = Place {
            organization_id: Some(organization.id.clone()),
            ..Place::default()
        };
        let id = organization.id.as_str();
        acting.on(&place, "Organization", id).await?;
    }
    Ok(organization)
}
