//! The way to an identity provider: authorization code with PKCE (RFC 7636), state and nonce.
//!
//! The browser keeps one secret, encrypted, in a cookie that ends after ten minutes. State, nonce and
//! the code's verifier follow from it, so that nothing is kept here, and whoever begins a thousand
//! sign-ins fills no table. A sign-in that has come back is noted, and comes back no second time.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::keys::Secret;
use domain::sealed::{KeyRing, Place, Sealed};
use domain::time::TimestampMs;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::fault::SignInFault;
use super::provider::{Metadata, after};
use super::settings::ProviderSettings;
use crate::error::ActionError;
use crate::tokens;

/// How long a sign-in may take.
pub const LIFETIME: Duration = Duration::from_secs(600);

const PLACE: Place<'_> = Place {
    table: "sign_ins",
    row: "flow",
    column: "cookie",
};

/// A sign-in under way.
pub struct Flow {
    secret: Secret,
    kept: Kept,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    secret: String,
    provider: String,
    next: String,
    ends_at: u64,
}

/// What an answer of the provider brought with it, but for the code.
pub struct Returned<'a> {
    /// Of which provider the address was.
    pub provider: &'a str,
    /// `state`.
    pub state: &'a str,
}

impl Flow {
    /// Begins one; `next` is the page to go to then.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn begin(provider: &str, next: &str) -> Result<Self, SignInFault> {
        let secret = tokens::generate("").map_err(internal)?;
        let kept = Kept {
            secret: secret.expose().to_owned(),
            provider: provider.to_owned(),
            next: next.to_owned(),
            ends_at: after(LIFETIME).0,
        };
        Ok(Self { secret, kept })
    }

    /// What the browser keeps.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn cookie(&self, keys: &KeyRing) -> Result<Secret, SignInFault> {
        let text = serde_json::to_string(&self.kept).map_err(internal)?;
        let sealed = keys.seal(&Secret::new(text), PLACE).map_err(internal)?;
        Ok(Secret::new(sealed.as_str()))
    }

    /// The sign-in that an answer belongs to.
    ///
    /// # Errors
    /// [`SignInFault::State`] when it is none of this browser's, [`SignInFault::Late`] when it is over.
    pub fn returned(
        keys: &KeyRing,
        cookie: Option<&str>,
        returned: &Returned<'_>,
    ) -> Result<Self, SignInFault> {
        let cookie = cookie.ok_or(SignInFault::State)?;
        let opened = keys.open(&Sealed::new(cookie), PLACE);
        let opened = opened.map_err(|_not_ours| SignInFault::State)?;
        let kept: Kept =
            serde_json::from_str(opened.expose()).map_err(|_not_ours| SignInFault::State)?;
        let flow = Self {
            secret: Secret::new(kept.secret.clone()),
            kept,
        };
        let state = flow.state();
        let is_same = bool::from(returned.state.as_bytes().ct_eq(state.expose().as_bytes()));
        if !is_same || flow.kept.provider != returned.provider {
            return Err(SignInFault::State);
        }
        if flow.kept.ends_at <= TimestampMs::now().0 {
            return Err(SignInFault::Late);
        }
        Ok(flow)
    }

    /// Under what it is noted that it came back.
    #[must_use]
    pub fn digest(&self) -> String {
        tokens::digest(&self.secret)
    }

    /// When it would be too old.
    #[must_use]
    pub const fn ends_at(&self) -> TimestampMs {
        TimestampMs(self.kept.ends_at)
    }

    /// The page to go to then.
    #[must_use]
    pub fn next(&self) -> &str {
        &self.kept.next
    }

    fn state(&self) -> Secret {
        tokens::derived(&self.secret, "headgate sign-in state v1")
    }

    /// What the token has to repeat.
    #[must_use]
    pub fn nonce(&self) -> Secret {
        tokens::derived(&self.secret, "headgate sign-in nonce v1")
    }

    /// What proves that the code was meant for us: 64 characters of those that RFC 7636 (4.1) allows.
    #[must_use]
    pub fn verifier(&self) -> Secret {
        tokens::derived(&self.secret, "headgate sign-in verifier v1")
    }

    /// Where the browser goes.
    ///
    /// # Errors
    /// [`SignInFault::Provider`] when the provider's address is none.
    pub fn address(
        &self,
        metadata: &Metadata,
        settings: &ProviderSettings,
        redirect_uri: &str,
    ) -> Result<String, SignInFault> {
        let mut url = super::fetch::allowed(&metadata.authorization_endpoint)
            .map_err(SignInFault::Provider)?;
        let challenge = Sha256::digest(self.verifier().expose().as_bytes());
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &settings.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", &settings.scopes.join(" "))
            .append_pair("state", self.state().expose())
            .append_pair("nonce", self.nonce().expose())
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(challenge))
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }
}

fn internal(cause: impl ToString) -> SignInFault {
    SignInFault::Action(ActionError::Internal(cause.to_string()))
}

#[cfg(test)]
mod tests {
    use domain::sealed::EncryptionKey;

    use super::*;

    fn ring() -> KeyRing {
        KeyRing::new(EncryptionKey::generate().unwrap(), Vec::new())
    }

    #[test]
    fn only_the_browser_that_began_a_sign_in_ends_it() {
        let keys = ring();
        let flow = Flow::begin("sso", "/ui/keys").unwrap();
        let cookie = flow.cookie(&keys).unwrap();
        let state = flow.state();
        let back = |cookie: Option<&str>, state: &str, provider: &str| {
            let returned = Returned { provider, state };
            Flow::returned(&keys, cookie, &returned).map(|flow| flow.next().to_owned())
        };
        let (kept, sent) = (cookie.expose(), state.expose());
        assert_eq!(back(Some(kept), sent, "sso").unwrap(), "/ui/keys");
        let other = Flow::begin("sso", "").unwrap();
        for (cookie, state, provider) in [
            (None, sent, "sso"),
            (Some(""), sent, "sso"),
            (Some("v1:x:y"), sent, "sso"),
            (Some(kept), other.state().expose(), "sso"),
            (Some(kept), "", "sso"),
            (Some(kept), sent, "another"),
            (
                Some(other.cookie(&ring()).unwrap().expose()),
                other.state().expose(),
                "sso",
            ),
        ] {
            let refused = back(cookie, state, provider);
            assert!(
                matches!(refused, Err(SignInFault::State)),
                "{cookie:?} {state}"
            );
        }
    }

    #[test]
    fn what_the_provider_and_the_browser_see_tells_nothing_of_the_verifier() {
        let flow = Flow::begin("sso", "").unwrap();
        let secrets = [
            flow.state(),
            flow.nonce(),
            flow.verifier(),
            flow.secret.clone(),
        ];
        for (at, one) in secrets.iter().enumerate() {
            assert!(secrets.iter().skip(at + 1).all(|other| other != one));
        }
        assert_eq!(flow.verifier().expose().len(), 64);
    }

    #[test]
    fn a_sign_in_is_over_after_ten_minutes() {
        let keys = ring();
        let mut flow = Flow::begin("sso", "").unwrap();
        flow.kept.ends_at = TimestampMs::now().0 - 1;
        let cookie = flow.cookie(&keys).unwrap();
        let state = flow.state();
        let returned = Returned {
            provider: "sso",
            state: state.expose(),
        };
        let late = Flow::returned(&keys, Some(cookie.expose()), &returned);
        assert!(matches!(late, Err(SignInFault::Late)));
    }
}
