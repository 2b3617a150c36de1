//! Who answers for a deployment, and what is known of its model: price, longest answer, reasoning.

use std::sync::Arc;

use domain::prices::{Price, TokenRates};
use domain::routing::Deployment;

use crate::Provider;
use crate::catalogue::{self, ModelFacts};

/// Who answers.
pub enum Destination {
    /// A provider over the network.
    Provider(&'static dyn Provider),
    /// The gateway itself, repeating what the caller said: `headgate/echo`.
    Echo,
    /// The gateway itself, with the operator's words: `mock_response`.
    Mock(String),
}

impl Destination {
    /// Who answers for a deployment; none when its provider is not one of ours.
    #[must_use]
    pub fn of(deployment: &Deployment) -> Option<Self> {
        if let Some(text) = &deployment.mock_response {
            return Some(Self::Mock(text.clone()));
        }
        if deployment.provider == "headgate" {
            return Some(Self::Echo);
        }
        crate::find(&deployment.provider).map(Self::Provider)
    }
}

/// What is known of one model at a deployment.
#[derive(Clone)]
pub struct Known {
    /// The price; none when neither the configuration nor the catalogue has one.
    pub price: Option<Arc<Price>>,
    /// The most tokens that the model writes.
    pub max_output_tokens: Option<u64>,
    /// Whether the model reasons before it answers.
    pub reasons: bool,
}

impl Known {
    /// What is known of a deployment's own model; of those of a `*` what the operator says of all.
    #[must_use]
    pub fn of(destination: &Destination, deployment: &Deployment) -> Self {
        let info = &deployment.info;
        let facts = match destination {
            Destination::Provider(provider) => {
                catalogue::look_up(*provider, &deployment.model, info.base_model.as_deref())
            }
            Destination::Echo | Destination::Mock(_) => Some(ModelFacts {
                price: Some(Price::free()),
                ..ModelFacts::default()
            }),
        };
        let listed = price_of(facts.as_ref());
        let price = if info.rates == TokenRates::default() {
            listed
        } else {
            let base = listed.map(|price| Price::clone(&price)).unwrap_or_default();
            Some(Arc::new(base.with_overrides(&info.rates)))
        };
        let listed_tokens = facts.as_ref().and_then(|facts| facts.max_output_tokens);
        Self {
            price,
            max_output_tokens: info.max_output_tokens.or(listed_tokens),
            reasons: facts.is_some_and(|facts| facts.reasons),
        }
    }

    /// What is known of one of the models behind a `*`: the operator's words, then the catalogue's.
    #[must_use]
    pub fn of_model(
        &self,
        destination: &Destination,
        model: &str,
        base_model: Option<&str>,
    ) -> Self {
        let Destination::Provider(provider) = destination else {
            return self.clone();
        };
        let facts = catalogue::look_up(*provider, model, base_model);
        let listed_tokens = facts.as_ref().and_then(|facts| facts.max_output_tokens);
        Self {
            price: self.price.clone().or_else(|| price_of(facts.as_ref())),
            max_output_tokens: self.max_output_tokens.or(listed_tokens),
            reasons: facts.is_some_and(|facts| facts.reasons),
        }
    }
}

fn price_of(facts: Option<&ModelFacts>) -> Option<Arc<Price>> {
    facts.and_then(|facts| facts.price.clone()).map(Arc::new)
}
