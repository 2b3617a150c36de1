//! Numbers that look random and are the same for the same seed (SplitMix64): the demo is one play.

/// A source of numbers.
#[derive(Clone, Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// The numbers of a seed.
    #[must_use]
    pub const fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// The next one.
    pub const fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// The next one below a bound; 0 of no bound.
    pub const fn below(&mut self, bound: u64) -> u64 {
        match self.any().checked_rem(bound) {
            Some(rest) => rest,
            None => 0,
        }
    }

    /// Whether something happens that happens so many times in ten thousand.
    pub const fn happens(&mut self, in_ten_thousand: u64) -> bool {
        self.below(10_000) < in_ten_thousand
    }

    /// Something near `usual`, from a third of it to three times: mostly less, sometimes much more.
    pub const fn around(&mut self, usual: u64) -> u64 {
        let third = usual / 3;
        let spread = self.below(100) * self.below(100) / 100;
        third + usual * spread / 37
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let (mut one, mut other) = (Numbers::of(7), Numbers::of(7));
        for _number in 0..100 {
            assert_eq!(one.any(), other.any());
        }
        assert_eq!(Numbers::of(7).below(0), 0);
    }

    #[test]
    fn what_is_around_a_number_is_never_far_from_it() {
        let mut numbers = Numbers::of(1);
        let mut sum = 0;
        for _number in 0..10_000 {
            let one = numbers.around(900);
            assert!((300..=3_000).contains(&one), "{one}");
            sum += one;
        }
        assert!((700..1_100).contains(&(sum / 10_000)), "{sum}");
    }
}
