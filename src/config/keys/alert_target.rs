//! An entry of `headgate.alert_targets`: where alerts of budgets go.

use super::{Key, Shape, honoured};

/// An entry of `headgate.alert_targets`: where alerts of budgets go.
pub const KEYS: &[Key] = &[
    honoured("name", Shape::Text, "its name; each has another"),
    honoured("kind", Shape::Text, "webhook, slack or email"),
    honoured("url", Shape::Text, "where, for webhook and slack"),
    honoured(
        "secret",
        Shape::Text,
        "under what messages of a webhook are signed",
    ),
    honoured(
        "recipients",
        Shape::List,
        "to whom, for email; the person whose budget it is when missing",
    ),
    honoured(
        "monthly",
        Shape::Boolean,
        "whether it hears what each month came to as well",
    ),
];
