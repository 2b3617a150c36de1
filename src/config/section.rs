//! Reads one map of the file by its table of keys, and collects every fault and warning.

use std::time::Duration;

use super::keys::{SectionName, Standing};
use super::node::{Content, Entry, Node, boolean, integer};
use super::report::{Position, Report};
use super::suggest::did_you_mean;

/// A map of the file whose keys are known.
#[derive(Clone, Copy)]
pub struct Section<'n> {
    /// Which one.
    pub name: SectionName,
    node: &'n Node,
}

impl<'n> Section<'n> {
    /// Takes the node if it is a map, and says what is to be said of its keys. Anything else is a
    /// fault; nothing at all is no section.
    pub fn open(node: &'n Node, name: SectionName, report: &mut Report) -> Option<Self> {
        match &node.content {
            Content::Null | Content::Unset { .. } => return None,
            Content::Map(_) => {}
            Content::Scalar { .. } | Content::List(_) => {
                wrong_type(name.title(), node, "a map", report);
                return None;
            }
        }
        let section = Self { name, node };
        for entry in node.entries() {
            section.say(entry, report);
        }
        Some(section)
    }

    /// Opens a section of this one.
    pub fn section(
        &self,
        key: &str,
        name: SectionName,
        report: &mut Report,
    ) -> Option<Section<'n>> {
        Section::open(self.node.get(key)?, name, report)
    }

    fn say(&self, entry: &Entry, report: &mut Report) {
        let Some(key) = self.name.find(&entry.key) else {
            self.say_unknown(entry, report);
            return;
        };
        let path = format!("{}.{}", self.name.title(), entry.key);
        let path = path.trim_start_matches("the file.").to_owned();
        match key.standing {
            Standing::Honoured => {}
            Standing::NotYet if entry.value.is_given() => report.not_yet(path, &entry.position),
            Standing::NotYet => {}
            Standing::Ignored if entry.key == "enable_fallbacks" => report.warn_with(
                "unknown-key",
                &entry.position,
                (
                    "`enable_fallbacks` is not a key of router_settings; it changes nothing"
                        .to_owned(),
                    "fallbacks work as soon as `fallbacks` is written, and the deployments of one group stand in for each other always",
                ),
            ),
            Standing::Ignored => report.ignored(path, &entry.position, key.note),
        }
    }

    fn say_unknown(&self, entry: &Entry, report: &mut Report) {
        let known = self.name.keys().map(|key| key.name);
        let near = did_you_mean(&entry.key, known);
        match self.name {
            SectionName::ModelInfo => {}
            SectionName::LitellmParams => report.warn_with(
                "unknown-key",
                &entry.position,
                (
                    format!(
                        "`{}` is not a key of litellm_params; it goes to the provider as it is, in every request's body",
                        entry.key
                    ),
                    if near.is_empty() {
                        "put it under `extra_body` if that is meant"
                    } else {
                        &near
                    },
                ),
            ),
            _ => {
                let hint = if near.is_empty() {
                    self.belongs_elsewhere(&entry.key)
                } else {
                    near
                };
                let message = format!(
                    "`{}` is not a key of {}; it is ignored",
                    entry.key,
                    self.name.title()
                );
                report.warn_with("unknown-key", &entry.position, (message, &hint));
            }
        }
    }

    fn belongs_elsewhere(&self, key: &str) -> String {
        SectionName::ALL
            .iter()
            .filter(|section| **section != self.name)
            .find(|section| section.find(key).is_some())
            .map_or_else(String::new, |section| {
                format!("`{key}` is a key of {}", section.title())
            })
    }

    /// Where the section begins.
    #[must_use]
    pub const fn position(&self) -> &'n Position {
        &self.node.position
    }

    /// The members in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &'n [Entry] {
        self.node.entries()
    }

    /// The member's value, when there is one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.node.get(key)
    }

    /// The place of a member, or of the section when it has no such member.
    #[must_use]
    pub fn place(&self, key: &str) -> &'n Position {
        self.get(key)
            .map_or(&self.node.position, |node| &node.position)
    }

    /// The variable behind `key`, when the key names one that is not set.
    #[must_use]
    pub fn unset_variable(&self, key: &str) -> Option<&'n str> {
        self.entries()
            .iter()
            .find(|entry| entry.key == key)
            .and_then(|entry| match &entry.value.content {
                Content::Unset { variable } => Some(variable.as_str()),
                _ => None,
            })
    }

    /// Text; numbers and booleans are taken as they are written.
    pub fn text(&self, key: &str, report: &mut Report) -> Option<String> {
        text_of(key, self.get(key)?, report)
    }

    /// `true` or `false`, in any spelling of YAML 1.1, in quotes or not.
    pub fn boolean(&self, key: &str, report: &mut Report) -> Option<bool> {
        let node = self.get(key)?;
        let truth = node.text().and_then(boolean);
        if truth.is_none() {
            wrong_type(key, node, "true or false", report);
        }
        truth
    }

    /// A whole number that fits `T`.
    pub fn integer<T: TryFrom<i128>>(&self, key: &str, report: &mut Report) -> Option<T> {
        let node = self.get(key)?;
        let number = node
            .text()
            .and_then(whole)
            .and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            wrong_type(key, node, "a whole number, 0 or more, in range", report);
        }
        number
    }

    /// Seconds, whole or decimal, as milliseconds. 0 is warned of and counts as not given.
    pub fn seconds_as_ms(&self, key: &str, report: &mut Report) -> Option<u64> {
        let node = self.get(key)?;
        let milliseconds = self.thousandths(key, report)?;
        if milliseconds == 0 {
            report.warn_with(
                "zero-timeout",
                &node.position,
                (
                    format!("`{key}` is 0: every request would time out at once; it is ignored"),
                    "leave it out, or write seconds",
                ),
            );
            return None;
        }
        Some(milliseconds)
    }

    /// A decimal number times a thousand, rounded.
    pub fn thousandths(&self, key: &str, report: &mut Report) -> Option<u64> {
        let node = self.get(key)?;
        let parsed = node
            .text()
            .and_then(|text| text.parse::<f64>().ok())
            .and_then(|number| Duration::try_from_secs_f64(number).ok())
            .and_then(|duration| u64::try_from(duration.as_millis()).ok());
        if parsed.is_none() {
            wrong_type(key, node, "a number, 0 or more", report);
        }
        parsed
    }

    /// A list of texts; a single text is a list of one.
    pub fn texts(&self, key: &str, report: &mut Report) -> Option<Vec<String>> {
        let node = self.get(key)?;
        Some(match &node.content {
            Content::List(items) => items
                .iter()
                .filter(|item| item.is_given())
                .filter_map(|item| text_of(key, item, report))
                .collect(),
            Content::Scalar { text, .. } => vec![text.clone()],
            _ => {
                wrong_type(key, node, "a list", report);
                return None;
            }
        })
    }

    /// The items of a list; anything else is a fault.
    pub fn list(&self, key: &str, report: &mut Report) -> Option<&'n [Node]> {
        let node = self.get(key)?;
        if !matches!(node.content, Content::List(_)) {
            wrong_type(key, node, "a list", report);
            return None;
        }
        Some(node.items())
    }

    /// The members of a map; anything else is a fault.
    pub fn map(&self, key: &str, report: &mut Report) -> Option<&'n [Entry]> {
        let node = self.get(key)?;
        if !matches!(node.content, Content::Map(_)) {
            wrong_type(key, node, "a map", report);
            return None;
        }
        Some(node.entries())
    }
}

/// A whole number, also written as `3.0`.
fn whole(text: &str) -> Option<i128> {
    integer(text.strip_suffix(".0").unwrap_or(text))
}

/// The text of a scalar; anything else is a fault.
pub fn text_of(key: &str, node: &Node, report: &mut Report) -> Option<String> {
    let text = node.text().map(str::to_owned);
    if text.is_none() {
        wrong_type(key, node, "text", report);
    }
    text
}

/// The fault of a value of the wrong kind. The value itself is not shown: it may be a secret.
pub fn wrong_type(key: &str, node: &Node, wanted: &str, report: &mut Report) {
    let shown = match node.text() {
        Some(text) if text.chars().count() <= 24 && !may_be_secret(key) => {
            format!("{} (`{text}`)", node.kind())
        }
        _ => node.kind().to_owned(),
    };
    report.fault_with(
        "wrong-type",
        &node.position,
        (
            format!("`{key}` is {shown}"),
            &format!("it should be {wanted}"),
        ),
    );
}

fn may_be_secret(key: &str) -> bool {
    ["key", "secret", "token", "password", "credential", "url"]
        .iter()
        .any(|word| key.contains(word))
}
