//! People of identity providers: OpenID Connect (Core 1.0, Discovery 1.0), as a relying party.
//!
//! | module | what |
//! |---|---|
//! | [`settings`] | which providers there are, and what their claims mean here |
//! | [`fetch`] | what is asked of a provider: bounded in time and size, and never led elsewhere |
//! | [`provider`] | what a provider says of itself and its keys, remembered |
//! | [`flow`] | the way to the provider: state, nonce and PKCE out of one cookie |
//! | [`exchange`] | the way back: a code to claims |
//! | [`callers`] | keys of providers whose tokens callers of models bring, fetched for data planes |
//! | [`fault`] | why somebody was not signed in |
//!
//! What then happens to people, roles and sessions is an action's: [`crate::actions::single_sign_on`].

pub mod callers;
pub mod exchange;
pub mod fault;
pub mod fetch;
pub mod flow;
pub mod provider;
pub mod settings;

use std::sync::Arc;

use rustls::ClientConfig;

use self::fetch::Fetcher;
use self::provider::Provider;
use self::settings::SignInSettings;

/// How one signs in here.
pub struct SignIn {
    /// Whether people may sign in with a password.
    pub password: bool,
    providers: Vec<Provider>,
}

impl SignIn {
    /// With the providers of the configuration, whose certificates `trust` judges.
    ///
    /// # Errors
    /// When there is no TLS to be had.
    pub fn new(settings: SignInSettings, trust: &ClientConfig) -> Result<Self, reqwest::Error> {
        let SignInSettings {
            password,
            providers,
        } = settings;
        let fetcher = Arc::new(Fetcher::new(trust)?);
        let provider = |settings| Provider::new(settings, Arc::clone(&fetcher));
        Ok(Self {
            password,
            providers: providers.into_iter().map(provider).collect(),
        })
    }

    /// With a password only.
    #[must_use]
    pub const fn with_password() -> Self {
        Self {
            password: true,
            providers: Vec::new(),
        }
    }

    /// All providers, in the order of the configuration.
    #[must_use]
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// The provider of this name.
    #[must_use]
    pub fn provider(&self, name: &str) -> Option<&Provider> {
        self.providers
            .iter()
            .find(|provider| provider.settings.name == name)
    }
}
