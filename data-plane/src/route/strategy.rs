//! In which order are a group's candidates tried? The closed set of strategies.

use std::sync::Arc;

use domain::routing::Strategy;

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
                    candidate.order,
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

/// Draws without replacement, each draw weighted. A weight of 0 comes last: LiteLLM never picks
/// it, here it may still take over when all others have failed.
fn shuffled(candidates: &[Arc<Candidate>]) -> Vec<(u64, u64, Arc<Candidate>)> {
    let weights = weights(candidates);
    let mut left: Vec<(u64, &Arc<Candidate>)> = weights.into_iter().zip(candidates).collect();
    let mut drawn = Vec::with_capacity(left.len());
    for rank in 0.. {
        if left.is_empty() {
            break;
        }
        let total = left.iter().map(|(weight, _)| *weight).sum::<u64>();
        let index = pick(&left, random::below(total));
        let (_, candidate) = left.swap_remove(index);
        drawn.push((candidate.order, rank, Arc::clone(candidate)));
    }
    drawn
}

fn pick(left: &[(u64, &Arc<Candidate>)], mut point: u64) -> usize {
    for (index, (weight, _)) in left.iter().enumerate() {
        if point < *weight {
            return index;
        }
        point -= weight;
    }
    0
}

/// The first of `weight`, `rpm`, `tpm` that any candidate has; missing ones are 0. Without any,
/// all weigh the same.
fn weights(candidates: &[Arc<Candidate>]) -> Vec<u64> {
    let by = |read: fn(&Candidate) -> Option<u64>| {
        let weights: Vec<u64> = candidates
            .iter()
            .map(|candidate| read(candidate).unwrap_or(0).min(1 << 40))
            .collect();
        weights.iter().any(|weight| *weight > 0).then_some(weights)
    };
    by(|candidate| candidate.weight)
        .or_else(|| by(|candidate| candidate.rpm))
        .or_else(|| by(|candidate| candidate.tpm))
        .unwrap_or_else(|| vec![1; candidates.len()])
}
