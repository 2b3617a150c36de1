//! Models, their prices and limits: looked up in a catalogue that is compiled in.

mod archive;
mod entry;
mod facts;
mod names;
mod rules;
mod suggestion;

pub use facts::{Feature, Features, ModelFacts, Unit};
pub use suggestion::suggest;

use domain::prices::Price;

use crate::catalogue::archive::Listed;
use crate::{ALL, Provider, openai_compatible};

/// Looks a model up: `base_model` first (as it is written, then as a model of this vendor, then as
/// a model of the vendor that stands before its slash), then `vendor/model`, then the bare name if the catalogue gives it to this vendor, then both without
/// a snapshot's date.
///
/// The address of a deployment plays no part: `openai/gpt-4o` at another address is priced as
/// `gpt-4o`. A name that the catalogue gives to somebody else is not taken, however alike: Google's
/// Vertex and Gemini are two price lists, and `gemini/text-embedding-004`, which only Vertex's has,
/// stays without a price until the operator gives one or names a `base_model`.
///
/// A model of a local vendor costs nothing, known or not, unless a `base_model` says otherwise.
///
/// An entry is parsed at every call (a few microseconds): keep what you need.
#[must_use]
pub fn look_up(
    provider: &dyn Provider,
    model: &str,
    base_model: Option<&str>,
) -> Option<ModelFacts> {
    if let Some(base_model) = base_model {
        let entry = archive::find(base_model)
            .or_else(|| find(provider, base_model))
            .or_else(|| find_prefixed(base_model));
        if let Some(entry) = entry {
            return read(&entry);
        }
    }
    let found = find(provider, model).and_then(|entry| read(&entry));
    if !provider.is_local() {
        return found;
    }
    Some(ModelFacts {
        price: Some(Price::free()),
        ..found.unwrap_or_default()
    })
}

/// The names of a vendor's chat, completion and embedding models that are not withdrawn, without
/// the vendor's prefix, sorted. Models without a price per token are left out, and so are the
/// bases of tuned models, which cannot be called.
#[must_use]
pub fn models_of(provider: &dyn Provider) -> Vec<String> {
    let mut models: Vec<String> = archive::listed()
        .filter(|entry| names::owns(provider, entry.owner) && is_offered(entry))
        .map(|entry| without_prefix(provider, entry.name).to_owned())
        .collect();
    models.sort_unstable();
    models.dedup();
    models
}

/// The vendor that the catalogue gives a bare model name to (`gpt-4o` -> `openai`); none for the
/// models of vendors that are not ours.
#[must_use]
pub fn vendor_of(model: &str) -> Option<&'static str> {
    let entry = names::spellings(model)
        .into_iter()
        .find_map(archive::find)?;
    ALL.iter()
        .chain(openai_compatible::ALL)
        .find(|provider| names::owns(**provider, entry.owner))
        .map(|provider| provider.name())
}

fn find(provider: &dyn Provider, model: &str) -> Option<Listed> {
    names::spellings(model).into_iter().find_map(|spelling| {
        let prefixed = |prefix| archive::find(&format!("{prefix}/{spelling}"));
        let bare = || archive::find(spelling).filter(|entry| names::owns(provider, entry.owner));
        names::prefixes(provider).find_map(prefixed).or_else(bare)
    })
}

/// `openai/gpt-4o`, which the catalogue lists as `gpt-4o`.
fn find_prefixed(model: &str) -> Option<Listed> {
    let (vendor, model) = model.split_once('/')?;
    find(crate::find(vendor)?, model)
}

/// The entry's facts; every entry can be read, as a test shows.
fn read(entry: &Listed) -> Option<ModelFacts> {
    entry::read(entry.json).ok()
}

/// Whether `GET /models` may list the entry.
fn is_offered(entry: &Listed) -> bool {
    let mode = matches!(entry.mode, "chat" | "completion" | "embedding");
    mode && entry.priced && !entry.retired && !entry.name.starts_with("ft:")
}

fn without_prefix<'a>(provider: &dyn Provider, name: &'a str) -> &'a str {
    names::prefixes(provider)
        .find_map(|prefix| name.strip_prefix(prefix)?.strip_prefix('/'))
        .unwrap_or(name)
}

#[cfg(test)]
mod every_entry_test;
#[cfg(test)]
mod tests;
