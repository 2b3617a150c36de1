//! A streamed answer's hold grows while the answer comes, as long as there is money.

use std::future::Future;
use std::pin::Pin;

use domain::money::NanoUsd;

use crate::admit::share::Need;
use crate::counters::Away;
use crate::counters::operation::{Balance, Extended};

/// A question for a larger hold, under way.
pub type Growing = Pin<Box<dyn Future<Output = Result<Extended, Away>> + Send>>;

/// So many tokens may be on their way while the hold is asked to grow: between providers and us a
/// tenth of a second lies, and few write faster than 300 tokens a second.
const UNDER_WAY_TOKENS: u64 = 32;

/// The hold grows by so much at least.
const LEAST_STEP_TOKENS: u64 = 256;

/// A hold that can grow.
#[derive(Clone, Debug)]
pub struct Growth {
    need: Need,
    /// The output of each answer that is held.
    pub held_tokens: u64,
}

impl Growth {
    /// So many tokens of each answer are held at first.
    #[must_use]
    pub const fn new(need: Need, held_tokens: u64) -> Self {
        Self { need, held_tokens }
    }

    /// How many answers there are.
    #[must_use]
    pub const fn answers(&self) -> u64 {
        self.need.answers
    }

    /// What so much output of each answer costs at most.
    #[must_use]
    pub fn cost(&self, output_tokens: u64) -> NanoUsd {
        self.need.cost(output_tokens)
    }

    /// For how much output of each answer to ask, when so much of all has been written; none while
    /// what is held is enough.
    #[must_use]
    pub fn wanted(&self, written_tokens: u64) -> Option<u64> {
        let cap = self.cap_tokens();
        if self.held_tokens >= cap || !self.is_short(written_tokens) {
            return None;
        }
        let step = self.held_tokens.max(LEAST_STEP_TOKENS);
        Some(self.held_tokens.saturating_add(step).min(cap))
    }

    /// Whether what has been written, with what may be on its way, is not held.
    #[must_use]
    pub fn is_short(&self, written_tokens: u64) -> bool {
        let answers = self.need.answers.max(1);
        let each = written_tokens.div_ceil(answers);
        self.held_tokens < self.cap_tokens()
            && each.saturating_add(UNDER_WAY_TOKENS) >= self.held_tokens
    }

    /// How much output of each answer can be held, when the counter of a budget stands so: this
    /// attempt's own hold is in it. None when that is no more than what is held.
    #[must_use]
    pub fn affordable(&self, limit: NanoUsd, standing: Balance) -> Option<u64> {
        let ours = self.cost(self.held_tokens);
        let free = limit.0.saturating_sub(standing.used().0);
        let tokens = self.need.affordable(NanoUsd(free.saturating_add(ours.0)))?;
        (tokens > self.held_tokens).then_some(tokens)
    }

    fn cap_tokens(&self) -> u64 {
        self.need.most.output_tokens / self.need.answers.max(1)
    }
}
