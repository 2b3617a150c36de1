//! Signing in to the console: as a person, or as the operator with the master key.

use std::net::IpAddr;

use domain::actors::{Actor, ActorKind};
use domain::ids::{SessionId, UserId};
use domain::keys::Secret;
use domain::passwords::PasswordHash;
use domain::permissions::Rights;
use domain::sessions::Session;
use domain::time::TimestampMs;
use serde_json::{Value, json};
use store::Event;

use crate::AdminApi;
use crate::actions::lockout::Tries;
use crate::actions::passwords::Turn;
use crate::credential::is_master_key;
use crate::error::ActionError;
use crate::live_session::{LiveSession, OPERATOR_PREFIX, hash_of, longest_ms};
use crate::{cross_site, tokens};

const WRONG: &str = "The email address or the password is wrong.";
const NO_PASSWORDS: &str = "People do not sign in with a password here. Sign in at your identity \
provider; the operator may with the master key.";
const WRONG_KEY: &str = "The master key is wrong.";
const KEY_IS_WEAK: &str = "This gateway's master key is short or published, so one can sign in with \
it on its own machine only. Set HEADGATE_MASTER_KEY to a long random value.";

/// A browser that signs in.
pub struct Browser {
    /// Nobody yet; from where.
    pub actor: Actor,
    /// Its address.
    pub peer: Option<IpAddr>,
    /// Whether it is on this machine.
    pub is_near: bool,
    /// As it calls itself.
    pub user_agent: Option<String>,
    /// The session that it has now, which ends.
    pub replaced: Option<LiveSession>,
}

/// With what somebody signs in.
pub enum SignIn {
    /// A person.
    Person {
        /// Their email address.
        email: String,
        /// Their password.
        password: Secret,
    },
    /// The operator.
    Operator {
        /// The master key.
        master_key: Secret,
    },
}

/// By what somebody came in.
pub(super) enum Entrance {
    /// A password; its hash anew where the old one is outdated.
    Password(Option<PasswordHash>),
    /// The master key.
    MasterKey,
    /// An identity provider, by its name.
    Provider(String),
    /// A link that an administrator gave them.
    Invitation,
}

impl Entrance {
    fn as_str(&self) -> &str {
        match self {
            Self::Password(_) => "password",
            Self::MasterKey => "master_key",
            Self::Provider(name) => name,
            Self::Invitation => "invitation",
        }
    }
}

/// A session that has begun, and its two secrets, which are told once.
pub struct Begun {
    /// The session.
    pub session: Session,
    /// What the browser keeps.
    pub cookie: Secret,
    /// What its pages send along.
    pub form_token: Secret,
}

/// Signs somebody in.
///
/// # Errors
/// [`ActionError::Unauthenticated`] in the same words and after the same time whether or not there
/// is such an account; [`ActionError::TooMany`] after too many failures.
pub async fn sign_in(
    api: &AdminApi,
    browser: &Browser,
    given: SignIn,
) -> Result<Begun, ActionError> {
    match given {
        SignIn::Person { email, password } => as_person(api, browser, &email, password).await,
        SignIn::Operator { master_key } => as_operator(api, browser, &master_key).await,
    }
}

async fn as_person(
    api: &AdminApi,
    browser: &Browser,
    email: &str,
    password: Secret,
) -> Result<Begun, ActionError> {
    if !api.settings.sign_in.password {
        return Err(ActionError::Unauthenticated(NO_PASSWORDS));
    }
    if email.len() > 320 {
        return Err(ActionError::invalid("email", "`email` is too long."));
    }
    let tries = Tries::of(&api.store, email.trim(), browser.peer);
    tries.check().await?;
    let turn = Turn::wait().await?;
    // Once more: others may have failed while this one waited.
    tries.check().await?;
    let user = api.store.user_by_email(email.trim()).await?;
    let hash = match &user {
        Some(user) => api.store.password_hash(&user.id).await?,
        None => None,
    };
    let hash = hash.map(PasswordHash::new);
    let is_outdated = hash.as_ref().is_some_and(PasswordHash::is_outdated);
    let is_right = turn.verify(password.clone(), hash).await?;
    let rights = match &user {
        Some(user) => api.store.rights(&user.id).await?,
        None => None,
    };
    let (Some(user), Some(rights), true) = (&user, rights, is_right) else {
        let known = user.map(|user| user.id.to_string());
        tries.failed(&browser.actor, known).await?;
        return Err(ActionError::Unauthenticated(WRONG));
    };
    tries.succeeded().await?;
    let rehashed = match is_outdated {
        true => turn.hash(password, "password").await.ok(),
        false => None,
    };
    drop(turn);
    let entrance = Entrance::Password(rehashed);
    begin_session(api, browser, (Some(user.id.clone()), rights), entrance).await
}

async fn as_operator(
    api: &AdminApi,
    browser: &Browser,
    given: &Secret,
) -> Result<Begun, ActionError> {
    let tries = Tries::of(&api.store, "master_key", browser.peer);
    tries.check().await?;
    if !is_master_key(api, given.expose()) {
        tries.failed(&browser.actor, None).await?;
        return Err(ActionError::Unauthenticated(WRONG_KEY));
    }
    if api.settings.master_key_is_weak && !browser.is_near {
        return Err(ActionError::Unauthenticated(KEY_IS_WEAK));
    }
    tries.succeeded().await?;
    let operator = (None, Rights::of_the_operator());
    begin_session(api, browser, operator, Entrance::MasterKey).await
}

/// Begins a session; the one that the browser had ends with it.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn begin_session(
    api: &AdminApi,
    browser: &Browser,
    (user_id, rights): (Option<UserId>, Rights),
    entrance: Entrance,
) -> Result<Begun, ActionError> {
    let begun = make(api, browser, user_id.as_ref(), &rights)?;
    let session = &begun.session;
    let mut change = api.store.begin().await?;
    if let Some(replaced) = &browser.replaced {
        change.delete_session(&replaced.session.id).await?;
    }
    if let (Some(user_id), Entrance::Password(Some(hash))) = (&user_id, &entrance) {
        let hash = Some(hash.as_str());
        change.set_password_hash(user_id, hash).await?;
    }
    change.insert_session(session).await?;
    let kind = match user_id {
        Some(user_id) => ActorKind::Session(session.id.clone(), user_id),
        None => ActorKind::OperatorSession(session.id.clone()),
    };
    let actor = Actor {
        kind,
        rights,
        ..browser.actor.clone()
    };
    let signed_in = Event {
        after: Some(recorded(session, &entrance)),
        ..event("session.create", "session", session.id.to_string())
    };
    change.commit(&actor, signed_in).await?;
    Ok(begun)
}

/// A new session and its secrets, not yet kept.
///
/// # Errors
/// When the system gives no random bytes.
pub fn make(
    api: &AdminApi,
    browser: &Browser,
    user_id: Option<&UserId>,
    rights: &Rights,
) -> Result<Begun, ActionError> {
    let internal = |cause: String| ActionError::Internal(cause);
    let prefix = if user_id.is_none() {
        OPERATOR_PREFIX
    } else {
        ""
    };
    let cookie = tokens::generate(prefix).map_err(|fault| internal(fault.to_string()))?;
    let hash = hash_of(api, &cookie).ok_or_else(|| internal("no master key".to_owned()))?;
    let form_token = cross_site::token_of(&cookie);
    let now = TimestampMs::now();
    let session = Session {
        id: SessionId::generate(),
        hash,
        user_id: user_id.cloned(),
        csrf_hash: tokens::digest(&form_token),
        address: browser.peer.map(|peer| peer.to_string()),
        user_agent: browser.user_agent.clone(),
        created_at: now,
        last_seen_at: now,
        expires_at: TimestampMs(now.0.saturating_add(longest_ms(rights))),
        platform_role: user_id.and(rights.platform),
    };
    Ok(Begun {
        session,
        cookie,
        form_token,
    })
}

/// What is said of it in the audit trail.
#[must_use]
pub fn event(action: &'static str, object_kind: &'static str, object_id: String) -> Event {
    Event {
        action,
        object_kind,
        object_id,
        ..Event::default()
    }
}

/// What an audit entry says of a session: neither of its secrets, nor their digests.
fn recorded(session: &Session, entrance: &Entrance) -> Value {
    json!({
        "signed_in_by": entrance.as_str(),
        "id": session.id,
        "user_id": session.user_id,
        "user_agent": session.user_agent,
        "expires_at": session.expires_at.to_rfc3339(),
    })
}
