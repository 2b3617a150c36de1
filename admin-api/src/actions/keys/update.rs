//! Keys changed: one, several, blocked and unblocked.

use domain::money::NanoUsd;
use domain::policies::Policy;
use domain::time::TimestampMs;
use domain::virtual_keys::VirtualKey;
use serde_json::Value;
use store::Event;

use crate::acting::{Acting, may};
use crate::actions::keys::bounds::{self, Frame};
use crate::actions::keys::owner::{self, AskedOwner, Owner, Unnamed};
use crate::actions::keys::{
    event, event_of_many, find, holders, place, recorded, refusal, spend, templates, unchanged,
};
use crate::error::ActionError;
use crate::fields::Given;

/// What of a key may be changed, as it shall be.
#[derive(Clone, Debug)]
pub struct KeyChange {
    /// To whom it belongs.
    pub owner: AskedOwner,
    /// For people.
    pub alias: Option<String>,
    /// Its environment.
    pub environment: Option<String>,
    /// What it allows.
    pub policy: Policy,
    /// When it ends, when that changes; null is never.
    pub lifetime: Given<String>,
    /// Whether it is refused.
    pub blocked: bool,
    /// What it has spent, when that is set anew.
    pub spend_nanousd: Option<NanoUsd>,
}

impl KeyChange {
    /// As it is.
    #[must_use]
    pub fn of(key: &VirtualKey) -> Self {
        Self {
            owner: AskedOwner::of(key),
            alias: key.alias.clone(),
            environment: key.environment.clone(),
            policy: key.policy.clone(),
            lifetime: Given::Absent,
            blocked: key.blocked,
            spend_nanousd: None,
        }
    }
}

/// A change that was checked and not yet written.
pub(super) struct Prepared {
    pub before: VirtualKey,
    pub after: VirtualKey,
    pub spend: Option<NanoUsd>,
}

/// What became of changes to several keys, each by the name under which it was asked for: it may be
/// the key itself, and is for nobody but who asked.
pub struct BulkUpdate {
    /// Those that were changed.
    pub changed: Vec<(String, VirtualKey)>,
    /// Those that were not, and why.
    pub failed: Vec<(String, ActionError)>,
}

/// Changes a key by what `change` makes of it.
///
/// # Errors
/// As [`find()`]; what `change` refuses; as [`crate::actions::keys::create`].
pub async fn update(
    acting: &Acting<may::WriteKeys>,
    asked: &str,
    change: impl FnOnce(&mut KeyChange) -> Result<(), ActionError>,
) -> Result<VirtualKey, ActionError> {
    let _turn = acting.api().key_changes.lock().await;
    let Prepared {
        before,
        after,
        spend,
    } = prepared(acting, asked, change).await?;
    let mut writing = acting.store().begin().await?;
    unchanged(&mut writing, &before).await?;
    writing.update_key(&after).await.map_err(refusal)?;
    holders::blocking(acting, Some(&before), &after)
        .noted(&mut writing)
        .await?;
    let reason = spend::set(acting, &mut writing, &after, spend).await?;
    let changed = Event {
        before: Some(recorded(&before)),
        after: Some(recorded(&after)),
        reason,
        ..event("key.update", &after)
    };
    writing.commit(&acting.actor, changed).await?;
    Ok(after)
}

/// Changes several keys in one transaction with one audit entry. Those that cannot be changed are
/// told, and do not keep the others from it.
///
/// # Errors
/// When the store refuses one of those that could be, or does not answer: then none is changed.
pub async fn update_many<C>(
    acting: &Acting<may::WriteKeys>,
    changes: Vec<(String, C)>,
) -> Result<BulkUpdate, ActionError>
where
    C: FnOnce(&mut KeyChange) -> Result<(), ActionError>,
{
    let _turn = acting.api().key_changes.lock().await;
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for (asked, change) in changes {
        match prepared(acting, &asked, change).await {
            Ok(prepared) => done.push((asked, prepared)),
            Err(error @ (ActionError::Unavailable(_) | ActionError::Internal(_))) => {
                return Err(error);
            }
            Err(error) => failed.push((asked, error)),
        }
    }
    if !done.is_empty() {
        write_many(
            acting,
            done.iter().map(|(_asked, prepared)| prepared).collect(),
        )
        .await?;
    }
    let changed = done.into_iter();
    Ok(BulkUpdate {
        changed: changed
            .map(|(asked, prepared)| (asked, prepared.after))
            .collect(),
        failed,
    })
}

async fn write_many(
    acting: &Acting<may::WriteKeys>,
    changes: Vec<&Prepared>,
) -> Result<(), ActionError> {
    let mut writing = acting.store().begin().await?;
    for change in &changes {
        unchanged(&mut writing, &change.before).await?;
        writing.update_key(&change.after).await.map_err(refusal)?;
        holders::blocking(acting, Some(&change.before), &change.after)
            .noted(&mut writing)
            .await?;
        spend::set(acting, &mut writing, &change.after, change.spend).await?;
    }
    let keys: Vec<&VirtualKey> = changes.iter().map(|change| &change.after).collect();
    let all = |side: fn(&Prepared) -> &VirtualKey| {
        let sides = changes.iter().map(|change| recorded(side(change)));
        Some(Value::Array(sides.collect()))
    };
    let changed = Event {
        before: all(|change| &change.before),
        after: all(|change| &change.after),
        ..event_of_many("key.update", &keys)
    };
    writing.commit(&acting.actor, changed).await?;
    Ok(())
}

/// Refuses a key from now on, or no more.
///
/// # Errors
/// As [`find()`].
pub async fn set_blocked(
    acting: &Acting<may::WriteKeys>,
    asked: &str,
    blocked: bool,
) -> Result<VirtualKey, ActionError> {
    put_block(acting, asked, blocked, None).await
}

/// Refuses a key from now on, for a reason where one is given: it stands in the audit trail and on the
/// key's page.
///
/// # Errors
/// As [`find()`]; [`ActionError::Invalid`] for a reason that says nothing or is endless.
pub async fn block(
    acting: &Acting<may::WriteKeys>,
    asked: &str,
    reason: Option<String>,
) -> Result<VirtualKey, ActionError> {
    let reason = reason.map(spend::checked_reason).transpose()?;
    put_block(acting, asked, true, reason).await
}

async fn put_block(
    acting: &Acting<may::WriteKeys>,
    asked: &str,
    blocked: bool,
    reason: Option<String>,
) -> Result<VirtualKey, ActionError> {
    let found = find(acting, asked).await?;
    let mut writing = acting.store().begin().await?;
    // As it is by now: a block does not wait until nobody changes the key.
    let now = writing.virtual_key(&found.id).await?;
    let before = now.ok_or_else(|| ActionError::not_found("Key", found.id.as_str()))?;
    let after = VirtualKey {
        blocked,
        stamps: before.stamps.changed(&acting.actor.id()),
        ..before.clone()
    };
    writing.update_key(&after).await.map_err(refusal)?;
    let blocking = holders::blocking(acting, Some(&before), &after);
    let by = blocking.by;
    blocking.noted(&mut writing).await?;
    if let Some(reason) = &reason {
        // The reason of a block from above stays theirs.
        let id = after.id.as_str();
        let level = writing.block_level(id).await?;
        if level.is_some_and(|level| level <= by) {
            writing.set_block_reason(id, reason).await?;
        }
    }
    let action = if blocked { "key.block" } else { "key.unblock" };
    let changed = Event {
        before: Some(recorded(&before)),
        after: Some(recorded(&after)),
        reason,
        ..event(action, &after)
    };
    writing.commit(&acting.actor, changed).await?;
    Ok(after)
}

/// Finds a key and makes of it what `change` says, checked and not yet written.
pub(super) async fn prepared(
    acting: &Acting<may::WriteKeys>,
    asked: &str,
    change: impl FnOnce(&mut KeyChange) -> Result<(), ActionError>,
) -> Result<Prepared, ActionError> {
    let before = find(acting, asked).await?;
    let mut wanted = KeyChange::of(&before);
    change(&mut wanted)?;
    let owner = new_owner(acting, &before, &mut wanted).await?;
    let mut after = VirtualKey {
        alias: wanted.alias,
        environment: wanted.environment,
        policy: wanted.policy,
        blocked: wanted.blocked,
        stamps: before.stamps.changed(&acting.actor.id()),
        ..before.clone()
    };
    owner.put_into(&mut after);
    let applying = templates::applying(acting.api(), &owner, after.environment.as_deref()).await?;
    let lifetime = match wanted.lifetime {
        Given::Absent => None,
        Given::Null => Some("never".to_owned()),
        Given::Value(text) => Some(text),
    };
    if let Some(text) = lifetime {
        after.expires_at = templates::end(&Given::Value(text), &applying, TimestampMs::now())?;
    }
    bounds::names(&after)?;
    let elsewhere = place(&after) != place(&before) || after.environment != before.environment;
    if after.policy != before.policy || elsewhere || after.project_id != before.project_id {
        let frame = Frame {
            owner: &owner,
            before: Some(&before),
            templates: &applying,
            llm_routes_only: false,
        };
        bounds::fit(acting, &mut after, &frame).await?;
    }
    holders::kept(acting, &before, &after)?;
    if before.blocked && !after.blocked {
        let level = acting.store().block_level(before.id.as_str()).await?;
        holders::blocking(acting, Some(&before), &after).permitted(level)?;
    }
    if let Some(to) = wanted.spend_nanousd {
        spend::permitted(acting, &before, to).await?;
    }
    Ok(Prepared {
        before,
        after,
        spend: wanted.spend_nanousd,
    })
}

/// To whom a key belongs after a change. Another team brings its organization along.
async fn new_owner(
    acting: &Acting<may::WriteKeys>,
    before: &VirtualKey,
    wanted: &mut KeyChange,
) -> Result<Owner, ActionError> {
    let old = AskedOwner::of(before);
    if wanted.owner == old {
        return owner::owner_of(acting.store(), before).await;
    }
    let moved = wanted.owner.team_id.is_some() && wanted.owner.team_id != old.team_id;
    if moved && wanted.owner.organization_id == old.organization_id {
        wanted.owner.organization_id = None;
    }
    owner::owner(acting, &wanted.owner, Unnamed::Nobodys).await
}
