//! A request walked through: what is said of it.

use std::sync::Arc;

use domain::money::{NanoUsd, PicoUsd};
use domain::prices::{Price, TokenRates};
use domain::routing::names::FoundBy;
use domain::routing::{RetryPolicy, Strategy};
use domain::standing::Level;

use super::table::OutOfService;

/// A request walked through.
pub struct DryRun {
    /// The name as it was asked.
    pub asked: String,
    /// The name behind the key's or its team's own names for models.
    pub model: String,
    /// Whose request it would be.
    pub organization_id: String,
    /// Why it is refused; none when it is sent.
    pub refusal: Option<Refusal>,
    /// Whether a budget bounds what it may cost: then a price has to be known.
    pub has_budget: bool,
    /// Where it goes; none when there is no such model.
    pub route: Option<Route>,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The key, or something above it, is blocked.
    Blocked(Level),
    /// The key has ended.
    Expired,
    /// A level's list of models does not have it.
    NotAllowed(Level),
    /// There is no such model.
    Unknown,
    /// There is a budget, and nobody knows what the model costs.
    PriceUnknown,
}

impl Refusal {
    /// The code that the caller would get.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Blocked(_) => "blocked_key",
            Self::Expired => "expired_key",
            Self::NotAllowed(_) => "model_not_allowed",
            Self::Unknown => "model_not_found",
            Self::PriceUnknown => "price_unknown",
        }
    }

    /// The level that refuses.
    #[must_use]
    pub const fn level(self) -> Option<Level> {
        match self {
            Self::Blocked(level) | Self::NotAllowed(level) => Some(level),
            Self::Expired => Some(Level::Key),
            Self::Unknown | Self::PriceUnknown => None,
        }
    }
}

/// Where a request goes.
pub struct Route {
    /// The group that answers; may be a pattern.
    pub group: String,
    /// By what it was found.
    pub by: FoundBy,
    /// The name that an alias led to.
    pub alias_of: Option<String>,
    /// What the pattern's star took.
    pub wildcard: Option<String>,
    /// How candidates are ordered.
    pub strategy: Strategy,
    /// Whom it may go to, best first while all are well.
    pub candidates: Vec<Answering>,
    /// Retries by the kind of failure.
    pub retry_policy: RetryPolicy,
    /// Groups that take over after a failure.
    pub fallbacks: Vec<Takeover>,
    /// Groups for a prompt that is too long; none when they are the usual ones.
    pub context_window_fallbacks: Option<Vec<Takeover>>,
    /// Groups for content that a provider refuses; none when they are the usual ones.
    pub content_policy_fallbacks: Option<Vec<Takeover>>,
    /// Deployments of the group that are blocked or mean nothing.
    pub out_of_service: Vec<OutOfService>,
}

/// A deployment that may answer.
pub struct Answering {
    /// Its id.
    pub id: String,
    /// Its provider's name.
    pub provider: String,
    /// The provider's name for the model.
    pub model: String,
    /// Lower orders are tried first.
    pub order: u64,
    /// By what it is drawn.
    pub weight: u64,
    /// In how many of ten thousand requests it is asked first; none when measured times decide.
    pub share_basis_points: Option<u64>,
    /// Retries after a failure that no policy names.
    pub retries: u32,
    /// What it costs, when anybody knows.
    pub price: Option<Arc<Price>>,
    /// Whether it is not asked, because there is a budget and nobody knows what it costs.
    pub is_left_out: bool,
    /// Attempts and failures of the last hour, for who may see them.
    pub last_hour: Option<(u64, u64)>,
}

impl Answering {
    /// What a million tokens cost, in and out, where a token has a price.
    #[must_use]
    pub fn per_million(&self) -> (Option<NanoUsd>, Option<NanoUsd>) {
        let rates = self.price.as_ref().map(|price| &price.standard.base);
        let rate = |read: fn(&TokenRates) -> Option<PicoUsd>| rates.and_then(read);
        let (input, output) = (rate(|rates| rates.input), rate(|rates| rates.output));
        (
            input.map(PicoUsd::per_million),
            output.map(PicoUsd::per_million),
        )
    }
}

/// A group that takes over.
pub struct Takeover {
    /// Its name.
    pub group: String,
    /// Who may answer; empty when there is no such group, which is then passed over.
    pub candidates: Vec<Answering>,
}
