//! Which deployment of a group gets how much? Weights, the draw by them, and shares in percent.

use crate::routing::{Deployment, Strategy};

/// More than this nobody means.
const MOST_WEIGHT: u64 = 1 << 40;

/// A whole, in hundredths of a percent.
pub const WHOLE_BASIS_POINTS: u64 = 10_000;

/// What an operator said of a deployment's share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Lower orders are tried first.
    pub order: u64,
    /// Share under `simple-shuffle`.
    pub weight: Option<u64>,
    /// Requests per minute, as a weight.
    pub rpm: Option<u64>,
    /// Tokens per minute, as a weight.
    pub tpm: Option<u64>,
}

impl From<&Deployment> for Wish {
    fn from(deployment: &Deployment) -> Self {
        Self {
            order: deployment.order,
            weight: deployment.weight,
            rpm: deployment.rpm,
            tpm: deployment.tpm,
        }
    }
}

/// The first of `weight`, `rpm`, `tpm` that any has; missing ones are 0. Without any, all weigh the
/// same.
#[must_use]
pub fn weights(wishes: &[Wish]) -> Vec<u64> {
    let by = |read: fn(&Wish) -> Option<u64>| {
        let weights: Vec<u64> = wishes
            .iter()
            .map(|wish| read(wish).unwrap_or(0).min(MOST_WEIGHT))
            .collect();
        weights.iter().any(|weight| *weight > 0).then_some(weights)
    };
    by(|wish| wish.weight)
        .or_else(|| by(|wish| wish.rpm))
        .or_else(|| by(|wish| wish.tpm))
        .unwrap_or_else(|| vec![1; wishes.len()])
}

/// Draws without replacement, each draw weighted. A weight of 0 comes last: LiteLLM never picks it,
/// here it may still take over when all others have failed. `below` gives a chance number below its
/// argument.
#[must_use]
pub fn drawn<T>(mut left: Vec<(u64, T)>, mut below: impl FnMut(u64) -> u64) -> Vec<T> {
    let mut drawn = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let total = left.iter().map(|(weight, _one)| *weight).sum::<u64>();
        let place = match total {
            0 => usize::try_from(below(u64::try_from(left.len()).unwrap_or(1))).unwrap_or(0),
            total => place_of(&left, below(total)),
        };
        let (_weight, one) = left.swap_remove(place);
        drawn.push(one);
    }
    drawn
}

fn place_of<T>(left: &[(u64, T)], mut point: u64) -> usize {
    for (place, (weight, _one)) in left.iter().enumerate() {
        if point < *weight {
            return place;
        }
        point = point.saturating_sub(*weight);
    }
    0
}

/// In how many of ten thousand requests each is asked first, while all are well: those of the lowest
/// order by their weights, the others never. None for a strategy that goes by what it measures.
///
/// `weights` are those of the whole group, `wishes` and they of the deployments that may be used.
#[must_use]
pub fn first_shares(strategy: Strategy, wishes: &[Wish], weights: &[u64]) -> Vec<Option<u64>> {
    if strategy != Strategy::SimpleShuffle && wishes.len() > 1 {
        return vec![None; wishes.len()];
    }
    let lowest = wishes.iter().map(|wish| wish.order).min();
    let is_first = |wish: &Wish| Some(wish.order) == lowest;
    let first = wishes.iter().zip(weights);
    let first: Vec<u64> = first
        .filter(|(wish, _weight)| is_first(wish))
        .map(|(_wish, weight)| *weight)
        .collect();
    let total: u64 = first.iter().sum();
    let count = u64::try_from(first.len()).unwrap_or(1).max(1);
    let share = |weight: u64| match total {
        0 => WHOLE_BASIS_POINTS / count,
        total => weight.saturating_mul(WHOLE_BASIS_POINTS) / total,
    };
    let each = wishes.iter().zip(weights);
    each.map(|(wish, weight)| Some(if is_first(wish) { share(*weight) } else { 0 }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(order: u64, weight: Option<u64>, rpm: Option<u64>) -> Wish {
        Wish {
            order,
            weight,
            rpm,
            tpm: None,
        }
    }

    fn shares(wishes: &[Wish]) -> Vec<Option<u64>> {
        first_shares(Strategy::SimpleShuffle, wishes, &weights(wishes))
    }

    #[test]
    fn weights_share_what_the_lowest_order_gets() {
        let three = [
            wish(0, Some(3), None),
            wish(0, Some(1), None),
            wish(1, Some(9), None),
        ];
        assert_eq!(shares(&three), [Some(7_500), Some(2_500), Some(0)]);
        let none = [wish(0, None, None), wish(0, None, None)];
        assert_eq!(shares(&none), [Some(5_000), Some(5_000)]);
        let starved = [wish(0, Some(1), Some(9)), wish(0, None, Some(9))];
        assert_eq!(shares(&starved), [Some(10_000), Some(0)]);
        let by_rpm = [wish(0, None, Some(30)), wish(0, None, Some(10))];
        assert_eq!(shares(&by_rpm), [Some(7_500), Some(2_500)]);
    }

    #[test]
    fn what_goes_by_measured_times_has_no_share_beforehand() {
        let two = [wish(0, None, None), wish(0, None, None)];
        assert_eq!(first_shares(Strategy::Latency, &two, &[1, 1]), [None, None]);
        let one = [wish(0, None, None)];
        assert_eq!(first_shares(Strategy::Latency, &one, &[1]), [Some(10_000)]);
    }

    #[test]
    fn the_first_drawn_follows_the_shares() {
        let wishes = [
            wish(0, Some(3), None),
            wish(0, Some(1), None),
            wish(0, Some(0), None),
        ];
        let mut firsts = [0_u64; 3];
        for point in 0..4_u64 {
            let left: Vec<(u64, usize)> = weights(&wishes).into_iter().zip(0..).collect();
            let mut is_first = true;
            let order = drawn(left, |below| {
                let chance = if is_first { point } else { 0 };
                is_first = false;
                chance % below
            });
            firsts[order[0]] += 1;
            assert_eq!(order[2], 2, "what has no weight comes last");
        }
        assert_eq!(firsts, [3, 1, 0]);
    }
}
