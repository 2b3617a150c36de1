//! Did you mean …? The catalogued model whose name is nearest to one that is not catalogued.

use super::archive;
use super::names;
use crate::openai_compatible;
use crate::{ALL, Provider};

/// More edits than this are another model, not a slip of the pen.
const MAX_EDITS: usize = 3;

/// The name, with its vendor's prefix where the model was given with one, of the chat, completion
/// or embedding model that was probably meant; none when nothing is near, or when the name is
/// catalogued as it stands.
#[must_use]
pub fn suggest(model: &str) -> Option<String> {
    if let Some((vendor, rest)) = model.split_once('/')
        && let Some(provider) = crate::find(vendor)
    {
        let names = super::models_of(provider);
        return nearest(rest, names.iter().map(String::as_str))
            .filter(|name| *name != rest)
            .map(|name| format!("{vendor}/{name}"));
    }
    if super::vendor_of(model).is_some() {
        return None;
    }
    under_a_vendor(model).or_else(|| {
        let bare = archive::listed()
            .filter(|entry| super::is_offered(entry) && super::vendor_of(entry.name).is_some());
        nearest(model, bare.map(|entry| entry.name)).map(str::to_owned)
    })
}

/// `gemini/gemini-2.5-pro` for `gemini-2.5-pro`: the name is right, the prefix is missing.
fn under_a_vendor(model: &str) -> Option<String> {
    ALL.iter()
        .chain(openai_compatible::ALL)
        .copied()
        .flat_map(|provider: &dyn Provider| names::prefixes(provider))
        .map(|prefix| format!("{prefix}/{model}"))
        .find(|name| archive::find(name).is_some_and(|entry| super::is_offered(&entry)))
}

fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = MAX_EDITS.min(wanted.chars().count() / 4);
    names
        .filter(|name| name.len().abs_diff(wanted.len()) <= most)
        .map(|name| (edits(wanted, name), name))
        .filter(|(edits, _name)| *edits <= most)
        .min()
        .map(|(_edits, name)| name)
}

/// Levenshtein's distance in characters.
fn edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (line, left) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(row.first_mut().unwrap_or(&mut 0), line + 1);
        let mut before = line + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(to.chars()) {
            let replaced = diagonal + usize::from(left != right);
            diagonal = *cell;
            before = replaced.min(*cell + 1).min(before + 1);
            *cell = before;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_insertions_deletions_and_replacements() {
        for (from, to, distance) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("gpt-4o", "gpt4o", 1),
            ("kitten", "sitting", 3),
            ("claude", "cluade", 2),
            ("é", "e", 1),
        ] {
            assert_eq!(edits(from, to), distance, "{from} {to}");
            assert_eq!(edits(to, from), distance, "{to} {from}");
        }
    }

    #[test]
    fn a_misspelt_model_is_named() {
        assert_eq!(suggest("openai/gpt4o").as_deref(), Some("openai/gpt-4o"));
        assert_eq!(suggest("gpt-4o-mni").as_deref(), Some("gpt-4o-mini"));
        assert_eq!(
            suggest("anthropic/claude-sonet-4-5").as_deref(),
            Some("anthropic/claude-sonnet-4-5")
        );
    }

    #[test]
    fn a_missing_prefix_is_named() {
        assert_eq!(
            suggest("gemini-2.5-pro").as_deref(),
            Some("gemini/gemini-2.5-pro")
        );
    }

    #[test]
    fn a_right_name_and_a_strange_one_get_no_suggestion() {
        for model in [
            "gpt-4o",
            "openai/gpt-4o",
            "our-own-model-of-last-week",
            "",
            "openai/",
        ] {
            assert_eq!(suggest(model), None, "{model}");
        }
    }
}
