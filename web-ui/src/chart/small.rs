//! Small pictures within lists: trends, budget bars, health by minute, where the time went.

use std::fmt::Write as _;

use super::hundredths;
use crate::markup::{Markup, escape};

/// A trend. Without a label it only goes along with figures that say the same.
#[must_use]
pub fn spark(values: &[u64], class: &str, label: &str) -> Markup {
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    let width = u64::try_from(values.len().saturating_sub(1))
        .unwrap_or(0)
        .max(1)
        * 4;
    let mut steps = String::new();
    for (at, value) in values.iter().enumerate() {
        let x = u64::try_from(at).unwrap_or(0) * 4;
        let up = u128::from(*value).saturating_mul(1_700) / u128::from(most);
        let y = 1_850_u64.saturating_sub(u64::try_from(up).unwrap_or(0));
        let joint = if at == 0 { "M" } else { " L" };
        let _written = write!(steps, "{joint}{x} {}", hundredths(y));
    }
    let said = if label.is_empty() {
        "aria-hidden=\"true\"".to_owned()
    } else {
        format!("role=\"img\" aria-label=\"{}\"", escape(label))
    };
    Markup::of(format!(
        "<svg class=\"spark {class}\" viewBox=\"0 0 {width} 20\" preserveAspectRatio=\"none\" {said}>\
         <path class=\"fill\" d=\"{steps} L{width} 20 L0 20 Z\"/><path class=\"stroke\" d=\"{steps}\"/></svg>"
    ))
}

/// How much of a budget is used, in hundredths of a percent, and how much of its time is gone.
#[must_use]
pub fn bar(used: u64, gone: Option<u64>, label: &str) -> Markup {
    filled(used, gone, (level(used), label))
}

/// A share of something, in hundredths of a percent, that is never near an end.
#[must_use]
pub fn share(part: u64, label: &str) -> Markup {
    filled(part, None, ("", label))
}

fn filled(used: u64, gone: Option<u64>, (class, label): (&str, &str)) -> Markup {
    let width = hundredths(used.min(10_000));
    let tick = gone.map_or_else(String::new, |gone| {
        let x = hundredths(gone.min(9_930));
        format!("<rect class=\"tick\" x=\"{x}\" y=\"0\" width=\".7\" height=\"6\"/>")
    });
    Markup::of(format!(
        "<svg class=\"bar {class}\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{}\"><rect class=\"track\" width=\"100\" height=\"6\"/>\
         <rect class=\"val\" width=\"{width}\" height=\"6\"/>{tick}</svg>",
        escape(label)
    ))
}

/// The colour of a budget: from 80 percent a warning, from 95 a danger.
const fn level(used: u64) -> &'static str {
    match used {
        0..8_000 => "",
        8_000..9_500 => "warn",
        _ => "danger",
    }
}

/// Health by minute: `ok`, `warn`, `err`, `none`.
#[must_use]
pub fn uptime(states: &[&str], label: &str) -> Markup {
    let width = states.len().max(1) * 4;
    let mut drawn = String::new();
    for (at, state) in states.iter().enumerate() {
        let _written = write!(
            drawn,
            "<rect class=\"u-{state}\" x=\"{}.5\" width=\"3\" height=\"18\" y=\"0\"/>",
            at * 4
        );
    }
    Markup::of(format!(
        "<svg class=\"uptime\" viewBox=\"0 0 {width} 18\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{}\">{drawn}</svg>",
        escape(label)
    ))
}

/// Where the time of a request went: slot and microseconds of each part, in order.
#[must_use]
pub fn waterfall(parts: &[(&str, u64)], label: &str) -> Markup {
    let total = parts
        .iter()
        .map(|(_slot, part)| *part)
        .fold(0, u64::saturating_add)
        .max(1);
    let (mut x, mut drawn) = (0_u64, String::new());
    for (slot, part) in parts {
        let width = u128::from(*part).saturating_mul(10_000) / u128::from(total);
        let width = u64::try_from(width).unwrap_or(0);
        let _written = write!(
            drawn,
            "<rect class=\"s{slot}\" x=\"{}\" width=\"{}\" height=\"10\" y=\"0\"/>",
            hundredths(x),
            hundredths(width.max(40))
        );
        x = x.saturating_add(width);
    }
    Markup::of(format!(
        "<svg class=\"waterfall\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{}\">{drawn}</svg>",
        escape(label)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_bar_says_with_its_class_how_near_the_end_is() {
        assert!(bar(7_999, None, "x").as_str().contains("class=\"bar \""));
        assert!(
            bar(8_000, Some(7_300), "x")
                .as_str()
                .contains("class=\"bar warn\"")
        );
        assert!(
            bar(12_000, None, "x")
                .as_str()
                .contains("class=\"val\" width=\"100\"")
        );
        assert!(bar(9_500, None, "x").as_str().contains("danger"));
    }

    #[test]
    fn a_trend_of_one_value_or_none_is_drawn() {
        assert!(spark(&[], "", "").as_str().contains("aria-hidden"));
        assert!(
            spark(&[5], "", "<")
                .as_str()
                .contains("aria-label=\"&lt;\"")
        );
    }

    #[test]
    fn the_parts_of_a_request_follow_each_other() {
        let drawn = waterfall(&[("6", 100), ("1", 300)], "x");
        assert!(drawn.as_str().contains("x=\"25\" width=\"75\""), "{drawn}");
    }
}
