//! What stands at the top of a whole answer. Its choices are checked to be JSON but not read.

use std::collections::HashMap;

use domain::usage::Usage;
use serde_json::value::RawValue;

use super::{Json, message_of, text};
use crate::openai::met::{Met, skip_other};
use crate::openai::scan::Scan;
use crate::openai::usage::UsageSeen;

/// What stands at the top of a whole answer.
#[derive(Default)]
pub(in crate::openai) struct Outline<'a> {
    usage: Option<UsageSeen>,
    service_tier: Option<Json<'a>>,
    error: Option<Json<'a>>,
    answers: Answers,
}

/// Which lists of answers an answer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::openai) struct Answers {
    /// An array `choices`.
    pub(in crate::openai) choices: bool,
    /// An array `data`.
    pub(in crate::openai) data: bool,
}

impl<'a> Outline<'a> {
    /// Reads an answer of the usual shape; none when it has any other, or is no JSON object.
    pub(in crate::openai) fn read(data: &'a [u8]) -> Option<Self> {
        let mut scan = Scan::new(std::str::from_utf8(data).ok()?);
        let mut outline = Self::default();
        outline.fill(&mut scan)?;
        scan.end().ok().map(|()| outline)
    }

    fn fill(&mut self, scan: &mut Scan<'a>) -> Option<()> {
        let mut met = Met::default();
        scan.enter_object().ok()?;
        while let Some(name) = scan.next_name().ok()? {
            match name {
                r#""choices""# => {
                    met.first(0)?;
                    self.answers.choices = skip_list(scan)?;
                }
                r#""data""# => {
                    met.first(1)?;
                    self.answers.data = skip_list(scan)?;
                }
                r#""usage""# => {
                    if met.is_given(2, scan)? {
                        self.usage = Some(UsageSeen::read(scan)?);
                    }
                }
                r#""service_tier""# => self.service_tier = met.value(3, scan)?.map(Json),
                r#""error""# => self.error = met.value(4, scan)?.map(Json),
                _ => skip_other(scan)?,
            }
        }
        Some(())
    }

    /// The usage, unless nothing was counted.
    pub(in crate::openai) fn usage(&self) -> Option<Usage> {
        let seen = self.usage.as_ref().filter(|usage| !usage.is_empty())?;
        let tier = self.service_tier.and_then(text);
        Some(seen.usage(tier.as_deref()))
    }

    /// The message of an `error` member.
    pub(in crate::openai) fn error(&self) -> Option<String> {
        message_of(self.error?)
    }

    pub(in crate::openai) const fn answers(&self) -> Answers {
        self.answers
    }
}

/// Steps over a value; whether it is an array.
fn skip_list(scan: &mut Scan<'_>) -> Option<bool> {
    let first = scan.peek()?;
    scan.skip().ok().map(|()| first == b'[')
}

impl Answers {
    /// Reads any JSON object, whatever the types of its members; none when it is no JSON object.
    pub(in crate::openai) fn read(data: &[u8]) -> Option<Self> {
        // A text that is no UTF-8 passes all the same: it is not ours to judge.
        let text = String::from_utf8_lossy(data);
        let members: HashMap<String, &RawValue> = serde_json::from_str(&text).ok()?;
        let is_list = |name: &str| {
            let member = members.get(name);
            member.is_some_and(|value| value.get().starts_with('['))
        };
        Some(Self {
            choices: is_list("choices"),
            data: is_list("data"),
        })
    }
}
