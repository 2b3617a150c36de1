//! What hangs on a thing, in figures of this moment: who is about to stop it reads them first.

use domain::ids::KeyId;
use domain::time::TimestampMs;
use store::page::Page;
use store::requests::RequestFilter;
use store::usage::{Dimension, UsageQuery, UsageRow};
use store::virtual_keys::KeyFilter;
use web_ui::figures::{count, money};
use web_ui::pages::parts::Fact;

use crate::acting::{Acting, Permission, may};
use crate::actions::{keys, requests, usage};
use crate::error::ActionError;
use crate::pages::visit::Visit;

/// What counts as the present rate.
const LATELY_MS: u64 = 5 * 60_000;
/// So many requests are counted of it; that there are more is enough to know.
const COUNTED: i64 = 100;
const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// How many keys work, and what came through them in the last hour and the last day.
///
/// # Errors
/// When the store does not answer.
pub async fn facts<P: Permission>(
    visit: &Visit<P>,
    of_keys: KeyFilter,
    spender: (Dimension, String),
) -> Result<Vec<Fact>, ActionError> {
    let mut facts = Vec::new();
    if let Ok(reading) = visit.acting.also::<may::ReadKeys>() {
        let working = KeyFilter {
            blocked: Some(false),
            alive_at: Some(visit.clock.now),
            ..of_keys
        };
        let working = many(&reading, working).await?;
        facts.push(Fact {
            name: visit.words().t("stake-keys"),
            value: count(visit.words(), working),
        });
    }
    facts.extend(traffic(visit, spender).await?);
    Ok(facts)
}

/// What came through in the last hour and the last day.
///
/// # Errors
/// When the store does not answer.
pub async fn traffic<P: Permission>(
    visit: &Visit<P>,
    (dimension, id): (Dimension, String),
) -> Result<Vec<Fact>, ActionError> {
    traffic_of(visit, (dimension, vec![id])).await
}

/// Likewise of several together.
///
/// # Errors
/// When the store does not answer.
pub async fn traffic_of<P: Permission>(
    visit: &Visit<P>,
    spenders: (Dimension, Vec<String>),
) -> Result<Vec<Fact>, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadSpend>() else {
        return Ok(Vec::new());
    };
    let (words, now) = (visit.words(), visit.clock.now);
    let since = |ms: u64| UsageQuery {
        filters: vec![spenders.clone()],
        ..UsageQuery::sum(
            reading.scope(),
            TimestampMs(now.0.saturating_sub(ms)),
            TimestampMs(now.0.saturating_add(1)),
        )
    };
    let sums = |rows: Vec<UsageRow>| {
        let row = rows.into_iter().next();
        row.map(|row| row.sums).unwrap_or_default()
    };
    let hour = sums(usage::rows(&reading, since(HOUR_MS)).await?);
    let day = sums(usage::rows(&reading, since(DAY_MS)).await?);
    let fact = |name: &str, value: String| Fact {
        name: words.t(name),
        value,
    };
    Ok(vec![
        fact("stake-hour", count(words, hour.requests)),
        fact("stake-day", count(words, day.requests)),
        fact("stake-spend", money(words, day.charge_nanousd, 2)),
    ])
}

/// What came through a key in the last five minutes, in a sentence; nothing for who may not see that.
///
/// # Errors
/// When the store does not answer.
pub async fn lately<P: Permission>(visit: &Visit<P>, key: &str) -> Result<String, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadSpend>() else {
        return Ok(String::new());
    };
    // A report is of whole quarters of an hour, which may have begun long before: these are counted.
    let filter = RequestFilter {
        key_id: Some(KeyId::new(key)),
        from: Some(TimestampMs(visit.clock.now.0.saturating_sub(LATELY_MS))),
        ..RequestFilter::default()
    };
    let listed = requests::list(&reading, filter, &Page::first(COUNTED)).await?;
    let seen = u64::try_from(listed.items.len()).unwrap_or(0);
    let words = visit.words();
    let told = [("count", seen.into()), ("shown", count(words, seen).into())];
    let text = match listed.more {
        true => "busy-lately-more",
        false => "busy-lately",
    };
    Ok(words.with(text, &told))
}

/// How many keys match.
///
/// # Errors
/// When the store does not answer.
pub async fn many(reading: &Acting<may::ReadKeys>, filter: KeyFilter) -> Result<u64, ActionError> {
    let page = Page {
        count: true,
        ..Page::first(1)
    };
    let listed = keys::list(reading, filter, &page).await?;
    Ok(listed
        .total
        .and_then(|total| u64::try_from(total).ok())
        .unwrap_or(0))
}
