//! What a whole answer says, read while it passes to the caller unchanged.

use super::glimpse::{Answers, Glimpse, Outline};
use super::tap::Tapped;

impl Tapped {
    /// Reads a whole answer of any of OpenAI's calls.
    ///
    /// All of it is checked to be JSON, but nearly always the usage is all that is wanted: the
    /// choices are read only when it is missing.
    #[must_use]
    pub fn whole(body: &[u8]) -> Self {
        let mut tapped = Self::default();
        let usual = Outline::read(body);
        let answers = usual.as_ref().map(Outline::answers);
        let Some(answers) = answers.or_else(|| Answers::read(body)) else {
            return tapped;
        };
        tapped.has_choices = answers.choices;
        tapped.has_data = answers.data;
        if let Some(outline) = usual {
            tapped.usage = outline.usage();
            tapped.error = outline.error();
        }
        if tapped.usage.is_none() && tapped.error.is_none() {
            tapped.read_on(body);
        }
        tapped.valid = tapped.error.is_none();
        tapped
    }

    /// Reads all that may be read of a whole answer. Members of an unusual type do not make an
    /// answer worthless.
    fn read_on(&mut self, body: &[u8]) {
        let Ok(glimpse) = Glimpse::read(body) else {
            return;
        };
        self.usage = glimpse.usage();
        self.error = glimpse.error();
        if self.usage.is_none() && self.error.is_none() {
            for choice in glimpse.choices() {
                self.keep_text(choice);
            }
        }
    }
}
