//! Addresses of lists: the members that are said, and no others.

use web_ui::pages::parts::Pager;
use web_ui::words::Words;

use web_ui::figures::count;

/// A query of these members, those that are empty left out: `?q=a&team=b`, or nothing.
pub fn query(members: &[(&str, &str)]) -> String {
    let mut query = String::new();
    for (name, value) in members.iter().filter(|(_name, value)| !value.is_empty()) {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(name);
        query.push('=');
        query.push_str(&encoded(value));
    }
    query
}

/// A text as a member of a query.
pub fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match char::from(byte) {
            letter @ ('a'..='z' | 'A'..='Z' | '0'..='9' | '/' | '-' | '_' | '.' | '~') => {
                encoded.push(letter);
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// Where one is in a list: how many are shown of how many, the way on, and the way back to its head.
pub fn pager(
    words: Words,
    (shown, total): (usize, Option<i64>),
    address: impl Fn(&str) -> String,
    (after, next): (&str, Option<String>),
) -> Pager {
    let shown = count(words, u64::try_from(shown).unwrap_or(0));
    let told = [("shown", (&shown).into())];
    let text = match total.and_then(|total| u64::try_from(total).ok()) {
        Some(total) => {
            let total = count(words, total);
            words.with(
                "pager-of",
                &[("shown", (&shown).into()), ("total", (&total).into())],
            )
        }
        None => words.with("pager-shown", &told),
    };
    Pager {
        shown: text,
        first: (!after.is_empty()).then(|| address("")),
        next: next.map(|cursor| address(&cursor)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_only_what_was_chosen() {
        assert_eq!(
            query(&[("q", "a b&c"), ("team", ""), ("view", "mine")]),
            "?q=a%20b%26c&view=mine"
        );
        assert_eq!(query(&[("q", "")]), "");
        assert_eq!(encoded("/ui/keys?team=a&b"), "/ui/keys%3Fteam%3Da%26b");
    }
}
