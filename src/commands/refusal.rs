//! Why a command did nothing, and the exit code that says so.

use admin_api::error::ActionError;
use serde_json::json;
use store::StoreError;

use crate::commands::answer::Said;
use crate::config::report::Refused;
use crate::storage::StorageFault;

/// Why a command did nothing.
#[derive(Debug)]
pub enum Refusal {
    /// The configuration, or the store's: exit code 78.
    Configuration(String),
    /// What was asked means nothing: exit code 2.
    Usage(String),
    /// It may not be, or does not work: exit code 1.
    Refused(String),
    /// The action says why: exit code 1.
    Action(ActionError),
}

impl Refusal {
    /// What is printed.
    pub fn said(&self, json: bool) -> Said {
        let (code, word) = match self {
            Self::Configuration(_) => (Refused::EXIT_CODE, "configuration"),
            Self::Usage(_) => (2, "usage"),
            Self::Refused(_) => (1, "refused"),
            Self::Action(error) => (1, error.status_and_code().2),
        };
        let message = self.message();
        let notes = if json {
            format!("{}\n", json!({"error": {"code": word, "message": message}}))
        } else {
            format!("headgate: {message}\n")
        };
        Said {
            out: String::new(),
            notes,
            code,
        }
    }

    /// The operator has no log to look into, so the cause is told here.
    fn message(&self) -> String {
        match self {
            Self::Configuration(text) | Self::Usage(text) | Self::Refused(text) => text.clone(),
            Self::Action(ActionError::Internal(cause)) => format!("nothing was changed: {cause}"),
            Self::Action(error @ ActionError::Unavailable(cause)) => format!("{error} ({cause})"),
            Self::Action(error) => error.to_string(),
        }
    }
}

impl From<ActionError> for Refusal {
    fn from(error: ActionError) -> Self {
        Self::Action(error)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Action(error.into())
    }
}

impl From<StorageFault> for Refusal {
    fn from(fault: StorageFault) -> Self {
        match fault {
            StorageFault::Store(error @ StoreError::Unavailable(_)) => error.into(),
            other => Self::Configuration(other.to_string()),
        }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        Self::Configuration(refused.to_string().trim_end().to_owned())
    }
}
