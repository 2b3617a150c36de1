//! SambaNova.

use super::Compatible;

pub(super) const VENDOR: Compatible = Compatible {
    name: "sambanova",
    base_url: Some("https://api.sambanova.ai/v1"),
    key_variables: &["SAMBANOVA_API_KEY"],
    base_url_variables: &["SAMBANOVA_API_BASE"],
    ..Compatible::USUAL
};
