//! Sessions of the console: seen, ended; one's own password, which ends them all.

use domain::actors::{Actor, ActorKind};
use domain::ids::SessionId;
use domain::keys::Secret;
use domain::passwords::PasswordHash;
use domain::sessions::Session;
use domain::time::TimestampMs;
use store::Store;

use crate::acting::{Acting, may};
use crate::actions::lockout::Tries;
use crate::actions::passwords::Turn;
use crate::actions::sign_in::{Begun, Browser, event, make};
use crate::error::ActionError;
use crate::live_session::IDLE_MS;

/// The actor's own sessions that are still on, newest first.
///
/// # Errors
/// When the store does not answer.
pub async fn own(acting: &Acting<may::Myself>) -> Result<Vec<Session>, ActionError> {
    let store = acting.store();
    let sessions = match &acting.actor.rights.user_id {
        Some(user) => store.sessions(user).await?,
        None => store.operator_sessions().await?,
    };
    let now = TimestampMs::now();
    let live = sessions.into_iter();
    Ok(live
        .filter(|session| session.is_live(now, IDLE_MS))
        .collect())
}

/// Signs out here.
///
/// # Errors
/// [`ActionError::NotFound`] when the actor came with a key: there is no session then.
pub async fn sign_out(acting: &Acting<may::Myself>) -> Result<(), ActionError> {
    let session =
        current(&acting.actor).ok_or_else(|| ActionError::not_found("Session", "current"))?;
    let mut change = acting.store().begin().await?;
    change.delete_session(session).await?;
    let ended = event("session.delete", "session", session.to_string());
    change.commit(&acting.actor, ended).await?;
    Ok(())
}

/// Signs out everywhere.
///
/// # Errors
/// When the store does not answer.
pub async fn sign_out_everywhere(acting: &Acting<may::Myself>) -> Result<(), ActionError> {
    let mut change = acting.store().begin().await?;
    match &acting.actor.rights.user_id {
        Some(user) => change.delete_sessions(user).await?,
        None => change.delete_operator_sessions().await?,
    }
    let ended = event("session.delete_all", "user", acting.actor.id());
    change.commit(&acting.actor, ended).await?;
    Ok(())
}

/// The session that an actor acts in.
#[must_use]
pub const fn current(actor: &Actor) -> Option<&SessionId> {
    match &actor.kind {
        ActorKind::Session(session, _) | ActorKind::OperatorSession(session) => Some(session),
        _ => None,
    }
}

/// Changes the actor's own password. All their sessions end; a browser gets a new one.
///
/// # Errors
/// [`ActionError::Invalid`] when the password of now is wrong or the new one is not good enough,
/// [`ActionError::TooMany`] after too many failures.
pub async fn change_password(
    acting: &Acting<may::Myself>,
    browser: &Browser,
    now: Secret,
    new: Secret,
) -> Result<Option<Begun>, ActionError> {
    let (api, actor) = (acting.api(), &acting.actor);
    let Some(user) = &actor.rights.user_id else {
        return Err(ActionError::invalid(
            "current_password",
            "The master key has no password. It is set where the gateway is started.",
        ));
    };
    let tries = Tries::of(&api.store, user.as_str(), browser.peer);
    tries.check().await?;
    let turn = Turn::wait().await?;
    tries.check().await?;
    let hash = api.store.password_hash(user).await?.map(PasswordHash::new);
    if !turn.verify(now, hash).await? {
        tries.failed(actor, Some(user.to_string())).await?;
        return Err(ActionError::invalid(
            "current_password",
            "`current_password` is wrong.",
        ));
    }
    tries.succeeded().await?;
    let hash = turn.hash(new, "new_password").await?;
    drop(turn);
    let begun = match current(actor) {
        Some(_session) => Some(make(api, browser, Some(user), &actor.rights)?),
        None => None,
    };
    let mut change = api.store.begin().await?;
    change.set_password_hash(user, Some(hash.as_str())).await?;
    change.delete_sessions(user).await?;
    if let Some(begun) = &begun {
        change.insert_session(&begun.session).await?;
    }
    let changed = event("user.password", "user", user.to_string());
    change.commit(actor, changed).await?;
    Ok(begun)
}

/// Forgets what is over: ended sessions, and answers that are no longer told again. The caller runs
/// it each minute.
///
/// # Errors
/// When the store does not answer.
pub async fn sweep(store: &Store) -> Result<(), ActionError> {
    let now = TimestampMs::now();
    store.forget_ended_sessions(now, IDLE_MS).await?;
    store.forget_old_answers(now).await?;
    store.forget_returned_sign_ins(now).await?;
    Ok(())
}
