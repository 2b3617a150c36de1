//! Walks over JSON text without building anything: names and values as slices of the text.
//!
//! What it skips is checked all the same. It accepts exactly what `serde_json` accepts as one
//! value, down to [`MAX_DEPTH`]: a caller or a provider that sends no JSON is told so at once.
//! `serde_json` spends its time on the bytes of strings; here they are compared many at a time.

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
#[derive(Clone)]
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// What is open, the innermost in the lowest bit: 1 is an object, 0 an array.
    open: u128,
    depth: u32,
    /// Whether the innermost has only just been opened, so that no comma may come.
    fresh: bool,
    /// Whether the text has control characters at all; if not, no string needs to be searched
    /// for them.
    has_controls: bool,
    /// Whether the string that was stepped over last has an escape.
    has_escape: bool,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            open: 0,
            depth: 0,
            fresh: false,
            has_controls: has_controls(text.as_bytes()),
            has_escape: false,
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

    /// Whether the name just given has escapes in it.
    pub(super) const fn name_has_escape(&self) -> bool {
        self.has_escape
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

    /// The whole number that stands here; none when it is something else or too large. A fraction
    /// is left standing, and no walk goes on from there.
    pub(super) fn count(&mut self) -> Option<u64> {
        let first = self.peek()?;
        if first == b'0' {
            self.at += 1;
            return Some(0);
        }
        let mut count = digit(first)?;
        self.at += 1;
        while let Some(digit) = self.byte().and_then(digit) {
            count = count.checked_mul(10)?.checked_add(digit)?;
            self.at += 1;
        }
        Some(count)
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

    #[inline]
    fn string(&mut self) -> Result<(), Stop> {
        let rest = self.rest();
        let (length, has_escape) = string_length(rest).ok_or(Stop::Syntax)?;
        if self.has_controls && rest.get(..length).is_some_and(has_controls) {
            return Err(Stop::Syntax);
        }
        self.at += length;
        self.has_escape = has_escape;
        Ok(())
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

/// Splits bytes after the JSON string at their start. Whether it is UTF-8 and without control
/// characters ([`has_controls`]) is not checked.
pub(super) fn split_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, _has_escape) = string_length(bytes)?;
    bytes.split_at_checked(length)
}

/// How long the string at the start of the bytes is, with its quotes, and whether it has escapes.
#[inline]
fn string_length(bytes: &[u8]) -> Option<(usize, bool)> {
    // Most names end within a word.
    if let [b'"', text @ ..] = bytes
        && let Some(word) = text.first_chunk::<8>()
    {
        let at = first_special(u64::from_le_bytes(*word));
        if word.get(at) == Some(&b'"') {
            return Some((at + 2, false));
        }
    }
    length_of_long(bytes)
}

#[inline(never)]
fn length_of_long(bytes: &[u8]) -> Option<(usize, bool)> {
    let (mut rest, mut has_escape) = (bytes.strip_prefix(b"\"")?, false);
    loop {
        match from_special(rest) {
            [b'"', after @ ..] => return Some((bytes.len() - after.len(), has_escape)),
            [b'\\', escape @ ..] => {
                has_escape = true;
                rest = after_escape(escape)?;
            }
            _ => return None,
        }
    }
}

/// The bytes from the first quote or backslash on; empty when there is none.
fn from_special(bytes: &[u8]) -> &[u8] {
    // Many end within a word, sooner than a search has begun.
    let mut rest = bytes;
    if let Some((word, after)) = rest.split_first_chunk::<8>() {
        let at = first_special(u64::from_le_bytes(*word));
        if at < 8 {
            return rest.get(at..).unwrap_or_default();
        }
        rest = after;
    }
    let at = memchr::memchr2(b'"', b'\\', rest);
    at.and_then(|at| rest.get(at..)).unwrap_or_default()
}

/// Where among the 8 bytes of a word, the lowest first, a quote or a backslash stands; 8 when
/// nowhere. In `x - ONES & !x & HIGH` the lowest bit that is set belongs to the first byte of `x`
/// that is zero (Mycroft); what the subtraction borrows only reaches the bytes above it.
fn first_special(word: u64) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let zeros = |x: u64| x.wrapping_sub(ONES) & !x;
    let quotes = zeros(word ^ (ONES * 0x22));
    let backslashes = zeros(word ^ (ONES * 0x5c));
    let specials = (quotes | backslashes) & HIGH;
    usize::try_from(specials.trailing_zeros() / 8).unwrap_or(8)
}

/// The value of a decimal digit.
fn digit(byte: u8) -> Option<u64> {
    Some(byte.wrapping_sub(b'0'))
        .filter(|&digit| digit < 10)
        .map(u64::from)
}

/// What follows an escape. Half of a surrogate pair is well formed, as it is for `serde_json`; it
/// is refused where the string is read.
fn after_escape(after_backslash: &[u8]) -> Option<&[u8]> {
    match after_backslash {
        [
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
            after @ ..,
        ] => Some(after),
        [b'u', digits @ ..] => {
            let (digits, after) = digits.split_first_chunk::<4>()?;
            digits.iter().all(u8::is_ascii_hexdigit).then_some(after)
        }
        _ => None,
    }
}

/// Whether there is a control character, white space among them.
pub(super) fn has_controls(bytes: &[u8]) -> bool {
    // No early end within a block: that would cost the compiler its wide comparisons.
    let in_block = |block: &[u8]| {
        let controls = block.iter().map(|&byte| byte < 0x20);
        controls.fold(false, |found, control| found | control)
    };
    let (blocks, last) = bytes.as_chunks::<64>();
    blocks.iter().any(|block| in_block(block)) || in_block(last)
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
    fn a_control_character_in_a_string_is_refused_wherever_it_stands() {
        for length in 0..200 {
            let plain = "\u{e9}\u{7f}".repeat(length);
            for control in ["\n", "\0", "\u{1f}", "\t"] {
                assert!(
                    whole(&format!("{control}\"{plain}\"")).is_ok() == "\n\t".contains(control)
                );
                assert!(whole(&format!("[\"\",\"{plain}{control}\"]")).is_err());
                assert!(whole(&format!("\n[\"{control}\\n{plain}\",\"\"]")).is_err());
            }
            assert!(whole(&format!("\n[\"{plain}\\\"\" ,\t\"{plain}\\n\" ]\r\n")).is_ok());
        }
    }

    #[test]
    fn a_quote_or_a_backslash_is_found_wherever_it_stands() {
        for length in 0..100 {
            for special in ["\"", "\\"] {
                let plain = "\u{a2}!#[]".repeat(length);
                let (start, _) = plain.split_at_checked(length).unwrap_or_default();
                let text = format!("\"{start}{special}\"{plain}\"{plain}");
                let expected = match special {
                    "\"" => start.len() + 2,
                    _ => start.len() + plain.len() + 4,
                };
                assert_eq!(
                    string_length(text.as_bytes()),
                    Some((expected, special == "\\"))
                );
                assert_eq!(string_length(format!("\"{start}").as_bytes()), None);
            }
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
