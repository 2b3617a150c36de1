//! How deep is a body nested? JSON parsers that skip values do not ask.

use memchr::{memchr2, memchr2_iter};

/// Objects and arrays within each other; deeper bodies are refused.
pub const MAX_DEPTH: usize = 128;

/// Whether a body is nested deeper than [`MAX_DEPTH`]. Bytes that are no JSON give any answer.
pub(super) fn is_too_deep(bytes: &[u8]) -> bool {
    // Fewer opening brackets than the limit cannot be nested deeper, wherever they stand.
    let openers = memchr2_iter(b'{', b'[', bytes).take(MAX_DEPTH + 1).count();
    openers > MAX_DEPTH && depth_exceeds(bytes)
}

fn depth_exceeds(bytes: &[u8]) -> bool {
    let (mut rest, mut depth) = (bytes, 0_usize);
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'"' => rest = after_string(tail),
            b'{' | b'[' => {
                depth = depth.saturating_add(1);
                if depth > MAX_DEPTH {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// What follows the string that has just begun.
fn after_string(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let Some(at) = memchr2(b'"', b'\\', rest) {
        let (_, tail) = rest.split_at(at);
        match tail {
            [b'"', after @ ..] => return after,
            [b'\\', _, after @ ..] => rest = after,
            _ => return &[],
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> Vec<u8> {
        [vec![b'['; depth], vec![b']'; depth]].concat()
    }

    #[test]
    fn the_limit_itself_is_allowed() {
        assert!(!is_too_deep(&nested(MAX_DEPTH)));
        assert!(is_too_deep(&nested(MAX_DEPTH + 1)));
        assert!(is_too_deep(&vec![b'['; 100_000]));
    }

    #[test]
    fn brackets_beside_each_other_or_in_strings_do_not_count() {
        let flat = format!("[{}1]", "{},".repeat(1000));
        assert!(!is_too_deep(flat.as_bytes()));
        let text = format!(r#"["{}\"{}\\",{}]"#, "[".repeat(500), "{".repeat(500), "[]");
        assert!(!is_too_deep(text.as_bytes()));
        let deep = format!(r#"{{"a\\":{}}}"#, "[".repeat(200));
        assert!(is_too_deep(deep.as_bytes()));
    }
}
