//! Together AI.

use super::Compatible;

pub(super) const VENDOR: Compatible = Compatible {
    name: "together_ai",
    other_names: &["together"],
    base_url: Some("https://api.together.xyz/v1"),
    key_variables: &[
        "TOGETHERAI_API_KEY",
        "TOGETHER_API_KEY",
        "TOGETHER_AI_API_KEY",
    ],
    base_url_variables: &["TOGETHER_AI_API_BASE"],
    ..Compatible::USUAL
};
