//! How far an alert is on its way to a target.

use crate::alerts::TargetName;
use crate::ids::{AlertId, DeliveryId};
use crate::time::TimestampMs;

/// How far an alert is on its way to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It will be tried, or tried again.
    Waiting,
    /// The target took it.
    Sent,
    /// It was given up.
    Dead,
}

impl DeliveryState {
    /// The word in the store and in bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Dead => "dead",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Waiting, Self::Sent, Self::Dead];
        all.into_iter().find(|state| state.as_str() == word)
    }
}

/// An alert on its way to one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Ours.
    pub id: DeliveryId,
    /// Which alert.
    pub alert_id: AlertId,
    /// Where it goes.
    pub target: TargetName,
    /// How far it is.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u64,
    /// When it is tried next, while it waits.
    pub next_attempt_at: TimestampMs,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it was sent or given up.
    pub ended_at: Option<TimestampMs>,
}
