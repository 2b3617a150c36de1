//! xAI: counts reasoning beside `completion_tokens`.

use super::Compatible;

pub(super) const VENDOR: Compatible = Compatible {
    name: "xai",
    base_url: Some("https://api.x.ai/v1"),
    key_variables: &["XAI_API_KEY"],
    base_url_variables: &["XAI_API_BASE"],
    ..Compatible::USUAL
};
