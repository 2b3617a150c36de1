//! Organizations: made, changed, removed.

use domain::blocks::BlockLevel;
use domain::ids::OrganizationId;
use domain::organizations::Organization;
use domain::permissions::Place;
use domain::policies::Policy;
use domain::stamps::Stamps;
use domain::windows::TimeZone;
use store::page::{Listed, Page};
use store::{Event, StoreError};

use crate::acting::{Acting, may};
use crate::actions::blocks::{self, Blocking};
use crate::actions::{chosen_ids, levels, narrowing};
use crate::error::ActionError;

/// What an organization may be made with.
#[derive(Clone, Debug, Default)]
pub struct NewOrganization {
    /// The caller's own id.
    pub external_id: Option<String>,
    /// For people.
    pub name: String,
    /// An IANA name; `UTC` when missing.
    pub time_zone: Option<String>,
    /// What it allows.
    pub policy: Policy,
}

/// What an audit entry says of an organization.
fn recorded(organization: &Organization) -> serde_json::Value {
    serde_json::to_value(organization).unwrap_or_default()
}

fn event(action: &'static str, organization: &Organization) -> Event {
    Event {
        action,
        object_kind: "organization",
        object_id: organization.id.to_string(),
        organization_id: Some(organization.id.to_string()),
        ..Event::default()
    }
}

fn place(organization: &Organization) -> Place {
    Place {
        organization_id: Some(organization.id.clone()),
        ..Place::default()
    }
}

/// Whether members of an organization may make keys of their own without a team. In `default` they
/// may unless it says no: those whom LiteLLM's clients manage are there, and have keys of their own
/// as LiteLLM's `internal_user` has.
#[must_use]
pub fn members_may_create_keys(organization: &Organization) -> bool {
    let said = organization.policy.members_may_create_keys;
    said.unwrap_or_else(|| usually_may(Some(organization)))
}

/// What holds where an organization does not say it; for one that is not made yet too.
#[must_use]
pub fn usually_may(organization: Option<&Organization>) -> bool {
    organization.is_some_and(|one| one.id == OrganizationId::default_one())
}

/// Makes an organization.
///
/// # Errors
/// When its id is taken, the zone is none, or the store does not answer.
pub async fn create(
    acting: &Acting<may::CreateOrganizations>,
    new: NewOrganization,
) -> Result<Organization, ActionError> {
    let external_id = new
        .external_id
        .map(|id| chosen_ids::chosen("organization_id", id));
    let organization = Organization {
        id: OrganizationId::generate(),
        external_id: external_id.transpose()?,
        name: new.name,
        time_zone: zone(new.time_zone.as_deref().unwrap_or("UTC"))?,
        policy: new.policy,
        blocked: false,
        stamps: Stamps::now(&acting.actor.id()),
    };
    let mut change = acting.store().begin().await?;
    change.insert_organization(&organization).await?;
    let made = Event {
        after: Some(recorded(&organization)),
        ..event("organization.create", &organization)
    };
    change.commit(&acting.actor, made).await?;
    Ok(organization)
}

fn zone(name: &str) -> Result<String, ActionError> {
    name.parse::<TimeZone>()
        .map(|zone| zone.to_string())
        .map_err(|unknown| ActionError::invalid("time_zone", unknown.to_string()))
}

/// Finds an organization by either of its ids.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see it.
pub async fn find(
    acting: &Acting<may::ReadOrganizations>,
    id: &str,
) -> Result<Organization, ActionError> {
    let found = acting.store().organization(id).await?;
    let organization = found.ok_or_else(|| ActionError::not_found("Organization", id))?;
    acting.on(&place(&organization), "Organization", id).await?;
    Ok(organization)
}

/// Finds an organization by either of its ids, to change it.
///
/// # Errors
/// As [`find`].
pub async fn to_change(
    acting: &Acting<may::UpdateOrganizations>,
    id: &str,
) -> Result<Organization, ActionError> {
    let found = acting.store().organization(id).await?;
    let organization = found.ok_or_else(|| ActionError::not_found("Organization", id))?;
    acting.on(&place(&organization), "Organization", id).await?;
    Ok(organization)
}

/// Lists the organizations that the actor may see.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    acting: &Acting<may::ReadOrganizations>,
    search: Option<&str>,
    page: &Page,
) -> Result<Listed<Organization>, ActionError> {
    Ok(acting
        .store()
        .organizations(&acting.scope(), search, page)
        .await?)
}

/// Changes an organization by what `change` makes of it. Its own administrators may make it
/// narrower, not wider.
///
/// # Errors
/// As [`find`]; what `change` refuses; a policy that is too wide.
pub async fn update(
    acting: &Acting<may::UpdateOrganizations>,
    id: &str,
    change: impl FnOnce(&mut Organization) -> Result<(), ActionError>,
) -> Result<Organization, ActionError> {
    let before = to_change(acting, id).await?;
    let mut organization = before.clone();
    change(&mut organization)?;
    organization.time_zone = zone(&organization.time_zone)?;
    organization.stamps = before.stamps.changed(&acting.actor.id());
    levels::resolve_budget(acting, &mut organization.policy, Some(&before.id)).await?;
    let stands_above = narrowing::is_platform_admin(acting);
    if !stands_above {
        narrowing::not_wider(&organization.policy, &before.policy, "organization")?;
    }
    let mut writing = acting.store().begin().await?;
    writing.update_organization(&organization).await?;
    let blocking = Blocking {
        id: organization.id.as_str(),
        before: before.blocked,
        after: organization.blocked,
        by: blocks::level(acting, &place(&organization)),
        unknown: BlockLevel::Platform,
    };
    blocking.noted(&mut writing).await?;
    let changed = Event {
        before: Some(recorded(&before)),
        after: Some(recorded(&organization)),
        ..event("organization.update", &organization)
    };
    writing.commit(&acting.actor, changed).await?;
    Ok(organization)
}

/// Removes organizations in which nothing is any more, all of them or none; the default one stays.
///
/// # Errors
/// As [`find`]; [`ActionError::Conflict`] while one has teams, keys or people.
pub async fn delete(
    acting: &Acting<may::CreateOrganizations>,
    ids: &[String],
) -> Result<Vec<Organization>, ActionError> {
    let mut all: Vec<Organization> = Vec::new();
    for id in ids {
        let found = acting.store().organization(id).await?;
        let organization = found.ok_or_else(|| ActionError::not_found("Organization", id))?;
        acting.on(&place(&organization), "Organization", id).await?;
        if organization.id == OrganizationId::default_one() {
            return Err(in_the_way(
                "The organization `default` always exists: what names no other belongs to it.",
            ));
        }
        if !all.iter().any(|known| known.id == organization.id) {
            all.push(organization);
        }
    }
    let Some(first) = all.first() else {
        return Err(ActionError::invalid(
            "organization_ids",
            "Say which organizations: `organization_ids` is a list of ids.",
        ));
    };
    let ids: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
    let mut gone = Event {
        object_id: ids.join(","),
        also_about: ids.into_iter().map(str::to_owned).collect(),
        before: Some(match all.as_slice() {
            [only] => recorded(only),
            several => several.iter().map(recorded).collect(),
        }),
        ..event("organization.delete", first)
    };
    gone.organization_id = gone.organization_id.filter(|_| all.len() == 1);
    let mut change = acting.store().begin().await?;
    for organization in &all {
        change.forget_deleted_keys(&organization.id).await?;
        let deleted = change.delete_organization(&organization.id).await;
        deleted.map_err(|error| match error {
            StoreError::Dangling(_) => in_the_way(
                "Something is still in the organization: teams, keys, people, end users, budgets \
                 or templates. Remove them first.",
            ),
            other => other.into(),
        })?;
    }
    change.commit(&acting.actor, gone).await?;
    Ok(all)
}

fn in_the_way(message: &str) -> ActionError {
    ActionError::Conflict {
        field: "organization_id",
        message: message.to_owned(),
    }
}
