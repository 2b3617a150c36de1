//! What time is it? The one door to the system's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970 in UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct TimestampMs(pub u64);

impl TimestampMs {
    /// Reads the system's clock; a clock before 1970 reads as 0.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that may read the clock"
    )]
    pub fn now() -> Self {
        let elapsed = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
    }

    /// Whole seconds since 1970, as OpenAI's `created` has them.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0 / 1_000
    }
}
