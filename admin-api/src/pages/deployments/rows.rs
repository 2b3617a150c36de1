//! Deployments as rows: what is known of each, and how it went in the last hour and the last day.

use std::collections::BTreeMap;

use domain::permissions::Action;
use domain::routing::{Origin, Strategy};
use domain::time::TimestampMs;
use store::usage::{Dimension, UsageQuery, UsageSums};
use web_ui::chart;
use web_ui::figures::{
    basis_points, count, duration, money, per_second, percent, price as price_text,
};
use web_ui::markup::{Markup, Tone, badge};
use web_ui::pages::deployments::DeploymentRow;
use web_ui::words::Words;

use crate::acting::{Acting, may};
use crate::actions::deployments::{KnownDeployment, Written};
use crate::actions::health::Health;
use crate::actions::pulse::{self, Minute, Pulse};
use crate::actions::usage;
use crate::error::ActionError;
use crate::pages::addresses::encoded;
use crate::pages::visit::Visit;

const DAY_MS: u64 = 86_400_000;
const HOUR_MS: u64 = 3_600_000;
const QUARTER_MS: u64 = 900_000;
const MINUTE_MS: u64 = 60_000;
/// From this share on, in hundredths of a percent, failures are many.
pub(in crate::pages::deployments) const MANY_FAILURES: u64 = 100;

/// The text of how one of several is chosen.
pub(in crate::pages::deployments) const fn strategy(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::SimpleShuffle => "dry-run-by-weight",
        Strategy::Latency => "dry-run-by-latency",
    }
}

type Reading = Visit<may::ReadDeployments>;
/// What a check found, by the deployments' ids.
pub(super) type Found = BTreeMap<String, Health>;

/// What the rows of a page have in common.
pub(super) struct Around {
    found: Found,
    traffic: BTreeMap<String, UsageSums>,
    /// The last hour, from the beginning of a quarter on, and how long that is.
    hour: BTreeMap<String, UsageSums>,
    hour_ms: u64,
    pulses: BTreeMap<String, Pulse>,
}

impl Around {
    /// The last day and the last hour by deployment; nothing for who may not see spend.
    pub(super) async fn of(visit: &Reading, found: Found) -> Result<Self, ActionError> {
        let Ok(reading) = visit.acting.also::<may::ReadSpend>() else {
            return Ok(Self {
                found,
                traffic: BTreeMap::new(),
                hour: BTreeMap::new(),
                hour_ms: 0,
                pulses: BTreeMap::new(),
            });
        };
        let now = visit.clock.now;
        let day_ago = TimestampMs(now.0.saturating_sub(DAY_MS));
        let hour_ago = now.0.saturating_sub(HOUR_MS);
        // Roll-ups know quarters of an hour: so many minutes more are looked at, and counted.
        let hour_ago = TimestampMs(hour_ago.saturating_sub(hour_ago % QUARTER_MS));
        Ok(Self {
            found,
            traffic: sums_since(&reading, day_ago, now).await?,
            hour: sums_since(&reading, hour_ago, now).await?,
            hour_ms: now.0.saturating_sub(hour_ago.0),
            pulses: pulse::last_hour(&reading, now).await?,
        })
    }
}

async fn sums_since(
    reading: &Acting<may::ReadSpend>,
    since: TimestampMs,
    now: TimestampMs,
) -> Result<BTreeMap<String, UsageSums>, ActionError> {
    let query = UsageQuery {
        group_by: vec![Dimension::Deployment],
        limit: usage::MOST_ROWS,
        ..UsageQuery::sum(reading.scope(), since, now)
    };
    let rows = usage::rows(reading, query).await?.into_iter();
    let each = rows.filter_map(|row| Some((row.groups.into_iter().next()?, row.sums)));
    Ok(each.collect())
}

/// How many attempts there were in a second of the last hour; `—` for who may not see that.
fn rate(words: Words, sums: &UsageSums, around: &Around) -> String {
    if around.hour_ms == 0 {
        return "—".to_owned();
    }
    per_second(words, sums.attempts, around.hour_ms)
}

/// How much of what the provider allows in a minute was used in a minute of the last hour, where
/// somebody said what it allows: the fuller of requests and tokens.
fn limit_used(words: Words, one: &KnownDeployment, (sums, span_ms): (&UsageSums, u64)) -> String {
    let Some(meant) = one.meant().filter(|_meant| span_ms > 0) else {
        return String::new();
    };
    let tokens = sums.prompt_tokens().saturating_add(sums.output_tokens);
    let used = |units: u64, limit: Option<u64>| {
        let in_a_minute = units.saturating_mul(MINUTE_MS) / span_ms;
        Some((basis_points(in_a_minute, limit?)?, limit?))
    };
    let told = |id: &str, (points, limit): (u64, u64)| {
        let told = [
            ("share", percent(words, points).into()),
            ("limit", count(words, limit).into()),
        ];
        words.with(id, &told)
    };
    match (used(sums.attempts, meant.rpm), used(tokens, meant.tpm)) {
        (Some(rpm), Some(tpm)) if tpm.0 > rpm.0 => told("limit-used-tpm", tpm),
        (Some(rpm), _) => told("limit-used-rpm", rpm),
        (None, Some(tpm)) => told("limit-used-tpm", tpm),
        (None, None) => String::new(),
    }
}

/// What a million tokens cost, in and out; empty where nobody knows.
pub(super) fn price(words: Words, one: &KnownDeployment) -> String {
    let Some(price) = one.price(one.facts().as_ref()) else {
        return String::new();
    };
    let rates = &price.standard.base;
    let (Some(input), Some(output)) = (rates.input, rates.output) else {
        return String::new();
    };
    let told = [
        ("input", price_text(words, input.per_million()).into()),
        ("output", price_text(words, output.per_million()).into()),
    ];
    words.with("price-per-million", &told)
}

pub(super) fn row(visit: &Reading, one: KnownDeployment, around: &Around) -> DeploymentRow {
    let words = visit.words();
    let id = one.id.to_string();
    let sums = around.traffic.get(&id).copied().unwrap_or_default();
    let hour = around.hour.get(&id).copied().unwrap_or_default();
    let failed = basis_points(sums.failures, sums.requests).unwrap_or(0);
    let model = one.params.get("model").and_then(|model| model.as_str());
    let name = match model {
        Some(model) if !model.is_empty() => model.to_owned(),
        _ => one.model_name.clone(),
    };
    let (status, why) = state(words, &one, around.found.get(&id), failed);
    let pulse = around.pulses.get(&id);
    let took = |ms: Option<u64>| ms.map_or_else(|| "—".to_owned(), |ms| duration(words, ms));
    let of_store = one.origin == Origin::Store;
    DeploymentRow {
        status,
        why,
        strip: strip(words, pulse),
        requests: count(words, sums.requests),
        rate: rate(words, &hour, around),
        limit: limit_used(words, &one, (&hour, around.hour_ms)),
        weight: weight(words, &one),
        p50: took(pulse.and_then(|pulse| pulse.p50_ms)),
        p95: took(pulse.and_then(|pulse| pulse.p95_ms)),
        errors: percent(words, failed),
        failing: failed >= MANY_FAILURES,
        spend: money(words, sums.charge_nanousd, 2),
        origin: words.t(if of_store {
            "origin-store"
        } else {
            "origin-file"
        }),
        href: match of_store && visit.may(Action::WriteDeployments) {
            true => visit.frame.to(&format!("/models/{}", encoded(&id))),
            false => String::new(),
        },
        blocked: one.blocked,
        test: words.with("test-one", &[("name", (&name).into())]),
        name,
        id,
    }
}

/// Its share, where somebody said one.
fn weight(words: Words, one: &KnownDeployment) -> String {
    let said = one.meant().and_then(|meant| meant.weight);
    said.map_or_else(String::new, |weight| {
        words.with("weight-of", &[("weight", count(words, weight).into())])
    })
}

/// The last hour, a mark for each minute.
fn strip(words: Words, pulse: Option<&Pulse>) -> Markup {
    let Some(pulse) = pulse else {
        return chart::uptime(&["none"; pulse::MINUTES], &words.t("pulse-quiet"));
    };
    let each = pulse.minutes.iter().map(|minute| match minute {
        Minute::Quiet => "none",
        Minute::Well => "ok",
        Minute::Partly => "warn",
        Minute::Badly => "err",
    });
    let told = [
        ("attempts", count(words, pulse.attempts).into()),
        ("failures", count(words, pulse.failures).into()),
    ];
    chart::uptime(&each.collect::<Vec<_>>(), &words.with("pulse", &told))
}

/// What one knows of it: that it is blocked or means nothing, what a check found, or how it went.
fn state(
    words: Words,
    one: &KnownDeployment,
    found: Option<&Health>,
    failed: u64,
) -> (Markup, String) {
    let shown = |tone, id: &str, why: String| (badge(tone, &words.t(id)), why);
    match (&one.meaning, found) {
        _ if one.blocked => shown(Tone::Danger, "state-drained", String::new()),
        (Written::Nothing(why), _) => shown(Tone::Danger, "state-unusable", why.clone()),
        (_, Some(Health::Healthy)) => shown(Tone::Ok, "state-answers", String::new()),
        (_, Some(Health::Unhealthy(why))) => shown(Tone::Danger, "state-silent", why.clone()),
        (_, None) if failed >= MANY_FAILURES => shown(Tone::Warn, "state-degraded", String::new()),
        (_, None) => shown(Tone::Ok, "state-active", String::new()),
    }
}
