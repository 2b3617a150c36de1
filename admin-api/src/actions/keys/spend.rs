//! A key's spend set anew, and more money for a time: both with a reason.

use domain::money::NanoUsd;
use domain::policies::{BudgetMode, TemporaryIncrease};
use domain::time::TimestampMs;
use domain::virtual_keys::VirtualKey;
use serde_json::{Value, json};
use store::{Event, Transaction};

use crate::acting::{Acting, Permission, may};
use crate::actions::keys::find::find;
use crate::actions::keys::{event, place, recorded, refusal, unchanged};
use crate::actions::spend::{self, Booking, Spender};
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
    /// When the window of its main budget ends.
    pub resets_at: Option<TimestampMs>,
}

/// More money for a time.
pub struct Increase {
    /// By how much, until when.
    pub increase: TemporaryIncrease,
    /// Why.
    pub reason: Option<String>,
}

/// Sets a key's spend to an amount that is not above what it is: of all time, and in each window in
/// which one of its budgets counts.
///
/// # Errors
/// As [`find()`]; an amount above the present one.
pub async fn reset_spend(
    acting: &Acting<may::ResetSpend>,
    asked: &str,
    to: NanoUsd,
    reason: Option<String>,
) -> Result<SpendReset, ActionError> {
    let reason = reason.map(checked_reason).transpose()?;
    let key = find(acting, asked).await?;
    let mut writing = acting.store().begin().await?;
    let booked = booking(acting, reason.clone(), to);
    let spender = Spender::from(&key);
    let before = spend::lower(acting.store(), &mut writing, spender, (to, booked)).await?;
    let told = Event {
        before: Some(spend_recorded(&key, before.spend)),
        after: Some(spend_recorded(&key, to)),
        reason,
        ..event("key.reset_spend", &key)
    };
    writing.commit(&acting.actor, told).await?;
    Ok(SpendReset {
        key,
        before_nanousd: before.spend,
        spend_nanousd: to,
        resets_at: before.resets_at,
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
    let reason = reason.map(checked_reason).transpose()?;
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

/// Whether a change of a key may also set its spend to an amount. Nobody needs to be permitted to
/// say again what it is.
///
/// # Errors
/// When the actor may not set spend anew.
pub(super) async fn permitted(
    acting: &Acting<may::WriteKeys>,
    key: &VirtualKey,
    to: NanoUsd,
) -> Result<(), ActionError> {
    let now = spend::present_of(acting.store(), Spender::from(key)).await?;
    if now.spend == to {
        return Ok(());
    }
    let resetting = acting.also::<may::ResetSpend>()?;
    resetting.on(&place(key), "Key", key.id.as_str()).await
}

/// Sets a key's spend within a change that was permitted; says why, when there is something to say.
pub(super) async fn set(
    acting: &Acting<may::WriteKeys>,
    writing: &mut Transaction<'_>,
    key: &VirtualKey,
    to: Option<NanoUsd>,
) -> Result<Option<String>, ActionError> {
    let Some(to) = to else { return Ok(None) };
    let booked = booking(acting, None, to);
    let reason = booked.reason.clone();
    let spender = Spender::from(key);
    let before = spend::set(acting.store(), writing, spender, (to, booked)).await?;
    Ok((before.spend != to).then_some(reason))
}

fn booking<P: Permission>(acting: &Acting<P>, reason: Option<String>, to: NanoUsd) -> Booking {
    Booking {
        kind: "reset",
        reason: reason.unwrap_or_else(|| format!("Spend set to {to} dollars.")),
        actor: acting.actor.id(),
    }
}

fn spend_recorded(key: &VirtualKey, spend: NanoUsd) -> Value {
    json!({"id": key.id, "spend_usd": spend.to_string()})
}

/// A reason that says something and is not endless.
///
/// # Errors
/// [`ActionError::Invalid`] for another.
pub fn checked_reason(reason: String) -> Result<String, ActionError> {
    if reason.trim().is_empty() || reason.chars().count() > MOST_REASON_CHARACTERS {
        return Err(ActionError::invalid(
            "reason",
            format!("`reason` has to have 1 to {MOST_REASON_CHARACTERS} characters."),
        ));
    }
    Ok(reason)
}
