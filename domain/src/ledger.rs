//! What the ledger takes and what it is asked: settled requests in batches, and sums of spend; the
//! door through which a data plane reaches it.
//!
//! A node writes what it settles to its journal first. A shipper moves the journal into the ledger:
//! rows, roll-ups and the journal's position in one transaction, so that nothing is lost or counted
//! twice. Sums are made of rows by [`AttemptEntry::reserved_at`], which is also what decides the
//! window of a budget: page, report and budget agree to the nano-dollar.

use serde::{Deserialize, Serialize};

use crate::directory::{Asked, Revision};
use crate::money::NanoUsd;
use crate::spend::{Adjustment, SpendScope};
use crate::time::TimestampMs;
use crate::usage::Usage;
use crate::windows::Window;

/// Roll-ups are kept by quarters of an hour: every calendar window of every zone begins at one.
pub const QUARTER_MS: u64 = 15 * 60 * 1_000;

/// A finished request, and its attempts. Whoever writes one down borrows its texts (`Text` is `&str`),
/// whoever reads one has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestEntry<Text = String> {
    /// `req_…`; made at the time `at`, which lists rely on.
    pub id: Text,
    /// When its head had been read.
    pub at: TimestampMs,
    /// To whom it belongs.
    pub payer: Payer<Text>,
    /// `chat`, `text_completion`, `embeddings`.
    pub operation: Text,
    /// The model's name as asked.
    pub asked_model: Text,
    /// Whether the answer was streamed.
    pub stream: bool,
    /// The status that the caller got; 499 when it was gone.
    pub status: u16,
    /// Our code of the error, none on success.
    pub code: Option<Text>,
    /// How long it took.
    pub duration_ms: u64,
    /// Time until the answer's head, less the time spent waiting for providers.
    pub overhead_us: u64,
    /// Fallbacks to other groups.
    pub fallbacks: u32,
    /// The caller's own id for it.
    pub call_id: Option<Text>,
    /// The attempts, in order.
    pub attempts: Vec<AttemptEntry<Text>>,
}

/// Whose spend a request is. Empty members are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer<Text = String> {
    /// The organization; everybody belongs to one.
    pub organization_id: Text,
    /// The virtual key; none with the master key and in open mode.
    pub key_id: Option<Text>,
    /// Its team.
    pub team_id: Option<Text>,
    /// Its project.
    pub project_id: Option<Text>,
    /// The person who owns it.
    pub user_id: Option<Text>,
    /// The end user, by the name that the request gave; `other` past the bound of an organization.
    pub end_user: Option<Text>,
    /// The tags of the key and its levels, and those of the request; each once.
    pub tags: Vec<Text>,
    /// The key's environment at that time.
    pub environment: Option<Text>,
}

/// One attempt at a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptEntry<Text = String> {
    /// 1 for the first.
    pub number: u32,
    /// When its money was reserved, by the counters' clock: decides the window and the quarter.
    pub reserved_at: TimestampMs,
    /// The model group.
    pub group: Text,
    /// The deployment.
    pub deployment_id: Text,
    /// The vendor.
    pub provider: Text,
    /// The vendor's name for the model.
    pub model: Text,
    /// `ok`, or what went wrong in one word; `orphaned` when its node died and nobody knows.
    pub outcome: Text,
    /// The provider's status, when it answered.
    pub status: Option<u16>,
    /// How long it took.
    pub duration_ms: u64,
    /// How long until the first byte (a stream's first event).
    pub first_byte_ms: Option<u64>,
    /// What was counted.
    pub usage: Usage,
    /// What is charged.
    pub charge_nanousd: NanoUsd,
    /// Whether there was a price.
    pub priced: bool,
    /// The most that was held for it.
    pub held_nanousd: NanoUsd,
}

/// What [`AttemptEntry::outcome`] says of an attempt whose node died: charged at what was held,
/// until somebody knows better.
pub const ORPHANED: &str = "orphaned";

/// What [`AttemptEntry::outcome`] says of a sum of attempts that a node made of their rows because
/// its disk's bound was near: money and tokens are exact, the number of requests is not.
pub const FOLDED: &str = "folded";

impl Payer {
    /// The scopes at which the request's spend is summed.
    #[must_use]
    pub fn scopes(&self) -> Vec<SpendScope> {
        use crate::spend::ScopeKind::{Key, Organization, Project, Team, User};
        let mut scopes = vec![SpendScope::new(Organization, self.organization_id.as_str())];
        let named = [
            (Key, &self.key_id),
            (Team, &self.team_id),
            (Project, &self.project_id),
            (User, &self.user_id),
        ];
        for (kind, id) in named {
            scopes.extend(id.iter().map(|id| SpendScope::new(kind, id.as_str())));
        }
        if let Some(user_id) = &self.user_id {
            let within = [Some(&self.organization_id), self.team_id.as_ref()];
            let within = within.into_iter().flatten();
            scopes.extend(within.map(|within| SpendScope::member(within, user_id)));
        }
        let organization_id = &self.organization_id;
        let end_user = self.end_user.iter();
        scopes.extend(end_user.map(|name| SpendScope::end_user(organization_id, name)));
        let tags = self.tags.iter();
        scopes.extend(tags.map(|tag| SpendScope::tag(organization_id, tag)));
        scopes
    }
}

impl RequestEntry {
    /// The charges of all attempts, added up.
    #[must_use]
    pub fn charge(&self) -> NanoUsd {
        let charges = self.attempts.iter().map(|attempt| attempt.charge_nanousd.0);
        NanoUsd(charges.fold(0, i64::saturating_add))
    }
}

/// A place in a strand of a journal: everything before it has been taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// The segment's number, from 0.
    pub segment: u64,
    /// The byte in it.
    pub offset_bytes: u64,
}

/// A part of one strand of a journal, to be taken whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The strand: one thread of one run of one node; never used twice.
    pub strand: String,
    /// Where the part begins: what the ledger has to have taken so far.
    pub from: Position,
    /// Where it ends.
    pub to: Position,
    /// Its settled requests.
    pub entries: Vec<RequestEntry>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It was taken.
    Taken,
    /// It was not: the ledger stands elsewhere (an answer was lost, or the ledger was restored). Go
    /// on from there.
    StandsAt(Position),
}

/// A sum of spend that a counter has to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Whose.
    pub scope: SpendScope,
    /// Of one model group only.
    pub model: Option<String>,
    /// The budget's window, by which corrections are found; none for all time.
    pub window: Option<Window>,
    /// From when, inclusive.
    pub from: TimestampMs,
    /// To when, exclusive.
    pub to: TimestampMs,
    /// Attempts (`req_….2`) that are counted elsewhere and left out here.
    pub except: Vec<String>,
}

/// Sums, each in the place of what was wanted, as of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
    /// Corrections up to here are in them.
    pub revision: Revision,
    /// Charges and corrections, added up.
    pub nanousd: Vec<NanoUsd>,
}

/// A correction, and the revision that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corrected {
    /// The revision.
    pub revision: Revision,
    /// The correction.
    pub adjustment: Adjustment,
}

/// Where a data plane's settled requests go, and where its counters begin. The store implements it.
pub trait Ledger: Send + Sync {
    /// Up to where the ledger has taken a strand; the beginning when it has taken nothing.
    fn position(&self, strand: String) -> Asked<'_, Position>;

    /// Takes a batch: rows, roll-ups and position in one transaction.
    fn append(&self, batch: Batch) -> Asked<'_, Appended>;

    /// Sums of spend, all as of one moment.
    fn sums(&self, wanted: Vec<Wanted>) -> Asked<'_, Sums>;

    /// Corrections that came after a revision, in the order of their revisions.
    fn corrections(&self, since: Revision) -> Asked<'_, Vec<Corrected>>;

    /// What attempts (`req_….2`) were charged; those that the ledger does not have are left out.
    fn charges(&self, attempts: Vec<String>) -> Asked<'_, Vec<(String, NanoUsd)>>;

    /// Those of these requests that the ledger has: asked before an old journal is taken up.
    fn known_requests(&self, ids: Vec<String>) -> Asked<'_, Vec<String>>;
}
