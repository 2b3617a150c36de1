//! A session that is still on, out of a request's cookie, with what its person may do now.

use actix_web::HttpRequest;
use domain::actors::ActorKind;
use domain::keys::Secret;
use domain::permissions::{Rights, Role};
use domain::sessions::Session;
use domain::time::TimestampMs;

use crate::error::ActionError;
use crate::{AdminApi, cookies, tokens};

/// A session that nobody uses ends after this.
pub const IDLE_MS: u64 = 30 * 60 * 1_000;
/// A session ends after this, used or not.
const LONGEST_MS: u64 = 12 * 60 * 60 * 1_000;
/// An administrator's.
const LONGEST_OF_ADMINISTRATORS_MS: u64 = 4 * 60 * 60 * 1_000;
/// Its last use is written down so often at most: not every click is a write.
const NOTED_EVERY_MS: u64 = 60 * 1_000;

/// What the operator's cookies begin with.
pub const OPERATOR_PREFIX: &str = "op_";

/// A session and what may be done in it.
pub struct LiveSession {
    /// The session.
    pub session: Session,
    /// Who acts.
    pub kind: ActorKind,
    /// What they may.
    pub rights: Rights,
}

/// The session of a request, when its cookie is one's that is still on.
///
/// # Errors
/// When the store does not answer.
pub async fn find(
    api: &AdminApi,
    request: &HttpRequest,
) -> Result<Option<LiveSession>, ActionError> {
    let Some(hash) = hash(api, request) else {
        return Ok(None);
    };
    let Some(live) = still(api, &hash).await? else {
        return Ok(None);
    };
    let (now, session) = (TimestampMs::now(), &live.session);
    if now.0.saturating_sub(session.last_seen_at.0) >= NOTED_EVERY_MS {
        api.store.touch_session(session, now).await?;
    }
    Ok(Some(live))
}

/// Under what the session of a request is kept.
pub fn hash(api: &AdminApi, request: &HttpRequest) -> Option<String> {
    cookies::given(api, request).and_then(|cookie| hash_of(api, &cookie))
}

/// A session that is still on; asking does not count as using it.
///
/// # Errors
/// When the store does not answer.
pub async fn still(api: &AdminApi, hash: &str) -> Result<Option<LiveSession>, ActionError> {
    let Some(session) = api.store.session_by_hash(hash).await? else {
        return Ok(None);
    };
    let now = TimestampMs::now();
    let Some((kind, rights)) = acting(api, &session).await? else {
        return Ok(None);
    };
    let longest = TimestampMs(session.created_at.0.saturating_add(longest_ms(&rights)));
    if !session.is_live(now, IDLE_MS) || now >= longest {
        return Ok(None);
    }
    Ok(Some(LiveSession {
        session,
        kind,
        rights,
    }))
}

/// Under what a cookie's session is kept. The operator's holds the master key too: with another
/// master key the operator's sessions are over.
#[must_use]
pub fn hash_of(api: &AdminApi, cookie: &Secret) -> Option<String> {
    if !cookie.expose().starts_with(OPERATOR_PREFIX) {
        return Some(tokens::digest(cookie));
    }
    let master = api.settings.master_key.as_ref()?;
    let both = Secret::new(format!("{}:{}", cookie.expose(), master.expose()));
    Some(tokens::digest(&both))
}

/// How long a session with these rights may last.
#[must_use]
pub fn longest_ms(rights: &Rights) -> u64 {
    let mut roles = rights.grants.iter().map(|grant| grant.role);
    if rights.platform.is_some() || roles.any(|role| role == Role::OrganizationAdmin) {
        LONGEST_OF_ADMINISTRATORS_MS
    } else {
        LONGEST_MS
    }
}

/// Who acts in a session, and with what rights; nobody once the person is blocked, or has another
/// role over the platform than when they signed in.
async fn acting(
    api: &AdminApi,
    session: &Session,
) -> Result<Option<(ActorKind, Rights)>, ActionError> {
    let Some(user) = &session.user_id else {
        let kind = ActorKind::OperatorSession(session.id.clone());
        return Ok(Some((kind, Rights::of_the_operator())));
    };
    let rights = api.store.rights(user).await?;
    Ok(rights
        .filter(|rights| rights.platform == session.platform_role)
        .map(|rights| (ActorKind::Session(session.id.clone(), user.clone()), rights)))
}
