//! What the caller is told of a fault, when nothing else helped.

use std::time::Duration;

use providers::failure::{Failure, FailureKind};
use providers::wire::Untranslatable;

use crate::error::GatewayError;
use crate::send::fault::Fault;

impl Fault {
    /// What the caller is told after `attempts`, when nothing else helped.
    #[must_use]
    pub fn into_error(self, attempts: u32) -> GatewayError {
        let unavailable = |cause: String| GatewayError::ProviderUnavailable { cause, attempts };
        match self {
            Self::Untranslatable(reason) => {
                let param = match &reason {
                    Untranslatable::UnsupportedParameter { param, .. }
                    | Untranslatable::InvalidValue { param, .. } => Some(param.clone()),
                    Untranslatable::UnsupportedOperation { .. } => None,
                };
                GatewayError::BadRequest {
                    message: reason.to_string(),
                    param,
                }
            }
            Self::BadRequest(error) => error,
            Self::NotAdmitted(error) => *error,
            Self::Refused {
                failure,
                retry_after,
            } => refused(failure, retry_after, attempts),
            Self::Unreachable(cause) => unavailable(cause.to_owned()),
            Self::Lost => unavailable("connection lost".to_owned()),
            Self::TimedOut { waited_ms } => GatewayError::ProviderTimeout { waited_ms },
            Self::Malformed | Self::Unexpected { .. } => GatewayError::ProviderMalformed,
            Self::TooLarge => GatewayError::ProviderTooLarge,
            Self::Misconfigured => unavailable("the deployment is misconfigured".to_owned()),
        }
    }
}

fn refused(failure: Failure, retry_after: Option<Duration>, attempts: u32) -> GatewayError {
    let Failure {
        kind,
        status,
        message,
        error_type,
        code,
        param,
    } = failure;
    match kind {
        FailureKind::Credential => GatewayError::ProviderCredential,
        FailureKind::RateLimited => GatewayError::ProviderRateLimited {
            message,
            retry_after,
        },
        FailureKind::Server => GatewayError::ProviderUnavailable {
            cause: format!("status {status}"),
            attempts,
        },
        FailureKind::BadRequest
        | FailureKind::ContextWindow
        | FailureKind::ContentPolicy
        | FailureKind::NotFound => {
            let message = if message.is_empty() {
                format!("The provider refused the request with status {status}.")
            } else {
                message
            };
            GatewayError::ProviderRefused {
                status,
                message,
                error_type,
                param,
                code,
            }
        }
    }
}
