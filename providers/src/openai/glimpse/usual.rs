//! One walk over the usual shapes of an answer or a chunk.
//!
//! It gives up at whatever `serde` might see in another light: a member twice, an escaped name,
//! another type. `serde` then decides alone.

use serde::Deserialize;

use super::{Choices, Glimpse, GlimpseChoice, Json, MessageGlimpse};
use crate::openai::scan::Scan;

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
                r#""model""# => self.model = met.json(0, scan)?,
                r#""choices""# => {
                    if met.is_given(1, scan)? {
                        self.choices.get_or_insert_default().fill(scan)?;
                    }
                }
                r#""usage""# => self.usage = met.parsed(2, scan)?,
                r#""service_tier""# => self.service_tier = met.json(3, scan)?,
                r#""error""# => self.error = met.json(4, scan)?,
                r#""x_groq""# => self.x_groq = met.parsed(5, scan)?,
                r#""obfuscation""# => self.obfuscation = met.json(6, scan)?,
                _ => skip_other(scan)?,
            }
        }
        Some(())
    }
}

/// Which members of an object have been met. `serde` refuses an object that has a member twice.
#[derive(Default)]
struct Met(u8);

impl Met {
    /// Notes a member; none when it has been met before.
    const fn first(&mut self, bit: u8) -> Option<()> {
        let bit = 1 << bit;
        let is_first = self.0 & bit == 0;
        self.0 |= bit;
        if is_first { Some(()) } else { None }
    }

    /// A member's JSON, unless it is `null`.
    fn json<'a>(&mut self, bit: u8, scan: &mut Scan<'a>) -> Option<Option<Json<'a>>> {
        self.first(bit)?;
        let value = scan.value().ok()?;
        Some((value != "null").then_some(Json(value)))
    }

    /// A member that is not worth a walk of its own.
    fn parsed<'a, T: Deserialize<'a>>(
        &mut self,
        bit: u8,
        scan: &mut Scan<'a>,
    ) -> Option<Option<T>> {
        let json = self.json(bit, scan)?;
        json.map(|json| serde_json::from_str(json.0).ok())
            .map_or(Some(None), |read| read.map(Some))
    }

    /// Notes a member; whether it is something else than `null`, which is stepped over.
    fn is_given(&mut self, bit: u8, scan: &mut Scan<'_>) -> Option<bool> {
        self.first(bit)?;
        if scan.peek()? == b'n' {
            return scan.skip().ok().map(|()| false);
        }
        Some(true)
    }
}

/// Steps over a member that is not read. A name with escapes may be one that is.
fn skip_other(scan: &mut Scan<'_>) -> Option<()> {
    if scan.name_has_escape() {
        return None;
    }
    scan.skip().ok()
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
                r#""content""# => self.content = met.json(0, scan)?,
                r#""reasoning_content""# => self.reasoning_content = met.json(1, scan)?,
                r#""reasoning""# => self.reasoning = met.json(2, scan)?,
                r#""refusal""# => self.refusal = met.json(3, scan)?,
                r#""tool_calls""# => self.tool_calls = met.parsed(4, scan)?,
                r#""function_call""# => self.function_call = met.parsed(5, scan)?,
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
                    let index = met.json(0, scan)?;
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
                r#""text""# => self.text = met.json(3, scan)?,
                r#""finish_reason""# => self.finish_reason = met.json(4, scan)?,
                _ => skip_other(scan)?,
            }
        }
        Some(())
    }
}
