//! Reports of usage and spend, from the roll-ups: any grouping, any range, any time zone.
//!
//! A report adds up what the ledger has rolled up, so it agrees with the rows and with the budgets
//! to the nano-dollar. Corrections of spend (resets, imports) are no usage and are not in it.
//! Roll-ups are kept by quarters of an hour, which begin when the days of every time zone do: `from`
//! and `to` are widened to whole quarters, and the answer says to which.

pub(crate) mod conditions;
pub(crate) mod extent;
pub(crate) mod pieces;
pub(crate) mod query;

use domain::money::NanoUsd;
use domain::permissions::Scope;
use domain::time::TimestampMs;
use domain::windows::{TimeZone, Window};

/// What is asked of the ledger.
#[derive(Clone, Debug)]
pub struct UsageQuery {
    /// Usage of organizations and teams that may be seen; an owner sees their own.
    pub scope: Scope,
    /// From when; widened to the quarter of an hour that it lies in.
    pub from: TimestampMs,
    /// Until when, exclusive; widened likewise.
    pub to: TimestampMs,
    /// The zone whose days, weeks and months are meant.
    pub zone: TimeZone,
    /// By what it is split, outermost first; nothing gives one row. With [`Dimension::Tag`] a
    /// request counts once for each of its tags, and not at all without one.
    pub group_by: Vec<Dimension>,
    /// By which time it is split as well.
    pub bucket: Option<Bucket>,
    /// Only what has one of these words there; all that is said holds at once. The empty word is
    /// that of things without: keys without a team.
    pub filters: Vec<(Dimension, Vec<String>)>,
    /// What comes first.
    pub order: UsageOrder,
    /// How many rows at most.
    pub limit: i64,
    /// After which row: [`UsageReport::next`] of the page before.
    pub after: Option<String>,
    /// Whether to add up everything as well, beyond the page.
    pub total: bool,
}

impl UsageQuery {
    /// Everything of a range in one row, in UTC.
    #[must_use]
    pub fn sum(scope: Scope, from: TimestampMs, to: TimestampMs) -> Self {
        Self {
            scope,
            from,
            to,
            zone: TimeZone::default(),
            group_by: Vec::new(),
            bucket: None,
            filters: Vec::new(),
            order: UsageOrder::default(),
            limit: 1,
            after: None,
            total: false,
        }
    }
}

macro_rules! dimensions {
    ($($(#[$doc:meta])* $variant:ident = $word:literal in $column:literal,)+) => {
        /// By what usage can be split.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Dimension { $($(#[$doc])* $variant),+ }

        impl Dimension {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in queries and in heads of columns.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }

            /// Where it stands in a query whose dimensions are `d` and tags `g`.
            pub(crate) const fn column(self) -> &'static str {
                match self { $(Self::$variant => $column),+ }
            }
        }
    };
}

dimensions! {
    /// The organization's id.
    Organization = "organization" in "d.organization_id",
    /// The team's id; empty without one, as all that follow.
    Team = "team" in "d.team_id",
    /// The project's id.
    Project = "project" in "d.project_id",
    /// The key's id.
    Key = "key" in "d.key_id",
    /// The id of the person who owns the key.
    User = "user" in "d.user_id",
    /// The end user's name; `other` past the organization's bound.
    EndUser = "end_user" in "d.end_user",
    /// A tag; `other` past the organization's bound.
    Tag = "tag" in "g.tag",
    /// The key's environment.
    Environment = "environment" in "d.environment",
    /// The model group that answered, or was tried; empty when the request did not come so far.
    Group = "model_group" in "d.model_group",
    /// The vendor.
    Provider = "provider" in "d.provider",
    /// The vendor's name for the model.
    Model = "model" in "d.model",
    /// The deployment's id.
    Deployment = "deployment" in "d.deployment_id",
    /// `chat`, `text_completion`, `embeddings`.
    Operation = "operation" in "d.operation",
    /// The status that the caller got, in digits; `0` when its node died and nobody knows.
    Status = "status" in "CAST(d.status AS TEXT)",
}

impl Dimension {
    /// Whether the roll-ups by teams know it.
    pub(crate) const fn is_of_teams(self) -> bool {
        !matches!(
            self,
            Self::Project | Self::Key | Self::User | Self::EndUser | Self::Tag
        )
    }
}

/// By which spans of time usage is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bucket {
    /// By hours of the clock in UTC; zones that are off by a part of an hour see theirs begin at
    /// that part.
    Hour,
    /// By days of the zone.
    Day,
    /// By weeks of the zone, from Monday.
    Week,
    /// By months of the zone.
    Month,
}

impl Bucket {
    /// The word in queries.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Hour, Self::Day, Self::Week, Self::Month];
        all.into_iter().find(|bucket| bucket.as_str() == word)
    }

    /// The window that bounds it.
    pub(crate) fn window(self) -> Option<Window> {
        let text = match self {
            Self::Hour => "1h",
            Self::Day => "1d",
            Self::Week => "1w",
            Self::Month => "1mo",
        };
        text.parse().ok()
    }
}

/// What comes first in a report; within equals, what is earlier and then by the groups' words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UsageOrder {
    /// The earliest bucket, then by the groups' words.
    #[default]
    Time,
    /// The latest bucket.
    NewestFirst,
    /// What cost the most.
    Charge,
    /// What has the most requests.
    Requests,
    /// What has the most tokens.
    Tokens,
    /// What has the most failures.
    Failures,
}

/// Added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsageSums {
    /// Requests, each at the attempt that answered (the last), at the time when it came in.
    pub requests: u64,
    /// Those of them whose caller got a status of 400 or above, or whose node died.
    pub failures: u64,
    /// Attempts, at the time when their money was reserved; as all that follows but the duration.
    pub attempts: u64,
    /// Input text without a cache.
    pub input_tokens: u64,
    /// Input read from a cache.
    pub cache_read_tokens: u64,
    /// Input written to a cache for 5 minutes.
    pub cache_write_tokens: u64,
    /// Input written to a cache for an hour.
    pub cache_write_1h_tokens: u64,
    /// Audio in the input.
    pub audio_input_tokens: u64,
    /// Images in the input.
    pub image_input_tokens: u64,
    /// Output text.
    pub output_tokens: u64,
    /// Output spent on reasoning.
    pub reasoning_tokens: u64,
    /// Audio in the output.
    pub audio_output_tokens: u64,
    /// What is charged.
    pub charge_nanousd: NanoUsd,
    /// The part of it that was estimated, because the provider did not say.
    pub estimated_nanousd: NanoUsd,
    /// The part of it that is held for attempts whose node died.
    pub orphaned_nanousd: NanoUsd,
    /// How long the requests took, added up.
    pub duration_ms: u64,
}

impl UsageSums {
    /// All input tokens.
    #[must_use]
    pub const fn prompt_tokens(&self) -> u64 {
        self.input_tokens
            .saturating_add(self.cache_read_tokens)
            .saturating_add(self.cache_write_tokens)
            .saturating_add(self.cache_write_1h_tokens)
            .saturating_add(self.audio_input_tokens)
            .saturating_add(self.image_input_tokens)
    }

    /// All output tokens.
    #[must_use]
    pub const fn completion_tokens(&self) -> u64 {
        self.output_tokens
            .saturating_add(self.reasoning_tokens)
            .saturating_add(self.audio_output_tokens)
    }
}

/// A row of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    /// When its bucket begins (a bucket may begin before `from`); none without buckets.
    pub bucket_starts_at: Option<TimestampMs>,
    /// The words of the groups, in the order in which they were asked for.
    pub groups: Vec<String>,
    /// What was added up.
    pub sums: UsageSums,
}

/// A page of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageReport {
    /// The rows; groups and buckets without usage have none.
    pub rows: Vec<UsageRow>,
    /// What the next page comes after; none at the end.
    pub next: Option<String>,
    /// Everything together, when that was asked; a request counts once, whatever its tags.
    pub total: Option<UsageSums>,
    /// From when it was counted.
    pub from: TimestampMs,
    /// Until when, exclusive.
    pub to: TimestampMs,
}
