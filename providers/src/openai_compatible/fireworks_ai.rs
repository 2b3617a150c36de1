//! Fireworks AI.

use super::Compatible;

pub(super) const VENDOR: Compatible = Compatible {
    name: "fireworks_ai",
    other_names: &["fireworks"],
    base_url: Some("https://api.fireworks.ai/inference/v1"),
    key_variables: &["FIREWORKS_AI_API_KEY", "FIREWORKS_API_KEY"],
    base_url_variables: &["FIREWORKS_API_BASE"],
    catalogue_names: &["fireworks_ai-embedding-models"],
    ..Compatible::USUAL
};
