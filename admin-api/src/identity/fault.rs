//! Why a sign-in at a provider did not end in a session; each has a code, an audit entry, and a
//! heading in `docs/errors.md`.

use domain::identity::token::TokenFault;
use thiserror::Error;

use crate::error::ActionError;

/// Why somebody was not signed in. `Display` is what they are told.
#[derive(Debug, Error)]
pub enum SignInFault {
    /// The configuration names no such provider.
    #[error("There is no such way to sign in. Choose one of those on this page.")]
    UnknownProvider,
    /// The answer belongs to no sign-in of this browser.
    #[error(
        "This sign-in was not begun in this browser, or it has been used already. Begin again."
    )]
    State,
    /// It took too long.
    #[error("The sign-in took longer than ten minutes. Begin again.")]
    Late,
    /// The provider does not answer, or not as a provider.
    #[error(
        "The identity provider cannot be reached at the moment, or does not answer as one. Try again, or tell your administrator."
    )]
    Provider(String),
    /// The provider said no.
    #[error("The identity provider refused the sign-in ({0}).")]
    Refused(String),
    /// Its word is not to be relied on.
    #[error(
        "What the identity provider sent cannot be trusted: {0}. Begin again; if it stays so, tell your administrator."
    )]
    Token(TokenFault),
    /// The address may be somebody else's.
    #[error(
        "The identity provider does not say that the e-mail address is yours. Confirm it there, then sign in again."
    )]
    EmailUnverified,
    /// Somebody else has the address here.
    #[error(
        "There is an account with this e-mail address already, and the provider does not say that the address is yours. Sign in as before, or ask your administrator."
    )]
    AccountExists,
    /// The account opens with a password that was not given.
    #[error(
        "There is an account with this e-mail address, which opens with a password. Sign in with the password, then join the two on the account's page."
    )]
    PasswordFirst,
    /// They have no account, and get none.
    #[error(
        "You are signed in at the identity provider, and have no account here. Ask your administrator for an invitation."
    )]
    NotAllowed,
    /// Their account is blocked.
    #[error("Your account is blocked. Ask your administrator.")]
    Blocked,
    /// Our own side.
    #[error("{0}")]
    Action(#[from] ActionError),
}

impl SignInFault {
    /// Status and code.
    #[must_use]
    pub const fn status_and_code(&self) -> (u16, &'static str) {
        match self {
            Self::UnknownProvider => (404, "sign_in_unknown_provider"),
            Self::State => (400, "sign_in_state"),
            Self::Late => (400, "sign_in_expired"),
            Self::Provider(_) => (502, "sign_in_provider_unavailable"),
            Self::Refused(_) => (403, "sign_in_refused_by_provider"),
            Self::Token(_) => (403, "sign_in_token"),
            Self::EmailUnverified => (403, "sign_in_email_unverified"),
            Self::AccountExists => (403, "sign_in_account_exists"),
            Self::PasswordFirst => (403, "sign_in_password_first"),
            Self::NotAllowed => (403, "sign_in_not_allowed"),
            Self::Blocked => (403, "sign_in_blocked"),
            Self::Action(error) => {
                let (status, _kind, code) = error.status_and_code();
                (status, code)
            }
        }
    }

    /// What the operator is told beyond it.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        match self {
            Self::Provider(cause) => Some(cause.clone()),
            Self::Token(fault) => Some(fault.to_string()),
            Self::Refused(said) => Some(said.clone()),
            _ => None,
        }
    }
}

impl From<store::StoreError> for SignInFault {
    fn from(fault: store::StoreError) -> Self {
        Self::Action(fault.into())
    }
}
