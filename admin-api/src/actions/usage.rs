//! What was used and what it cost: reports of the ledger, within what the actor may see.

use domain::keys::KeyHash;
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use domain::windows::{Day, TimeZone};
use store::usage::{Dimension, UsageQuery, UsageReport, UsageRow, UsageSums};

use crate::acting::{Acting, Permission, may};
use crate::actions::levels::meant_team;
use crate::error::ActionError;

/// The most rows that are added up for one answer that has no pages.
pub const MOST_ROWS: i64 = 100_000;

/// Days of a zone: from the beginning of one to the end of another.
#[derive(Clone, Debug)]
pub struct Days {
    /// The first.
    pub first: Day,
    /// The last, with it.
    pub last: Day,
    /// Whose days.
    pub zone: TimeZone,
}

impl Days {
    /// Its first moment.
    #[must_use]
    pub fn from(&self) -> TimestampMs {
        self.first.begins_at(&self.zone)
    }

    /// The first moment after it.
    #[must_use]
    pub fn until(&self) -> TimestampMs {
        self.last.next().begins_at(&self.zone)
    }

    /// A query of it that asks for one sum.
    #[must_use]
    pub fn query(&self) -> UsageQuery {
        UsageQuery {
            zone: self.zone.clone(),
            limit: MOST_ROWS,
            ..UsageQuery::sum(
                domain::permissions::Scope::default(),
                self.from(),
                self.until(),
            )
        }
    }

    /// The day in which a row's bucket begins. A bucket may begin before the range does.
    #[must_use]
    pub fn of(&self, row: &UsageRow) -> Day {
        row.bucket_starts_at
            .map_or(self.first, |at| Day::at(at, &self.zone))
    }
}

/// One page of a report.
///
/// # Errors
/// When the store does not answer, or the query means nothing to it.
pub async fn report(
    acting: &Acting<may::ReadSpend>,
    mut query: UsageQuery,
) -> Result<UsageReport, ActionError> {
    query.scope = acting.scope();
    query.filters = resolved(acting, query.filters).await?;
    Ok(acting.store().usage(&query).await?)
}

/// All rows of a report, for answers that have no pages.
///
/// # Errors
/// As [`report`]; [`ActionError::Invalid`] when there are more than [`MOST_ROWS`].
pub async fn rows(
    acting: &Acting<may::ReadSpend>,
    query: UsageQuery,
) -> Result<Vec<UsageRow>, ActionError> {
    let report = report(acting, query).await?;
    if report.next.is_some() {
        return Err(ActionError::invalid(
            "start_date",
            format!(
                "More than {MOST_ROWS} rows would have to be added up. Ask for fewer days, or for \
                 `/api/v1/usage`, which has pages."
            ),
        ));
    }
    Ok(report.rows)
}

/// The zone of the organization that is asked for, or of the only one that the actor sees; UTC where
/// there are several.
///
/// # Errors
/// When the store does not answer.
pub async fn time_zone(
    acting: &Acting<may::ReadSpend>,
    organization: Option<&str>,
) -> Result<TimeZone, ActionError> {
    let scope = acting.scope();
    let of_grants = acting.actor.rights.grants.iter();
    let mut theirs: Vec<&str> = of_grants.map(|one| one.organization_id.as_str()).collect();
    theirs.sort_unstable();
    theirs.dedup();
    let id = match (organization, theirs.as_slice(), scope.everything) {
        (Some(id), _, _) => id,
        (None, [only], false) => only,
        (None, _, true) => return only_zone(acting).await,
        (None, _, false) => return Ok(TimeZone::default()),
    };
    let found = acting.store().organization(id).await?;
    let zone = found.and_then(|one| one.time_zone.parse().ok());
    Ok(zone.unwrap_or_default())
}

/// The zone of all organizations, when there is but one.
async fn only_zone(acting: &Acting<may::ReadSpend>) -> Result<TimeZone, ActionError> {
    let page = store::page::Page::first(1);
    let scope = acting.scope();
    let listed = acting.store().organizations(&scope, None, &page).await?;
    let only = listed.items.first().filter(|_| !listed.more);
    let zone = only.and_then(|one| one.time_zone.parse().ok());
    Ok(zone.unwrap_or_default())
}

/// Filters with our ids in the place of those that callers chose, of keys and of their hashes.
async fn resolved<P: Permission>(
    acting: &Acting<P>,
    filters: Vec<(Dimension, Vec<String>)>,
) -> Result<Vec<(Dimension, Vec<String>)>, ActionError> {
    let mut resolved = Vec::with_capacity(filters.len());
    for (dimension, words) in filters {
        let mut ids = Vec::with_capacity(words.len());
        for word in words {
            ids.push(our_id(acting, dimension, word).await?);
        }
        resolved.push((dimension, ids));
    }
    Ok(resolved)
}

/// Our id of what a word names; the word itself where it names nothing that we know. What the actor
/// may not see is out of the report's scope, so that a foreign name says nothing.
///
/// # Errors
/// When the store does not answer.
pub async fn our_id<P: Permission>(
    acting: &Acting<P>,
    dimension: Dimension,
    word: String,
) -> Result<String, ActionError> {
    if word.is_empty() {
        return Ok(word);
    }
    let store = acting.store();
    let id = match dimension {
        Dimension::Organization => {
            let found = store.organization(&word).await?;
            found.map(|one| one.id.to_string())
        }
        Dimension::Team => meant_team(acting, &word)
            .await?
            .map(|one| one.id.to_string()),
        Dimension::User => store.user(&word).await?.map(|one| one.id.to_string()),
        Dimension::Key => return key_id(acting, word).await,
        _ => None,
    };
    Ok(id.unwrap_or(word))
}

/// A key's id, by id, hash or the key itself. A text that is none of ours is not passed on as it is:
/// it may be a key in the clear.
async fn key_id<P: Permission>(acting: &Acting<P>, asked: String) -> Result<String, ActionError> {
    let shown = crate::actions::keys::shortened(&asked);
    if shown == asked && KeyHash::from_hex(&asked).is_err() {
        return Ok(asked);
    }
    let hash = KeyHash::from_hex(&asked).unwrap_or_else(|_no_hash| KeyHash::of(&asked));
    let found = acting.store().virtual_key_by_hash(hash).await?;
    Ok(found.map_or(shown, |key| key.id.to_string()))
}

/// Adds sums up.
pub fn add(to: &mut UsageSums, sums: &UsageSums) {
    let UsageSums {
        requests,
        failures,
        attempts,
        input_tokens,
        cache_read_tokens,
        cache_write_tokens,
        cache_write_1h_tokens,
        audio_input_tokens,
        image_input_tokens,
        output_tokens,
        reasoning_tokens,
        audio_output_tokens,
        charge_nanousd,
        estimated_nanousd,
        orphaned_nanousd,
        duration_ms,
    } = *sums;
    for (sum, more) in [
        (&mut to.requests, requests),
        (&mut to.failures, failures),
        (&mut to.attempts, attempts),
        (&mut to.input_tokens, input_tokens),
        (&mut to.cache_read_tokens, cache_read_tokens),
        (&mut to.cache_write_tokens, cache_write_tokens),
        (&mut to.cache_write_1h_tokens, cache_write_1h_tokens),
        (&mut to.audio_input_tokens, audio_input_tokens),
        (&mut to.image_input_tokens, image_input_tokens),
        (&mut to.output_tokens, output_tokens),
        (&mut to.reasoning_tokens, reasoning_tokens),
        (&mut to.audio_output_tokens, audio_output_tokens),
        (&mut to.duration_ms, duration_ms),
    ] {
        *sum = sum.saturating_add(more);
    }
    for (sum, more) in [
        (&mut to.charge_nanousd, charge_nanousd),
        (&mut to.estimated_nanousd, estimated_nanousd),
        (&mut to.orphaned_nanousd, orphaned_nanousd),
    ] {
        *sum = NanoUsd(sum.0.saturating_add(more.0));
    }
}
