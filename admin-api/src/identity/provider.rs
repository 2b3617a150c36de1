//! One identity provider: what it says of itself and its keys, remembered for a while.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::identity::key_set::KeySet;
use domain::time::TimestampMs;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

use super::fault::SignInFault;
use super::fetch::{Fetcher, allowed};
use super::settings::{IssuerSource, ProviderSettings};

/// How long what a provider says of itself and its keys is remembered.
const KEPT: Duration = Duration::from_secs(3_600);

/// Keys are not fetched anew more often than this, whatever tokens name.
const REFRESHED_AT_MOST_EVERY: Duration = Duration::from_secs(10);

/// How many addresses above the one where people sign in may be the issuer.
const MOST_LEVELS: usize = 8;

/// One identity provider.
pub struct Provider {
    /// As it is configured.
    pub settings: ProviderSettings,
    pub(super) fetcher: Arc<Fetcher>,
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    metadata: Arc<Metadata>,
    keys: Arc<KeySet>,
    asked_at: Instant,
    keys_asked_at: Instant,
}

/// What a provider says of itself (OpenID Connect Discovery 1.0, 3).
#[derive(Clone, Debug, Deserialize)]
pub struct Metadata {
    /// Who it is.
    pub issuer: String,
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where codes are exchanged.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where it tells more of a person.
    pub userinfo_endpoint: Option<String>,
    /// Where people sign out of it (OpenID Connect RP-Initiated Logout 1.0, 2.1).
    pub end_session_endpoint: Option<String>,
    /// How clients may say who they are.
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Whether its answers name it (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// What was heard of a provider just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Who it is.
    pub issuer: String,
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where codes are exchanged.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// How many of them sign tokens.
    pub keys: usize,
    /// How long both answers took.
    pub took_ms: u64,
}

impl Provider {
    /// A provider of which nothing has been heard yet.
    #[must_use]
    pub fn new(settings: ProviderSettings, fetcher: Arc<Fetcher>) -> Self {
        Self {
            settings,
            fetcher,
            known: Mutex::new(None),
        }
    }

    /// What it says of itself, and its keys.
    ///
    /// # Errors
    /// [`SignInFault::Provider`] when it does not answer, or not as a provider.
    pub async fn known(&self) -> Result<(Arc<Metadata>, Arc<KeySet>), SignInFault> {
        let mut known = self.known.lock().await;
        if let Some(known) = known
            .as_ref()
            .filter(|known| known.asked_at.elapsed() < KEPT)
        {
            return Ok((Arc::clone(&known.metadata), Arc::clone(&known.keys)));
        }
        let metadata = self.discovered().await.map_err(SignInFault::Provider)?;
        let keys = self.keys_at(&metadata.jwks_uri).await?;
        let now = Instant::now();
        let (metadata, keys) = (Arc::new(metadata), Arc::new(keys));
        *known = Some(Known {
            metadata: Arc::clone(&metadata),
            keys: Arc::clone(&keys),
            asked_at: now,
            keys_asked_at: now,
        });
        Ok((metadata, keys))
    }

    /// Its keys, fetched anew since a token names one that is not among them; those of before when
    /// they were fetched a moment ago.
    ///
    /// # Errors
    /// As [`Provider::known`].
    pub async fn newer_keys(&self) -> Result<Arc<KeySet>, SignInFault> {
        let mut known = self.known.lock().await;
        let Some(known) = known.as_mut() else {
            return Ok(Arc::default());
        };
        if known.keys_asked_at.elapsed() >= REFRESHED_AT_MOST_EVERY {
            known.keys_asked_at = Instant::now();
            known.keys = Arc::new(self.keys_at(&known.metadata.jwks_uri).await?);
        }
        Ok(Arc::clone(&known.keys))
    }

    /// Asks it what it is and for its keys, whatever is known of it.
    ///
    /// # Errors
    /// Why it does not answer, or not as a provider.
    pub async fn heard(&self) -> Result<Heard, String> {
        let begun = Instant::now();
        let metadata = self.discovered().await?;
        let keys = self.keys_at(&metadata.jwks_uri).await;
        let keys = keys.map_err(|fault| match fault {
            SignInFault::Provider(why) => why,
            other => other.to_string(),
        })?;
        Ok(Heard {
            issuer: metadata.issuer,
            authorization_endpoint: metadata.authorization_endpoint,
            token_endpoint: metadata.token_endpoint,
            jwks_uri: metadata.jwks_uri,
            keys: keys.len(),
            took_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    }

    async fn keys_at(&self, url: &str) -> Result<KeySet, SignInFault> {
        let read = async {
            let document = self.fetcher.get(url).await?;
            KeySet::read(&document.to_string()).map_err(|fault| format!("{url}: {fault}"))
        };
        let keys = read.await.map_err(SignInFault::Provider)?;
        match keys.is_empty() {
            true => Err(SignInFault::Provider(format!(
                "{url} has no key for signatures"
            ))),
            false => Ok(keys),
        }
    }

    async fn discovered(&self) -> Result<Metadata, String> {
        match &self.settings.issuer {
            IssuerSource::Named(issuer) => self.document_of(issuer).await,
            IssuerSource::Above(endpoint) => {
                for issuer in above(endpoint) {
                    match self.document_of(&issuer).await {
                        Ok(found) if found.authorization_endpoint == *endpoint => return Ok(found),
                        Ok(_) | Err(_) => {}
                    }
                }
                Err(format!(
                    "no discovery document above {endpoint} names it; name the issuer in headgate.sign_in"
                ))
            }
        }
    }

    async fn document_of(&self, issuer: &str) -> Result<Metadata, String> {
        let url = discovery_url(issuer);
        let document = self.fetcher.get(&url).await?;
        let metadata = read(document, &url)?;
        // Core 3.1.3.7 compares them letter by letter, and so is it with `iss`: the document says how
        // the issuer spells itself. It may differ from what the operator wrote by the slash at the end.
        if metadata.issuer.trim_end_matches('/') != issuer.trim_end_matches('/') {
            return Err(format!(
                "{url} is the document of another issuer, {}",
                metadata.issuer
            ));
        }
        Ok(metadata)
    }
}

/// Where a provider says what it is.
#[must_use]
pub fn discovery_url(issuer: &str) -> String {
    format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    )
}

fn read(document: Value, url: &str) -> Result<Metadata, String> {
    let metadata: Metadata = serde_json::from_value(document)
        .map_err(|fault| format!("{url} is no discovery document: {fault}"))?;
    let endpoints = [
        Some(&metadata.authorization_endpoint),
        Some(&metadata.token_endpoint),
        Some(&metadata.jwks_uri),
        metadata.userinfo_endpoint.as_ref(),
    ];
    for endpoint in endpoints.into_iter().flatten() {
        allowed(endpoint)?;
    }
    Ok(metadata)
}

/// The addresses above one, the nearest first.
fn above(endpoint: &str) -> Vec<String> {
    let endpoint = endpoint.split(['?', '#']).next().unwrap_or_default();
    let host_at = endpoint.find("://").map_or(0, |at| at.saturating_add(3));
    let mut all = Vec::new();
    let mut rest = endpoint.trim_end_matches('/');
    while let Some((shorter, _last)) = rest.rsplit_once('/') {
        if shorter.len() < host_at || all.len() >= MOST_LEVELS {
            break;
        }
        all.push(shorter.to_owned());
        rest = shorter;
    }
    all
}

/// When something that begins now is too old, in milliseconds.
pub(super) fn after(lifetime: Duration) -> TimestampMs {
    let lifetime = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
    TimestampMs(TimestampMs::now().0.saturating_add(lifetime))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_looked_for_above_where_people_sign_in() {
        assert_eq!(
            above("https://kc.example/realms/a/protocol/openid-connect/auth"),
            [
                "https://kc.example/realms/a/protocol/openid-connect",
                "https://kc.example/realms/a/protocol",
                "https://kc.example/realms/a",
                "https://kc.example/realms",
                "https://kc.example",
            ]
        );
        assert_eq!(
            above("https://a.example/authorize?x=/y"),
            ["https://a.example"]
        );
        assert!(above("https://a.example").is_empty());
    }

    #[test]
    fn a_document_that_leads_to_an_unprotected_address_is_refused() {
        let document = |token: &str| {
            serde_json::json!({
                "issuer": "https://a.example",
                "authorization_endpoint": "https://a.example/auth",
                "token_endpoint": token,
                "jwks_uri": "https://keys.example/set",
            })
        };
        assert!(read(document("https://a.example/token"), "").is_ok());
        assert!(read(document("http://a.example/token"), "").is_err());
        assert!(read(serde_json::json!([]), "").is_err());
    }
}
