//! What actions refuse with, found again in the English catalogue, with the values that are in it.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::language::Language;

/// Sentences that are always the same, and their ids.
static FIXED: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| faults().map(|(id, sentence)| (sentence, id)).collect());

/// Sentences with values in them; the one that says most by itself first.
static WITH_VALUES: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let read = faults().filter_map(|(id, sentence)| Pattern::read(id, sentence));
    let mut patterns: Vec<Pattern> = read.collect();
    patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.length()));
    patterns
});

fn faults() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = Language::English.source().lines();
    let faults = lines.filter(|line| line.starts_with("fault-"));
    let each = faults.filter_map(|line| line.split_once(" = "));
    each.map(|(id, sentence)| (id, sentence.trim()))
}

/// A sentence with places for values.
struct Pattern {
    id: &'static str,
    /// What stands before the first value.
    first: &'static str,
    /// The name of each value, and what stands after it.
    rest: Vec<(&'static str, &'static str)>,
}

impl Pattern {
    /// Reads the catalogue's text: `A budget of { $amount } dollars`.
    fn read(id: &'static str, sentence: &'static str) -> Option<Self> {
        let mut pieces = sentence.split("{ $");
        let first = pieces.next()?;
        let rest: Option<Vec<_>> = pieces.map(|piece| piece.split_once(" }")).collect();
        let rest = rest.filter(|rest| !rest.is_empty())?;
        Some(Self { id, first, rest })
    }

    fn length(&self) -> usize {
        let rest = self.rest.iter().map(|(_name, text)| text.len());
        self.first.len() + rest.sum::<usize>()
    }

    /// The values of a sentence of this shape, by their names.
    fn values<'a>(&self, sentence: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let mut left = sentence.strip_prefix(self.first)?;
        let mut values = Vec::with_capacity(self.rest.len());
        let last = self.rest.len().saturating_sub(1);
        for (place, (name, after)) in self.rest.iter().enumerate() {
            let (value, rest) = match (place == last, after.is_empty()) {
                (true, _) => (left.strip_suffix(after)?, ""),
                (false, true) => return None,
                (false, false) => left.split_once(after)?,
            };
            values.push((*name, value));
            left = rest;
        }
        Some(values)
    }
}

/// The id of a sentence, and the values in it by their names.
#[must_use]
pub fn known(sentence: &str) -> Option<(&'static str, Vec<(&'static str, &str)>)> {
    if let Some(id) = FIXED.get(sentence) {
        return Some((id, Vec::new()));
    }
    let mut found = WITH_VALUES.iter().filter_map(|pattern| {
        let values = pattern.values(sentence)?;
        Some((pattern.id, values))
    });
    found.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_between_what_is_always_the_same() {
        let pattern = Pattern::read("x", "A { $a } of { $b }.").unwrap();
        assert_eq!(
            pattern.values("A budget of 5.50."),
            Some(vec![("a", "budget"), ("b", "5.50")])
        );
        assert_eq!(pattern.values("A budget of 5"), None);
        assert_eq!(pattern.values("No budget of 5."), None);
        assert!(Pattern::read("x", "Nothing in it.").is_none());
    }
}
