//! A deployment as requests use it: its provider found, its price known, its address ready.

use std::sync::{Mutex, OnceLock};

use domain::ids::{DeploymentId, OrganizationId};
use domain::keys::Secret;
use domain::routing::shares::Wish;
use domain::routing::{Deployment, Origin, ParameterPolicy};
use http::{HeaderName, HeaderValue};
use prometheus_client::metrics::counter::Counter;
use providers::destination::{Destination, Known};
use providers::wire::{Operation, Target};
use serde_json::{Map, Value};

use crate::route::health::Health;
use crate::route::prepared::Prepared;

/// A deployment, compiled.
pub struct Candidate {
    /// Unique in the table.
    pub id: DeploymentId,
    /// The id as a header's value; none when it holds what no header can.
    pub header: Option<HeaderValue>,
    /// Whose it is; none for the platform's own, which everybody may use.
    pub organization_id: Option<OrganizationId>,
    /// Where it was written: it decides whether its address is looked at when it is connected to.
    pub origin: Origin,
    /// Who answers.
    pub destination: Destination,
    /// The provider's name as the operator wrote it.
    pub provider_name: String,
    /// The provider's name for the model; may hold a `*`.
    pub model: String,
    /// Where the provider is.
    pub base_url: String,
    /// What the operator said of its share.
    pub wish: Wish,
    /// Longest time for a whole answer, overriding the router's.
    pub timeout_ms: Option<u64>,
    /// Longest time to a stream's first event, overriding the router's.
    pub stream_timeout_ms: Option<u64>,
    /// Retries, overriding the router's.
    pub num_retries: Option<u32>,
    /// What to do with parameters the vendor does not have.
    pub parameters: ParameterPolicy,
    /// Members to add to bodies.
    pub extra_body: Map<String, Value>,
    /// How it is doing.
    pub health: Health,
    /// Its series of good attempts among the metrics, found at the first one.
    pub answered: OnceLock<Counter>,
    pub(super) prepared: Mutex<Vec<(Operation, Prepared)>>,
    api_key: Option<Secret>,
    api_version: Option<String>,
    organization: Option<String>,
    pub(super) extra_headers: Vec<(HeaderName, HeaderValue)>,
    base_model: Option<String>,
    known: Known,
}

impl Candidate {
    /// Compiles a deployment; none when its provider is not one of ours.
    #[must_use]
    pub fn compile(deployment: &Deployment) -> Option<Self> {
        let destination = Destination::of(deployment)?;
        let base_url = match (&deployment.base_url, &destination) {
            (Some(url), _) => url.trim_end_matches('/').to_owned(),
            (None, Destination::Provider(provider)) => {
                provider.default_base_url().unwrap_or_default().to_owned()
            }
            (None, _) => String::new(),
        };
        let known = Known::of(&destination, deployment);
        let extra_headers = deployment
            .extra_headers
            .iter()
            .filter_map(|(name, value)| {
                Some((
                    HeaderName::try_from(name).ok()?,
                    HeaderValue::try_from(value).ok()?,
                ))
            })
            .collect();
        Some(Self {
            header: HeaderValue::from_str(deployment.id.as_str()).ok(),
            id: deployment.id.clone(),
            organization_id: deployment.organization_id.clone(),
            origin: deployment.origin,
            destination,
            provider_name: deployment.provider.clone(),
            model: deployment.model.clone(),
            base_url,
            wish: Wish::from(deployment),
            timeout_ms: deployment.timeout_ms,
            stream_timeout_ms: deployment.stream_timeout_ms,
            num_retries: deployment.num_retries,
            parameters: deployment.parameters.clone(),
            extra_body: deployment.extra_body.clone(),
            health: Health::default(),
            answered: OnceLock::new(),
            prepared: Mutex::default(),
            api_key: deployment.api_key.clone(),
            api_version: deployment.api_version.clone(),
            organization: deployment.organization.clone(),
            extra_headers,
            base_model: deployment.info.base_model.clone(),
            known,
        })
    }

    /// Whether requests of an organization may go there.
    #[must_use]
    pub fn is_for(&self, organization_id: &str) -> bool {
        let owner = self.organization_id.as_ref();
        owner.is_none_or(|owner| owner.as_str() == organization_id)
    }

    /// What is known of `model`, which is this deployment's own unless it has a `*`.
    #[must_use]
    pub fn known(&self, model: &str) -> Known {
        if model == self.model {
            return self.known.clone();
        }
        let base_model = self.base_model.as_deref();
        self.known.of_model(&self.destination, model, base_model)
    }

    /// The deployment as a vendor's translator sees it, with `parameters` in force.
    #[must_use]
    pub fn target<'a>(
        &'a self,
        model: &'a str,
        known: &Known,
        parameters: &'a ParameterPolicy,
    ) -> Target<'a> {
        Target {
            model,
            base_url: &self.base_url,
            api_key: self.api_key.as_ref(),
            api_version: self.api_version.as_deref(),
            organization: self.organization.as_deref(),
            max_output_tokens: known.max_output_tokens,
            reasons: known.reasons,
            parameters,
            extra_body: &self.extra_body,
        }
    }

    /// A provider's words without our credential in them, for callers and logs.
    #[must_use]
    pub fn without_key(&self, words: String) -> String {
        match &self.api_key {
            Some(key) if key.expose().len() >= LEAST_KEY_BYTES && words.contains(key.expose()) => {
                words.replace(key.expose(), "***")
            }
            _ => words,
        }
    }
}

/// A shorter credential (`none`, `sk-1234`) is a placeholder, and may be a word in any sentence.
const LEAST_KEY_BYTES: usize = 8;
