//! An alias with more to say than its group.

use super::{Key, Shape, honoured};

/// An alias with more to say than its group.
pub const KEYS: &[Key] = &[
    honoured("model", Shape::Text, "the group that answers"),
    honoured(
        "hidden",
        Shape::Boolean,
        "true keeps it out of the list of models",
    ),
];
