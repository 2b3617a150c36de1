//! What the parts of the simulated fleet are made of.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use data_plane::counters::opening::Opening;
use data_plane::counters::operation::{AttemptId, Extend, Hold, Reserve, Settle};
use domain::directory::Revision;

/// Budgets with windows begin anew so often.
pub const WINDOW_MS: u64 = 20_000;
/// A hold without a sign of life is an orphan after this.
pub const TTL_MS: u64 = 5_000;
/// A node that is down for so long counts as dead: nobody waits for it.
pub const DEAD_MS: u64 = 1_500;
/// What a power loss may take of a journal: what is younger than this.
pub const SYNC_MS: u64 = 50;
pub const KEYS: usize = 4;

pub const SCOPES: [&str; 7] = [
    "key:a", "key:b", "key:c", "key:d", "team:one", "team:two", "org:o",
];

/// A key's scopes: itself, its team, its organization.
pub const fn scopes_of(key: usize) -> [usize; 3] {
    [key, KEYS + key / 2, 6]
}

/// A budget in the directory.
#[derive(Clone, Debug)]
pub struct Budget {
    pub scope: usize,
    pub windowed: bool,
    pub limit: i64,
    pub version: Revision,
    pub since: Revision,
}

/// The directory, as of a revision.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    pub revision: Revision,
    pub budgets: Vec<Budget>,
    pub blocked: BTreeSet<usize>,
}

/// What is really the case with an attempt, whoever knows it.
pub struct Truth {
    pub id: AttemptId,
    pub key: usize,
    pub node: usize,
    pub run: u64,
    /// What is held for it now.
    pub amount: i64,
    /// When, by the counters' clock, the counters gave it.
    pub reserved_at: Option<u64>,
    /// Whether its node knows that it holds.
    pub known: bool,
    /// What the provider bills.
    pub billed: Option<i64>,
    /// What its settle in a journal says.
    pub journaled: Option<i64>,
    /// Its journal's entries went with the power.
    pub lost: bool,
    /// Its charge in the ledger.
    pub ledger: Option<i64>,
}

/// A request on its way; it makes one attempt.
pub struct Request {
    pub attempt: usize,
    pub ask: Option<Reserve>,
    pub reserved_at: u64,
    pub tries: u32,
    pub is_uncertain: bool,
    pub stage: Stage,
}

pub enum Stage {
    Reserves,
    Opens(Box<Way>),
    Journals,
    Sends,
    Extends,
    Answers,
    Settles(i64),
}

/// A counter that a request waits for.
pub struct Way {
    pub hold: Hold,
    pub scope: usize,
    pub opening: Opening,
    /// The nodes that have yet to ship.
    pub to_ship: Option<Vec<usize>>,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub strand: usize,
    pub index: u64,
    pub at: u64,
    pub attempt: usize,
    /// A settle's charge; a dispatch has none.
    pub charge: Option<i64>,
    pub held: i64,
    pub reserved_at: u64,
}

/// A node: what is in its memory goes with a crash, its disk does not.
pub struct Node {
    pub is_up: bool,
    pub is_starting: bool,
    pub is_registered: bool,
    pub run: u64,
    pub epoch: u64,
    pub is_confirmed: bool,
    pub directory: Rc<Directory>,
    pub corrected_to: Revision,
    /// Its clock against the true one, and what it has learned of the counters'.
    pub skew_ms: i64,
    pub learned_ms: i64,
    pub requests: BTreeMap<usize, Request>,
    pub acknowledged: BTreeSet<usize>,
    pub to_settle: Vec<usize>,
    pub strand: usize,
    pub disk: Vec<Entry>,
    pub positions: BTreeMap<usize, u64>,
    pub recovery: Recovery,
}

/// How far a node that starts has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    Registers,
    Ends,
    Forgets,
    Ships,
    Settles,
    Done,
}

#[derive(Clone, Copy, Debug)]
pub enum Event {
    Client,
    Step {
        node: usize,
        run: u64,
        attempt: usize,
    },
    Ship {
        node: usize,
        run: u64,
    },
    Alive {
        node: usize,
        run: u64,
    },
    Sweep,
    Follow {
        node: usize,
        run: u64,
    },
    Reassert {
        node: usize,
        run: u64,
    },
    Recover {
        node: usize,
        run: u64,
    },
    Start {
        node: usize,
    },
    Dies {
        node: usize,
        run: u64,
    },
    Late(usize),
    Admin,
    Fault,
    ServerUp,
    LedgerUp,
}

/// What may come twice.
#[derive(Clone)]
pub enum Late {
    Reserve(Reserve),
    Settle(Settle),
    Seed(data_plane::counters::operation::Seed),
}

/// How much of what may happen does.
#[derive(Clone, Copy)]
pub struct Settings {
    pub seed: u64,
    pub events: u32,
    pub bug: Option<super::bug::Bug>,
}

/// Asks for more of an attempt.
pub fn extend(ask: &Reserve, amount: i64) -> Extend {
    Extend {
        attempt: ask.attempt.clone(),
        organization: ask.organization.clone(),
        amount: domain::money::NanoUsd(amount),
        holds: ask.holds.clone(),
    }
}
