//! Models, their prices and limits: placeholder.

use domain::prices::Price;

use crate::Provider;

/// What the catalogue says of one model at one vendor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelFacts {
    /// `chat`, `completion`, `embedding`, …
    pub mode: String,
    /// The most tokens that the model reads.
    pub max_input_tokens: Option<u64>,
    /// The most tokens that the model writes.
    pub max_output_tokens: Option<u64>,
    /// Whether the model reasons.
    pub reasons: bool,
    /// Whether the vendor has withdrawn the model.
    pub retired: bool,
    /// The price; none when the catalogue has no price per token.
    pub price: Option<Price>,
}

/// Looks a model up: `base_model` first, then `vendor/model`, then the bare name if the catalogue
/// gives it to this vendor.
#[must_use]
pub fn look_up(
    provider: &dyn Provider,
    model: &str,
    base_model: Option<&str>,
) -> Option<ModelFacts> {
    let _ = (provider, model, base_model);
    None
}

/// The names of a vendor's chat, completion and embedding models that are not withdrawn, without
/// the vendor's prefix, sorted.
#[must_use]
pub fn models_of(provider: &dyn Provider) -> Vec<String> {
    let _ = provider;
    Vec::new()
}

/// The vendor that the catalogue gives a bare model name to (`gpt-4o` -> `openai`).
#[must_use]
pub fn vendor_of(model: &str) -> Option<&'static str> {
    let _ = model;
    None
}
