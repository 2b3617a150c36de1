//! What may be asked of counters, and what they answer. Amounts are nano-dollars, times are
//! milliseconds by the counters' own clock (Redis's, or this node's).

use std::sync::Arc;

use domain::directory::Revision;
use domain::money::NanoUsd;
use domain::time::TimestampMs;

/// A counter of money: one scope, of all models or one, in one window of one budget's kind.
///
/// Its text is its name in both engines: `key:key_01…/30d@658`, `team:team_01…/life`,
/// `key:key_01…*gpt-4o/1d@20414`. A window's number is part of the name: there is no reset job.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CounterName(pub Arc<str>);

/// One attempt at a provider: `req_….1`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttemptId(pub Arc<str>);

/// What one attempt asks for; all of it is given, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// Which attempt. Asking twice gives it once.
    pub attempt: AttemptId,
    /// The organization: counters of one organization lie together.
    pub organization: Arc<str>,
    /// The most that the attempt may cost.
    pub amount: NanoUsd,
    /// How long the engine waits for a sign of life before it counts the attempt as orphaned.
    pub time_to_live_ms: u64,
    /// The scopes whose spend the attempt is, each as `key:key_01…` and as `key:key_01…*group`: a
    /// counter that is opened later finds the attempt by them.
    pub scopes: Arc<[Arc<str>]>,
    /// Counters that the amount is held on.
    pub holds: Vec<Hold>,
    /// Rates that it takes from; only the first attempt of a request names them.
    pub buckets: Vec<Bucket>,
    /// Parallel requests that it is one of; only the first attempt of a request names them.
    pub slots: Vec<Slot>,
    /// Ids that must not have been revoked: the key, and all that is above it.
    pub revocable: Arc<[Arc<str>]>,
    /// As of which revision of the directory the holds were looked up. A node that does not yet
    /// know of a budget would spend past its counter: see [`Reserved::Outdated`].
    pub as_of: Revision,
}

/// A part of a [`Reserve`]: money on one counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Which counter.
    pub counter: CounterName,
    /// The most that it may come to; none where it is only watched (`shadow`, `soft`).
    pub limit: Option<NanoUsd>,
    /// As of which revision the limit holds: the newest that an engine has heard of wins.
    pub version: Revision,
    /// Since which revision every attempt in the scope names this counter: the one that put a
    /// budget on a scope that was there before; 0 where the scope came with its budget. A counter
    /// that was opened for an older one (the budget was taken away and came back) is not known.
    pub since: Revision,
    /// The counter's window: its first millisecond, and the first of the next.
    pub window: (TimestampMs, TimestampMs),
    /// The counter of the window before. Where an engine has that one, seeded, and not this one,
    /// this one begins at 0 without the ledger: whoever spends in a window names its counter.
    pub previous: Option<CounterName>,
}

/// A part of a [`Reserve`]: a token bucket, whose size is the limit. It fills up in
/// `ticks` × `tick_ms`, evenly. Levels are kept in whole `1/ticks`, so that nothing is rounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// `key:key_01…/rpm`.
    pub name: Arc<str>,
    /// What is taken.
    pub cost: u64,
    /// The size, and what comes in over the whole time.
    pub capacity: u64,
    /// How long a tick is.
    pub tick_ms: u64,
    /// How many ticks fill it.
    pub ticks: u64,
}

impl Bucket {
    /// The largest size that counts: nobody reaches it, and in the smallest parts of a day it is still
    /// a whole number in Redis's scripts, which count in floating point (below 2^53).
    pub const LARGEST: u64 = 100_000_000_000;
}

/// A part of a [`Reserve`]: one of so many requests at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// `key:key_01…/parallel`.
    pub name: Arc<str>,
    /// The most at the same time.
    pub limit: u64,
}

/// What became of a [`Reserve`]. Everything but [`Reserved::Admitted`] has changed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// It is held.
    Admitted(Admitted),
    /// This attempt holds already: the answer to an earlier question was lost.
    AlreadyHeld {
        /// When it was reserved.
        at: TimestampMs,
    },
    /// This attempt has been settled.
    AlreadySettled,
    /// A counter was opened for a budget that came with this revision, and the holds were looked up
    /// before it: look them up again.
    Outdated(Revision),
    /// The n-th of [`Reserve::revocable`] has been revoked.
    Revoked(usize),
    /// These of [`Reserve::holds`] are not known: open and seed them, then ask again.
    Unknown(Vec<usize>),
    /// The n-th hold names a window that is over, or has not begun, by the counters' clock.
    WrongWindow {
        /// Which.
        hold: usize,
        /// What time it is.
        now: TimestampMs,
    },
    /// The n-th hold does not fit.
    OverBudget {
        /// Which.
        hold: usize,
        /// The limit that holds.
        limit: NanoUsd,
        /// How the counter stands.
        standing: Balance,
    },
    /// The n-th bucket has not enough.
    OverRate {
        /// Which.
        bucket: usize,
        /// When it has; the time in which it fills, if it is too small for it.
        retry_after_ms: u64,
        /// What is in it now, whole units.
        level: i64,
    },
    /// The n-th slot's requests are as many as may be.
    OverParallel {
        /// Which.
        slot: usize,
    },
}

/// What is held, and how things stand now, in the order of what was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admitted {
    /// By the counters' clock.
    pub at: TimestampMs,
    /// Each counter, with this hold.
    pub balances: Vec<Balance>,
    /// What each bucket has left, whole units; below zero after a correction.
    pub levels: Vec<i64>,
}

/// How a counter stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Settled.
    pub settled: NanoUsd,
    /// Held by attempts that are under way.
    pub reserved: NanoUsd,
    /// Held by attempts whose node gave no sign of life for too long.
    pub orphaned: NanoUsd,
}

impl Balance {
    /// All of it: what counts against the limit.
    #[must_use]
    pub const fn used(self) -> NanoUsd {
        let used = self.settled.0.saturating_add(self.reserved.0);
        NanoUsd(used.saturating_add(self.orphaned.0))
    }
}

/// Makes an attempt's hold larger (a stream that goes on) or smaller, on every counter it is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extend {
    /// Which attempt.
    pub attempt: AttemptId,
    /// Whose.
    pub organization: Arc<str>,
    /// The new amount.
    pub amount: NanoUsd,
    /// The same holds as when it was reserved, for their limits.
    pub holds: Vec<Hold>,
}

/// What became of an [`Extend`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extended {
    /// The hold is as asked.
    Held,
    /// It would pass the n-th hold's limit; it is as it was.
    OverBudget {
        /// Which.
        hold: usize,
        /// The limit that holds.
        limit: NanoUsd,
        /// How the counter stands.
        standing: Balance,
    },
    /// These of the holds are not known any more, and more is asked: open and seed them, then ask
    /// again; it is as it was.
    Unknown(Vec<usize>),
    /// There is no such hold: it has been settled, or the engine lost it.
    NoSuchAttempt,
}

/// The end of an attempt: its charge takes the place of its hold. Doing it twice does it once.
///
/// A request that ends without a hold (its first attempt was settled, and its second refused) gives
/// back with a settle of the refused attempt, at 0 and with no counters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settle {
    /// Which attempt.
    pub attempt: AttemptId,
    /// Whose.
    pub organization: Arc<str>,
    /// What it is charged: 0 releases it. Above the hold is settled as it is.
    pub charge: NanoUsd,
    /// When it was reserved, by the counters' clock.
    pub reserved_at: TimestampMs,
    /// The counters that it was held on when it was reserved: for an engine that lost it. An engine
    /// that has it knows better (a counter may have been opened since).
    pub counters: Vec<CounterName>,
    /// What else the request's end gives back; empty but for its last attempt.
    pub gives_back: GivesBack,
}

/// What a request gives back at its end beside money.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivesBack {
    /// Buckets, and what was taken too much (or, below zero, too little).
    pub buckets: Vec<(Bucket, i64)>,
    /// Slots that become free; the slot's member is the first attempt's id.
    pub slots: Vec<Slot>,
    /// The first attempt, which took the slots.
    pub first_attempt: Option<AttemptId>,
}

/// What became of a [`Settle`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The charge counts.
    Done,
    /// It counted already.
    AlreadySettled,
    /// The engine had lost the attempt. Whether the named counters have the charge cannot be known
    /// (the ledger's sum may have had it): they are forgotten, and take it from the ledger when they
    /// are opened again. The journal has it, so nothing is missed.
    WasLost,
}

/// Begins a counter: from now on attempts under way that belong to it are on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Which counter.
    pub counter: CounterName,
    /// Whose.
    pub organization: Arc<str>,
    /// `key:key_01…` or `key:key_01…*group`: what attempts under way are found by.
    pub scope: Arc<str>,
    /// Its window: attempts count by when they were reserved.
    pub window: (TimestampMs, TimestampMs),
    /// As [`Hold::since`].
    pub since: Revision,
    /// A number by chance that tells this opening from others.
    pub opening: u64,
}

/// How a counter was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// Somebody has seeded it already: it is ready.
    Ready,
    /// It waits to be seeded. The ledger's sum, read after this, is to leave these attempts out.
    Waits {
        /// Every attempt that held on it at any time since it was opened, settled since or not,
        /// sorted: the counter has them.
        attempts: Vec<AttemptId>,
        /// The number of the opening that counts: of the first that asked.
        opening: u64,
    },
}

/// Gives an opened counter what the ledger has. The first one counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// Which counter.
    pub counter: CounterName,
    /// Whose.
    pub organization: Arc<str>,
    /// What the ledger has.
    pub settled: NanoUsd,
    /// Corrections up to here are in it.
    pub revision: Revision,
    /// Which opening it answers: [`Opened::Waits`].
    pub opening: u64,
}

/// What became of a [`Seed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seeded {
    /// The counter is ready, by this or by an earlier one.
    Ready,
    /// The counter was lost, or opened anew, since: it took nothing. Open it again.
    Void,
}

/// A correction of a counter: a reset, an import. It counts where it is newer than what the counter
/// was seeded with; a counter that is not there, or waits to be seeded (its sum may have been read
/// before), is to be opened, and takes it from the ledger. Whoever corrects does so in the order of
/// the revisions, and after the ledger has the correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correct {
    /// Which counter.
    pub counter: CounterName,
    /// Whose.
    pub organization: Arc<str>,
    /// Its window.
    pub window: (TimestampMs, TimestampMs),
    /// What is added.
    pub amount: NanoUsd,
    /// Which revision made it; several of one revision are added up before.
    pub revision: Revision,
}
