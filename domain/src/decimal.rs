//! Whole numbers of small units as decimal text: written for every request, so without the
//! machinery of formatting.

/// Room for 20 digits, a point and a sign.
const ROOM: usize = 22;

/// A decimal number as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecimalText {
    bytes: [u8; ROOM],
    from: usize,
}

impl DecimalText {
    /// `number` with its last `places` digits (19 at most) after a point: 1,250 with 3 places is
    /// `1.250`.
    #[must_use]
    pub fn new(number: i64, places: usize) -> Self {
        let (mut bytes, mut from) = ([b'-'; ROOM], ROOM);
        let mut rest = number.unsigned_abs();
        let point = Some(places).filter(|&places| places > 0);
        let least = point.map_or(0, |point| point + 1);
        for (index, byte) in bytes.iter_mut().rev().enumerate() {
            if Some(index) == point {
                *byte = b'.';
            } else {
                *byte = b'0' + u8::try_from(rest % 10).unwrap_or(0);
                rest /= 10;
            }
            from -= 1;
            if rest == 0 && index >= least {
                break;
            }
        }
        from = from.saturating_sub(usize::from(number < 0));
        Self { bytes, from }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let text = self.bytes.get(self.from..).unwrap_or_default();
        // Made of ASCII only.
        std::str::from_utf8(text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn there_is_always_a_digit_before_the_point() {
        assert_eq!(DecimalText::new(0, 0).as_str(), "0");
        assert_eq!(DecimalText::new(7, 3).as_str(), "0.007");
        assert_eq!(DecimalText::new(-1_250, 3).as_str(), "-1.250");
        assert_eq!(DecimalText::new(i64::MIN, 0).as_str(), i64::MIN.to_string());
        assert_eq!(
            DecimalText::new(i64::MIN, 19).as_str(),
            "-0.9223372036854775808"
        );
    }

    proptest! {
        #[test]
        fn decimal_text_is_what_formatting_would_write(number: i64, places in 1..12_usize) {
            let unit = 10_u64.pow(u32::try_from(places).unwrap());
            let (whole, rest) = (number.unsigned_abs() / unit, number.unsigned_abs() % unit);
            let sign = if number < 0 { "-" } else { "" };
            let text = DecimalText::new(number, places);
            prop_assert_eq!(text.as_str(), format!("{sign}{whole}.{rest:0places$}"));
            let plain = DecimalText::new(number, 0);
            prop_assert_eq!(plain.as_str(), number.to_string());
        }
    }
}
