//! The first administrator: made with a token that the first start prints, once.

use domain::actors::Actor;
use domain::ids::UserId;
use domain::keys::Secret;
use domain::permissions::{PlatformRole, Scope};
use domain::policies::Policy;
use domain::stamps::Stamps;
use domain::time::TimestampMs;
use domain::users::User;
use serde_json::json;
use store::page::Page;
use store::users::UserFilter;
use store::{Event, Store};

use crate::AdminApi;
use crate::actions::passwords::Turn;
use crate::error::ActionError;
use crate::tokens;

/// How long the token is taken.
const LIFETIME_MS: u64 = 30 * 60 * 1_000;

const WRONG_TOKEN: &str = "The setup token is unknown, used or older than 30 minutes. Start the \
gateway again to have another one printed.";

/// Who is to be the first administrator.
pub struct FirstAdministrator {
    /// As it was printed.
    pub token: Secret,
    /// With which they sign in.
    pub email: String,
    /// Theirs.
    pub password: Secret,
    /// For people.
    pub name: Option<String>,
}

/// Whether nobody administers the platform yet.
///
/// # Errors
/// When the store does not answer.
pub async fn is_needed(store: &Store) -> Result<bool, ActionError> {
    let administrators = UserFilter {
        scope: Scope {
            everything: true,
            ..Scope::default()
        },
        platform_role: Some(PlatformRole::PlatformAdmin),
        ..UserFilter::default()
    };
    let found = store.users(&administrators, &Page::first(1)).await?;
    Ok(found.items.is_empty())
}

/// Makes the token with which the first administrator is made, for the binary to print; those of
/// earlier starts are void from here on. None once there is an administrator.
///
/// # Errors
/// When the store does not answer, or the system gives no random bytes.
pub async fn first_token(store: &Store) -> Result<Option<Secret>, ActionError> {
    if !is_needed(store).await? {
        return Ok(None);
    }
    let token =
        tokens::generate("hg-setup-").map_err(|fault| ActionError::Internal(fault.to_string()))?;
    let expires_at = TimestampMs(TimestampMs::now().0.saturating_add(LIFETIME_MS));
    let mut change = store.begin().await?;
    change
        .put_setup_token(&tokens::digest(&token), expires_at)
        .await?;
    let made = Event {
        action: "setup.token",
        object_kind: "setup",
        object_id: "setup".to_owned(),
        after: Some(json!({"expires_at": expires_at.to_rfc3339()})),
        ..Event::default()
    };
    change.commit(&Actor::system(), made).await?;
    Ok(Some(token))
}

/// Makes the first administrator. `actor` is nobody yet; from where, is noted.
///
/// # Errors
/// [`ActionError::Unauthenticated`] when the token is not taken (any more), and
/// [`ActionError::Conflict`] once there is an administrator.
pub async fn complete(
    api: &AdminApi,
    actor: &Actor,
    first: FirstAdministrator,
) -> Result<User, ActionError> {
    let store = &api.store;
    let FirstAdministrator {
        token,
        email,
        password,
        name,
    } = first;
    let hash = tokens::digest(&token);
    // Asked first, so that nobody can make us hash passwords.
    if !store.has_setup_token(&hash, TimestampMs::now()).await? {
        return Err(ActionError::Unauthenticated(WRONG_TOKEN));
    }
    let email = email_address(&email)?;
    let password_hash = Turn::wait().await?.hash(password, "password").await?;
    let user = User {
        id: UserId::generate(),
        external_id: None,
        email: Some(email),
        name,
        platform_role: Some(PlatformRole::PlatformAdmin),
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::now("setup"),
    };
    let mut change = store.begin().await?;
    // Changes happen one after the other: nobody can become one between this and the end.
    if !is_needed(store).await? {
        return Err(ActionError::Conflict {
            field: "token",
            message: "There is an administrator already. Ask them for an account.".to_owned(),
        });
    }
    if !change.take_setup_token(&hash, TimestampMs::now()).await? {
        return Err(ActionError::Unauthenticated(WRONG_TOKEN));
    }
    change.insert_user(&user).await?;
    change
        .set_password_hash(&user.id, Some(password_hash.as_str()))
        .await?;
    let made = Event {
        action: "setup.complete",
        object_kind: "user",
        object_id: user.id.to_string(),
        after: Some(serde_json::to_value(&user).unwrap_or_default()),
        ..Event::default()
    };
    change.commit(actor, made).await?;
    Ok(user)
}

/// An email address, as far as one can tell without sending to it, in lower case.
///
/// # Errors
/// When it is none.
pub fn email_address(text: &str) -> Result<String, ActionError> {
    let text = text.trim();
    let looks_right = text.len() <= 320
        && !text
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control())
        && text
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if looks_right {
        return Ok(text.to_lowercase());
    }
    Err(ActionError::invalid(
        "email",
        "`email` has to be an email address.",
    ))
}
