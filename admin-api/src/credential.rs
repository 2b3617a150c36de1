//! Who is calling the admin side? Headers to an [`Actor`] with their rights.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, USER_AGENT};
use domain::actors::{Actor, ActorKind};
use domain::keys::{KeyHash, is_well_formed};
use domain::permissions::Rights;
use domain::routes::are_allowed;
use domain::time::TimestampMs;
use domain::virtual_keys::VirtualKey;
use subtle::ConstantTimeEq;

use crate::actions::sign_in::Browser;
use crate::cookies::is_near;
use crate::error::ActionError;
use crate::{AdminApi, cross_site, live_session};

/// The data plane's word for where a caller is; taken on our own socket only.
pub const PEER_HEADER: &str = "x-headgate-peer";

/// The request's id, given by the data plane.
pub const REQUEST_ID_HEADER: &str = "x-request-id";

/// LiteLLM's header for who asked a program to do this.
const CHANGED_BY_HEADER: &str = "litellm-changed-by";

/// So much of what a browser calls itself is kept.
const LONGEST_USER_AGENT: usize = 256;

const NO_CREDENTIAL: &str =
    "No credential came with the request. Send `Authorization: Bearer <key>`, or sign in.";
const UNKNOWN: &str = "The credential is unknown, blocked or expired.";

/// Who is calling.
///
/// # Errors
/// [`ActionError::Unauthenticated`], and [`ActionError::Unavailable`] when a key cannot be looked up.
pub async fn identify(api: &AdminApi, request: &HttpRequest) -> Result<Actor, ActionError> {
    let peer = peer(api, request);
    let (kind, rights) = match given_key(request.headers()) {
        Some(given) => by_key(api, given, peer, request).await?,
        None => by_session(api, request).await?,
    };
    Ok(Actor {
        on_behalf_of: matches!(kind, ActorKind::MasterKey)
            .then(|| header(request.headers(), CHANGED_BY_HEADER))
            .flatten(),
        kind,
        rights,
        address: peer.map(|peer| peer.to_string()),
        request_id: header(request.headers(), REQUEST_ID_HEADER),
    })
}

/// Where the caller is.
#[must_use]
pub fn peer(api: &AdminApi, request: &HttpRequest) -> Option<IpAddr> {
    if api.settings.peer_from_header {
        return header(request.headers(), PEER_HEADER)?.parse().ok();
    }
    request
        .peer_addr()
        .map(|address| address.ip().to_canonical())
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The credential among the headers that clients use.
fn given_key(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(AUTHORIZATION).map(|value| {
        let text = value.to_str().unwrap_or_default();
        match text.split_once(' ') {
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
            _ => "",
        }
    });
    let other = || {
        ["x-litellm-api-key", "x-api-key", "api-key"]
            .iter()
            .find_map(|name| headers.get(*name))
            .map(|value| value.to_str().unwrap_or_default())
            .map(|text| text.strip_prefix("Bearer ").unwrap_or(text))
    };
    bearer.or_else(other)
}

async fn by_key(
    api: &AdminApi,
    given: &str,
    peer: Option<IpAddr>,
    request: &HttpRequest,
) -> Result<(ActorKind, Rights), ActionError> {
    if is_master_key(api, given) {
        return if api.settings.master_key_is_weak && !is_near(api, request) {
            Err(ActionError::Unauthenticated(WEAK))
        } else {
            Ok((ActorKind::MasterKey, Rights::of_the_operator()))
        };
    }
    if !is_well_formed(given) {
        return Err(ActionError::Unauthenticated(UNKNOWN));
    }
    let key = api.store.virtual_key_by_hash(KeyHash::of(given)).await?;
    let key = key.ok_or(ActionError::Unauthenticated(UNKNOWN))?;
    let rights = rights_of(api, &key, peer, request.path()).await?;
    Ok((ActorKind::Key(key.id, key.user_id), rights))
}

const WEAK: &str = "This gateway's master key is short or published, so it passes on its own machine \
only. Set HEADGATE_MASTER_KEY to a long random value.";

/// Whether this is the master key.
#[must_use]
pub fn is_master_key(api: &AdminApi, given: &str) -> bool {
    api.settings
        .master_key
        .as_ref()
        .is_some_and(|master| bool::from(given.as_bytes().ct_eq(master.expose().as_bytes())))
}

/// What a key may do here: what the person may whose it is. LiteLLM's keys are made that way; a key
/// that must not is made with `key_type: llm_api`, as the keys of `/api/v1` are unless asked.
async fn rights_of(
    api: &AdminApi,
    key: &VirtualKey,
    peer: Option<IpAddr>,
    path: &str,
) -> Result<Rights, ActionError> {
    let now = TimestampMs::now();
    let elsewhere = !key.policy.allowed_addresses.is_empty()
        && !peer.is_some_and(|peer| key.policy.allowed_addresses.contains(peer));
    if key.blocked || key.expires_at.is_some_and(|end| end <= now) || elsewhere {
        return Err(ActionError::Unauthenticated(UNKNOWN));
    }
    // Whose organization, team or project is blocked opens nothing here either.
    if api.store.is_blocked_above(key).await? {
        return Err(ActionError::Unauthenticated(UNKNOWN));
    }
    let nothing = Rights::default();
    if !are_allowed(&key.policy.allowed_routes, path) {
        return Ok(nothing);
    }
    let Some(user) = &key.user_id else {
        return Ok(nothing);
    };
    let rights = api.store.rights(user).await?;
    rights.ok_or(ActionError::Unauthenticated(UNKNOWN))
}

/// A browser's session. What changes something has to come from our own pages.
async fn by_session(
    api: &AdminApi,
    request: &HttpRequest,
) -> Result<(ActorKind, Rights), ActionError> {
    let found = live_session::find(api, request).await?;
    let live = found.ok_or(ActionError::Unauthenticated(NO_CREDENTIAL))?;
    if !request.method().is_safe() {
        cross_site::check_origin(api, request)?;
        cross_site::check_token(request, &live.session)?;
    }
    Ok((live.kind, live.rights))
}

/// Nobody who is known, from where they come: for what is done before one is known.
#[must_use]
pub fn anonymous(api: &AdminApi, request: &HttpRequest) -> Actor {
    Actor {
        kind: ActorKind::Anonymous,
        rights: Rights::default(),
        address: peer(api, request).map(|peer| peer.to_string()),
        request_id: header(request.headers(), REQUEST_ID_HEADER),
        on_behalf_of: None,
    }
}

/// The browser that signs in, or gets another session in place of the one it has.
///
/// # Errors
/// [`ActionError::CrossSite`] when another site's page made it send this.
pub async fn browser(api: &AdminApi, request: &HttpRequest) -> Result<Browser, ActionError> {
    cross_site::check_origin(api, request)?;
    arriving_browser(api, request).await
}

/// The same for a browser that an identity provider's page sends: what it brings is checked by the
/// sign-in that it belongs to.
///
/// # Errors
/// When the store does not answer.
pub async fn arriving_browser(
    api: &AdminApi,
    request: &HttpRequest,
) -> Result<Browser, ActionError> {
    let user_agent = header(request.headers(), USER_AGENT.as_str());
    Ok(Browser {
        actor: anonymous(api, request),
        peer: peer(api, request),
        is_near: is_near(api, request),
        user_agent: user_agent.map(|name| name.chars().take(LONGEST_USER_AGENT).collect()),
        replaced: live_session::find(api, request).await?,
    })
}
