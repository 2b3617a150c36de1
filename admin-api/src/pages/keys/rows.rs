//! Keys as rows of the list, with what each has spent and when it was used.

use std::collections::BTreeMap;

use domain::ids::KeyId;
use domain::money::NanoUsd;
use domain::policies::Budget;
use domain::time::TimestampMs;
use domain::virtual_keys::VirtualKey;
use domain::windows::Day;
use store::usage::{Bucket, Dimension, UsageQuery};
use web_ui::chart;
use web_ui::figures::{self, basis_points, percent, relative};
use web_ui::markup::{Markup, Tone, badge, plain};
use web_ui::pages::keys::KeyRow;
use web_ui::words::Words;

use crate::acting::may;
use crate::actions::spend::Present;
use crate::actions::{keys, usage};
use crate::error::ActionError;
use crate::pages::lists;
use crate::pages::names::Names;
use crate::pages::visit::Visit;

const WEEK_MS: u64 = 7 * 86_400_000;
/// How many days a trend has, today with them.
const TREND_DAYS: u16 = 30;

/// What the rows of one page have in common.
struct Around {
    names: Names,
    spend: BTreeMap<KeyId, Present>,
    uses: BTreeMap<KeyId, TimestampMs>,
    trends: BTreeMap<String, Vec<u64>>,
}

/// Keys as rows.
pub(super) async fn of(
    visit: &Visit<may::ReadKeys>,
    listed: Vec<VirtualKey>,
) -> Result<Vec<KeyRow>, ActionError> {
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let store = visit.acting.store();
    let teams = listed
        .iter()
        .filter_map(|key| key.team_id.as_ref().map(ToString::to_string));
    let people = listed
        .iter()
        .filter_map(|key| key.user_id.as_ref().map(ToString::to_string));
    let ids: Vec<KeyId> = listed.iter().map(|key| key.id.clone()).collect();
    let around = Around {
        names: Names::of(store, teams.collect(), people.collect()).await?,
        spend: keys::spend_of(store, &listed).await?,
        uses: store.last_uses(&ids).await?,
        trends: trends(visit, &ids).await?,
    };
    Ok(listed
        .into_iter()
        .map(|key| row(visit, key, &around))
        .collect())
}

/// The spend of each key by day; none for who may not see spend.
async fn trends(
    visit: &Visit<may::ReadKeys>,
    ids: &[KeyId],
) -> Result<BTreeMap<String, Vec<u64>>, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadSpend>() else {
        return Ok(BTreeMap::new());
    };
    let (zone, now) = (&visit.clock.zone, visit.clock.now);
    let first = Day::at(now, zone).back(TREND_DAYS - 1);
    let query = UsageQuery {
        zone: zone.clone(),
        group_by: vec![Dimension::Key],
        bucket: Some(Bucket::Day),
        filters: vec![(
            Dimension::Key,
            ids.iter().map(ToString::to_string).collect(),
        )],
        limit: usage::MOST_ROWS,
        ..UsageQuery::sum(reading.scope(), first.begins_at(zone), now)
    };
    let mut trends: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for row in usage::rows(&reading, query).await? {
        let (Some(key), Some(at)) = (row.groups.first(), row.bucket_starts_at) else {
            continue;
        };
        let days = trends
            .entry(key.clone())
            .or_insert_with(|| vec![0; usize::from(TREND_DAYS)]);
        let place = usize::try_from(first.days_until(Day::at(at, zone))).unwrap_or(usize::MAX);
        if let Some(day) = days.get_mut(place) {
            *day = u64::try_from(row.sums.charge_nanousd.0).unwrap_or(0);
        }
    }
    Ok(trends)
}

fn row(visit: &Visit<may::ReadKeys>, key: VirtualKey, around: &Around) -> KeyRow {
    let (words, now) = (visit.words(), visit.clock.now);
    let present = around.spend.get(&key.id).copied().unwrap_or_default();
    let name = name(&key);
    let days = around.trends.get(key.id.as_str()).cloned();
    let days = days.unwrap_or_else(|| vec![0; usize::from(TREND_DAYS)]);
    let quiet = key.blocked || key.expires_at.is_some_and(|end| end <= now);
    let trend = words.with("keys-trend", &[("name", (&name).into())]);
    KeyRow {
        id: key.id.to_string(),
        href: visit.frame.to(&format!("/keys/{}", key.id)),
        tags: tags(&key).into_iter().take(2).collect(),
        mask: mask(&key),
        team: match &key.team_id {
            Some(_) => around.names.team(key.team_id.as_ref()),
            None => words.t("keys-no-team"),
        },
        owner: owner(words, &key, &around.names),
        status: status(words, &key, present.spend, now),
        money: lists::cell_of(words, Some(present.spend), &key.policy),
        spark: chart::spark(&days, if quiet { "mute" } else { "" }, &trend),
        last_used: match around.uses.get(&key.id) {
            Some(at) => visit.clock.ago(*at),
            None => plain(&words.t("never")),
        },
        ends: ends(words, &key, now),
        ends_soon: ends_soon(&key, now),
        name,
    }
}

/// Its alias, or how its secret ends.
pub(crate) fn name(key: &VirtualKey) -> String {
    key.alias.clone().unwrap_or_else(|| mask(key))
}

/// `sk-…x7Qm`
pub(super) fn mask(key: &VirtualKey) -> String {
    format!("sk-…{}", key.last_four)
}

/// Its environment and its tags.
pub(super) fn tags(key: &VirtualKey) -> Vec<String> {
    key.environment
        .iter()
        .chain(&key.policy.tags)
        .cloned()
        .collect()
}

/// Whose it is.
pub(super) fn owner(words: Words, key: &VirtualKey, names: &Names) -> String {
    if key.service_account_id.is_some() {
        words.t("service-account")
    } else if key.user_id.is_some() {
        names.person(key.user_id.as_ref())
    } else {
        words.t("nobodys")
    }
}

fn ends_soon(key: &VirtualKey, now: TimestampMs) -> bool {
    key.expires_at
        .is_some_and(|end| end > now && end.0.saturating_sub(now.0) <= WEEK_MS)
}

fn ends(words: Words, key: &VirtualKey, now: TimestampMs) -> String {
    key.expires_at
        .map_or_else(|| words.t("never"), |end| relative(words, end, now))
}

/// Whether it works, and what one should know of it.
pub(super) fn status(words: Words, key: &VirtualKey, spent: NanoUsd, now: TimestampMs) -> Markup {
    let is_over = key
        .policy
        .hard_budget()
        .is_some_and(|budget| spent >= budget.limit_nanousd);
    let (tone, id) = if key.blocked {
        (Tone::Danger, "state-blocked")
    } else if key.expires_at.is_some_and(|end| end <= now) {
        (Tone::Plain, "state-expired")
    } else if is_over {
        (Tone::Danger, "state-over")
    } else if ends_soon(key, now) {
        (Tone::Warn, "state-ending")
    } else {
        (Tone::Ok, "state-active")
    };
    badge(tone, &words.t(id))
}

/// `of $5,000 / month`
pub(crate) fn limit(words: Words, budget: &Budget) -> String {
    let limit = figures::limit(words, budget.limit_nanousd);
    let window = budget
        .window
        .map(|window| window_word(words, &window.to_string()));
    let told = [
        ("limit", (&limit).into()),
        ("window", window.clone().unwrap_or_default().into()),
    ];
    words.with(
        if window.is_some() {
            "of-limit-window"
        } else {
            "of-limit"
        },
        &told,
    )
}

/// `month` for `1mo`; unusual ones as they are written.
pub(crate) fn window_word(words: Words, window: &str) -> String {
    match window {
        "1mo" | "30d" => words.t("window-month"),
        "1w" | "7d" => words.t("window-week"),
        "1d" => words.t("window-day"),
        "1h" => words.t("window-hour"),
        other => other.to_owned(),
    }
}

/// How much of a budget is used.
pub(crate) fn bar(words: Words, spent: NanoUsd, limit: NanoUsd) -> Markup {
    let used = used(spent, limit);
    let share = percent(words, used);
    chart::bar(
        used,
        None,
        &words.with("budget-used", &[("share", (&share).into())]),
    )
}

/// The same in hundredths of a percent; all of it for a budget of nothing.
pub(crate) fn used(spent: NanoUsd, limit: NanoUsd) -> u64 {
    let whole = |amount: NanoUsd| u64::try_from(amount.0).unwrap_or(0);
    basis_points(whole(spent), whole(limit)).unwrap_or(10_000)
}
