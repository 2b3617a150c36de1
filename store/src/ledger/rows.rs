//! The rows of a batch: one for each request, one for each attempt.

use domain::ledger::{AttemptEntry, RequestEntry};
use domain::money::NanoUsd;
use domain::usage::ServiceTier;

use crate::connection::Connection;
use crate::error::Result;
use crate::insert::insert;
use crate::ledger::measures::{bounded, bounded_charge};
use crate::sql::{Cell, Given, Kind};

const REQUESTS: [(&str, Kind); 15] = [
    ("id", Kind::Text),
    ("at_ms", Kind::Number),
    ("dimension_id", Kind::Number),
    ("asked_model", Kind::Text),
    ("stream", Kind::Truth),
    ("code", Kind::Text),
    ("duration_ms", Kind::Number),
    ("overhead_us", Kind::Number),
    ("first_byte_ms", Kind::Number),
    ("fallbacks", Kind::Number),
    ("call_id", Kind::Text),
    ("attempts", Kind::Number),
    ("prompt_tokens", Kind::Number),
    ("completion_tokens", Kind::Number),
    ("charge_nanousd", Kind::Number),
];

const ATTEMPTS: [(&str, Kind); 22] = [
    ("request_id", Kind::Text),
    ("number", Kind::Number),
    ("reserved_at_ms", Kind::Number),
    ("dimension_id", Kind::Number),
    ("outcome", Kind::Text),
    ("status", Kind::Number),
    ("duration_ms", Kind::Number),
    ("first_byte_ms", Kind::Number),
    ("input_tokens", Kind::Number),
    ("output_tokens", Kind::Number),
    ("cache_read_tokens", Kind::Number),
    ("cache_write_tokens", Kind::Number),
    ("cache_write_1h_tokens", Kind::Number),
    ("audio_input_tokens", Kind::Number),
    ("image_input_tokens", Kind::Number),
    ("reasoning_tokens", Kind::Number),
    ("audio_output_tokens", Kind::Number),
    ("service_tier", Kind::Text),
    ("estimated", Kind::Truth),
    ("charge_nanousd", Kind::Number),
    ("priced", Kind::Truth),
    ("held_nanousd", Kind::Number),
];

/// Rows that are not written yet.
pub(super) struct Rows {
    requests: Given,
    attempts: Given,
}

impl Rows {
    pub fn new() -> Self {
        Self {
            requests: Given::new(&REQUESTS),
            attempts: Given::new(&ATTEMPTS),
        }
    }

    /// Adds a request and its attempts; the numbers are those of their combinations.
    pub fn add(&mut self, entry: &RequestEntry, number: i64, of_attempts: &[i64]) {
        self.requests.row(request(entry, number));
        for (attempt, number) in entry.attempts.iter().zip(of_attempts) {
            self.attempts.row(cells(&entry.id, attempt, *number));
        }
    }

    pub async fn write(self, connection: &mut Connection) -> Result<()> {
        for (table, given) in [("requests", self.requests), ("attempts", self.attempts)] {
            insert(connection, table, given).await?;
        }
        Ok(())
    }
}

fn request(entry: &RequestEntry, number: i64) -> [Cell; 15] {
    let attempts = || entry.attempts.iter();
    let sum = |of: fn(&AttemptEntry) -> u64| {
        let all = attempts().map(|attempt| bounded(of(attempt)));
        all.fold(0, u64::saturating_add)
    };
    let charges = attempts().map(|attempt| bounded_charge(attempt.charge_nanousd).0);
    let charge = NanoUsd(charges.fold(0, i64::saturating_add));
    let first_byte = entry.attempts.last().and_then(|last| last.first_byte_ms);
    [
        Cell::from(entry.id.as_str()),
        Cell::from(entry.at),
        Cell::from(number),
        Cell::from(entry.asked_model.as_str()),
        Cell::from(entry.stream),
        Cell::from(&entry.code),
        Cell::from(bounded(entry.duration_ms)),
        Cell::from(bounded(entry.overhead_us)),
        Cell::from(first_byte.map(bounded)),
        Cell::from(entry.fallbacks),
        Cell::from(&entry.call_id),
        Cell::from(u64::try_from(entry.attempts.len()).unwrap_or(u64::MAX)),
        Cell::from(sum(|attempt| attempt.usage.prompt_tokens())),
        Cell::from(sum(|attempt| attempt.usage.completion_tokens())),
        Cell::from(charge),
    ]
}

fn cells(request_id: &str, attempt: &AttemptEntry, number: i64) -> [Cell; 22] {
    let usage = &attempt.usage;
    // Most requests have none of these: a null takes no room.
    let rare = |count: u64| Cell::from((count > 0).then(|| bounded(count)));
    [
        Cell::from(request_id),
        Cell::from(attempt.number),
        Cell::from(attempt.reserved_at),
        Cell::from(number),
        Cell::from(attempt.outcome.as_str()),
        Cell::from(attempt.status.map(u64::from)),
        Cell::from(bounded(attempt.duration_ms)),
        Cell::from(attempt.first_byte_ms.map(bounded)),
        Cell::from(bounded(usage.input_tokens)),
        Cell::from(bounded(usage.output_tokens)),
        rare(usage.cache_read_tokens),
        rare(usage.cache_write_tokens),
        rare(usage.cache_write_1h_tokens),
        rare(usage.audio_input_tokens),
        rare(usage.image_input_tokens),
        rare(usage.reasoning_tokens),
        rare(usage.audio_output_tokens),
        Cell::Text(tier_word(usage.service_tier).map(str::to_owned)),
        Cell::from(usage.estimated),
        Cell::from(bounded_charge(attempt.charge_nanousd)),
        Cell::from(attempt.priced),
        Cell::from(bounded_charge(attempt.held_nanousd)),
    ]
}

/// The word of a service tier; none for the usual one. [`ServiceTier::from_word`] reads it.
const fn tier_word(tier: ServiceTier) -> Option<&'static str> {
    match tier {
        ServiceTier::Standard => None,
        ServiceTier::Flex => Some("flex"),
        ServiceTier::Priority => Some("priority"),
        ServiceTier::Batch => Some("batch"),
    }
}
