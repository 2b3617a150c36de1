//! One walk over the usual shapes of an answer or a chunk.
//!
//! It gives up at whatever `serde` might see in another light: a member twice, an escaped name,
//! another type. `serde` then decides alone.

use serde::Deserialize;

use super::{Choices, Glimpse, GlimpseChoice, Json, MessageGlimpse};
use crate::openai::met::{Met, skip_other};
use crate::openai::scan::Scan;
use crate::openai::usage::UsageSeen;

impl<'a> Glimpse<'a> {
    /// Reads a text of the usual shapes into an empty glimpse; none when it has any other, and
    /// then the glimpse is worth nothing.
    pub(super) fn read_usual(&mut self, text: &'a str) -> Option<()> {
        let mut scan = Scan::new(text);
        self.fill(&mut scan)?;
        scan.end().ok()
    }

    fn fill(&mut self, scan: &mut Scan<'a>) -> Option<()> {
        let mut met = Met::default();
        scan.enter_object().ok()?;
        while let Some(name) = scan.next_name().ok()? {
            match name {
                r#""model""# => self.model = json(&mut met, 0, scan)?,
                r#""choices""# => {
                    if met.is_given(1, scan)? {
                        self.choices.get_or_insert_default().fill(scan)?;
                    }
                }
                r#""usage""# => {
                    if met.is_given(2, scan)? {
                        self.usage = Some(Box::new(UsageSeen::read(scan)?));
                    }
                }
                r#""service_tier""# => self.service_tier = json(&mut met, 3, scan)?,
                r#""error""# => self.error = json(&mut met, 4, scan)?,
                r#""x_groq""# => self.x_groq = parsed(&mut met, 5, scan)?,
                r#""obfuscation""# => self.obfuscation = json(&mut met, 6, scan)?,
                _ => skip_other(scan)?,
            }
        }
        Some(())
    }
}

/// A member's JSON, unless it is `null`.
fn json<'a>(met: &mut Met, bit: u8, scan: &mut Scan<'a>) -> Option<Option<Json<'a>>> {
    met.value(bit, scan).map(|value| value.map(Json))
}

/// A member that is not worth a walk of its own.
fn parsed<'a, T: Deserialize<'a>>(
    met: &mut Met,
    bit: u8,
    scan: &mut Scan<'a>,
) -> Option<Option<T>> {
    let value = met.value(bit, scan)?;
    value
        .map(|value| serde_json::from_str(value).ok())
        .map_or(Some(None), |read| read.map(Some))
}

impl<'a> Choices<'a> {
    fn fill(&mut self, scan: &mut Scan<'a>) -> Option<()> {
        scan.enter_array().ok()?;
        while scan.next_element().ok()? {
            if self.first.is_none() {
                self.first.get_or_insert_default().fill(scan)?;
            } else {
                let mut choice = GlimpseChoice::default();
                choice.fill(scan)?;
                self.others.push(choice);
            }
        }
        Some(())
    }
}

impl<'a> MessageGlimpse<'a> {
    fn fill(&mut self, scan: &mut Scan<'a>) -> Option<()> {
        let mut met = Met::default();
        scan.enter_object().ok()?;
        while let Some(name) = scan.next_name().ok()? {
            match name {
                r#""content""# => self.content = json(&mut met, 0, scan)?,
                r#""reasoning_content""# => self.reasoning_content = json(&mut met, 1, scan)?,
                r#""reasoning""# => self.reasoning = json(&mut met, 2, scan)?,
                r#""refusal""# => self.refusal = json(&mut met, 3, scan)?,
                r#""tool_calls""# => self.tool_calls = parsed(&mut met, 4, scan)?,
                r#""function_call""# => self.function_call = parsed(&mut met, 5, scan)?,
                _ => skip_other(scan)?,
            }
        }
        Some(())
    }
}

impl<'a> GlimpseChoice<'a> {
    fn fill(&mut self, scan: &mut Scan<'a>) -> Option<()> {
        let mut met = Met::default();
        scan.enter_object().ok()?;
        while let Some(name) = scan.next_name().ok()? {
            match name {
                r#""index""# => {
                    let index = json(&mut met, 0, scan)?;
                    self.index = match index {
                        Some(json) => Some(json.0.parse().ok()?),
                        None => None,
                    };
                }
                r#""delta""# => {
                    if met.is_given(1, scan)? {
                        self.delta.get_or_insert_default().fill(scan)?;
                    }
                }
                r#""message""# => {
                    if met.is_given(2, scan)? {
                        self.message.get_or_insert_default().fill(scan)?;
                    }
                }
                r#""text""# => self.text = json(&mut met, 3, scan)?,
                r#""finish_reason""# => self.finish_reason = json(&mut met, 4, scan)?,
                _ => skip_other(scan)?,
            }
        }
        Some(())
    }
}
