//! Attempts whose node died: listed, and settled by hand with a reason.

use domain::money::NanoUsd;
use domain::time::TimestampMs;
use serde_json::json;
use store::Event;
use store::orphans::{Orphan, OrphanFilter, SettledByHand};
use store::page::{Listed, Page};

use crate::acting::{Acting, may};
use crate::actions::requests;
use crate::error::ActionError;

/// Lists the orphans that the actor may see, the newest first.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    acting: &Acting<may::ReadSpend>,
    range: (Option<TimestampMs>, Option<TimestampMs>),
    page: &Page,
) -> Result<Listed<Orphan>, ActionError> {
    let filter = OrphanFilter {
        scope: acting.scope(),
        from: range.0,
        until: range.1,
    };
    Ok(acting.store().orphans(&filter, page).await?)
}

/// Which attempt.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The request.
    pub request_id: String,
    /// The attempt's number in it.
    pub number: u32,
}

/// Settles an orphan at what it cost in truth. What was held stays in the ledger beside it.
///
/// # Errors
/// [`ActionError::NotFound`] when there is no such orphan (any more).
pub async fn settle(
    acting: &Acting<may::CorrectSpend>,
    attempt: Attempt,
    charge: NanoUsd,
    reason: String,
) -> Result<NanoUsd, ActionError> {
    let reason = crate::actions::keys::checked_reason(reason)?;
    let Attempt { request_id, number } = attempt;
    let reading = acting.also::<may::ReadSpend>()?;
    let found = requests::find(&reading, &request_id).await?;
    let settled = SettledByHand {
        request_id: request_id.clone(),
        number,
        charge_nanousd: charge,
        actor: acting.actor.id(),
        reason: reason.clone(),
    };
    let mut writing = acting.store().begin().await?;
    let missing = || ActionError::not_found("Orphan", format!("{request_id}.{number}"));
    let before = writing.settle_orphan(&settled).await?.ok_or_else(missing)?;
    let told = Event {
        action: "spend.settle_orphan",
        object_kind: "attempt",
        object_id: format!("{request_id}.{number}"),
        organization_id: Some(found.request.payer.organization_id),
        team_id: found.request.payer.team_id,
        before: Some(json!({"charge_usd": before.to_string()})),
        after: Some(json!({"charge_usd": charge.to_string()})),
        reason: Some(reason),
    };
    writing.commit(&acting.actor, told).await?;
    Ok(before)
}
