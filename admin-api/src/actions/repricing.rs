//! Corrected prices for what is already charged: a range is priced anew, and both figures are kept.

use domain::ids::OrganizationId;
use domain::prices::Price;
use domain::time::TimestampMs;
use serde_json::json;
use store::Event;
use store::repricing::{Repriced, Repricing};

use crate::acting::{Acting, may};
use crate::actions::keys::checked_reason;
use crate::error::ActionError;

/// The longest range that is priced anew at once: a change holds every other one up.
const LONGEST_MS: u64 = 92 * 24 * 60 * 60 * 1_000;

/// What is priced anew, and how.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// From when, inclusive.
    pub from: TimestampMs,
    /// Until when, exclusive.
    pub until: TimestampMs,
    /// Of this organization only.
    pub organization_id: Option<String>,
    /// The vendor.
    pub provider: String,
    /// The vendor's name for the model.
    pub model: String,
    /// What it costs.
    pub price: Price,
    /// Whether only to say what would be done.
    pub only_try: bool,
}

/// Prices a range anew. Budgets' counters follow, and every attempt keeps its old figure beside the
/// new one.
///
/// # Errors
/// When the range is empty or too long, the price has no rate for input, or there is no such
/// organization.
pub async fn reprice(
    acting: &Acting<may::CorrectSpend>,
    wanted: Wanted,
    reason: String,
) -> Result<Repriced, ActionError> {
    let reason = checked_reason(reason)?;
    checked(&wanted)?;
    let organization = match &wanted.organization_id {
        None => None,
        Some(id) => {
            let found = acting.store().organization(id).await?;
            Some(
                found
                    .ok_or_else(|| ActionError::not_found("Organization", id))?
                    .id,
            )
        }
    };
    let Wanted {
        from,
        until,
        provider,
        model,
        price,
        only_try,
        organization_id: _,
    } = wanted;
    let repricing = Repricing {
        from,
        to: until,
        organization_id: organization.clone(),
        provider,
        model,
        price,
        actor: acting.actor.id(),
        reason: reason.clone(),
    };
    let mut writing = acting.store().begin().await?;
    let done = writing.reprice(&repricing).await?;
    if only_try {
        return Ok(done);
    }
    let told = told(&repricing, &done, organization, reason);
    writing.commit(&acting.actor, told).await?;
    Ok(done)
}

fn checked(wanted: &Wanted) -> Result<(), ActionError> {
    if wanted.from >= wanted.until {
        return Err(ActionError::invalid(
            "until",
            "`until` has to be later than `from`.",
        ));
    }
    if wanted.until.0.saturating_sub(wanted.from.0) > LONGEST_MS {
        return Err(ActionError::invalid(
            "until",
            "At most 92 days are priced anew at once. Ask for a part of the range.",
        ));
    }
    if !wanted.price.is_known() {
        return Err(ActionError::invalid(
            "price.input_usd_per_million",
            "A price without a rate for input is unknown. Say what a million input tokens cost; \
             \"0\" is free.",
        ));
    }
    Ok(())
}

fn told(
    repricing: &Repricing,
    done: &Repriced,
    organization: Option<OrganizationId>,
    reason: String,
) -> Event {
    Event {
        action: "spend.reprice",
        object_kind: "model",
        object_id: format!("{}/{}", repricing.provider, repricing.model),
        organization_id: organization.map(|id| id.to_string()),
        before: Some(json!({"charge_usd": done.old_nanousd.to_string()})),
        after: Some(json!({
            "charge_usd": done.new_nanousd.to_string(),
            "attempts": done.attempts,
            "from": repricing.from.to_rfc3339(),
            "until": repricing.to.to_rfc3339(),
        })),
        reason: Some(reason),
        ..Event::default()
    }
}
