//! A request in the ledger's words: as it is settled, and as an attempt is dispatched.

use std::time::Duration;

use domain::ledger::{AttemptEntry, ORPHANED, Payer, RequestEntry};
use domain::money::NanoUsd;
use domain::usage::Usage;

use crate::admit::RequestFacts;
use crate::admit::held::Held;
use crate::meter::Counted;
use crate::route::Choice;
use crate::settle::{AttemptRecord, Ended};
use crate::settlement_line::operation_name;

/// A settled request.
#[must_use]
pub fn settled<'a>(
    facts: &'a RequestFacts,
    payer: Payer<&'a str>,
    ended: &'a Ended,
    duration: Duration,
) -> RequestEntry<&'a str> {
    let ending = &ended.ending;
    RequestEntry {
        status: ending.status,
        code: ending.code,
        duration_ms: milliseconds(duration),
        overhead_us: u64::try_from(ending.overhead.as_micros()).unwrap_or(u64::MAX),
        fallbacks: ended.fallbacks,
        attempts: ended.attempts.iter().map(attempt).collect(),
        ..begun(facts, payer)
    }
}

/// A request with one attempt whose end nobody knows: charged at what is held.
#[must_use]
pub fn dispatched<'a>(
    facts: &'a RequestFacts,
    payer: Payer<&'a str>,
    choice: &'a Choice,
    held: &Held,
) -> RequestEntry<&'a str> {
    let attempt = AttemptEntry {
        outcome: ORPHANED,
        status: None,
        duration_ms: 0,
        first_byte_ms: None,
        usage: Usage {
            estimated: true,
            ..Usage::default()
        },
        charge_nanousd: held.fitted.amount,
        priced: choice.known.price.is_some(),
        ..chosen(choice, held)
    };
    RequestEntry {
        attempts: vec![attempt],
        ..begun(facts, payer)
    }
}

fn begun<'a>(facts: &'a RequestFacts, payer: Payer<&'a str>) -> RequestEntry<&'a str> {
    RequestEntry {
        id: facts.request_id.as_str(),
        at: facts.received,
        payer,
        operation: operation_name(facts.kind),
        asked_model: &facts.asked_model,
        stream: facts.stream,
        status: 0,
        code: None,
        duration_ms: 0,
        overhead_us: 0,
        fallbacks: 0,
        call_id: facts.call_id.as_deref(),
        attempts: Vec::new(),
    }
}

fn attempt(record: &AttemptRecord) -> AttemptEntry<&str> {
    let counted = record.counted.clone().unwrap_or_default();
    let Counted {
        usage,
        charge,
        priced,
    } = counted;
    AttemptEntry {
        outcome: record.outcome,
        status: record.status,
        duration_ms: milliseconds(record.duration),
        first_byte_ms: record.first_byte.map(milliseconds),
        usage,
        charge_nanousd: charge,
        priced,
        ..chosen(&record.choice, &record.held)
    }
}

fn chosen<'a>(choice: &'a Choice, held: &Held) -> AttemptEntry<&'a str> {
    AttemptEntry {
        number: held.number,
        reserved_at: held.reserved_at,
        group: &choice.group.name,
        deployment_id: choice.candidate.id.as_str(),
        provider: &choice.candidate.provider_name,
        model: &choice.model,
        outcome: "",
        status: None,
        duration_ms: 0,
        first_byte_ms: None,
        usage: Usage::default(),
        charge_nanousd: NanoUsd(0),
        priced: false,
        held_nanousd: held.fitted.amount,
    }
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
