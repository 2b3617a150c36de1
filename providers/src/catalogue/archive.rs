//! The compiled-in catalogue, searched where it lies: it takes no memory but what is looked up.
//!
//! `build.rs` lays it out. An entry is parsed when it is asked for: a gateway asks for a handful of five
//! thousand.

use std::cmp::Ordering;
use std::sync::OnceLock;

static NAMES: &str = include_str!(concat!(env!("OUT_DIR"), "/catalogue.names"));
static ENTRIES: &str = include_str!(concat!(env!("OUT_DIR"), "/catalogue.entries"));
static WORDS: &str = include_str!(concat!(env!("OUT_DIR"), "/catalogue.words"));
static RECORDS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/catalogue.records"));

const RECORD_BYTES: usize = 12;
const RETIRED: u8 = 1;
const PRICED: u8 = 2;

/// One model of the catalogue: what is needed to find it, and its entry's text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed {
    /// `gpt-4o`, `gemini/gemini-2.5-pro` …
    pub(super) name: &'static str,
    /// The entry's JSON.
    pub(super) json: &'static str,
    /// The catalogue's name for who sells the model; not always a prefix of `name`.
    pub(super) owner: &'static str,
    /// `chat`, `embedding` …
    pub(super) mode: &'static str,
    /// Whether the vendor has withdrawn the model.
    pub(super) retired: bool,
    /// Whether the entry has prices per token.
    pub(super) priced: bool,
}

/// Where a model's texts begin; they end where those of the next one do.
struct Record {
    name_at: usize,
    json_at: usize,
    owner: u8,
    mode: u8,
    flags: u8,
}

/// Every model, sorted by name.
pub(super) fn listed() -> impl Iterator<Item = Listed> {
    (0..count()).filter_map(entry)
}

/// The model of exactly this name.
pub(super) fn find(name: &str) -> Option<Listed> {
    let (mut first, mut beyond) = (0, count());
    while first < beyond {
        let middle = first + (beyond - first) / 2;
        match self::name(middle)?.cmp(name) {
            Ordering::Less => first = middle + 1,
            Ordering::Equal => return entry(middle),
            Ordering::Greater => beyond = middle,
        }
    }
    None
}

/// How many models there are: behind the last one stands where it ends.
const fn count() -> usize {
    (RECORDS.len() / RECORD_BYTES).saturating_sub(1)
}

fn record(number: usize) -> Option<Record> {
    let rest = RECORDS.get(number.checked_mul(RECORD_BYTES)?..)?;
    let [a, b, c, d, e, f, g, h, owner, mode, flags, _nothing] = *rest.first_chunk()?;
    Some(Record {
        name_at: usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?,
        json_at: usize::try_from(u32::from_le_bytes([e, f, g, h])).ok()?,
        owner,
        mode,
        flags,
    })
}

fn name(number: usize) -> Option<&'static str> {
    NAMES.get(record(number)?.name_at..record(number + 1)?.name_at)
}

fn entry(number: usize) -> Option<Listed> {
    let (this, next) = (record(number)?, record(number + 1)?);
    Some(Listed {
        name: NAMES.get(this.name_at..next.name_at)?,
        json: ENTRIES.get(this.json_at..next.json_at)?,
        owner: word(this.owner)?,
        mode: word(this.mode)?,
        retired: this.flags & RETIRED != 0,
        priced: this.flags & PRICED != 0,
    })
}

fn word(number: u8) -> Option<&'static str> {
    static ALL: OnceLock<Vec<&str>> = OnceLock::new();
    let all = ALL.get_or_init(|| WORDS.lines().collect());
    all.get(usize::from(number)).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::*;

    #[test]
    fn every_model_of_the_file_is_found_by_its_name_as_it_is_there() {
        let file = include_str!("../../data/model-catalog.json");
        let file: BTreeMap<String, Value> = serde_json::from_str(file).unwrap();
        assert_eq!((file.len(), count()), (4_967, 4_967));
        for (name, entry) in &file {
            let found = find(name).unwrap();
            let json: Value = serde_json::from_str(found.json).unwrap();
            assert_eq!((found.name, &json), (name.as_str(), entry));
            assert_eq!(found.owner, entry["provider"], "{name}");
            assert_eq!(found.mode, entry["mode"], "{name}");
            assert_eq!(found.retired, entry["retired"] == true, "{name}");
            assert_eq!(found.priced, entry.get("usd_per_mtok").is_some(), "{name}");
        }
        assert!(listed().map(|entry| entry.name).eq(file.keys()));
    }

    #[test]
    fn what_is_no_name_is_not_found() {
        for name in ["gpt-4o-", "", "\u{0}", "zzzz", "\u{10ffff}"] {
            assert!(find(name).is_none(), "{name}");
        }
    }
}
