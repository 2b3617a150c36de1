//! The names of keys: all of one organization's have one hash tag, and so lie on one server.

use std::borrow::Cow;

/// Keys of this layout. Another layout has another number; both may be there while a fleet is updated.
const LAYOUT: &str = "h1";

/// The channel on which nodes tell each other what to look at.
pub(super) const CHANNEL: &str = "h1:news";

/// How many slots a cluster has.
const SLOTS: u16 = 16_384;

/// The keys of one organization.
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    pub(super) fn new(organization: &str) -> Self {
        Self {
            prefix: format!("{LAYOUT}:{{o:{}}}:", escape(organization)),
        }
    }

    /// A key of which there is one.
    pub(super) fn one(&self, name: &str) -> String {
        [self.prefix.as_str(), name].concat()
    }

    pub(super) fn done(&self, attempt: &str) -> String {
        self.of("d:", attempt)
    }

    pub(super) fn counter(&self, name: &str) -> String {
        self.of("b:", name)
    }

    pub(super) fn bucket(&self, name: &str) -> String {
        self.of("q:", name)
    }

    pub(super) fn slot(&self, name: &str) -> String {
        self.of("c:", name)
    }

    /// What counters' keys begin with.
    pub(super) fn counters(&self) -> String {
        self.one("b:")
    }

    fn of(&self, kind: &str, name: &str) -> String {
        [self.prefix.as_str(), kind, &escape(name)].concat()
    }

    /// Which of a cluster's slots they are in.
    pub(super) fn cluster_slot(&self) -> u16 {
        cluster_slot(&self.prefix)
    }
}

/// The key that says since when a server has had its memory; in a cluster one that lies on it.
pub(super) fn marker(is_own: impl Fn(u16) -> bool) -> Option<String> {
    let mut keys = (0..u32::from(SLOTS)).map(|number| format!("{LAYOUT}:{{m:{number}}}"));
    keys.find(|key| is_own(cluster_slot(key)))
}

/// Names as scripts and keys have them: lists are joined by newlines, and a brace would end the hash
/// tag. Names of end users and tags are the callers' own.
pub(super) fn escape(name: &str) -> Cow<'_, str> {
    if !name.contains(['%', '\n', '{', '}']) {
        return Cow::Borrowed(name);
    }
    let name = name.replace('%', "%25").replace('\n', "%0A");
    Cow::Owned(name.replace('{', "%7B").replace('}', "%7D"))
}

/// The name that was escaped.
pub(super) fn unescape(name: &str) -> String {
    let name = name.replace("%7D", "}").replace("%7B", "{");
    name.replace("%0A", "\n").replace("%25", "%")
}

/// A key's slot, as Redis's cluster specification has it: CRC16 (XMODEM) of what is between the
/// first `{` and the `}` after it, if that is something, else of the whole key.
fn cluster_slot(key: &str) -> u16 {
    let tag = key
        .split_once('{')
        .and_then(|(_, rest)| rest.split_once('}'))
        .map(|(tag, _)| tag)
        .filter(|tag| !tag.is_empty());
    crc16(tag.unwrap_or(key).as_bytes()) % SLOTS
}

fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc: u16, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            let shifted = crc << 1;
            if crc & 0x8000 == 0 {
                shifted
            } else {
                shifted ^ 0x1021
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{Keys, cluster_slot, crc16, escape, marker, unescape};

    #[test]
    fn slots_are_those_of_the_cluster_specification() {
        assert_eq!(crc16(b"123456789"), 0x31C3);
        assert_eq!(cluster_slot("foo"), 12_182);
        assert_eq!(cluster_slot("{foo}bar"), 12_182);
        assert_eq!(cluster_slot("a{}b"), cluster_slot("a{}b"));
    }

    #[test]
    fn all_keys_of_an_organization_are_in_one_slot_whatever_its_name() {
        for organization in ["org_01", "a}b", "{", "%", "a\nb"] {
            let keys = Keys::new(organization);
            let slot = keys.cluster_slot();
            for key in [keys.one("m"), keys.counter("a}{b"), keys.done("x{y}")] {
                assert_eq!(cluster_slot(&key), slot, "{key}");
            }
        }
    }

    #[test]
    fn escaped_names_have_no_newline_and_come_back() {
        for name in ["end_user:o/a\nb", "%0A", "100%", "{x}", "%257B", "plain"] {
            let escaped = escape(name);
            assert!(!escaped.contains(['\n', '{', '}']), "{escaped}");
            assert_eq!(unescape(&escaped), name);
        }
    }

    #[test]
    fn every_part_of_a_cluster_has_a_marker() {
        for from in (0..16_384).step_by(100) {
            let key = marker(|slot| (from..from + 100).contains(&slot)).unwrap();
            assert!((from..from + 100).contains(&cluster_slot(&key)));
        }
    }
}
