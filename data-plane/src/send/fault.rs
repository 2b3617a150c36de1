//! How one attempt failed, whether another may follow, and what the caller is told.

use std::time::Duration;

use domain::routing::RetryPolicy;
use providers::failure::{Failure, FailureKind};
use providers::wire::Untranslatable;

use crate::error::GatewayError;
use crate::route::candidate::Candidate;

/// How an attempt failed, before any byte reached the caller.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The call cannot be put into the provider's words.
    Untranslatable(Untranslatable),
    /// The caller's body cannot be understood well enough to be put into other words.
    BadRequest(GatewayError),
    /// The provider answered with an error.
    Refused {
        /// In our words.
        failure: Failure,
        /// How long the provider wants us to wait.
        retry_after: Option<Duration>,
    },
    /// No connection: nothing was sent.
    Unreachable(&'static str),
    /// The connection was lost before the answer.
    Lost,
    /// No answer in time.
    TimedOut {
        /// How long we waited.
        waited_ms: u64,
    },
    /// The answer means nothing.
    Malformed,
    /// A status that is neither success nor error. Redirects are never followed: that would carry
    /// the credential to an address that the operator did not name.
    Unexpected {
        /// The status.
        status: u16,
    },
    /// The answer is larger than allowed.
    TooLarge,
    /// The deployment's address or credential cannot stand in a request.
    Misconfigured,
    /// We do not let it go: no money is left for another attempt, or it cannot be written down.
    NotAdmitted(Box<GatewayError>),
}

/// What may follow a failed attempt within the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: every deployment of the group would answer alike.
    Stop,
    /// Another deployment, never the same one again.
    Elsewhere,
    /// Another deployment, or the same one after a pause.
    Again,
}

impl Fault {
    /// What may follow (LiteLLM's rules: 408, 409, 429 and 5xx are tried again, 401 and 403 only
    /// elsewhere, 400 and 404 not at all).
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::BadRequest(_) | Self::NotAdmitted(_) => Verdict::Stop,
            Self::Untranslatable(_) | Self::Misconfigured => Verdict::Elsewhere,
            Self::Refused { failure, .. } => match failure.kind {
                FailureKind::BadRequest
                | FailureKind::ContextWindow
                | FailureKind::ContentPolicy
                | FailureKind::NotFound => Verdict::Stop,
                FailureKind::Credential => Verdict::Elsewhere,
                FailureKind::RateLimited | FailureKind::Server => Verdict::Again,
            },
            Self::Unreachable(_)
            | Self::Lost
            | Self::TimedOut { .. }
            | Self::Malformed
            | Self::Unexpected { .. }
            | Self::TooLarge => Verdict::Again,
        }
    }

    /// Whether the provider bills nothing: it was not reached, or answered with an error.
    #[must_use]
    pub const fn is_free(&self) -> bool {
        !matches!(
            self,
            Self::Lost | Self::TimedOut { .. } | Self::Malformed | Self::TooLarge
        )
    }

    /// Whether the deployment has shown itself unfit, so that its siblings go before it for a
    /// while. What a caller can provoke by the content of a request does not count.
    #[must_use]
    pub const fn is_the_deployments(&self) -> bool {
        !matches!(self, Self::Untranslatable(_)) && !matches!(self.verdict(), Verdict::Stop)
    }

    /// One word for logs and metrics.
    #[must_use]
    pub const fn outcome(&self) -> &'static str {
        match self {
            Self::Untranslatable(_) => "untranslatable",
            Self::BadRequest(_) => "bad_request",
            Self::Refused { failure, .. } => match failure.kind {
                FailureKind::BadRequest => "refused",
                FailureKind::ContextWindow => "context_window",
                FailureKind::ContentPolicy => "content_policy",
                FailureKind::Credential => "credential_refused",
                FailureKind::NotFound => "not_found",
                FailureKind::RateLimited => "rate_limited",
                FailureKind::Server => "server_error",
            },
            Self::Unreachable(_) => "unreachable",
            Self::Lost => "connection_lost",
            Self::TimedOut { .. } => "timeout",
            Self::Malformed | Self::Unexpected { .. } => "malformed",
            Self::TooLarge => "too_large",
            Self::Misconfigured => "misconfigured",
            Self::NotAdmitted(_) => "not_admitted",
        }
    }

    /// The provider's status, when it answered.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { failure, .. } => Some(failure.status),
            Self::Unexpected { status } => Some(*status),
            _ => None,
        }
    }

    /// The same without the credential of `candidate`, should the provider's words repeat it: not
    /// only refusals of a credential do.
    #[must_use]
    pub fn without_key_of(self, candidate: &Candidate) -> Self {
        let Self::Refused {
            failure,
            retry_after,
        } = self
        else {
            return self;
        };
        let Failure {
            kind,
            status,
            message,
            error_type,
            code,
            param,
        } = failure;
        let clean = |text: String| candidate.without_key(text);
        Self::Refused {
            failure: Failure {
                kind,
                status,
                message: clean(message),
                error_type: error_type.map(clean),
                code: code.map(clean),
                param: param.map(clean),
            },
            retry_after,
        }
    }

    /// How long the provider wants us to wait.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The same fault, with the shorter of two waits when both providers asked for patience: the
    /// caller may come back as soon as one of them takes requests again.
    #[must_use]
    pub fn with_wait_of(mut self, earlier: Option<&Self>) -> Self {
        let earlier = earlier.filter(|earlier| earlier.asks_for_patience());
        if self.asks_for_patience()
            && let Some(earlier_wait) = earlier.and_then(Self::retry_after)
            && let Self::Refused { retry_after, .. } = &mut self
        {
            *retry_after = Some(retry_after.map_or(earlier_wait, |wait| wait.min(earlier_wait)));
        }
        self
    }

    /// Whether the provider is asked too often.
    #[must_use]
    pub const fn asks_for_patience(&self) -> bool {
        matches!(self, Self::Refused { failure, .. } if matches!(failure.kind, FailureKind::RateLimited))
    }

    /// The retries that a policy allows after this fault.
    #[must_use]
    pub fn retries_in(&self, policy: &RetryPolicy) -> Option<u32> {
        let kind = match self {
            Self::Refused { failure, .. } => match failure.kind {
                FailureKind::BadRequest | FailureKind::ContextWindow | FailureKind::NotFound => {
                    policy.bad_request
                }
                FailureKind::ContentPolicy => policy.content_policy,
                FailureKind::Credential => policy.authentication,
                FailureKind::RateLimited => policy.rate_limit,
                FailureKind::Server => policy.server,
            },
            Self::TimedOut { .. } => policy.timeout,
            _ => policy.server,
        };
        kind.or(policy.default)
    }
}
