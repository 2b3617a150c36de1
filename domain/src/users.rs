//! A person: signs in, has roles, owns keys.

use serde::{Deserialize, Serialize};

use crate::ids::UserId;
use crate::permissions::PlatformRole;
use crate::policies::Policy;
use crate::stamps::Stamps;

/// A person. The password's hash is the store's alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// Ours.
    pub id: UserId,
    /// The id that a caller of LiteLLM's routes chose; found by either.
    pub external_id: Option<String>,
    /// Unique when there is one; compared in lower case.
    pub email: Option<String>,
    /// For people.
    pub name: Option<String>,
    /// A role over the whole platform.
    pub platform_role: Option<PlatformRole>,
    /// What their own keys may do, all teams together.
    pub policy: Policy,
    /// Whether they may neither sign in nor use a key.
    pub blocked: bool,
    /// When and by whom.
    pub stamps: Stamps,
}
