//! Service accounts: owners of keys that are no people.

use domain::ids::{OrganizationId, ServiceAccountId, TeamId};
use domain::permissions::Place;
use domain::service_accounts::ServiceAccount;
use domain::stamps::Stamps;
use serde_json::Value;
use store::page::{Listed, Page};
use store::service_accounts::ServiceAccountFilter;
use store::{Event, StoreError};

use crate::acting::{Acting, Permission, may};
use crate::actions::levels::meant_team;
use crate::error::ActionError;

fn recorded(account: &ServiceAccount) -> Value {
    serde_json::to_value(account).unwrap_or_default()
}

fn event(action: &'static str, account: &ServiceAccount) -> Event {
    Event {
        action,
        object_kind: "service_account",
        object_id: account.id.to_string(),
        organization_id: Some(account.organization_id.to_string()),
        team_id: Some(account.team_id.to_string()),
        ..Event::default()
    }
}

fn place(organization: &OrganizationId, team: &TeamId) -> Place {
    Place {
        organization_id: Some(organization.clone()),
        team_id: Some(team.clone()),
        owner_id: None,
    }
}

/// Makes a service account of a team.
///
/// # Errors
/// [`ActionError::NotFound`] for a team that is not the actor's; [`ActionError::Conflict`] when the
/// team has one of this name.
pub async fn create(
    acting: &Acting<may::WriteProjects>,
    team_id: &str,
    name: String,
) -> Result<ServiceAccount, ActionError> {
    let team = meant_team(acting, team_id).await?;
    let team = team.ok_or_else(|| ActionError::not_found("Team", team_id))?;
    let there = place(&team.organization_id, &team.id);
    acting.on(&there, "Team", team_id).await?;
    if name.trim().is_empty() {
        return Err(ActionError::invalid(
            "name",
            "Give the service account a name.",
        ));
    }
    let account = ServiceAccount {
        id: ServiceAccountId::generate(),
        organization_id: team.organization_id,
        team_id: team.id,
        name,
        stamps: Stamps::now(&acting.actor.id()),
    };
    let mut change = acting.store().begin().await?;
    let inserted = change.insert_service_account(&account).await;
    inserted.map_err(|error| match error {
        StoreError::Exists(_) => ActionError::Conflict {
            field: "name",
            message: "The team has a service account of this name. Choose another.".to_owned(),
        },
        other => other.into(),
    })?;
    let made = Event {
        after: Some(recorded(&account)),
        ..event("service_account.create", &account)
    };
    change.commit(&acting.actor, made).await?;
    Ok(account)
}

/// Finds a service account.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see it.
pub async fn find<P: Permission>(
    acting: &Acting<P>,
    id: &str,
) -> Result<ServiceAccount, ActionError> {
    let found = acting.store().service_account(id).await?;
    let account = found.ok_or_else(|| ActionError::not_found("Service account", id))?;
    let there = place(&account.organization_id, &account.team_id);
    acting.on(&there, "Service account", id).await?;
    Ok(account)
}

/// Lists the service accounts that the actor may see; the filter's own scope does not count.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    acting: &Acting<may::ReadProjects>,
    mut filter: ServiceAccountFilter,
    page: &Page,
) -> Result<Listed<ServiceAccount>, ActionError> {
    filter.scope = acting.scope();
    Ok(acting.store().service_accounts(&filter, page).await?)
}

/// Removes a service account that owns no keys.
///
/// # Errors
/// As [`find`]; [`ActionError::Conflict`] while it owns keys.
pub async fn delete(acting: &Acting<may::WriteProjects>, id: &str) -> Result<(), ActionError> {
    let account = find(acting, id).await?;
    let mut change = acting.store().begin().await?;
    let deleted = change.delete_service_account(&account.id).await;
    deleted.map_err(|error| match error {
        StoreError::Dangling(_) => ActionError::Conflict {
            field: "id",
            message: "The service account owns keys. Delete them, or give them another owner."
                .to_owned(),
        },
        other => other.into(),
    })?;
    let gone = Event {
        before: Some(recorded(&account)),
        ..event("service_account.delete", &account)
    };
    change.commit(&acting.actor, gone).await?;
    Ok(())
}
