//! What became of every field: as it was, changed, or left out, and why.

use std::collections::BTreeMap;

use serde::Serialize;

/// What became of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is here as it was there.
    Exact,
    /// It is here in another form.
    Changed,
    /// It is not here.
    Dropped,
}

impl Fate {
    /// The word in the report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Changed => "changed",
            Self::Dropped => "dropped",
        }
    }
}

/// One line: a field of a kind of thing, and what became of it in so many of them.
#[derive(Debug, Serialize)]
pub struct Line {
    /// `key`
    pub kind: &'static str,
    /// `max_budget`
    pub field: String,
    /// What became of it.
    pub fate: Fate,
    /// How many things had a value there.
    pub count: u64,
    /// What became of it, or why it is not here.
    pub note: String,
    /// One of them.
    pub example: String,
}

/// How many things of a kind there were, and how many are new here.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Count {
    /// In LiteLLM.
    pub found: u64,
    /// Brought here now.
    pub brought: u64,
    /// Here already, and left as they are.
    pub present: u64,
    /// Left out; a line says why.
    pub left_out: u64,
}

/// All that is to be said.
#[derive(Default)]
pub struct Report {
    lines: BTreeMap<(&'static str, String, Fate, String), (u64, String)>,
    counts: Vec<(&'static str, Count)>,
}

impl Report {
    /// Says what became of a value.
    pub fn say(&mut self, of: (&'static str, &str), field: &str, fate: Fate, note: &str) {
        let (kind, example) = of;
        let key = (kind, field.to_owned(), fate, note.to_owned());
        let line = self.lines.entry(key).or_insert((0, example.to_owned()));
        line.0 = line.0.saturating_add(1);
    }

    /// Counts a thing of a kind.
    pub fn count(&mut self, kind: &'static str, count: impl FnOnce(&mut Count)) {
        if !self.counts.iter().any(|(known, _count)| *known == kind) {
            self.counts.push((kind, Count::default()));
        }
        if let Some((_kind, counted)) = self.counts.iter_mut().find(|(known, _)| *known == kind) {
            count(counted);
        }
    }

    /// The lines, by kind and field.
    pub fn lines(&self) -> Vec<Line> {
        self.lines
            .iter()
            .map(|((kind, field, fate, note), (count, example))| Line {
                kind,
                field: field.clone(),
                fate: *fate,
                count: *count,
                note: note.clone(),
                example: example.clone(),
            })
            .collect()
    }

    /// The counts, in the order in which things were read.
    pub fn counts(&self) -> &[(&'static str, Count)] {
        &self.counts
    }
}
