//! OpenRouter.

use super::Compatible;

pub(super) const VENDOR: Compatible = Compatible {
    name: "openrouter",
    base_url: Some("https://openrouter.ai/api/v1"),
    key_variables: &["OPENROUTER_API_KEY", "OR_API_KEY"],
    base_url_variables: &["OPENROUTER_API_BASE"],
    ..Compatible::USUAL
};
