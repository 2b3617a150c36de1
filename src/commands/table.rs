//! Aligned tables for people.

use std::fmt;

/// What people see.
pub enum Table {
    /// Many things: a head and a line for each.
    Many {
        /// The names of the columns.
        head: &'static [&'static str],
        /// A line for each thing.
        lines: Vec<Vec<String>>,
        /// What is said when there is none.
        none: &'static str,
    },
    /// One thing: a line for each of its members; those without a value are left out.
    One(Vec<(&'static str, String)>),
    /// A sentence.
    Sentence(String),
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Many { lines, none, .. } if lines.is_empty() => writeln!(f, "{none}"),
            Self::Many { head, lines, .. } => {
                let head: Vec<String> = head.iter().map(|name| (*name).to_owned()).collect();
                let all: Vec<&Vec<String>> = std::iter::once(&head).chain(lines).collect();
                let widths = widths(&all);
                all.iter().try_for_each(|line| aligned(f, line, &widths))
            }
            Self::One(members) => {
                let members = members.iter().filter(|(_name, value)| !value.is_empty());
                let lines: Vec<Vec<String>> = members
                    .map(|(name, value)| vec![(*name).to_owned(), visible(value)])
                    .collect();
                let all: Vec<&Vec<String>> = lines.iter().collect();
                let widths = widths(&all);
                all.iter().try_for_each(|line| aligned(f, line, &widths))
            }
            Self::Sentence(text) => writeln!(f, "{text}"),
        }
    }
}

fn widths(lines: &[&Vec<String>]) -> Vec<usize> {
    let mut widths: Vec<usize> = Vec::new();
    for line in lines {
        widths.resize(widths.len().max(line.len()), 0);
        for (width, cell) in widths.iter_mut().zip(line.iter()) {
            *width = (*width).max(visible(cell).chars().count());
        }
    }
    widths
}

fn aligned(f: &mut fmt::Formatter<'_>, line: &[String], widths: &[usize]) -> fmt::Result {
    let cells = line.iter().zip(widths);
    let text: Vec<String> = cells
        .map(|(cell, width)| format!("{:<width$}", visible(cell)))
        .collect();
    writeln!(f, "{}", text.join("  ").trim_end())
}

/// A value on one line: names come from callers, and a terminal obeys control characters.
fn visible(text: &str) -> String {
    text.chars()
        .map(|one| if one.is_control() { '\u{fffd}' } else { one })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_control_characters_do_not_reach_the_terminal() {
        let table = Table::Many {
            head: &["ID", "NAME"],
            lines: vec![
                vec!["team_1".to_owned(), "A\u{1b}[2J".to_owned()],
                vec!["t".to_owned(), "Zürich".to_owned()],
            ],
            none: "none",
        };
        assert_eq!(
            table.to_string(),
            "ID      NAME\nteam_1  A\u{fffd}[2J\nt       Zürich\n"
        );
    }
}
