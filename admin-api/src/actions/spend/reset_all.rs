//! The spend of all keys and teams set to zero.

use domain::money::NanoUsd;
use serde_json::json;
use store::Event;
use store::page::Page;
use store::teams::TeamFilter;
use store::virtual_keys::KeyFilter;

use super::{Booking, Spender, set};
use crate::acting::{Acting, may};
use crate::error::ActionError;

/// How many keys or teams one change sets to zero.
const AT_ONCE: i64 = 200;

/// Sets the spend of every key and every team to zero, some at a time, each time with an entry in the
/// audit trail. What was used stays in the ledger.
///
/// # Errors
/// When the store does not answer; then some may be set anew and others not: ask again.
pub async fn reset_everything(acting: &Acting<may::CorrectSpend>) -> Result<(), ActionError> {
    let mut page = Page::first(AT_ONCE);
    loop {
        let filter = KeyFilter {
            scope: acting.scope(),
            ..KeyFilter::default()
        };
        let listed = acting.store().virtual_keys(&filter, &page).await?;
        let spenders: Vec<Spender<'_>> = listed.items.iter().map(Spender::from).collect();
        to_zero(acting, "key", &spenders).await?;
        page.after = listed.items.last().map(|key| key.id.to_string());
        if !listed.more {
            break;
        }
    }
    page.after = None;
    loop {
        let filter = TeamFilter {
            scope: acting.scope(),
            ..TeamFilter::default()
        };
        let listed = acting.store().teams(&filter, &page).await?;
        let spenders: Vec<Spender<'_>> = listed.items.iter().map(Spender::from).collect();
        to_zero(acting, "team", &spenders).await?;
        page.after = listed.items.last().map(|team| team.id.to_string());
        if !listed.more {
            return Ok(());
        }
    }
}

async fn to_zero(
    acting: &Acting<may::CorrectSpend>,
    kind: &'static str,
    spenders: &[Spender<'_>],
) -> Result<(), ActionError> {
    let mut writing = acting.store().begin().await?;
    let mut before = serde_json::Map::new();
    for spender in spenders {
        let booking = Booking {
            kind: "reset",
            reason: "All spend was set to zero.".to_owned(),
            actor: acting.actor.id(),
        };
        let zero = (NanoUsd(0), booking);
        let was = set(acting.store(), &mut writing, *spender, zero).await?;
        if was.spend != NanoUsd(0) {
            before.insert(spender.scope().id, was.spend.to_string().into());
        }
    }
    if before.is_empty() {
        return Ok(());
    }
    let told = Event {
        action: "spend.reset_all",
        object_kind: kind,
        object_id: format!("{} of them", before.len()),
        before: Some(json!({"spend_usd": before})),
        after: Some(json!({"spend_usd": "0"})),
        ..Event::default()
    };
    writing.commit(&acting.actor, told).await?;
    Ok(())
}
