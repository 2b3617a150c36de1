//! How a counter that an engine does not know comes to be trusted, step by step: opened, the journals
//! shipped, the ledger's sum read, seeded. What to do next is told; who does it is another's matter.
//!
//! The order is what makes it exact. Attempts under way are on the counter from the opening on, and
//! left out of the sum; what was settled before is in a journal, and in the ledger once every live
//! node has shipped what it had at the opening. Any step may fail and be done again.

use domain::directory::Revision;
use domain::money::NanoUsd;

use super::operation::{AttemptId, Opened, Seeded};

/// A counter on its way to be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Opens,
    Ships {
        attempts: Vec<AttemptId>,
        opening: u64,
    },
    Sums {
        attempts: Vec<AttemptId>,
        opening: u64,
    },
    Seeds {
        settled: NanoUsd,
        revision: Revision,
        opening: u64,
    },
    Ready,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next<'a> {
    /// Ask [`super::operation::Open`], with a new number; tell [`Opening::opened`].
    Open,
    /// Have every live node ship what is in its journal now; tell [`Opening::shipped`].
    Ship,
    /// Read the ledger's sum without these attempts; tell [`Opening::summed`].
    Sum {
        /// What the counter has already.
        except: &'a [AttemptId],
    },
    /// Ask [`super::operation::Seed`] with these; tell [`Opening::seeded`].
    Seed {
        /// What the ledger has.
        settled: NanoUsd,
        /// Corrections up to here are in it.
        revision: Revision,
        /// Which opening it answers.
        opening: u64,
    },
    /// Nothing: the counter is trusted.
    Nothing,
}

impl Default for Opening {
    fn default() -> Self {
        Self {
            stage: Stage::Opens,
        }
    }
}

impl Opening {
    /// What is to be done next. A step whose reply was lost is done again.
    #[must_use]
    pub fn next(&self) -> Next<'_> {
        match &self.stage {
            Stage::Opens => Next::Open,
            Stage::Ships { .. } => Next::Ship,
            Stage::Sums { attempts, .. } => Next::Sum { except: attempts },
            Stage::Seeds {
                settled,
                revision,
                opening,
            } => Next::Seed {
                settled: *settled,
                revision: *revision,
                opening: *opening,
            },
            Stage::Ready => Next::Nothing,
        }
    }

    /// The counter was opened, by this or by another.
    pub fn opened(&mut self, opened: Opened) {
        self.stage = match opened {
            Opened::Ready => Stage::Ready,
            Opened::Waits { attempts, opening } => Stage::Ships { attempts, opening },
        };
    }

    /// All that was in a journal when the counter was opened is in the ledger.
    pub fn shipped(&mut self) {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Opens) {
            Stage::Ships { attempts, opening } => Stage::Sums { attempts, opening },
            other => other,
        };
    }

    /// The ledger's sum, and the revision up to which corrections are in it.
    pub fn summed(&mut self, settled: NanoUsd, revision: Revision) {
        if let Stage::Sums { opening, .. } = self.stage {
            self.stage = Stage::Seeds {
                settled,
                revision,
                opening,
            };
        }
    }

    /// What the engine made of the seed: where it took nothing, all begins again.
    pub fn seeded(&mut self, seeded: Seeded) {
        self.stage = match seeded {
            Seeded::Ready => Stage::Ready,
            Seeded::Void => Stage::Opens,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits() -> Opened {
        let attempts = vec![AttemptId("req_1.1".into())];
        Opened::Waits {
            attempts,
            opening: 7,
        }
    }

    #[test]
    fn a_sum_is_read_only_after_the_journals_were_shipped_and_without_what_is_under_way() {
        let mut opening = Opening::default();
        assert_eq!(opening.next(), Next::Open);
        opening.opened(waits());
        opening.summed(NanoUsd(1), Revision(1));
        assert_eq!(opening.next(), Next::Ship);
        opening.shipped();
        let except = [AttemptId("req_1.1".into())];
        assert_eq!(opening.next(), Next::Sum { except: &except });
        opening.summed(NanoUsd(5), Revision(2));
        let (settled, revision) = (NanoUsd(5), Revision(2));
        assert_eq!(
            opening.next(),
            Next::Seed {
                settled,
                revision,
                opening: 7
            }
        );
        opening.seeded(Seeded::Ready);
        assert_eq!(opening.next(), Next::Nothing);
    }

    #[test]
    fn a_seed_that_was_not_taken_begins_all_again() {
        let mut opening = Opening::default();
        opening.opened(waits());
        opening.shipped();
        opening.summed(NanoUsd(5), Revision(2));
        opening.seeded(Seeded::Void);
        assert_eq!(opening.next(), Next::Open);
        opening.opened(Opened::Ready);
        assert_eq!(opening.next(), Next::Nothing);
    }
}
