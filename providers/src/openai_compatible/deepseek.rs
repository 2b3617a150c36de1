//! DeepSeek.

use super::Compatible;

pub(super) const VENDOR: Compatible = Compatible {
    name: "deepseek",
    base_url: Some("https://api.deepseek.com/v1"),
    key_variables: &["DEEPSEEK_API_KEY"],
    base_url_variables: &["DEEPSEEK_API_BASE"],
    ..Compatible::USUAL
};
