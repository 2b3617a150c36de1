//! Three months of requests, as a data plane would have settled them: priced by the catalogue, with
//! errors, fallbacks, caches, one outage and one surge. The same seed and hour give the same figures.

use std::collections::BTreeMap;

use domain::ids::RequestId;
use domain::ledger::{AttemptEntry, Payer, RequestEntry};
use domain::money::NanoUsd;
use domain::prices::Price;
use domain::time::TimestampMs;
use domain::usage::Usage;
use domain::windows::TimeZone;

use crate::demo::cast::{Hours, Key};
use crate::demo::numbers::Numbers;
use crate::demo::shape::{self, HOUR_MS};

/// A deployment that requests went to.
#[derive(Clone)]
pub struct Way {
    /// The deployment.
    pub deployment_id: String,
    /// The vendor.
    pub provider: String,
    /// The vendor's name for the model.
    pub model: String,
    /// Its price in the catalogue.
    pub price: Option<Price>,
}

/// The deployments by the names that callers ask.
pub type Ways = BTreeMap<String, Vec<Way>>;

/// A key that is used.
pub struct Player {
    /// For what.
    pub key: Key,
    /// Whose spend it is.
    pub payer: Payer,
    /// On whose clock its users live.
    pub zone: TimeZone,
}

/// The hour before now in which one vendor answered nobody.
const OUTAGE_HOURS_AGO: [u64; 2] = [17 * 24 + 3, 17 * 24 + 1];
/// When agents ran wild.
const SURGE_HOURS_AGO: [u64; 2] = [9 * 24 + 8, 9 * 24];
const OUTAGE_OF: &str = "anthropic";
const SURGE_OF: &str = "coding-agents";

/// All requests until now, in their order.
#[must_use]
pub fn all(players: &[Player], ways: &Ways, now: TimestampMs, seed: u64) -> Vec<RequestEntry> {
    let mut entries = Vec::new();
    let (first, last) = (shape::begins(now), now.0 / HOUR_MS);
    for (place, player) in (1_u64..).zip(players) {
        let mut numbers = Numbers::of(seed.wrapping_mul(1_000).wrapping_add(place));
        for hour in first..=last {
            let usual = (player.key.per_day, player.key.hours);
            let mut count = shape::of_hour(hour, usual, (&player.zone, now), &mut numbers);
            if player.key.alias == SURGE_OF && is_within(SURGE_HOURS_AGO, last - hour) {
                count = count * 5 + 2;
            }
            for _request in 0..count {
                let at = TimestampMs(hour * HOUR_MS + numbers.below(HOUR_MS));
                // What would still run is left out.
                if at.0 + 90_000 < now.0 {
                    let is_out = is_within(OUTAGE_HOURS_AGO, last - hour);
                    entries.push(entry(player, ways, (at, is_out), &mut numbers));
                }
            }
        }
    }
    entries.sort_by(|one, other| one.at.cmp(&other.at).then_with(|| one.id.cmp(&other.id)));
    entries
}

const fn is_within([from, to]: [u64; 2], hours_ago: u64) -> bool {
    hours_ago <= from && hours_ago > to
}

fn entry(
    player: &Player,
    ways: &Ways,
    (at, is_out): (TimestampMs, bool),
    numbers: &mut Numbers,
) -> RequestEntry {
    let key = &player.key;
    let [usual, other] = key.models;
    let (asked, second) = if numbers.happens(1_300) {
        (other, usual)
    } else {
        (usual, other)
    };
    let streams = if key.hours == Hours::Customers {
        8_000
    } else {
        3_500
    };
    let mut request = RequestEntry {
        id: id(at, numbers),
        at,
        payer: Payer {
            end_user: (key.hours == Hours::Customers)
                .then(|| format!("customer-{:03}", numbers.below(7) * numbers.below(7))),
            ..player.payer.clone()
        },
        operation: "chat".to_owned(),
        asked_model: asked.to_owned(),
        stream: numbers.happens(streams),
        status: 200,
        code: None,
        duration_ms: 0,
        overhead_us: 60 + numbers.below(160),
        fallbacks: 0,
        call_id: None,
        attempts: Vec::new(),
    };
    if numbers.happens(55) {
        refuse(&mut request, 429, "rate_limit_exceeded");
        request.duration_ms = 1;
        return request;
    }
    let first = attempt(&request, key, (ways, asked), is_out, numbers);
    let failed = first.outcome != "ok";
    request.attempts.push(first);
    if failed && asked != second && !numbers.happens(1_500) {
        request.fallbacks = 1;
        let next = attempt(&request, key, (ways, second), is_out, numbers);
        request.attempts.push(next);
    }
    finish(&mut request);
    request
}

fn id(at: TimestampMs, numbers: &mut Numbers) -> String {
    let bits = (u128::from(numbers.any()) << 64) | u128::from(numbers.any());
    RequestId::new(at, bits).to_string()
}

/// What the caller got, by its last attempt.
fn finish(request: &mut RequestEntry) {
    let attempts = request.attempts.iter();
    request.duration_ms = attempts.map(|one| one.duration_ms + 1).sum();
    let outcome = request.attempts.last().map(|one| one.outcome.clone());
    match outcome.as_deref() {
        Some("upstream_timeout") => refuse(request, 504, "upstream_timeout"),
        Some("upstream_unavailable") => refuse(request, 502, "upstream_unavailable"),
        _ => {}
    }
}

fn refuse(request: &mut RequestEntry, status: u16, code: &str) {
    request.status = status;
    request.code = Some(code.to_owned());
}

fn attempt(
    request: &RequestEntry,
    key: &Key,
    (ways, group): (&Ways, &str),
    is_out: bool,
    numbers: &mut Numbers,
) -> AttemptEntry {
    let known = ways.get(group).map(Vec::as_slice).unwrap_or_default();
    let count = u64::try_from(known.len()).unwrap_or(0);
    // The first of several takes most.
    let place = numbers.below(count).min(numbers.below(count));
    let way = usize::try_from(place)
        .ok()
        .and_then(|place| known.get(place));
    let provider = way.map(|way| way.provider.clone()).unwrap_or_default();
    let is_down = is_out && provider == OUTAGE_OF;
    let begun = request
        .attempts
        .iter()
        .map(|one| one.duration_ms + 1)
        .sum::<u64>();
    let mut attempt = AttemptEntry {
        number: u32::try_from(request.attempts.len()).unwrap_or(0) + 1,
        reserved_at: TimestampMs(request.at.0 + begun),
        group: group.to_owned(),
        deployment_id: way.map(|way| way.deployment_id.clone()).unwrap_or_default(),
        provider,
        model: way.map(|way| way.model.clone()).unwrap_or_default(),
        outcome: "ok".to_owned(),
        status: Some(200),
        duration_ms: 240 + numbers.below(1_400),
        first_byte_ms: None,
        usage: Usage::default(),
        charge_nanousd: NanoUsd(0),
        priced: way.is_some_and(|way| way.price.is_some()),
        held_nanousd: NanoUsd(0),
    };
    if is_down || numbers.happens(95) {
        "upstream_unavailable".clone_into(&mut attempt.outcome);
        attempt.status = Some(if is_down { 529 } else { 503 });
    } else if numbers.happens(28) {
        "upstream_timeout".clone_into(&mut attempt.outcome);
        attempt.status = None;
        attempt.duration_ms = 60_000;
    } else {
        answered(&mut attempt, key, numbers);
        let price = way.and_then(|way| way.price.as_ref());
        let charge = price.map_or(NanoUsd(0), |price| price.charge(&attempt.usage));
        attempt.charge_nanousd = charge;
        attempt.held_nanousd = NanoUsd(charge.0.saturating_mul(3));
    }
    attempt
}

/// Tokens and times of an attempt that was answered.
fn answered(attempt: &mut AttemptEntry, key: &Key, numbers: &mut Numbers) {
    let [prompt, answer] = key.tokens;
    let (prompt, output) = (numbers.around(prompt), numbers.around(answer));
    let is_cached = prompt > 1_024 && numbers.happens(8_500);
    let cached = if is_cached {
        prompt * key.cached / 100
    } else {
        0
    };
    let of_anthropic = attempt.provider == "anthropic";
    let written = if of_anthropic && key.cached > 0 {
        prompt / 12
    } else {
        0
    };
    let thinks = attempt.group.starts_with("gpt-5");
    attempt.usage = Usage {
        input_tokens: prompt.saturating_sub(cached).saturating_sub(written),
        cache_read_tokens: cached,
        cache_write_tokens: written.min(prompt.saturating_sub(cached)),
        output_tokens: output,
        reasoning_tokens: if thinks { output / 2 } else { 0 },
        ..Usage::default()
    };
    let first = 160 + numbers.below(420) + (prompt - cached) / 180;
    let per_hundred_tokens = match attempt.provider.as_str() {
        "anthropic" => 760,
        "gemini" => 310,
        "mistral" => 420,
        "ollama" => 1_500,
        _ if thinks => 520,
        _ => 480,
    };
    attempt.first_byte_ms = Some(first);
    let written = attempt.usage.completion_tokens();
    attempt.duration_ms = first + written * (per_hundred_tokens + numbers.below(300)) / 100;
}
