//! Stub until merged.
use serde::{Deserialize, Serialize};
/// A window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Window(String);
