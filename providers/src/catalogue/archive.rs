//! The compiled-in catalogue: inflated once, then an index of names over its text.
//!
//! The text (1.4 MB) and the index stay in memory; an entry is parsed when it is asked for. Parsed
//! entries would be twice as large, and a gateway asks for a handful of five thousand.

use std::fmt;
use std::io::Read;
use std::sync::OnceLock;

use flate2::read::ZlibDecoder;
use serde::Deserialize;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Little-endian length of the JSON text, then the text, compressed; made by `build.rs`.
static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/model-catalog.json.zlib"));

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

/// Every model, sorted by name.
pub(super) fn listed() -> &'static [Listed] {
    static INDEX: OnceLock<Vec<Listed>> = OnceLock::new();
    // The text is compiled in and a test reads all of it, so what cannot be read here cannot have
    // been built.
    INDEX.get_or_init(|| index(text()).unwrap_or_default())
}

/// The model of exactly this name.
pub(super) fn find(name: &str) -> Option<Listed> {
    let listed = listed();
    let position = listed.binary_search_by(|entry| entry.name.cmp(name)).ok()?;
    listed.get(position).copied()
}

/// The catalogue's JSON.
fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| inflate(PACKED).unwrap_or_default())
}

fn inflate(packed: &[u8]) -> Option<String> {
    let (size, compressed) = packed.split_first_chunk::<4>()?;
    let size = usize::try_from(u32::from_le_bytes(*size)).ok()?;
    let mut text = String::with_capacity(size);
    ZlibDecoder::new(compressed)
        .read_to_string(&mut text)
        .ok()?;
    Some(text)
}

fn index(text: &'static str) -> serde_json::Result<Vec<Listed>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut listed = deserializer.deserialize_map(Entries)?;
    listed.shrink_to_fit();
    listed.sort_unstable_by_key(|entry| entry.name);
    Ok(listed)
}

/// What the index takes from an entry; the rest is read when the entry is asked for.
#[derive(Deserialize)]
struct Heading<'a> {
    provider: &'a str,
    mode: &'a str,
    #[serde(default)]
    retired: bool,
    usd_per_mtok: Option<IgnoredAny>,
}

struct Entries;

impl<'de: 'static> Visitor<'de> for Entries {
    type Value = Vec<Listed>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of models by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut listed = Vec::with_capacity(5_000);
        while let Some(name) = entries.next_key::<&'static str>()? {
            let json = entries.next_value::<&'static RawValue>()?.get();
            let Heading {
                provider,
                mode,
                retired,
                usd_per_mtok,
            } = serde_json::from_str(json).map_err(serde::de::Error::custom)?;
            listed.push(Listed {
                name,
                json,
                owner: provider,
                mode,
                retired,
                priced: usd_per_mtok.is_some(),
            });
        }
        Ok(listed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_catalogue_is_compiled_in() {
        let file = include_str!("../../data/model-catalog.json");
        assert_eq!(text(), file);
        assert_eq!(index(text()).unwrap().len(), 4_967);
    }

    #[test]
    fn every_model_is_found_by_its_name() {
        assert!(listed().is_sorted_by_key(|entry| entry.name));
        for entry in listed() {
            assert_eq!(find(entry.name).unwrap().name, entry.name);
        }
        assert!(find("gpt-4o-").is_none());
        assert!(find("").is_none());
    }
}
