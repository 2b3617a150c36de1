//! What may not be used any more, or may be again: what a change leaves behind for those who have to
//! know of it before its caller is answered.

use crate::ids::OrganizationId;

/// Whether a key, or something that keys belong to, may be used, as a change has left it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revocation {
    /// Where its requests are counted.
    pub organization_id: OrganizationId,
    /// The id of a key, team, project, organization or person.
    pub object_id: String,
    /// Whether it was blocked or deleted, or has expired.
    pub is_revoked: bool,
}
