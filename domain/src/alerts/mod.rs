//! What somebody is told: of budgets, and of months that are over.

mod delivery;
mod month_close;
mod stand;
mod target;

use serde::{Deserialize, Serialize};

pub use self::delivery::{Delivery, DeliveryState};
pub use self::month_close::{MonthClose, MonthShare};
pub use self::stand::{AlertEvent, BudgetStand, USUAL_PERCENTS, reached};
pub use self::target::{AlertTarget, TargetKind, TargetName, signature};

use crate::ids::{AlertId, OrganizationId, TeamId};
use crate::time::TimestampMs;

/// Something that somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Ours. It is the same however often the alert is sent.
    pub id: AlertId,
    /// In which organization; none for a person's own budget, and for what is of all of them.
    pub organization_id: Option<OrganizationId>,
    /// In which team.
    pub team_id: Option<TeamId>,
    /// About what.
    pub matter: Matter,
    /// When it was seen.
    pub at: TimestampMs,
}

/// What an alert is about. No two have members of the same names, by which stored ones are told apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Matter {
    /// A budget passed a threshold.
    Budget(Box<BudgetStand>),
    /// A month is over.
    Month(Box<MonthClose>),
    /// Nothing: somebody tries a target.
    Test {
        /// The target's name.
        tried: String,
    },
}

impl Matter {
    /// The word for what happened: LiteLLM's, where it has one.
    #[must_use]
    pub const fn event(&self) -> &'static str {
        match self {
            Self::Budget(stand) => stand.event.as_str(),
            Self::Month(_) => "month_closed",
            Self::Test { .. } => "test",
        }
    }

    /// What it is about; no two alerts have the same.
    #[must_use]
    pub fn occasion(&self) -> String {
        match self {
            Self::Budget(stand) => stand.occasion(),
            Self::Month(close) => close.occasion(),
            Self::Test { tried } => tried.clone(),
        }
    }

    /// When it is about nothing that goes on any more.
    #[must_use]
    pub fn ends_at(&self) -> Option<TimestampMs> {
        match self {
            Self::Budget(stand) => stand.window_ends_at,
            Self::Month(close) => Some(close.ends_at),
            Self::Test { .. } => None,
        }
    }

    /// The name of what it is about, for people; empty for all organizations together.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Budget(stand) => &stand.name,
            Self::Month(close) => &close.name,
            Self::Test { tried } => tried,
        }
    }

    /// Where the person is reached whose budget it is.
    #[must_use]
    pub fn user_email(&self) -> Option<&str> {
        match self {
            Self::Budget(stand) => stand.user_email.as_deref(),
            Self::Month(_) | Self::Test { .. } => None,
        }
    }
}
