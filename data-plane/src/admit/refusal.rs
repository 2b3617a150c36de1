//! Why a request is not admitted, in words that tell its caller the scope, the limit, what is used
//! and when there is more.

use std::time::Duration;

use domain::money::NanoUsd;
use domain::time::TimestampMs;

use crate::counters::operation::Balance;
use crate::error::GatewayError;
use crate::tenants::account::{BudgetLine, RateLine};

/// The refusal of a budget.
#[must_use]
pub fn over_budget(line: &BudgetLine, limit: NanoUsd, standing: Balance) -> GatewayError {
    let now = TimestampMs::now();
    let ends_at = line.turn(now).bounds.1;
    let resets = line.window.map(|window| {
        let left_s = ends_at.0.saturating_sub(now.0).div_ceil(1_000);
        (format!(" in the window {window}"), ends_at, left_s)
    });
    let left = limit.0.saturating_sub(standing.used().0).max(0);
    let model = line.model.as_ref();
    let whose = model.map_or_else(
        || line.level.as_str().to_owned(),
        |model| format!("{} and the model `{model}`", line.level.as_str()),
    );
    let (window, reset) = match &resets {
        Some((window, ends_at, _)) => (
            window.as_str(),
            format!("It starts anew at {}.", ends_at.to_rfc3339()),
        ),
        None => ("", "It does not start anew by itself.".to_owned()),
    };
    let message = format!(
        "Budget has been exceeded: the budget of {whose} is {limit} dollars{window}; {} are spent, \
         {} are held by requests under way, {} are left, which is not enough for this request. \
         {reset} Ask for less, or ask your administrator for more.",
        NanoUsd(standing.settled.0.saturating_add(standing.orphaned.0)),
        standing.reserved,
        NanoUsd(left),
    );
    GatewayError::BudgetExceeded {
        status: 429,
        message,
        retry_after: resets.map(|(_, _, left_s)| Duration::from_secs(left_s)),
    }
}

/// The refusal of a rate.
#[must_use]
pub fn over_rate(line: &RateLine, kind: RateKind, limit: u64, retry_after_ms: u64) -> GatewayError {
    let model = line.model.as_ref();
    let of_model = model.map_or_else(String::new, |model| format!(" and the model `{model}`"));
    let retry_after = Duration::from_millis(retry_after_ms.max(1));
    GatewayError::RateLimited {
        message: format!(
            "Rate limit reached for {}{of_model}: {limit} {}. Try again in {} s.",
            line.level.as_str(),
            kind.as_str(),
            retry_after_ms.div_ceil(1_000).max(1),
        ),
        retry_after,
    }
}

/// The refusal of parallel requests.
#[must_use]
pub fn over_parallel(line: &RateLine, limit: u64) -> GatewayError {
    GatewayError::ParallelLimited {
        message: format!(
            "{limit} requests at the same time are allowed for {}, and as many are under way. \
             Send this one again when one of them has ended.",
            line.level.as_str(),
        ),
    }
}

/// What a bucket counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateKind {
    /// Requests per minute.
    Requests,
    /// Tokens per minute.
    TokensPerMinute,
    /// Tokens per day.
    TokensPerDay,
}

impl RateKind {
    /// In the words of a refusal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests per minute",
            Self::TokensPerMinute => "tokens per minute",
            Self::TokensPerDay => "tokens per day",
        }
    }
}
