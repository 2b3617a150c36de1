//! Under which names a model may stand in the catalogue.

use crate::Provider;

/// Whether the catalogue's `owner` is this vendor.
pub(super) fn owns(provider: &dyn Provider, owner: &str) -> bool {
    prefixes(provider).any(|name| name == owner)
}

/// The vendor's name, its other names and its names in the catalogue.
pub(super) fn prefixes(provider: &dyn Provider) -> impl Iterator<Item = &'static str> {
    std::iter::once(provider.name())
        .chain(provider.other_names().iter().copied())
        .chain(provider.catalogue_names().iter().copied())
}

/// The spellings under which a model is looked up, the exact one first.
///
/// - `ft:gpt-4o-2024-08-06:org::id` is the tuned `ft:gpt-4o-2024-08-06`; it never falls back to the
///   untuned model, which is cheaper.
/// - A dated snapshot that has no entry is the model without its date. The catalogue's own
///   snapshots cost the same as the undated model but for old ones, and those have entries.
/// - `-latest` is neither added nor taken away: in a third of the catalogue's pairs the alias
///   points to a model of another price.
pub(super) fn spellings(model: &str) -> Vec<&str> {
    let mut spellings = vec![model];
    if let Some(tuned) = tuned_base(model) {
        spellings.push(tuned);
    }
    if let Some(undated) = spellings.last().copied().and_then(without_date) {
        spellings.push(undated);
    }
    spellings
}

/// `ft:BASE` of `ft:BASE:ORGANIZATION:SUFFIX:ID`.
fn tuned_base(model: &str) -> Option<&str> {
    let colon = model.match_indices(':').nth(1)?.0;
    model
        .split_at_checked(colon)
        .map(|(base, _organization)| base)
        .filter(|base| base.starts_with("ft:"))
}

/// The name before `-2024-08-06`, `-20240806` or `@20240806`.
fn without_date(model: &str) -> Option<&str> {
    [10, 8]
        .into_iter()
        .find_map(|length| {
            let (rest, date) = model.split_at_checked(model.len().checked_sub(length)?)?;
            is_date(date).then_some(rest)
        })?
        .strip_suffix(['-', '@'])
        .filter(|rest| !rest.is_empty())
}

/// `YYYY-MM-DD` or `YYYYMMDD` of this century.
fn is_date(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    text.starts_with("20") && matches!(shape.as_str(), "0000-00-00" | "00000000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_looked_up_with_its_date_and_then_without() {
        for (model, undated) in [
            ("gpt-4o-2031-01-31", "gpt-4o"),
            ("claude-sonnet-4-5-20310131", "claude-sonnet-4-5"),
            ("claude-sonnet-4-5@20310131", "claude-sonnet-4-5"),
        ] {
            assert_eq!(spellings(model), [model, undated]);
        }
    }

    #[test]
    fn what_is_no_date_stays() {
        for model in [
            "gpt-4o",
            "gpt-4-0613",
            "mistral-large-2407",
            "x-12345678",
            "20240101",
            "-20240101",
            "gpt-4o-2024-8-006",
            "gpt-4o-latest",
            "x2024-01-01",
            "",
            "é0240101",
            "qwen3-coder:480b-cloud",
        ] {
            assert_eq!(spellings(model), [model]);
        }
    }

    #[test]
    fn a_tuned_model_is_looked_up_as_its_tuned_base() {
        assert_eq!(
            spellings("ft:gpt-4o-mini-2024-07-18:acme::abc"),
            [
                "ft:gpt-4o-mini-2024-07-18:acme::abc",
                "ft:gpt-4o-mini-2024-07-18",
                "ft:gpt-4o-mini"
            ]
        );
        assert_eq!(
            spellings("ft:gpt-3.5-turbo:acme::abc"),
            ["ft:gpt-3.5-turbo:acme::abc", "ft:gpt-3.5-turbo"]
        );
    }
}
