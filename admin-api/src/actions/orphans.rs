//! Attempts whose node died: listed, and settled by hand with a reason.

use domain::ids::RequestId;
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use serde_json::json;
use store::Event;
use store::orphans::{Orphan, OrphanFilter, SettledByHand};
use store::page::{Listed, Page};

use crate::acting::{Acting, may};
use crate::actions::keys::checked_reason;
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
    let reason = checked_reason(reason)?;
    let Attempt { request_id, number } = attempt;
    let id = format!("{request_id}.{number}");
    let settled = SettledByHand {
        request_id,
        number,
        charge_nanousd: charge,
        actor: acting.actor.id(),
        reason: reason.clone(),
    };
    let mut writing = acting.store().begin().await?;
    let before = writing.settle_orphan(&settled).await?;
    let before = before.ok_or_else(|| ActionError::not_found("Orphan", &id))?;
    let told = Event {
        action: "spend.settle_orphan",
        object_kind: "attempt",
        object_id: id,
        organization_id: Some(before.organization_id),
        before: Some(json!({"charge_usd": before.held_nanousd.to_string()})),
        after: Some(json!({"charge_usd": charge.to_string()})),
        reason: Some(reason),
        ..Event::default()
    };
    writing.commit(&acting.actor, told).await?;
    Ok(before.held_nanousd)
}

/// Whether a text has the form of a [`cursor`].
#[must_use]
pub fn is_cursor(text: &str) -> bool {
    text.rsplit_once('.').is_some_and(|(request, number)| {
        RequestId::time_of(request).is_some() && number.parse::<u32>().is_ok()
    })
}

/// What the page after this orphan is asked for with.
#[must_use]
pub fn cursor(orphan: &Orphan) -> String {
    format!("{}.{}", orphan.request_id, orphan.number)
}
