//! Which routes a key may be given: none that its maker cannot call, none of another person's.
//!
//! A key acts on the admin side for the person who owns it, so whoever holds such a key has that
//! person's rights: only they themself, or the platform's administrators, may make or rotate it.

use domain::actors::ActorKind;
use domain::permissions::{PlatformRole, Reach};
use domain::routes::are_allowed;
use domain::virtual_keys::VirtualKey;

use crate::acting::{Acting, may};
use crate::actions::keys::holders;
use crate::error::ActionError;
use crate::routes::{self, Route};

/// What a key of `/api/v1` is for, unless its maker says otherwise.
pub const LLM_ROUTES: &str = "llm_api_routes";

/// Refuses a key whose holder could do more on the admin side than the actor who gets to see it.
///
/// # Errors
/// [`ActionError::Invalid`] on `allowed_routes`.
pub(super) async fn within_the_makers(
    acting: &Acting<may::WriteKeys>,
    key: &VirtualKey,
) -> Result<(), ActionError> {
    let allowed = &key.policy.allowed_routes;
    within_own_key(acting, key).await?;
    let rights = &acting.actor.rights;
    if rights.platform == Some(PlatformRole::PlatformAdmin) {
        return Ok(());
    }
    if let Some(beyond) = allowed.iter().find(|one| is_beyond(acting, one)) {
        return Err(refused(format!(
            "`{beyond}` has routes that you may not call. Name those that you may, or \
             `{LLM_ROUTES}`."
        )));
    }
    let of_another = key.user_id.is_some() && key.user_id != rights.user_id;
    if of_another && reaches_admin(allowed) {
        return Err(refused(format!(
            "This key would act for another person on the admin side: only they can have it. Set \
             `allowed_routes` to [\"{LLM_ROUTES}\"]."
        )));
    }
    Ok(())
}

/// A key that may call some routes only makes none that may call others.
async fn within_own_key(
    acting: &Acting<may::WriteKeys>,
    key: &VirtualKey,
) -> Result<(), ActionError> {
    let ActorKind::Key(own, _person) = &acting.actor.kind else {
        return Ok(());
    };
    if *own == key.id {
        return Ok(());
    }
    let Some(own) = acting.store().virtual_key(own.as_str()).await? else {
        return Ok(());
    };
    holders::within_own(&own, key)?;
    if key.user_id.is_none() {
        return Ok(());
    }
    let (most, asked) = (&own.policy.allowed_routes, &key.policy.allowed_routes);
    let within = |one: &String| one == LLM_ROUTES || covers(most, one);
    if most.is_empty() || (!asked.is_empty() && asked.iter().all(within)) {
        return Ok(());
    }
    Err(refused(format!(
        "The key with which you call may call {} only, and so may those that it makes. Set \
         `allowed_routes` to routes of these, or to [\"{LLM_ROUTES}\"].",
        most.join(", ")
    )))
}

fn refused(message: String) -> ActionError {
    ActionError::invalid("allowed_routes", message)
}

/// Whether a list of routes has all that another entry has.
pub(in crate::actions) fn covers(most: &[String], asked: &str) -> bool {
    most.iter().any(|one| {
        let start = one.strip_suffix('*');
        one == asked
            || (one == "management_routes" && is_admin(asked))
            || start.is_some_and(|start| asked.starts_with(start))
    })
}

/// Whether an entry names something of the admin side.
fn is_admin(entry: &str) -> bool {
    routes::all().any(|route| lets_in(entry, route))
}

/// Whether an entry lets its key come to a route of the admin side.
fn lets_in(entry: &str, route: &Route) -> bool {
    entry != LLM_ROUTES && are_allowed(&[entry.to_owned()], route.path)
}

/// Whether a key with these routes may come to the admin side at all. Nothing said is everything.
fn reaches_admin(allowed: &[String]) -> bool {
    allowed.is_empty() || allowed.iter().any(|one| is_admin(one))
}

/// Whether an entry has a route that the actor may call nowhere. `info_routes` shows what the
/// person may see and no more.
fn is_beyond(acting: &Acting<may::WriteKeys>, entry: &str) -> bool {
    if entry == "info_routes" {
        return false;
    }
    routes::all().any(|route| {
        lets_in(entry, route)
            && route
                .action
                .is_some_and(|action| acting.actor.rights.reach(action) == Reach::Nothing)
    })
}
