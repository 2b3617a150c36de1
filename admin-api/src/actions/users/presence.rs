//! When people were last here, and how they sign in.

use std::collections::BTreeMap;

use domain::ids::UserId;
use domain::time::TimestampMs;
use domain::users::User;
use store::presence::Presence;

use crate::acting::{Acting, Permission};
use crate::error::ActionError;

/// A way to sign in that somebody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInMethod {
    /// With a password.
    Password,
    /// By the identity provider of this issuer.
    Provider(String),
    /// Not yet: a link is out with which they can.
    Invited,
}

/// The presence of people whom the actor sees.
///
/// # Errors
/// When the store does not answer.
pub async fn presence<P: Permission>(
    acting: &Acting<P>,
    people: &[User],
) -> Result<BTreeMap<UserId, Presence>, ActionError> {
    let ids: Vec<UserId> = people.iter().map(|user| user.id.clone()).collect();
    let now = TimestampMs::now();
    Ok(acting.store().presence(&ids, now).await?)
}

/// The ways that somebody has to sign in; none for who can do no more than use keys.
#[must_use]
pub fn sign_in_methods(presence: &Presence) -> Vec<SignInMethod> {
    let password = presence.has_password.then_some(SignInMethod::Password);
    let issuers = presence.issuers.iter().cloned();
    let mut methods: Vec<SignInMethod> = password
        .into_iter()
        .chain(issuers.map(SignInMethod::Provider))
        .collect();
    if methods.is_empty() && presence.is_invited {
        methods.push(SignInMethod::Invited);
    }
    methods
}
