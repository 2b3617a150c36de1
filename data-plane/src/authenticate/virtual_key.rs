//! May this virtual key be used here and now? Blocked, expired, from where, for which path.

use std::sync::Arc;

use domain::policies::Policy;
use domain::routes;
use domain::standing::Level;
use domain::time::TimestampMs;

use super::{Caller, CallerKind, Shown, origin};
use crate::error::GatewayError;
use crate::node::State;
use crate::tenants::standing::{Held, Standing};
use crate::tenants::uses::UseCounts;

const REPLACED: &str = "This key was rotated, and the time in which the old secret still worked is over. \
Use the new one.";
const ENDED: &str =
    "This key has expired. Ask your administrator for a new one, or for a later end.";

/// Verifies a key that is known.
///
/// # Errors
/// When it is blocked, expired, or not for this address or path.
pub fn admit(
    held: &Arc<Held>,
    uses: &UseCounts,
    state: &State,
    shown: Shown<'_>,
) -> Result<Caller, GatewayError> {
    // What is known is whole: what a key names and is not there has been deleted.
    let standing = held
        .standing(state.known.tree())
        .ok_or(GatewayError::InvalidKey)?;
    let caller = verify(held, (state, shown), standing)?;
    uses.count(held, TimestampMs::now());
    Ok(caller)
}

/// Verifies what a signed token gives, which is no key of the store's: nobody counts its uses.
///
/// # Errors
/// As [`admit`].
pub fn admit_token(
    held: &Arc<Held>,
    state: &State,
    shown: Shown<'_>,
) -> Result<Caller, GatewayError> {
    let standing = held
        .standing(state.known.tree())
        .ok_or(GatewayError::InvalidKey)?;
    verify(held, (state, shown), standing)
}

/// Verifies a key that the store was asked for.
///
/// # Errors
/// As [`admit`]; 503 when the key names something that has not been heard of here yet.
pub fn admit_asked(
    held: &Arc<Held>,
    uses: &UseCounts,
    state: &State,
    shown: Shown<'_>,
) -> Result<Caller, GatewayError> {
    let standing = held
        .standing(state.known.tree())
        .ok_or(GatewayError::KeysUnavailable)?;
    let caller = verify(held, (state, shown), standing)?;
    uses.count(held, TimestampMs::now());
    Ok(caller)
}

fn verify(
    held: &Arc<Held>,
    (state, shown): (&State, Shown<'_>),
    standing: Arc<Standing>,
) -> Result<Caller, GatewayError> {
    if let Some(level) = standing.blocked {
        return Err(GatewayError::BlockedKey(blocked(level)));
    }
    let now = TimestampMs::now();
    if standing.expires_at.is_some_and(|end| end <= now) {
        return Err(GatewayError::ExpiredKey(ENDED));
    }
    if held.ends_at.is_some_and(|end| end <= now) {
        return Err(GatewayError::ExpiredKey(REPLACED));
    }
    if standing.names_addresses {
        check_address(&standing, state, shown)?;
    }
    if standing.names_routes {
        check_route(&standing, shown.path)?;
    }
    Ok(Caller {
        kind: CallerKind::Key(standing),
    })
}

const fn blocked(level: Level) -> &'static str {
    match level {
        Level::Project => {
            "The project of this API key is blocked. Ask your administrator to unblock it."
        }
        Level::Team => {
            "The team of this API key is blocked. Ask your administrator to unblock it (`/team/unblock`)."
        }
        Level::Organization => {
            "The organization of this API key is blocked. Ask the operator of this gateway."
        }
        Level::User | Level::Member => {
            "The owner of this API key is blocked. Ask your administrator to unblock them."
        }
        Level::Key | Level::EndUser | Level::Tag => {
            "This API key is blocked. An administrator may unblock it with `/key/unblock`."
        }
    }
}

fn check_address(standing: &Standing, state: &State, shown: Shown<'_>) -> Result<(), GatewayError> {
    let address = origin::caller_address(&state.settings, shown.headers, shown.peer);
    let is_refused = |level: &(Level, &Policy)| {
        let allowed = &level.1.allowed_addresses;
        !allowed.is_empty() && !allowed.contains(address)
    };
    match standing.policies().find(is_refused) {
        Some((level, _)) => Err(GatewayError::AddressNotAllowed {
            address,
            level: level.as_str(),
        }),
        None => Ok(()),
    }
}

fn check_route(standing: &Standing, path: &str) -> Result<(), GatewayError> {
    let refusing = standing
        .policies()
        .find(|(_, policy)| !routes::are_allowed(&policy.allowed_routes, path));
    match refusing {
        Some((level, _)) => Err(GatewayError::RouteNotAllowed {
            path: path.chars().take(200).collect(),
            level: level.as_str(),
        }),
        None => Ok(()),
    }
}
