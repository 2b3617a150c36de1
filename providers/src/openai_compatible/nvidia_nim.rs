//! NVIDIA NIM.

use super::Compatible;

pub(super) const VENDOR: Compatible = Compatible {
    name: "nvidia_nim",
    base_url: Some("https://integrate.api.nvidia.com/v1"),
    key_variables: &["NVIDIA_NIM_API_KEY", "NVIDIA_API_KEY"],
    base_url_variables: &["NVIDIA_NIM_API_BASE"],
    ..Compatible::USUAL
};
