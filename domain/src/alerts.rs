//! What somebody is told of budgets, where it goes, and how it is signed.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::hex;
use crate::ids::{AlertId, AlertTargetId, DeliveryId, OrganizationId, TeamId};
use crate::keys::Secret;
use crate::money::NanoUsd;
use crate::policies::BudgetMode;
use crate::sealed::{Place, Sealed};
use crate::spend::SpendScope;
use crate::stamps::Stamps;
use crate::time::TimestampMs;

/// At how many percent of a budget somebody is told, unless the budget says otherwise.
pub const USUAL_PERCENTS: [u8; 3] = [50, 80, 100];

/// The form in which a target takes alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// JSON, posted to an address.
    Webhook,
    /// Slack's incoming webhooks, and what speaks as they do (Mattermost; Discord under `/slack`).
    Slack,
    /// E-mail.
    Email,
}

impl TargetKind {
    /// The word in the store, in files and in bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Slack => "slack",
            Self::Email => "email",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Webhook, Self::Slack, Self::Email];
        all.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Where alerts go, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertTarget {
    /// Ours.
    pub id: AlertTargetId,
    /// Whose alerts; none for those of everybody.
    pub organization_id: Option<OrganizationId>,
    /// For people.
    pub name: String,
    /// In which form.
    pub kind: TargetKind,
    /// Whether a platform administrator wrote it: its address may then be a private one.
    pub of_platform: bool,
    /// What may be seen: `host` of the address, `recipients` of e-mail.
    pub info: Map<String, Value>,
    /// A JSON object of secrets (`url`, `secret`), encrypted: whoever knows the address of an
    /// incoming webhook may post to it.
    pub sealed_settings: Sealed,
    /// When and by whom.
    pub stamps: Stamps,
}

impl AlertTarget {
    /// Where the secrets of the target with this id are kept.
    #[must_use]
    pub const fn sealed_at(id: &str) -> Place<'_> {
        Place {
            table: "alert_targets",
            row: id,
            column: "sealed_settings",
        }
    }
}

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
    /// Nothing: somebody tries a target.
    Test,
}

impl AlertEvent {
    /// LiteLLM's word, where it has one.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ThresholdCrossed => "threshold_crossed",
            Self::BudgetCrossed => "budget_crossed",
            Self::SoftBudgetCrossed => "soft_budget_crossed",
            Self::Test => "test",
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

/// Something that somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Ours. It is the same however often the alert is sent.
    pub id: AlertId,
    /// In which organization; none for a person's own budget.
    pub organization_id: Option<OrganizationId>,
    /// In which team.
    pub team_id: Option<TeamId>,
    /// What happened.
    pub stand: BudgetStand,
    /// When it was seen.
    pub at: TimestampMs,
}

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

/// Which target a delivery goes to: `altg_…` of the store's, `file:name` of the configuration's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TargetName(String);

impl TargetName {
    /// A target of the store.
    #[must_use]
    pub fn stored(id: &AlertTargetId) -> Self {
        Self(id.to_string())
    }

    /// A target of the configuration file.
    #[must_use]
    pub fn of_file(name: &str) -> Self {
        Self(format!("file:{name}"))
    }

    /// Takes what was kept.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text to keep.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in the configuration file, when it is there.
    #[must_use]
    pub fn in_file(&self) -> Option<&str> {
        self.0.strip_prefix("file:")
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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

/// The signature of a body: HMAC-SHA-256 of `<seconds since 1970>.<body>` under the target's
/// secret, as hexadecimal digits. The time is in it so that a copy cannot be sent again later.
#[must_use]
pub fn signature(secret: &Secret, at_s: u64, body: &[u8]) -> String {
    // HMAC takes keys of every length (RFC 2104); the library's refusal has no way to come.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else {
        return String::new();
    };
    mac.update(format!("{at_s}.").as_bytes());
    mac.update(body);
    hex::encode(&mac.finalize().into_bytes())
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

    #[test]
    fn the_signature_is_hmac_of_the_time_and_the_body() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac secret
        let signed = signature(&Secret::new("secret"), 1_700_000_000, b"{}");
        let by_openssl = "b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163";
        assert_eq!(signed, by_openssl);
        assert_ne!(
            signed,
            signature(&Secret::new("other"), 1_700_000_000, b"{}")
        );
        assert_ne!(
            signed,
            signature(&Secret::new("secret"), 1_700_000_001, b"{}")
        );
        assert_ne!(
            signed,
            signature(&Secret::new("secret"), 1_700_000_000, b"{ }")
        );
    }
}
