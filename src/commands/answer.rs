//! What a command answers, and its two forms: aligned text for people, JSON for programs.

use serde::Serialize;
use serde_json::Value;

use crate::commands::table::Table;

/// What goes to the two outputs, and the exit code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// To standard output: the answer.
    pub out: String,
    /// To standard error: notes and refusals.
    pub notes: String,
    /// The exit code.
    pub code: u8,
}

/// What a command answers.
pub struct Answer {
    /// For programs.
    value: Value,
    /// For people.
    table: Table,
    /// What people are told beside it.
    notes: Vec<String>,
    /// A key in the clear, shown this once: for people it is all that goes to standard output, so
    /// that a shell can take it from there.
    plain_key: Option<String>,
    code: u8,
}

impl Answer {
    /// An answer of a thing or of several.
    pub fn of(value: &impl Serialize, table: Table) -> Self {
        Self {
            value: serde_json::to_value(value).unwrap_or_default(),
            table,
            notes: Vec::new(),
            plain_key: None,
            code: 0,
        }
    }

    /// With a key in the clear.
    pub fn with_plain_key(mut self, key: String) -> Self {
        self.plain_key = Some(key);
        self
    }

    /// With something that people are told beside it.
    pub fn noting(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// With another exit code than 0.
    pub const fn exiting(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    /// The answer as it is printed.
    pub fn said(self, json: bool) -> Said {
        let notes = lines(&self.notes);
        if json {
            return Said {
                out: format!("{:#}\n", self.value),
                notes,
                code: self.code,
            };
        }
        let (out, notes) = match self.plain_key {
            Some(key) => (format!("{key}\n"), format!("{}{notes}", self.table)),
            None => (self.table.to_string(), notes),
        };
        Said {
            out,
            notes,
            code: self.code,
        }
    }
}

fn lines(notes: &[String]) -> String {
    notes.iter().map(|note| format!("{note}\n")).collect()
}
