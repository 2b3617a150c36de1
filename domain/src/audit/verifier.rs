//! What is wrong with a log? Entries come in by their number, and every fault is told.

use std::collections::BTreeSet;
use std::fmt;

use super::{Anchor, AuditKey, ChainedEntry, Mac};

/// Something that was done to the log, or to its anchors, from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The entry is not the one that was written here: it, or the link of the one before it, was
    /// edited, inserted, moved or given another number.
    Edited {
        /// The entry's number.
        sequence: i64,
    },
    /// Entries are not there. Whether the next one is right cannot be said without them.
    Missing {
        /// The first.
        first: i64,
        /// The last.
        last: i64,
    },
    /// The entry's number is not greater than the one before it: it was inserted or moved.
    OutOfOrder {
        /// The entry's number.
        sequence: i64,
    },
    /// The entry's link is not the one that was anchored: the log was written anew.
    NotAsAnchored {
        /// The entry's number.
        sequence: i64,
    },
    /// The log ends before its last anchor.
    TailCut {
        /// The first entry that is gone.
        first: i64,
        /// The last that is known of; there may have been more.
        last: i64,
    },
    /// The entry holds what was never written here: text in place of a number, a time before 1970.
    Unreadable {
        /// The entry's number, as far as it can be told.
        sequence: i64,
    },
    /// The database's own note of its last entry does not fit the entries.
    NotTheHead {
        /// The entry that it names.
        sequence: i64,
    },
    /// The anchor was edited, or sealed under another key.
    AnchorEdited {
        /// The number that it has now.
        sequence: i64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited { sequence } => write!(
                f,
                "entry {sequence} is not as it was written: it or the link before it was edited, inserted or moved"
            ),
            Self::Missing { first, last } => write!(f, "entries {first} to {last} are missing"),
            Self::OutOfOrder { sequence } => {
                write!(f, "entry {sequence} stands where it does not belong")
            }
            Self::NotAsAnchored { sequence } => write!(
                f,
                "entry {sequence} is not the one that was anchored: the log was written anew"
            ),
            Self::TailCut { first, last } => {
                write!(
                    f,
                    "the end of the log is cut off: entries {first} to {last} at least"
                )
            }
            Self::Unreadable { sequence } => write!(
                f,
                "entry {sequence} holds what was never written here: it was edited or inserted"
            ),
            Self::NotTheHead { sequence } => write!(
                f,
                "the database notes entry {sequence} as its last, and that does not fit the entries: the note was edited, or entries were cut off"
            ),
            Self::AnchorEdited { sequence } => write!(
                f,
                "the anchor of entry {sequence} was edited, or belongs to another key"
            ),
        }
    }
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// How many entries were looked at.
    pub entries: u64,
    /// The number of the last one; 0 for an empty log.
    pub last_sequence: i64,
    /// Up to here the end of the log is vouched for. Whether entries after the last anchor were
    /// cut off cannot be known.
    pub last_anchored: Option<i64>,
    /// What was found, in the order of the log. Empty means: all is as it was written.
    pub faults: Vec<Fault>,
}

/// Reads a log once, from its first entry to its last, and keeps only where it stands.
pub struct Verifier {
    /// Oldest first; once a newer one was used, older ones do not count any more.
    keys: Vec<AuditKey>,
    key_index: usize,
    anchors: BTreeSet<(i64, Mac)>,
    at: (i64, Mac),
    entries: u64,
    faults: Vec<Fault>,
}

impl Verifier {
    /// A verifier of a whole log. `keys` are all keys under which it was written, the oldest
    /// first; one is enough if it never changed.
    #[must_use]
    pub fn new(keys: Vec<AuditKey>, anchors: &[Anchor]) -> Self {
        let mut verifier = Self {
            keys,
            key_index: 0,
            anchors: BTreeSet::new(),
            at: (0, Mac::GENESIS),
            entries: 0,
            faults: Vec::new(),
        };
        for anchor in anchors {
            if verifier.keys.iter().any(|key| key.is_ours(anchor)) {
                verifier.anchors.insert((anchor.sequence, anchor.mac));
            } else {
                let sequence = anchor.sequence;
                verifier.faults.push(Fault::AnchorEdited { sequence });
            }
        }
        verifier
    }

    /// The same for the rest of a log whose beginning, up to and with the anchor's entry, was
    /// removed on purpose (its time of keeping was over).
    #[must_use]
    pub fn after(start: &Anchor, keys: Vec<AuditKey>, anchors: &[Anchor]) -> Self {
        let later: Vec<Anchor> = anchors
            .iter()
            .filter(|anchor| anchor.sequence > start.sequence)
            .copied()
            .collect();
        let mut verifier = Self::new(keys, &later);
        if !verifier.keys.iter().any(|key| key.is_ours(start)) {
            let sequence = start.sequence;
            verifier.faults.push(Fault::AnchorEdited { sequence });
        }
        verifier.at = (start.sequence, start.mac);
        verifier
    }

    /// Takes the next entry, in the order in which the log is kept.
    pub fn entry(&mut self, entry: &ChainedEntry) {
        let (last, previous) = self.at;
        let sequence = entry.sequence;
        self.entries += 1;
        if sequence <= last {
            self.faults.push(Fault::OutOfOrder { sequence });
            return;
        }
        let next = last.saturating_add(1);
        if sequence > next {
            let last = sequence - 1;
            self.faults.push(Fault::Missing { first: next, last });
        } else if !self.follows(previous, entry) {
            self.faults.push(Fault::Edited { sequence });
        }
        let anchored = (sequence, Mac::GENESIS)..(sequence.saturating_add(1), Mac::GENESIS);
        if self
            .anchors
            .range(anchored)
            .any(|(_, mac)| !mac.is(entry.mac))
        {
            self.faults.push(Fault::NotAsAnchored { sequence });
        }
        self.at = (sequence, entry.mac);
    }

    /// Takes notice of the next entry, which cannot be read; its link, if that can be, so that the
    /// entry after it can be judged.
    pub fn unreadable(&mut self, sequence: i64, mac: Option<Mac>) {
        self.entries += 1;
        self.faults.push(Fault::Unreadable { sequence });
        if sequence > self.at.0 {
            self.at = (sequence, mac.unwrap_or(Mac::GENESIS));
        }
    }

    fn follows(&mut self, previous: Mac, entry: &ChainedEntry) -> bool {
        let right = |key: &AuditKey| {
            key.chain(previous, entry.sequence, &entry.entry)
                .is(entry.mac)
        };
        let found = self.keys.iter().skip(self.key_index).position(right);
        self.key_index += found.unwrap_or(0);
        found.is_some()
    }

    /// Says what was found, when the log is at its end.
    #[must_use]
    pub fn finish(mut self) -> Verification {
        let (last_sequence, _) = self.at;
        let last_anchored = self.anchors.last().map(|(sequence, _)| *sequence);
        if let Some(last) = last_anchored.filter(|anchored| *anchored > last_sequence) {
            let first = last_sequence.saturating_add(1);
            self.faults.push(Fault::TailCut { first, last });
        }
        Verification {
            entries: self.entries,
            last_sequence,
            last_anchored,
            faults: self.faults,
        }
    }
}
