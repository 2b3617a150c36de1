//! Settled requests for the tests of reports: random ones, put into the real ledger.

use domain::ids::{KeyId, OrganizationId, RequestId, TeamId, UserId};
use domain::ledger::{
    Appended, AttemptEntry, Batch, Ledger as _, ORPHANED, Payer, Position, RequestEntry,
};
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use domain::usage::Usage;
use domain::windows::Day;
use proptest::prelude::{Strategy, any};
use store::Store;

/// From which day on requests are made up, in UTC.
pub const FIRST_DAY: &str = "2026-03-27";

/// How many days. The clocks of Europe go forward in them.
pub const DAYS: u64 = 4;

const DAY_MS: u64 = 86_400_000;

/// Whose requests are made up.
#[derive(Clone, Debug)]
pub struct Whose {
    /// The organization.
    pub organization: OrganizationId,
    /// The team, if one.
    pub team: Option<TeamId>,
    /// The owner, if one.
    pub user: Option<UserId>,
    /// The key, if one.
    pub key: Option<KeyId>,
}

/// What is made up by chance of one request.
#[derive(Clone, Debug)]
pub struct Drawn {
    whose: usize,
    at_ms: u64,
    tags: usize,
    end_user: usize,
    status: usize,
    attempts: Vec<DrawnAttempt>,
}

#[derive(Clone, Debug)]
struct DrawnAttempt {
    model: usize,
    later_ms: u64,
    charge: i64,
    tokens: (u16, u16, u16),
    orphaned: bool,
}

/// Requests by chance, of so many payers.
pub fn drawn(payers: usize) -> impl Strategy<Value = Vec<Drawn>> {
    let attempt = (
        0..3_usize,
        0..900_000_u64,
        0..3_000_000_000_i64,
        any::<(u16, u16, u16)>(),
        0..20_u8,
    );
    let attempt = attempt.prop_map(|(model, later_ms, charge, tokens, chance)| DrawnAttempt {
        model,
        later_ms,
        charge,
        tokens,
        orphaned: chance == 0,
    });
    let attempts = proptest::collection::vec(attempt, 1..4);
    let request = (
        0..payers,
        0..DAYS * DAY_MS,
        0..3_usize,
        0..3_usize,
        0..4_usize,
        attempts,
    );
    let request = request.prop_map(|(whose, at_ms, tags, end_user, status, attempts)| Drawn {
        whose,
        at_ms,
        tags,
        end_user,
        status,
        attempts,
    });
    proptest::collection::vec(request, 20..60)
}

/// The moment at which the made-up days begin.
pub fn begins() -> TimestampMs {
    let day: Day = FIRST_DAY.parse().unwrap();
    day.begins_at(&domain::windows::TimeZone::default())
}

const MODELS: [(&str, &str, &str); 3] = [
    ("fast", "openai", "gpt-4o-mini"),
    ("clever", "anthropic", "claude-sonnet-4-5"),
    ("fast", "ollama", "llama3"),
];

/// The requests that were drawn.
pub fn entries(drawn: &[Drawn], whose: &[Whose]) -> Vec<RequestEntry> {
    let numbered = drawn.iter().enumerate();
    numbered
        .map(|(number, one)| entry(number, one, &whose[one.whose]))
        .collect()
}

fn entry(number: usize, drawn: &Drawn, whose: &Whose) -> RequestEntry {
    let at = TimestampMs(begins().0 + drawn.at_ms);
    let attempts = drawn.attempts.iter().zip(1..);
    let attempts: Vec<AttemptEntry> = attempts
        .map(|(one, number)| attempt(number, one, at))
        .collect();
    let tags: [&[&str]; 3] = [&[], &["prod"], &["prod", "batch"]];
    let status = [200, 200, 429, 502][drawn.status];
    RequestEntry {
        id: id(number, at),
        at,
        payer: Payer {
            organization_id: whose.organization.to_string(),
            key_id: whose.key.as_ref().map(ToString::to_string),
            team_id: whose.team.as_ref().map(ToString::to_string),
            project_id: None,
            user_id: whose.user.as_ref().map(ToString::to_string),
            end_user: [None, Some("ann"), Some("bob")][drawn.end_user].map(str::to_owned),
            tags: tags[drawn.tags]
                .iter()
                .map(|tag| (*tag).to_owned())
                .collect(),
            environment: None,
        },
        operation: "chat".to_owned(),
        asked_model: "fast".to_owned(),
        stream: false,
        status,
        code: (status >= 400).then(|| "upstream_unavailable".to_owned()),
        duration_ms: 1_250,
        overhead_us: 90,
        fallbacks: 0,
        call_id: None,
        attempts,
    }
}

/// The id of a request that came in at this moment; ids tell the time.
fn id(number: usize, at: TimestampMs) -> String {
    RequestId::new(at, u128::try_from(number).unwrap()).to_string()
}

fn attempt(number: u32, drawn: &DrawnAttempt, at: TimestampMs) -> AttemptEntry {
    let (group, provider, model) = MODELS[drawn.model];
    let (input, output, cached) = drawn.tokens;
    let outcome = if drawn.orphaned { ORPHANED } else { "ok" };
    AttemptEntry {
        number,
        reserved_at: TimestampMs(at.0 + drawn.later_ms),
        group: group.to_owned(),
        deployment_id: format!("dep_{model}"),
        provider: provider.to_owned(),
        model: model.to_owned(),
        outcome: outcome.to_owned(),
        status: Some(200),
        duration_ms: 1_000,
        first_byte_ms: Some(300),
        usage: Usage {
            input_tokens: u64::from(input),
            output_tokens: u64::from(output),
            cache_read_tokens: u64::from(cached),
            ..Usage::default()
        },
        charge_nanousd: NanoUsd(drawn.charge),
        priced: true,
        held_nanousd: NanoUsd(drawn.charge),
    }
}

/// One plain request of 0.2 dollars at this moment.
pub fn plain(number: usize, at: TimestampMs, whose: &Whose) -> RequestEntry {
    let drawn = Drawn {
        whose: 0,
        at_ms: 0,
        tags: 1,
        end_user: 1,
        status: 0,
        attempts: vec![DrawnAttempt {
            model: 0,
            later_ms: 0,
            charge: 200_000_000,
            tokens: (10, 5, 0),
            orphaned: false,
        }],
    };
    let mut plain = entry(number, &drawn, whose);
    plain.id = id(number, at);
    plain.at = at;
    plain.attempts[0].reserved_at = at;
    plain
}

/// Puts them into the ledger, as the shipper of one strand does.
pub async fn append(store: &Store, strand: &str, entries: Vec<RequestEntry>) {
    let from = store.position(strand.to_owned()).await.unwrap();
    let to = Position {
        segment: from.segment,
        offset_bytes: from.offset_bytes + 1,
    };
    let batch = Batch {
        strand: strand.to_owned(),
        from,
        to,
        entries,
    };
    let taken = store.append(batch).await.unwrap();
    assert_eq!(taken, Appended::Taken);
}
