//! Who is calling? A credential to a [`Caller`], which only this module can make.

mod credential;
mod origin;
mod token;
mod virtual_key;

use std::net::IpAddr;
use std::sync::Arc;

use domain::identity::callers::CallerRules;
use domain::identity::token::looks_signed;
use domain::ids::DEFAULT_ORGANIZATION;
use domain::keys::{KeyHash, is_well_formed};
use http::HeaderMap;
use subtle::ConstantTimeEq;

use crate::error::GatewayError;
use crate::node::State;
use crate::settings::Settings;
use crate::tenants::Tenants;
use crate::tenants::lookups::Answer;
use crate::tenants::standing::{Held, Standing};

const NO_KEY: &str = "No API key came with the request. Send `Authorization: Bearer <key>`.";
const NOT_LOOPBACK: &str = "This gateway has no master key, so it answers callers on its own machine only, and \
this request is not from there (or came through a proxy, under another host's name, or from a web page \
that `headgate.cors_allowed_origins` does not name). Set HEADGATE_MASTER_KEY and send it as \
`Authorization: Bearer <key>`, or set HEADGATE_ALLOW_ANONYMOUS=true to let everybody in.";
const WEAK: &str = "This gateway's master key is short or published, so it passes on its own machine only. \
Set HEADGATE_MASTER_KEY to a long random value, such as `openssl rand -hex 32` prints.";

/// What every virtual key begins with; whatever begins otherwise costs no look-up.
const KEY_PREFIX: &str = "sk-";
/// What our own keys begin with.
const OUR_PREFIX: &str = "sk-hg-";

/// The verified sender of a request.
#[derive(Clone)]
pub struct Caller {
    kind: CallerKind,
}

/// By what right a caller is here.
#[derive(Clone)]
pub enum CallerKind {
    /// With the master key.
    Master,
    /// Without a key, from this machine or by the operator's leave.
    Anonymous,
    /// With a virtual key; the key, and all that is above it.
    Key(Arc<Standing>),
}

impl Caller {
    const MASTER: Self = Self {
        kind: CallerKind::Master,
    };
    const ANONYMOUS: Self = Self {
        kind: CallerKind::Anonymous,
    };

    /// By what right.
    #[must_use]
    pub const fn kind(&self) -> &CallerKind {
        &self.kind
    }

    /// The virtual key and all that is above it; none for the master key and for callers without a key.
    #[must_use]
    pub fn standing(&self) -> Option<&Standing> {
        match &self.kind {
            CallerKind::Key(standing) => Some(standing),
            CallerKind::Master | CallerKind::Anonymous => None,
        }
    }

    /// The organization that the request belongs to: the key's, else the one that always exists.
    #[must_use]
    pub fn organization_id(&self) -> &str {
        self.standing().map_or(DEFAULT_ORGANIZATION, |standing| {
            standing.grant.organization_id.as_str()
        })
    }

    /// Whether the caller may see what concerns the whole platform, such as its metrics.
    #[must_use]
    pub fn sees_the_platform(&self) -> bool {
        self.standing().is_none_or(|standing| {
            let user = standing.user.as_ref();
            user.is_some_and(|user| user.platform_role.is_some())
        })
    }

    /// A word for logs.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match &self.kind {
            CallerKind::Master => "master_key",
            CallerKind::Anonymous => "anonymous",
            CallerKind::Key(standing) => {
                let is_token = standing.grant.id.as_str().starts_with(token::ID_PREFIX);
                if is_token { "token" } else { "virtual_key" }
            }
        }
    }
}

/// What a request shows of its sender.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The other end of the connection.
    pub peer: IpAddr,
    /// The path, without the operator's root path.
    pub path: &'a str,
}

/// What a credential turns out to be.
enum Claim<'a> {
    /// No virtual key.
    Settled(Caller),
    /// A virtual key that is known.
    Key(Arc<Held>),
    /// A signed token, in place of a key.
    Token(&'a CallerRules, &'a str),
    /// It may be a virtual key; the store has to say.
    Unknown {
        hash: KeyHash,
        /// Who it is when it is none.
        otherwise: Result<Caller, GatewayError>,
    },
}

/// Verifies the credential of a request. A credential that is known costs no look-up.
///
/// # Errors
/// 401 when the credential is missing, not ours, blocked or expired; 403 when the key is not for this
/// path or address; 503 when the store has to be asked and cannot be.
pub async fn authenticate(
    tenants: &Tenants,
    state: &State,
    shown: Shown<'_>,
) -> Result<Caller, GatewayError> {
    match claim(tenants, state, shown)? {
        Claim::Settled(caller) => Ok(caller),
        Claim::Key(held) => virtual_key::admit(&held, &tenants.uses, state, shown),
        Claim::Token(rules, token) => {
            Box::pin(token::admit(tenants, state, shown, (rules, token))).await
        }
        // In a box, so that the way of all other requests stays small.
        Claim::Unknown { hash, otherwise } => {
            Box::pin(look_up(tenants, state, shown, (hash, otherwise))).await
        }
    }
}

async fn look_up(
    tenants: &Tenants,
    state: &State,
    shown: Shown<'_>,
    (hash, otherwise): (KeyHash, Result<Caller, GatewayError>),
) -> Result<Caller, GatewayError> {
    let Some(lookups) = tenants.lookups() else {
        return otherwise;
    };
    match lookups.ask(hash).await {
        Answer::Found(held) => virtual_key::admit_asked(&held, &tenants.uses, state, shown),
        Answer::Missing => otherwise,
        Answer::Unavailable => Err(GatewayError::KeysUnavailable),
    }
}

fn claim<'a>(
    tenants: &Tenants,
    state: &'a State,
    shown: Shown<'a>,
) -> Result<Claim<'a>, GatewayError> {
    let settings = &state.settings;
    let Some(master) = &settings.master_key else {
        return open_claim(tenants, state, shown);
    };
    let given =
        credential::credential(settings, shown.headers)?.ok_or(GatewayError::MissingKey(NO_KEY))?;
    if bool::from(given.as_bytes().ct_eq(master.expose().as_bytes())) {
        return of_master(settings, shown).map(Claim::Settled);
    }
    if let Some(rules) = token_rules(settings, given) {
        return Ok(Claim::Token(rules, given));
    }
    if tenants.lookups().is_none() || !may_be_a_key(given) {
        return Err(GatewayError::InvalidKey);
    }
    let hash = KeyHash::of(given);
    Ok(match state.known.find(&hash) {
        Some(held) => Claim::Key(Arc::clone(held)),
        None => Claim::Unknown {
            hash,
            otherwise: Err(GatewayError::InvalidKey),
        },
    })
}

fn of_master(settings: &Settings, shown: Shown<'_>) -> Result<Caller, GatewayError> {
    if settings.master_key_is_weak && !is_local(settings, shown) {
        return Err(GatewayError::MissingKey(WEAK));
    }
    Ok(Caller::MASTER)
}

/// Without a master key any credential passes from this machine, and only a virtual key from
/// elsewhere. What is a virtual key counts as one from everywhere. From this machine the store is
/// asked only for what is surely meant as one, so that `sk-anything` never waits for it.
fn open_claim<'a>(
    tenants: &Tenants,
    state: &'a State,
    shown: Shown<'a>,
) -> Result<Claim<'a>, GatewayError> {
    let settings = &state.settings;
    let is_let_in = settings.allow_anonymous || is_local(settings, shown);
    let otherwise = if is_let_in {
        Ok(Caller::ANONYMOUS)
    } else {
        Err(GatewayError::MissingKey(NOT_LOOPBACK))
    };
    let given = match tenants.lookups() {
        // A header that cannot be read is no virtual key.
        Some(_) => credential::credential(settings, shown.headers).unwrap_or(None),
        None => None,
    };
    if let Some((rules, given)) =
        given.and_then(|given| Some((token_rules(settings, given)?, given)))
    {
        return Ok(Claim::Token(rules, given));
    }
    let Some(given) = given.filter(|given| may_be_a_key(given)) else {
        return otherwise.map(Claim::Settled);
    };
    let hash = KeyHash::of(given);
    if let Some(held) = state.known.find(&hash) {
        return Ok(Claim::Key(Arc::clone(held)));
    }
    if is_let_in && state.known.is_complete() && !given.starts_with(OUR_PREFIX) {
        return otherwise.map(Claim::Settled);
    }
    Ok(Claim::Unknown { hash, otherwise })
}

/// How a signed token is read, where tokens are taken and this has the shape of one: no key has it.
fn token_rules<'a>(settings: &'a Settings, given: &str) -> Option<&'a CallerRules> {
    let rules = settings.callers.as_deref()?;
    looks_signed(given).then_some(rules)
}

/// Whether a text may be a virtual key: a typo in one of ours is found by its checksum.
fn may_be_a_key(text: &str) -> bool {
    text.starts_with(KEY_PREFIX) && is_well_formed(text)
}

fn is_local(settings: &Settings, shown: Shown<'_>) -> bool {
    origin::is_from_loopback(settings, shown.headers, shown.peer)
}

#[cfg(test)]
mod tests;
