//! Walks over JSON text without building anything: names and values as slices of the text.
//!
//! What it skips is checked all the same. It accepts exactly what `serde_json` accepts as one
//! value, down to [`MAX_DEPTH`]: a caller or a provider that sends no JSON is told so at once.
//! `serde_json` spends its time on the bytes of strings; here they are looked at 64 at a time.

/// Objects and arrays within each other; deeper texts are refused.
pub const MAX_DEPTH: u32 = 128;

/// Why a walk ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The text is no JSON.
    Syntax,
    /// It is nested deeper than [`MAX_DEPTH`].
    TooDeep,
}

/// A place in JSON text.
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// What is open, the innermost in the lowest bit: 1 is an object, 0 an array.
    open: u128,
    depth: u32,
    /// Whether the innermost has only just been opened, so that no comma may come.
    fresh: bool,
}

impl<'a> Scan<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            open: 0,
            depth: 0,
            fresh: false,
        }
    }

    /// How many bytes of the text lie behind.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Steps over white space; gives the byte after it.
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = self.byte()?;
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Steps into the object that stands here; [`Self::next_name`] walks it.
    pub(super) fn enter_object(&mut self) -> Result<(), Stop> {
        match self.peek() {
            Some(b'{') => self.enter(true),
            _ => Err(Stop::Syntax),
        }
    }

    /// Steps into the array that stands here; [`Self::next_element`] walks it.
    pub(super) fn enter_array(&mut self) -> Result<(), Stop> {
        match self.peek() {
            Some(b'[') => self.enter(false),
            _ => Err(Stop::Syntax),
        }
    }

    /// The name of the object's next member, with its quotes; none at the object's end. Its
    /// value stands next and must be taken.
    pub(super) fn next_name(&mut self) -> Result<Option<&'a str>, Stop> {
        match self.goes_on(b'}')? {
            true => self.name().map(Some),
            false => Ok(None),
        }
    }

    /// Whether the array has another element, which stands next and must be taken.
    pub(super) fn next_element(&mut self) -> Result<bool, Stop> {
        self.goes_on(b']')
    }

    /// The text of the value that stands here.
    pub(super) fn value(&mut self) -> Result<&'a str, Stop> {
        self.peek();
        let from = self.at;
        self.skip()?;
        Ok(self.since(from))
    }

    /// Steps over the value that stands here.
    pub(super) fn skip(&mut self) -> Result<(), Stop> {
        let outside = self.depth;
        loop {
            match self.peek().ok_or(Stop::Syntax)? {
                b'"' => self.string()?,
                b'{' => self.enter(true)?,
                b'[' => self.enter(false)?,
                b'n' => self.word("null")?,
                b't' => self.word("true")?,
                b'f' => self.word("false")?,
                _ => self.number()?,
            }
            loop {
                if self.depth == outside {
                    return Ok(());
                }
                let is_object = self.open & 1 == 1;
                if self.goes_on(if is_object { b'}' } else { b']' })? {
                    if is_object {
                        self.name()?;
                    }
                    break;
                }
            }
        }
    }

    /// Checks that nothing follows.
    pub(super) fn end(&mut self) -> Result<(), Stop> {
        self.peek().map_or(Ok(()), |_byte| Err(Stop::Syntax))
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// The text from an earlier place ([`Self::at`]) to here.
    pub(super) fn since(&self, from: usize) -> &'a str {
        self.text.get(from..self.at).unwrap_or_default()
    }

    fn enter(&mut self, is_object: bool) -> Result<(), Stop> {
        if self.depth == MAX_DEPTH {
            return Err(Stop::TooDeep);
        }
        self.at += 1;
        self.depth += 1;
        self.open = self.open << 1 | u128::from(is_object);
        self.fresh = true;
        Ok(())
    }

    /// Steps over the comma before the next member or element, or out of the innermost.
    fn goes_on(&mut self, closer: u8) -> Result<bool, Stop> {
        let fresh = std::mem::take(&mut self.fresh);
        match self.peek() {
            Some(byte) if byte == closer => {
                self.at += 1;
                self.depth = self.depth.saturating_sub(1);
                self.open >>= 1;
                Ok(false)
            }
            Some(b',') if !fresh => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if fresh => Ok(true),
            _ => Err(Stop::Syntax),
        }
    }

    fn name(&mut self) -> Result<&'a str, Stop> {
        if self.peek() != Some(b'"') {
            return Err(Stop::Syntax);
        }
        let from = self.at;
        self.string()?;
        let name = self.since(from);
        if self.peek() != Some(b':') {
            return Err(Stop::Syntax);
        }
        self.at += 1;
        Ok(name)
    }

    fn string(&mut self) -> Result<(), Stop> {
        self.at += 1;
        loop {
            let rest = self.rest();
            let length = plain_length(rest);
            let (_, special) = rest.split_at_checked(length).ok_or(Stop::Syntax)?;
            self.at += length;
            self.at += match special {
                [b'"', ..] => 1,
                [b'\\', escape @ ..] => escape_length(escape).ok_or(Stop::Syntax)?,
                // The end of the text, or a control character.
                _ => return Err(Stop::Syntax),
            };
            if matches!(special, [b'"', ..]) {
                return Ok(());
            }
        }
    }

    fn word(&mut self, word: &str) -> Result<(), Stop> {
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(Stop::Syntax);
        }
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Result<(), Stop> {
        self.step_over(|byte| byte == b'-');
        if !self.step_over(|byte| byte == b'0') {
            self.digits()?;
        }
        if self.step_over(|byte| byte == b'.') {
            self.digits()?;
        }
        if self.step_over(|byte| matches!(byte, b'e' | b'E')) {
            self.step_over(|byte| matches!(byte, b'+' | b'-'));
            self.digits()?;
        }
        Ok(())
    }

    fn step_over(&mut self, is_wanted: impl Fn(u8) -> bool) -> bool {
        let found = self.byte().is_some_and(is_wanted);
        self.at += usize::from(found);
        found
    }

    fn digits(&mut self) -> Result<(), Stop> {
        let rest = self.rest();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        if digits == 0 {
            Err(Stop::Syntax)
        } else {
            Ok(())
        }
    }
}

/// How long an escape is, with its backslash. Half of a surrogate pair is well formed, as it is
/// for `serde_json`; it is refused where the string is read.
fn escape_length(after_backslash: &[u8]) -> Option<usize> {
    match after_backslash {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some(2),
        [b'u', digits @ ..] => {
            let digits = digits.first_chunk::<4>()?;
            digits.iter().all(u8::is_ascii_hexdigit).then_some(6)
        }
        _ => None,
    }
}

/// Bytes before the first quote, backslash or control character.
fn plain_length(bytes: &[u8]) -> usize {
    // Most strings are short and end within a few words; long ones are worth whole blocks, in
    // which the compiler compares 16 bytes or more at a time.
    const SHORT: usize = 32;
    const BLOCK: usize = 64;
    let Some((head, long)) = bytes.split_first_chunk::<SHORT>() else {
        return plain_length_by_words(bytes);
    };
    let length = plain_length_by_words(head);
    if length < SHORT {
        return length;
    }
    let (blocks, _) = long.as_chunks::<BLOCK>();
    let plain = blocks.iter().take_while(|block| !has_special(block));
    let length = BLOCK * plain.count();
    let (_, last) = long.split_at_checked(length).unwrap_or_default();
    SHORT + length + plain_length_by_words(last)
}

const fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

fn has_special(block: &[u8; 64]) -> bool {
    // No early end: that would cost the compiler its wide comparisons.
    let specials = block
        .iter()
        .map(|&byte| (byte == b'"') | (byte == b'\\') | (byte < 0x20));
    specials.fold(false, |found, special| found | special)
}

/// The same, 8 bytes at a time. In `x - ONES & !x & HIGH` the lowest bit that is set belongs to
/// the first byte of `x` that is zero (Mycroft); what the subtraction borrows only reaches the
/// bytes above it.
fn plain_length_by_words(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let (words, tail) = bytes.as_chunks::<8>();
    let mut length = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let zeros = |x: u64| x.wrapping_sub(ONES) & !x;
        let quotes = zeros(word ^ (ONES * u64::from(b'"')));
        let backslashes = zeros(word ^ (ONES * u64::from(b'\\')));
        let controls = word.wrapping_sub(ONES * 0x20) & !word;
        let specials = (quotes | backslashes | controls) & HIGH;
        if specials != 0 {
            let bits = usize::try_from(specials.trailing_zeros()).unwrap_or(0);
            return length + bits / 8;
        }
        length += 8;
    }
    length + tail.iter().take_while(|&&byte| !is_special(byte)).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    fn whole(text: &str) -> Result<&str, Stop> {
        let mut scan = Scan::new(text);
        let value = scan.value()?;
        scan.end().map(|()| value)
    }

    fn nested(depth: usize) -> String {
        "[".repeat(depth) + &"]".repeat(depth)
    }

    /// Walks objects and arrays by their members, as readers do.
    fn walk(scan: &mut Scan<'_>, seen: &mut Vec<String>) -> Result<(), Stop> {
        match scan.peek() {
            Some(b'{') => {
                scan.enter_object()?;
                while let Some(name) = scan.next_name()? {
                    seen.push(name.to_owned());
                    walk(scan, seen)?;
                }
            }
            Some(b'[') => {
                scan.enter_array()?;
                while scan.next_element()? {
                    walk(scan, seen)?;
                }
            }
            _ => seen.push(scan.value()?.to_owned()),
        }
        Ok(())
    }

    #[test]
    fn the_limit_of_nesting_is_allowed_and_no_more() {
        assert!(whole(&nested(128)).is_ok());
        assert_eq!(whole(&nested(129)), Err(Stop::TooDeep));
        assert_eq!(whole(&"[".repeat(100_000)), Err(Stop::TooDeep));
        let mixed = r#"{"a":["#.repeat(64) + "1" + &"]}".repeat(64);
        assert!(whole(&mixed).is_ok());
        let flat = format!("[{}1]", "{},".repeat(1000));
        assert!(whole(&flat).is_ok());
        assert!(whole(&format!("[\"{}\\\"{}\"]", "[".repeat(500), "{".repeat(500))).is_ok());
    }

    #[test]
    fn names_and_values_are_slices_of_the_text() {
        let text = r#" {"a" : [1, "x\"y" ,{}] , "b":{"c":null}} "#;
        let mut seen = Vec::new();
        walk(&mut Scan::new(text), &mut seen).unwrap();
        assert_eq!(seen, ["\"a\"", "1", r#""x\"y""#, "\"b\"", "\"c\"", "null"]);
        let mut scan = Scan::new(text);
        scan.enter_object().unwrap();
        assert_eq!(scan.next_name(), Ok(Some("\"a\"")));
        assert_eq!(scan.value(), Ok(r#"[1, "x\"y" ,{}]"#));
        assert_eq!(scan.next_name(), Ok(Some("\"b\"")));
        assert_eq!(scan.value(), Ok(r#"{"c":null}"#));
        assert_eq!(scan.next_name(), Ok(None));
        assert_eq!(scan.end(), Ok(()));
    }

    #[test]
    fn a_special_byte_is_found_wherever_it_stands() {
        for length in 0..200 {
            for special in ['"', '\\', '\n', '\0', '\u{1f}'] {
                let text = format!("{}{special}\"{}", "\u{7f}".repeat(length), "a".repeat(90));
                assert_eq!(plain_length(text.as_bytes()), length);
            }
            let text = "\u{20ac}!".repeat(length);
            assert_eq!(plain_length(text.as_bytes()), text.len());
        }
    }

    proptest! {
        #[test]
        fn what_serde_json_accepts_is_accepted_and_nothing_else(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"a\":", "\\", "\\\"", "\\u00e9",
                    "\\ud8", "\\x", "\\n", "\n", "\t", " ", "\u{1}", "\u{e9}", "null", "true",
                    "false", "nul", "0", "01", "12", "-", "-1", ".5", "1.", "e", "E+", "1e9",
                    "0.25", "[]", "{}", "[1]", "{\"a\":1}", "\u{feff}", "long text in a string, longer than a block of bytes, so that it is skipped as one",
                ]),
                0..12,
            ),
        ) {
            let text = pieces.concat();
            let serde = serde_json::from_str::<&RawValue>(&text).ok().map(RawValue::get);
            prop_assert_eq!(whole(&text).ok(), serde, "{}", text);
            let mut scan = Scan::new(&text);
            let walked = walk(&mut scan, &mut Vec::new()).and_then(|()| scan.end());
            prop_assert_eq!(walked.is_ok(), serde.is_some(), "{}", text);
        }

        #[test]
        fn one_changed_byte_is_judged_as_serde_json_judges_it(
            at in 0..400_usize,
            byte in 0..128_u8,
        ) {
            let text = r#"{"model":"gpt","messages":[{"role":"user","content":"caf\u00e9 \"says\" \\ nothing of this kind, however long it gets; seventy bytes are enough"},{"content":[{"type":"text"},{}]}],"n":-1.5e+3,"stop":null,"list":[0,1.25,true,false,[]]}"#;
            let mut bytes = text.as_bytes().to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            let text = String::from_utf8(bytes).unwrap();
            let serde = serde_json::from_str::<&RawValue>(&text).ok().map(RawValue::get);
            prop_assert_eq!(whole(&text).ok(), serde, "{}", text);
        }
    }
}
