//! A llamafile on the operator's machine.

use super::Compatible;

pub(super) const VENDOR: Compatible = Compatible {
    name: "llamafile",
    base_url: Some("http://127.0.0.1:8080/v1"),
    key_variables: &["LLAMAFILE_API_KEY"],
    base_url_variables: &["LLAMAFILE_API_BASE"],
    needs_key: false,
    is_local: true,
    ..Compatible::USUAL
};
