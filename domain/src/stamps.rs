//! Who made a thing and who changed it last, and when?

use serde::{Deserialize, Serialize};

use crate::time::TimestampMs;

/// When a stored thing was made and changed, and by whom (an actor's id, such as `user_…`,
/// `master_key`, `command_line`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamps {
    /// When it was made.
    pub created_at: TimestampMs,
    /// By whom.
    pub created_by: String,
    /// When it was last changed.
    pub updated_at: TimestampMs,
    /// By whom.
    pub updated_by: String,
}

impl Stamps {
    /// Made now, by this actor.
    #[must_use]
    pub fn now(actor: &str) -> Self {
        let now = TimestampMs::now();
        Self {
            created_at: now,
            created_by: actor.to_owned(),
            updated_at: now,
            updated_by: actor.to_owned(),
        }
    }

    /// The same, changed now by this actor.
    #[must_use]
    pub fn changed(&self, actor: &str) -> Self {
        Self {
            updated_at: TimestampMs::now(),
            updated_by: actor.to_owned(),
            ..self.clone()
        }
    }
}
