//! An entry of `credential_list`.

use super::{Key, Shape, honoured, ignored};

/// An entry of `credential_list`.
pub const KEYS: &[Key] = &[
    honoured(
        "credential_name",
        Shape::Text,
        "the name for litellm_credential_name",
    ),
    honoured(
        "credential_values",
        Shape::Map,
        "members of litellm_params that it stands for",
    ),
    ignored("credential_info", Shape::Map, "kept for the reader"),
];
