//! A key's spend set anew, and more money for a time: both with a reason.

use domain::ids::AdjustmentId;
use domain::money::NanoUsd;
use domain::policies::{BudgetMode, TemporaryIncrease};
use domain::spend::Adjustment;
use domain::time::TimestampMs;
use domain::virtual_keys::VirtualKey;
use serde_json::{Value, json};
use store::{Event, Store};

use crate::acting::{Acting, may};
use crate::actions::keys::find::{find, scope, spend_of};
use crate::actions::keys::{event, place, recorded, refusal, unchanged};
use crate::error::ActionError;

/// The longest reason that is kept.
const MOST_REASON_CHARACTERS: usize = 1_000;

/// What became of a key's spend.
pub struct SpendReset {
    /// The key.
    pub key: VirtualKey,
    /// What it had spent.
    pub before_nanousd: NanoUsd,
    /// What it has spent now.
    pub spend_nanousd: NanoUsd,
}

/// More money for a time.
pub struct Increase {
    /// By how much, until when.
    pub increase: TemporaryIncrease,
    /// Why.
    pub reason: Option<String>,
}

/// Sets a key's spend to an amount that is not above what it is.
///
/// # Errors
/// As [`find()`]; an amount above the present one.
pub async fn reset_spend(
    acting: &Acting<may::ResetSpend>,
    asked: &str,
    to: NanoUsd,
    reason: Option<String>,
) -> Result<SpendReset, ActionError> {
    let reason = reason.map(checked).transpose()?;
    let key = find(acting, asked).await?;
    let mut writing = acting.store().begin().await?;
    let now = writing.spend(&scope(&key.id)).await?;
    if to > now {
        return Err(ActionError::invalid(
            "reset_to",
            format!(
                "The key has spent {now} dollars: spend is set to less than that, not to more."
            ),
        ));
    }
    let mut adjustment = correction(&key, now, to, acting.actor.id());
    if let Some(reason) = &reason {
        adjustment.reason.clone_from(reason);
    }
    writing.adjust(&adjustment).await?;
    let told = Event {
        before: Some(spend_recorded(&key, now)),
        after: Some(spend_recorded(&key, to)),
        reason,
        ..event("key.reset_spend", &key)
    };
    writing.commit(&acting.actor, told).await?;
    Ok(SpendReset {
        key,
        before_nanousd: now,
        spend_nanousd: to,
    })
}

/// Raises a key's first enforced budget for a time, in place of an increase that it has.
///
/// # Errors
/// As [`find()`]; an end that is past; a key without a budget.
pub async fn increase_budget(
    acting: &Acting<may::ResetSpend>,
    asked: &str,
    increase: Increase,
) -> Result<VirtualKey, ActionError> {
    let Increase { increase, reason } = increase;
    let reason = reason.map(checked).transpose()?;
    if increase.until <= TimestampMs::now() {
        return Err(ActionError::invalid(
            "until",
            "The increase would be over already. Give an end that lies ahead.",
        ));
    }
    let before = find(acting, asked).await?;
    let mut after = before.clone();
    let mut budgets = after.policy.budgets.iter_mut();
    let Some(budget) = budgets.find(|budget| budget.mode == BudgetMode::Enforce) else {
        return Err(ActionError::invalid(
            "by_usd",
            "The key has no budget of its own that could be raised. Give it one first.",
        ));
    };
    budget.increase = Some(increase);
    after.stamps = before.stamps.changed(&acting.actor.id());
    let mut writing = acting.store().begin().await?;
    unchanged(&mut writing, &before).await?;
    writing.update_key(&after).await.map_err(refusal)?;
    let told = Event {
        before: Some(recorded(&before)),
        after: Some(recorded(&after)),
        reason,
        ..event("key.increase_budget", &after)
    };
    writing.commit(&acting.actor, told).await?;
    Ok(after)
}

/// The correction that brings a key's spend to an amount, for a change of several things at once;
/// none when it is that already.
///
/// # Errors
/// When the actor may not set spend anew.
pub(super) async fn adjustment(
    acting: &Acting<may::WriteKeys>,
    key: &VirtualKey,
    to: NanoUsd,
) -> Result<Option<Adjustment>, ActionError> {
    let now = spent(acting.store(), key).await?;
    if now == to {
        return Ok(None);
    }
    let resetting = acting.also::<may::ResetSpend>()?;
    resetting.on(&place(key), "Key", key.id.as_str()).await?;
    Ok(Some(correction(key, now, to, acting.actor.id())))
}

async fn spent(store: &Store, key: &VirtualKey) -> Result<NanoUsd, ActionError> {
    let spend = spend_of(store, [&key.id]).await?;
    Ok(spend.get(&key.id).copied().unwrap_or_default())
}

fn correction(key: &VirtualKey, now: NanoUsd, to: NanoUsd, actor: String) -> Adjustment {
    Adjustment {
        id: AdjustmentId::generate(),
        scope: scope(&key.id),
        model: None,
        window: None,
        amount_nanousd: NanoUsd(to.0.saturating_sub(now.0)),
        kind: "reset".to_owned(),
        reason: format!("Spend set from {now} to {to} dollars."),
        actor,
        at: TimestampMs::now(),
    }
}

fn spend_recorded(key: &VirtualKey, spend: NanoUsd) -> Value {
    json!({"id": key.id, "spend_usd": spend.to_string()})
}

fn checked(reason: String) -> Result<String, ActionError> {
    if reason.trim().is_empty() || reason.chars().count() > MOST_REASON_CHARACTERS {
        return Err(ActionError::invalid(
            "reason",
            format!("`reason` has to have 1 to {MOST_REASON_CHARACTERS} characters."),
        ));
    }
    Ok(reason)
}
