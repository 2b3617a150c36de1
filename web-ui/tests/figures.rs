//! What is written for people is read back exactly: no amount changes on its way through a page.

use domain::money::NanoUsd;
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};
use web_ui::language::Language;
use web_ui::words::Words;
use web_ui::{figures, typed};

#[test]
fn rates_are_told_so_that_little_is_not_nothing() {
    let told = |language, number| figures::per_second(Words { language }, number, 3_600_000);
    for (number, text) in [
        (0, "0.00"),
        (5, "< 0.01"),
        (36, "0.01"),
        (4_500, "1.25"),
        (45_000, "12.5"),
        (4_500_000, "1,250"),
    ] {
        assert_eq!(told(Language::English, number), text);
    }
    assert_eq!(told(Language::German, 4_500), "1,25");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_amount_is_read_back_to_the_nano_dollar_in_every_language(nano in 0..=i64::MAX) {
        let amount = NanoUsd(nano);
        for language in Language::ALL.iter().copied() {
            let written = figures::exact(Words { language }, amount);
            prop_assert_eq!(typed::money(language, &written), Ok(amount), "{}", written);
            let field = typed::field(amount);
            prop_assert_eq!(typed::money(language, &field), Ok(amount), "{}", field);
        }
    }

    #[test]
    fn small_amounts_too(nano in 0_i64..5_000_000_000_000, zeros in 0_u32..10) {
        let step = 10_i64.pow(zeros);
        let amount = NanoUsd(nano / step * step);
        for language in Language::ALL.iter().copied() {
            let written = figures::exact(Words { language }, amount);
            prop_assert_eq!(typed::money(language, &written), Ok(amount), "{}", written);
        }
    }

    #[test]
    fn what_is_rounded_is_at_most_half_a_step_away(nano in any::<i64>(), decimals in 0_u32..10) {
        let words = Words { language: Language::English };
        let written = figures::money(words, NanoUsd(nano), decimals);
        let sign = if written.starts_with('−') { -1 } else { 1 };
        let digits: String = written.chars().filter(char::is_ascii_digit).collect();
        let step = 10_i128.pow(9 - decimals);
        let read = sign * digits.parse::<i128>().unwrap_or(0) * step;
        prop_assert!((read - i128::from(nano)).abs() * 2 <= step, "{}", written);
    }

    #[test]
    fn what_is_typed_is_never_read_as_two_amounts(text in "[0-9]{0,5}[.,]?[0-9]{0,5}[.,]?[0-9]{0,4}") {
        let read = |language| typed::money(language, &text).ok();
        let german = read(Language::German);
        // Whatever both read, both read alike, but for what only their own habit allows.
        let english = read(Language::English);
        prop_assert!(german.is_none() || english == german, "{}: {:?} {:?}", text, german, english);
        prop_assert_eq!(english, read(Language::SimplifiedChinese));
    }
}
