//! How a budget stood when a threshold was passed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::money::NanoUsd;
use crate::policies::BudgetMode;
use crate::spend::SpendScope;
use crate::time::TimestampMs;

/// At how many percent of a budget somebody is told, unless the budget says otherwise.
pub const USUAL_PERCENTS: [u8; 3] = [50, 80, 100];

/// What happened to a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertEvent {
    /// A part of it is spent.
    ThresholdCrossed,
    /// All of it is spent.
    BudgetCrossed,
    /// All of a budget is spent that only tells.
    SoftBudgetCrossed,
}

impl AlertEvent {
    /// LiteLLM's word, where it has one.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ThresholdCrossed => "threshold_crossed",
            Self::BudgetCrossed => "budget_crossed",
            Self::SoftBudgetCrossed => "soft_budget_crossed",
        }
    }
}

/// How a budget stood when a threshold was passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetStand {
    /// What happened.
    pub event: AlertEvent,
    /// Whose budget.
    pub scope: SpendScope,
    /// Their name, for people.
    pub name: String,
    /// Of one model group only.
    pub model: Option<String>,
    /// What happens at the limit.
    pub mode: BudgetMode,
    /// The threshold, in percent of the limit.
    pub percent: u8,
    /// What is spent, by the ledger.
    pub spent: NanoUsd,
    /// The limit, a temporary increase with it.
    pub limit: NanoUsd,
    /// The budget's window; none counts from the beginning.
    pub window: Option<String>,
    /// When this window began.
    pub window_starts_at: Option<TimestampMs>,
    /// When the next one begins.
    pub window_ends_at: Option<TimestampMs>,
    /// The hash of the key, when the budget is a key's.
    pub key_hash: Option<String>,
    /// The person whose budget or key it is.
    pub user_id: Option<String>,
    /// Where they are reached.
    pub user_email: Option<String>,
}

impl BudgetStand {
    /// What an alert is about; no two have the same. A higher limit begins anew, or nobody would
    /// be told of what comes after it.
    #[must_use]
    pub fn occasion(&self) -> String {
        let mode = match self.mode {
            BudgetMode::Enforce => "enforce",
            BudgetMode::Shadow => "shadow",
            BudgetMode::Soft => "soft",
        };
        let parts = [
            self.scope.kind.as_str(),
            &self.scope.id,
            self.model.as_deref().unwrap_or_default(),
            self.window.as_deref().unwrap_or("life"),
            &self.window_starts_at.map_or(0, |at| at.0).to_string(),
            mode,
            &self.limit.0.to_string(),
            &self.percent.to_string(),
        ];
        // As JSON, so that no name can be read as the end of one part and the beginning of the next.
        Value::from(parts.to_vec()).to_string()
    }
}

/// The thresholds that are reached. A budget of nothing reaches none: nothing is ever spent of it.
#[must_use]
pub fn reached(spent: NanoUsd, limit: NanoUsd, percents: &[u8]) -> Vec<u8> {
    if limit.0 <= 0 {
        return Vec::new();
    }
    let is_reached = |percent: &u8| {
        i128::from(spent.0).saturating_mul(100)
            >= i128::from(limit.0).saturating_mul(i128::from(*percent))
    };
    percents.iter().copied().filter(is_reached).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spend::ScopeKind;

    fn stand(name: &str) -> BudgetStand {
        BudgetStand {
            event: AlertEvent::ThresholdCrossed,
            scope: SpendScope::new(ScopeKind::Tag, name),
            name: String::new(),
            model: None,
            mode: BudgetMode::Enforce,
            percent: 50,
            spent: NanoUsd(5),
            limit: NanoUsd(10),
            window: None,
            window_starts_at: None,
            window_ends_at: None,
            key_hash: None,
            user_id: None,
            user_email: None,
        }
    }

    #[test]
    fn a_threshold_is_reached_at_the_very_nano_dollar() {
        let of_three = |spent| reached(NanoUsd(spent), NanoUsd(3), &USUAL_PERCENTS);
        assert!(of_three(1).is_empty());
        assert_eq!(of_three(2), [50]);
        assert_eq!(of_three(3), USUAL_PERCENTS);
        assert_eq!(reached(NanoUsd(49), NanoUsd(100), &USUAL_PERCENTS), [0; 0]);
        assert_eq!(reached(NanoUsd(50), NanoUsd(100), &USUAL_PERCENTS), [50]);
        assert!(reached(NanoUsd(5), NanoUsd(0), &USUAL_PERCENTS).is_empty());
        let most = NanoUsd(i64::MAX);
        assert_eq!(reached(most, most, &[100, 255]), [100]);
    }

    #[test]
    fn occasions_differ_by_threshold_limit_window_and_whatever_a_name_holds() {
        let base = stand("a");
        let mut others = vec![stand("b"), stand("a\",\"b")];
        others.push(BudgetStand {
            percent: 80,
            ..base.clone()
        });
        others.push(BudgetStand {
            limit: NanoUsd(11),
            ..base.clone()
        });
        others.push(BudgetStand {
            model: Some("b".to_owned()),
            ..base.clone()
        });
        others.push(BudgetStand {
            mode: BudgetMode::Soft,
            ..base.clone()
        });
        others.push(BudgetStand {
            window: Some("1d".to_owned()),
            window_starts_at: Some(TimestampMs(5)),
            ..base.clone()
        });
        let mut all: Vec<String> = others.iter().map(BudgetStand::occasion).collect();
        all.push(base.occasion());
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
        let later = BudgetStand {
            spent: NanoUsd(9),
            ..base.clone()
        };
        assert_eq!(later.occasion(), base.occasion());
    }
}
