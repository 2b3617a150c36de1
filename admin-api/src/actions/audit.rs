//! The audit trail: listed, shown, verified.

use domain::audit::{ChainedEntry, Verification};
use domain::ids::{OrganizationId, TeamId};
use domain::permissions::Place;
use serde_json::json;
use store::Event;
use store::audit::{AuditFilter, AuditPage};
use store::page::Listed;

use crate::acting::{Acting, may};
use crate::error::ActionError;

/// A verification reads the whole trail: no two at once.
static ONE_AT_A_TIME: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(1);

/// Lists entries that the actor may see, newest first.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    acting: &Acting<may::ReadAudit>,
    filter: AuditFilter,
    page: &AuditPage,
) -> Result<Listed<ChainedEntry>, ActionError> {
    let filter = AuditFilter {
        scope: acting.scope(),
        ..filter
    };
    Ok(acting.store().audit_entries(&filter, page).await?)
}

/// Finds an entry by its number.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see it.
pub async fn find(
    acting: &Acting<may::ReadAudit>,
    sequence: &str,
) -> Result<ChainedEntry, ActionError> {
    let missing = || ActionError::not_found("Audit entry", sequence);
    let number: i64 = sequence.parse().map_err(|_no_number| missing())?;
    let before = number.checked_sub(1).ok_or_else(missing)?;
    let found = acting.store().audit_after(before, 1).await?.pop();
    let found = found
        .filter(|entry| entry.sequence == number)
        .ok_or_else(missing)?;
    acting.on(&place(&found), "Audit entry", sequence).await?;
    Ok(found)
}

fn place(found: &ChainedEntry) -> Place {
    let entry = &found.entry;
    Place {
        organization_id: entry.organization_id.clone().map(OrganizationId::new),
        team_id: entry.team_id.clone().map(TeamId::new),
        owner_id: None,
    }
}

/// What a verification found, and in which lines the file of anchors cannot be read.
pub struct Verified {
    /// Of the entries.
    pub verification: Verification,
    /// Of the file of anchors, from 1.
    pub unreadable_anchor_lines: Vec<usize>,
}

/// Reads the whole trail and holds it against its key, its head and its anchors. That somebody did
/// so is noted, with what was found.
///
/// # Errors
/// [`ActionError::TooMany`] while another one is under way, and when the store or the file of anchors
/// cannot be read.
pub async fn verify(acting: &Acting<may::VerifyAudit>) -> Result<Verified, ActionError> {
    let Ok(_alone) = ONE_AT_A_TIME.try_acquire() else {
        return Err(ActionError::TooMany { retry_after_s: 5 });
    };
    let anchors = match &acting.api().settings.anchor_file {
        Some(path) => store::anchors::read(path.clone()).await.map_err(|cause| {
            ActionError::Internal(format!("the file of anchors cannot be read: {cause}"))
        })?,
        None => store::anchors::AnchorFile::default(),
    };
    let verification = store::verification::verify(acting.store(), &anchors.anchors).await?;
    let noted = Event {
        action: "audit.verify",
        object_kind: "audit",
        object_id: verification.last_sequence.to_string(),
        after: Some(json!({
            "entries": verification.entries,
            "faults": verification.faults.len(),
            "last_anchored": verification.last_anchored,
        })),
        ..Event::default()
    };
    acting.store().record(&acting.actor, noted).await?;
    Ok(Verified {
        verification,
        unreadable_anchor_lines: anchors.unreadable_lines,
    })
}
