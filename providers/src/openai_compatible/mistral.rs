//! Mistral: refuses `stream_options` and counts every stream unasked.

use super::Compatible;

pub(super) const VENDOR: Compatible = Compatible {
    name: "mistral",
    base_url: Some("https://api.mistral.ai/v1"),
    key_variables: &["MISTRAL_API_KEY"],
    base_url_variables: &["MISTRAL_API_BASE"],
    asks_stream_usage: false,
    ..Compatible::USUAL
};
