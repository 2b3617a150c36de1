//! An entry of `model_list`.

use super::{Key, Shape, honoured, not_yet};

/// An entry of `model_list`.
pub const KEYS: &[Key] = &[
    honoured(
        "model_name",
        Shape::Text,
        "the public name; entries of one name form a group; may hold `*`",
    ),
    honoured("litellm_params", Shape::Map, "how the deployment is called"),
    honoured(
        "model_info",
        Shape::Map,
        "what the operator says of the model",
    ),
    honoured("blocked", Shape::Boolean, "true leaves the deployment out"),
    not_yet("max_budget", Shape::Number, ""),
    not_yet("budget_duration", Shape::Text, ""),
];
