//! From where may requests come? Stub until merged.
use serde::{Deserialize, Serialize};
/// Addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AllowedAddresses(Vec<String>);
impl AllowedAddresses {
    /// Whether all are allowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
