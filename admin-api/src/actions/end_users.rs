//! End users: made, changed, blocked, removed.

use domain::blocks::BlockLevel;
use domain::end_users::EndUser;
use domain::ids::EndUserId;
use domain::organizations::Organization;
use domain::permissions::{Place, Scope};
use domain::policies::Policy;
use domain::stamps::Stamps;
use serde_json::Value;
use store::Event;
use store::end_users::EndUserFilter;
use store::page::{Listed, Page};

use crate::acting::{Acting, Permission, may};
use crate::actions::blocks::{self, Blocking};
use crate::actions::chosen_ids::chosen;
use crate::actions::levels::{organization_for, organization_id, resolve_budget};
use crate::error::ActionError;

/// What an end user may be made with.
#[derive(Clone, Debug, Default)]
pub struct NewEndUser {
    /// Whose; the actor's own organization when missing.
    pub organization_id: Option<String>,
    /// The name that requests give them.
    pub external_id: String,
    /// For people.
    pub name: Option<String>,
    /// What they may do.
    pub policy: Policy,
    /// Whether their requests are refused.
    pub blocked: bool,
}

fn recorded(end_user: &EndUser) -> Value {
    serde_json::to_value(end_user).unwrap_or_default()
}

fn event(action: &'static str, end_user: &EndUser) -> Event {
    Event {
        action,
        object_kind: "end_user",
        object_id: end_user.id.to_string(),
        organization_id: Some(end_user.organization_id.to_string()),
        ..Event::default()
    }
}

/// One event for several: all their ids, and their organization when it is the same.
fn event_of_all(action: &'static str, all: &[EndUser]) -> Event {
    let ids: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
    let first = all.first().map(|one| &one.organization_id);
    let same = all.iter().all(|one| Some(&one.organization_id) == first);
    Event {
        action,
        object_kind: "end_user",
        object_id: ids.join(","),
        also_about: ids.into_iter().map(str::to_owned).collect(),
        organization_id: first.filter(|_one| same).map(ToString::to_string),
        ..Event::default()
    }
}

/// Makes an end user.
///
/// # Errors
/// When the organization has one of that name, or is not the actor's.
pub async fn create(
    acting: &Acting<may::WriteEndUsers>,
    new: NewEndUser,
) -> Result<EndUser, ActionError> {
    let organization = organization_for(acting, new.organization_id.as_deref()).await?;
    let mut policy = new.policy;
    resolve_budget(acting, &mut policy, Some(&organization.id)).await?;
    let end_user = made(acting, &organization, new.external_id)?;
    let end_user = EndUser {
        name: new.name,
        policy,
        blocked: new.blocked,
        ..end_user
    };
    let mut change = acting.store().begin().await?;
    change.insert_end_user(&end_user).await?;
    let made = Event {
        after: Some(recorded(&end_user)),
        ..event("end_user.create", &end_user)
    };
    change.commit(&acting.actor, made).await?;
    Ok(end_user)
}

fn made(
    acting: &Acting<may::WriteEndUsers>,
    organization: &Organization,
    external_id: String,
) -> Result<EndUser, ActionError> {
    Ok(EndUser {
        id: EndUserId::generate(),
        organization_id: organization.id.clone(),
        external_id: chosen("user_id", external_id)?,
        name: None,
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::now(&acting.actor.id()),
    })
}

/// The one that is meant: the actor's own before any other of that name. A foreign one is noted as
/// a denial and answered as a missing one.
async fn visible<P: Permission>(acting: &Acting<P>, id: &str) -> Result<EndUser, ActionError> {
    let mut filter = EndUserFilter {
        scope: acting.scope(),
        ..EndUserFilter::default()
    };
    if let Some(own) = acting.store().end_user_within(&filter, id).await? {
        return Ok(own);
    }
    filter.scope = Scope {
        everything: true,
        ..Scope::default()
    };
    if let Some(foreign) = acting.store().end_user_within(&filter, id).await? {
        let place = Place {
            organization_id: Some(foreign.organization_id),
            ..Place::default()
        };
        acting.on(&place, "End user", id).await?;
    }
    Err(ActionError::not_found("End user", id))
}

/// Finds an end user by our id, or by the name that requests give them.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see them.
pub async fn find<P: Permission>(acting: &Acting<P>, id: &str) -> Result<EndUser, ActionError> {
    visible(acting, id).await
}

/// Lists the end users that the actor may see.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    acting: &Acting<may::ReadEndUsers>,
    (organization, search): (Option<String>, Option<String>),
    page: &Page,
) -> Result<Listed<EndUser>, ActionError> {
    let filter = EndUserFilter {
        scope: acting.scope(),
        organization_id: organization_id(acting, organization).await?,
        search,
    };
    Ok(acting.store().end_users(&filter, page).await?)
}

/// Changes an end user by what `change` makes of them.
///
/// # Errors
/// As [`find`], and what `change` refuses.
pub async fn update(
    acting: &Acting<may::WriteEndUsers>,
    id: &str,
    change: impl FnOnce(&mut EndUser) -> Result<(), ActionError>,
) -> Result<EndUser, ActionError> {
    let before = visible(acting, id).await?;
    let mut end_user = before.clone();
    change(&mut end_user)?;
    resolve_budget(acting, &mut end_user.policy, Some(&before.organization_id)).await?;
    end_user.stamps = before.stamps.changed(&acting.actor.id());
    let mut writing = acting.store().begin().await?;
    writing.update_end_user(&end_user).await?;
    blocking(acting, &end_user, before.blocked)
        .noted(&mut writing)
        .await?;
    let changed = Event {
        before: Some(recorded(&before)),
        after: Some(recorded(&end_user)),
        ..event("end_user.update", &end_user)
    };
    writing.commit(&acting.actor, changed).await?;
    Ok(end_user)
}

/// Whether somebody becomes blocked, or is no longer.
fn blocking<'u>(
    acting: &Acting<may::WriteEndUsers>,
    end_user: &'u EndUser,
    before: bool,
) -> Blocking<'u> {
    let place = Place {
        organization_id: Some(end_user.organization_id.clone()),
        ..Place::default()
    };
    Blocking {
        id: end_user.id.as_str(),
        before,
        after: end_user.blocked,
        by: blocks::level(acting, &place),
        unknown: BlockLevel::Organization,
    }
}

/// Refuses or lets in the requests of end users. Those that nobody has made yet are made when they
/// are blocked, so that a name can be refused before its first request.
///
/// # Errors
/// When one that is to be let in does not exist.
pub async fn set_blocked(
    acting: &Acting<may::WriteEndUsers>,
    ids: &[String],
    blocked: bool,
) -> Result<Vec<EndUser>, ActionError> {
    let mut before = Vec::new();
    let mut missing = Vec::new();
    for id in ids {
        match visible(acting, id).await {
            Ok(end_user) => before.push(end_user),
            Err(ActionError::NotFound { .. }) if blocked => missing.push(id.clone()),
            Err(refused) => return Err(refused),
        }
    }
    let mut after = Vec::new();
    for end_user in &before {
        after.push(EndUser {
            blocked,
            stamps: end_user.stamps.changed(&acting.actor.id()),
            ..end_user.clone()
        });
    }
    let mut new = Vec::new();
    if !missing.is_empty() {
        let organization = organization_for(acting, None).await?;
        for id in missing {
            let end_user = made(acting, &organization, id)?;
            new.push(EndUser {
                blocked,
                ..end_user
            });
        }
    }
    let mut writing = acting.store().begin().await?;
    for (end_user, before) in after.iter().zip(&before) {
        writing.update_end_user(end_user).await?;
        blocking(acting, end_user, before.blocked)
            .noted(&mut writing)
            .await?;
    }
    for end_user in &new {
        writing.insert_end_user(end_user).await?;
        blocking(acting, end_user, false)
            .noted(&mut writing)
            .await?;
    }
    after.extend(new);
    let action = if blocked {
        "end_user.block"
    } else {
        "end_user.unblock"
    };
    let changed = Event {
        before: Some(before.iter().map(recorded).collect()),
        after: Some(after.iter().map(recorded).collect()),
        ..event_of_all(action, &after)
    };
    writing.commit(&acting.actor, changed).await?;
    Ok(after)
}

/// Removes end users, all of them or none.
///
/// # Errors
/// As [`find`].
pub async fn delete(
    acting: &Acting<may::WriteEndUsers>,
    ids: &[String],
) -> Result<Vec<EndUser>, ActionError> {
    let mut gone = Vec::new();
    for id in ids {
        gone.push(visible(acting, id).await?);
    }
    let mut change = acting.store().begin().await?;
    for end_user in &gone {
        change.delete_end_user(&end_user.id).await?;
        change.set_block_level(end_user.id.as_str(), None).await?;
    }
    let removed = Event {
        before: Some(gone.iter().map(recorded).collect()),
        ..event_of_all("end_user.delete", &gone)
    };
    change.commit(&acting.actor, removed).await?;
    Ok(gone)
}
