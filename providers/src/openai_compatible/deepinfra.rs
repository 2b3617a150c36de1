//! DeepInfra.

use super::Compatible;

pub(super) const VENDOR: Compatible = Compatible {
    name: "deepinfra",
    base_url: Some("https://api.deepinfra.com/v1/openai"),
    key_variables: &["DEEPINFRA_API_KEY"],
    base_url_variables: &["DEEPINFRA_API_BASE"],
    ..Compatible::USUAL
};
