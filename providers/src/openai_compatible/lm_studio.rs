//! LM Studio on the operator's machine.

use super::Compatible;

pub(super) const VENDOR: Compatible = Compatible {
    name: "lm_studio",
    base_url: Some("http://localhost:1234/v1"),
    key_variables: &["LM_STUDIO_API_KEY"],
    base_url_variables: &["LM_STUDIO_API_BASE"],
    needs_key: false,
    is_local: true,
    ..Compatible::USUAL
};
