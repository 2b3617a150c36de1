//! Cerebras.

use super::Compatible;

pub(super) const VENDOR: Compatible = Compatible {
    name: "cerebras",
    base_url: Some("https://api.cerebras.ai/v1"),
    key_variables: &["CEREBRAS_API_KEY"],
    base_url_variables: &["CEREBRAS_API_BASE"],
    ..Compatible::USUAL
};
