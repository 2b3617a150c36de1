//! A vLLM server of the operator's.

use super::Compatible;

pub(super) const VENDOR: Compatible = Compatible {
    name: "hosted_vllm",
    other_names: &["vllm"],
    key_variables: &["HOSTED_VLLM_API_KEY"],
    base_url_variables: &["HOSTED_VLLM_API_BASE"],
    needs_key: false,
    is_local: true,
    ..Compatible::USUAL
};
