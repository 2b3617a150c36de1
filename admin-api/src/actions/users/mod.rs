//! People: made, found, changed, blocked, removed with their own keys.

mod create;
mod delete;
mod find;
mod first_key;
mod password;
mod presence;
mod update;

pub use self::create::{Created, NewUser, create};
pub use self::delete::delete;
pub use self::find::{
    filtered, find, find_own, is_visible, list, named, of_members, visible_memberships,
};
pub use self::first_key::NewFirstKey;
pub use self::presence::{SignInMethod, presence, sign_in_methods};
pub use self::update::{Changes, set_blocked, update};

use domain::ids::UserId;
use domain::permissions::{PlatformRole, Role};
use domain::policies::Policy;
use domain::stamps::Stamps;
use domain::users::User;
use serde_json::Value;
use store::{Event, StoreError, Transaction};

use crate::acting::{Acting, Permission};
use crate::actions::chosen_ids;
use crate::error::ActionError;

/// Where a person shall be, and as what; by ids as callers say them.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// In what.
    pub within: Within,
    /// As what.
    pub role: Role,
    /// What they may spend there.
    pub policy: Policy,
}

/// An organization or a team, by either of its ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Within {
    /// An organization itself.
    Organization(String),
    /// A team.
    Team(String),
}

fn recorded(user: &User) -> Value {
    serde_json::to_value(user).unwrap_or_default()
}

fn event(action: &'static str, user: &User) -> Event {
    Event {
        action,
        object_kind: "user",
        object_id: user.id.to_string(),
        ..Event::default()
    }
}

/// A person with an id or an address and nothing else.
///
/// # Errors
/// [`ActionError::Invalid`] for an id or an address that is none.
pub(super) fn bare<P: Permission>(
    acting: &Acting<P>,
    external_id: Option<&str>,
    address: Option<&str>,
) -> Result<User, ActionError> {
    let chosen = |id: &str| chosen_ids::chosen("user_id", id.to_owned());
    Ok(User {
        id: UserId::generate(),
        external_id: external_id.map(chosen).transpose()?,
        email: address.map(email).transpose()?,
        name: None,
        platform_role: None,
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::now(&acting.actor.id()),
    })
}

/// The longest address that mail knows (RFC 5321).
const LONGEST_EMAIL_BYTES: usize = 254;

/// An email address, in lower case.
///
/// # Errors
/// [`ActionError::Invalid`] for what is none.
fn email(text: &str) -> Result<String, ActionError> {
    let address = text.trim().to_lowercase();
    let is_one = address
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    let is_plain = !address
        .chars()
        .any(|one| one.is_control() || one.is_whitespace());
    if !is_one || !is_plain || address.len() > LONGEST_EMAIL_BYTES {
        return Err(ActionError::invalid(
            "user_email",
            format!("`{text}` is no email address."),
        ));
    }
    Ok(address)
}

/// Refuses to leave a platform without an administrator: without a master key nobody could repair it.
async fn keeps_an_admin<P: Permission>(
    acting: &Acting<P>,
    change: &mut Transaction<'_>,
    before: &User,
    after: Option<&User>,
) -> Result<(), ActionError> {
    let is_admin =
        |user: &User| user.platform_role == Some(PlatformRole::PlatformAdmin) && !user.blocked;
    if !is_admin(before)
        || after.is_some_and(is_admin)
        || acting.api().settings.master_key.is_some()
        || change.has_other_platform_admin(&before.id).await?
    {
        return Ok(());
    }
    Err(ActionError::Conflict {
        field: "platform_role",
        message: "This is the last platform administrator, and no master key is set. Make another \
                  administrator first."
            .to_owned(),
    })
}

pub(super) fn taken(error: StoreError) -> ActionError {
    let taken = |field, message: &str| ActionError::Conflict {
        field,
        message: message.to_owned(),
    };
    match &error {
        StoreError::Exists(what) if what.contains("email") => taken(
            "user_email",
            "A person with this email address exists already.",
        ),
        StoreError::Exists(_) => taken(
            "user_id",
            "A person with this id exists already. Choose another.",
        ),
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_in_lower_case() {
        assert_eq!(email(" Anna@Example.COM ").unwrap(), "anna@example.com");
        for none in ["", "anna", "@b", "a@", "a@b@c", "a b@c", "a\n@b"] {
            assert!(email(none).is_err(), "{none}");
        }
    }
}
