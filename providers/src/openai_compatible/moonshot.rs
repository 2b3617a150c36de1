//! Moonshot AI (Kimi).

use super::Compatible;

pub(super) const VENDOR: Compatible = Compatible {
    name: "moonshot",
    base_url: Some("https://api.moonshot.ai/v1"),
    key_variables: &["MOONSHOT_API_KEY"],
    base_url_variables: &["MOONSHOT_API_BASE"],
    ..Compatible::USUAL
};
