//! In which order are a group's candidates tried? The closed set of strategies.

use std::sync::Arc;

use domain::routing::Strategy;
use domain::routing::shares::{self, Wish};

use crate::random;
use crate::route::candidate::Candidate;

/// Orders candidates, best first: those that rest after a failure last, then by `order`, and within
/// one order by the strategy; equals by chance. Every candidate appears, so that each can take over when those before it fail.
#[must_use]
pub fn order(strategy: Strategy, candidates: &[Arc<Candidate>]) -> Vec<Arc<Candidate>> {
    if let [only] = candidates {
        return vec![Arc::clone(only)];
    }
    let mut ordered: Vec<(u64, u64, Arc<Candidate>)> = match strategy {
        Strategy::SimpleShuffle => shuffled(candidates),
        Strategy::Latency => candidates
            .iter()
            .map(|candidate| {
                (
                    candidate.wish.order,
                    rank_by_latency(candidate),
                    Arc::clone(candidate),
                )
            })
            .collect(),
    };
    ordered.sort_by_cached_key(|(order, rank, candidate)| {
        (candidate.health.rests(), *order, *rank, random::bits())
    });
    ordered
        .into_iter()
        .map(|(_, _, candidate)| candidate)
        .collect()
}

/// One request of sixteen looks whether a deployment that was slow is still slow; the others go by
/// what is known.
fn rank_by_latency(candidate: &Candidate) -> u64 {
    let looks_again = candidate.health.is_stale() && random::below(16) == 0;
    if looks_again {
        0
    } else {
        candidate.health.average_us()
    }
}

fn shuffled(candidates: &[Arc<Candidate>]) -> Vec<(u64, u64, Arc<Candidate>)> {
    let wishes: Vec<Wish> = candidates.iter().map(|candidate| candidate.wish).collect();
    let left: Vec<_> = shares::weights(&wishes)
        .into_iter()
        .zip(candidates)
        .collect();
    let drawn = shares::drawn(left, random::below).into_iter();
    (0..)
        .zip(drawn)
        .map(|(rank, candidate)| (candidate.wish.order, rank, Arc::clone(candidate)))
        .collect()
}
