//! A report of usage as `/api/v1` shows it.

use std::collections::BTreeMap;

use domain::windows::{Day, TimeZone};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use store::usage::{Dimension, UsageRow, UsageSums};

/// A page of a report.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UsageBody {
    /// From when it was counted, RFC 3339: a beginning of a quarter of an hour.
    pub from: String,
    /// Until when, exclusive.
    pub until: String,
    /// Whose days are meant.
    pub time_zone: String,
    /// The rows. Groups and times without usage have none.
    pub items: Vec<UsageLine>,
    /// Everything together, beyond the page.
    pub total: Option<SumsBody>,
    /// Ask with it for the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// A row of a report.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UsageLine {
    /// When its hour, day, week or month begins, RFC 3339; null when it is not split by time.
    pub starts_at: Option<String>,
    /// The date in the zone on which it begins.
    pub date: Option<String>,
    /// The words of its groups, by dimension; empty for usage without one.
    pub groups: BTreeMap<String, String>,
    /// What was added up.
    pub sums: SumsBody,
}

macro_rules! sums {
    ($($(#[$doc:meta])* $field:ident: $type:ty = $from:expr;)+) => {
        /// Added up. Tokens stand in one member each.
        #[derive(Clone, Debug, Serialize, JsonSchema)]
        pub struct SumsBody { $($(#[$doc])* pub $field: $type,)+ }

        /// The names of [`SumsBody`]'s members, in order.
        const SUMS: &[&str] = &[$(stringify!($field)),+];

        impl From<UsageSums> for SumsBody {
            fn from(sums: UsageSums) -> Self {
                Self { $($field: $from(&sums),)+ }
            }
        }
    };
}

sums! {
    /// Requests, at the time when they came in.
    requests: u64 = |sums: &UsageSums| sums.requests;
    /// Those of them that failed.
    failures: u64 = |sums: &UsageSums| sums.failures;
    /// Attempts at providers, at the time when their money was reserved; as all that follows.
    attempts: u64 = |sums: &UsageSums| sums.attempts;
    /// Input text without a cache.
    input_tokens: u64 = |sums: &UsageSums| sums.input_tokens;
    /// Input read from a cache.
    cache_read_tokens: u64 = |sums: &UsageSums| sums.cache_read_tokens;
    /// Input written to a cache for 5 minutes.
    cache_write_tokens: u64 = |sums: &UsageSums| sums.cache_write_tokens;
    /// Input written to a cache for an hour.
    cache_write_1h_tokens: u64 = |sums: &UsageSums| sums.cache_write_1h_tokens;
    /// Audio in the input.
    audio_input_tokens: u64 = |sums: &UsageSums| sums.audio_input_tokens;
    /// Images in the input.
    image_input_tokens: u64 = |sums: &UsageSums| sums.image_input_tokens;
    /// Output text.
    output_tokens: u64 = |sums: &UsageSums| sums.output_tokens;
    /// Output spent on reasoning.
    reasoning_tokens: u64 = |sums: &UsageSums| sums.reasoning_tokens;
    /// Audio in the output.
    audio_output_tokens: u64 = |sums: &UsageSums| sums.audio_output_tokens;
    /// Dollars as decimal text.
    charge_usd: String = |sums: &UsageSums| sums.charge_nanousd.to_string();
    /// The part of it that was estimated, because the provider did not say.
    estimated_usd: String = |sums: &UsageSums| sums.estimated_nanousd.to_string();
    /// The part of it that is held for attempts whose node died.
    orphaned_usd: String = |sums: &UsageSums| sums.orphaned_nanousd.to_string();
    /// How long the requests took, added up.
    duration_ms: u64 = |sums: &UsageSums| sums.duration_ms;
}

impl UsageLine {
    /// A row of the store's.
    #[must_use]
    pub fn of(row: &UsageRow, group_by: &[Dimension], zone: &TimeZone) -> Self {
        let names = group_by.iter().map(|one| one.as_str().to_owned());
        Self {
            starts_at: row.bucket_starts_at.map(|at| at.to_rfc3339()),
            date: row.bucket_starts_at.map(|at| Day::at(at, zone).to_string()),
            groups: names.zip(row.groups.iter().cloned()).collect(),
            sums: row.sums.into(),
        }
    }

    /// Its cells by the names of their columns. Amounts are numbers in a table, written digit by digit.
    #[must_use]
    pub fn flat(&self) -> BTreeMap<String, Value> {
        let mut cells = BTreeMap::from([
            ("starts_at".to_owned(), json!(self.starts_at)),
            ("date".to_owned(), json!(self.date)),
        ]);
        let groups = self.groups.iter();
        cells.extend(groups.map(|(name, word)| (name.clone(), json!(word))));
        if let Ok(Value::Object(sums)) = serde_json::to_value(&self.sums) {
            cells.extend(sums);
        }
        cells
    }
}

/// The columns of a table.
#[must_use]
pub fn columns(group_by: &[Dimension], with_time: bool) -> Vec<&'static str> {
    let time: &[&'static str] = if with_time {
        &["starts_at", "date"]
    } else {
        &[]
    };
    let groups = group_by.iter().map(|one| one.as_str());
    let mut columns: Vec<&'static str> = time.iter().copied().chain(groups).collect();
    columns.extend(SUMS);
    columns
}
