//! What a scripted provider would bill. The gateway's own figures are compared with it.
//!
//! A request may say in its text on whose bill it goes: `bill:NAME` stands anywhere in the body, and
//! survives every translation.

use std::ops::AddAssign;

/// What stands before the name of a bill.
const MARK: &[u8] = b"bill:";

/// On whose bill a request goes, if its body says so: letters, digits, `-`, `_` and `.`.
pub(crate) fn bill_name(body: &[u8]) -> Option<String> {
    let at = body.windows(MARK.len()).position(|words| words == MARK)?;
    let is_of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let name = body[at + MARK.len()..].iter().take_while(is_of_name);
    Some(name.copied().map(char::from).collect())
}

/// Tokens by kind; no token is in two kinds. Each wire format renders them in its vendor's way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Input that was neither read from nor written to a cache.
    pub input: u64,
    /// Input read from the prompt cache.
    pub cache_read: u64,
    /// Input written to the five-minute cache.
    pub cache_write: u64,
    /// Input written to the one-hour cache.
    pub cache_write_1h: u64,
    /// Output that the caller sees.
    pub output: u64,
    /// Output spent on reasoning.
    pub reasoning: u64,
}

impl Tokens {
    /// Plain input and output.
    #[must_use]
    pub fn new(input: u64, output: u64) -> Self {
        Self {
            input,
            output,
            ..Self::default()
        }
    }

    /// All input, cached or not.
    #[must_use]
    pub fn prompt(&self) -> u64 {
        self.input + self.cache_read + self.cache_write + self.cache_write_1h
    }

    /// All output, seen or not.
    #[must_use]
    pub fn completion(&self) -> u64 {
        self.output + self.reasoning
    }

    /// What is billed when only `sent` of `of` pieces were written.
    #[must_use]
    pub fn cut_off(self, sent: usize, of: usize) -> Self {
        let (sent, of) = (sent as u64, (of as u64).max(1));
        Self {
            output: self.output * sent / of,
            reasoning: self.reasoning * sent / of,
            ..self
        }
    }
}

impl AddAssign for Tokens {
    fn add_assign(&mut self, more: Self) {
        self.input += more.input;
        self.cache_read += more.cache_read;
        self.cache_write += more.cache_write;
        self.cache_write_1h += more.cache_write_1h;
        self.output += more.output;
        self.reasoning += more.reasoning;
    }
}

/// What one lane of a provider would bill so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// Answers that cost something.
    pub answers: u64,
    /// Their tokens.
    pub tokens: Tokens,
}

impl Bill {
    pub(crate) fn add(&mut self, tokens: Tokens) {
        self.answers += 1;
        self.tokens += tokens;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_bill_ends_where_no_name_goes_on() {
        let body = br#"{"messages":[{"content":"please bill:key-1_a.7, and why"}]}"#;
        assert_eq!(bill_name(body).as_deref(), Some("key-1_a.7"));
        assert_eq!(bill_name(b"no name"), None);
    }

    #[test]
    fn a_cut_stream_is_billed_for_its_input_and_what_was_written() {
        let tokens = Tokens {
            cache_read: 5,
            reasoning: 4,
            ..Tokens::new(10, 8)
        };
        assert_eq!(tokens.cut_off(1, 4).output, 2);
        assert_eq!(tokens.cut_off(1, 4).reasoning, 1);
        assert_eq!(tokens.cut_off(0, 4).prompt(), 15);
        assert_eq!(tokens.cut_off(4, 4), tokens);
    }
}
