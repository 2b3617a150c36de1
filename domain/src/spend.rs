//! Corrections of spend: every one a row with a reason; a counter is never edited alone.

use serde::{Deserialize, Serialize};

use crate::ids::AdjustmentId;
use crate::money::NanoUsd;
use crate::time::TimestampMs;
use crate::windows::Window;

/// What a sum of spend belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SpendScope {
    /// Which kind of thing.
    pub kind: ScopeKind,
    /// Its id: `key_…`, `team_…`; for a member `team_…/user_…` or `org_…/user_…`; for end users
    /// and tags the organization's id and the name that requests give: `org_…/name`.
    pub id: String,
}

impl SpendScope {
    /// A thing that has an id of its own.
    #[must_use]
    pub fn new(kind: ScopeKind, id: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.into(),
        }
    }

    /// A person in a team, or in an organization itself.
    #[must_use]
    pub fn member(within: &str, user_id: &str) -> Self {
        Self::new(ScopeKind::Member, format!("{within}/{user_id}"))
    }

    /// An end user, by the name that requests give.
    #[must_use]
    pub fn end_user(organization_id: &str, name: &str) -> Self {
        Self::new(ScopeKind::EndUser, format!("{organization_id}/{name}"))
    }

    /// A tag, by its word.
    #[must_use]
    pub fn tag(organization_id: &str, name: &str) -> Self {
        Self::new(ScopeKind::Tag, format!("{organization_id}/{name}"))
    }
}

/// The levels at which spend is summed and budgets hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeKind {
    /// A virtual key.
    Key,
    /// A person, all their keys together.
    User,
    /// A person in a team.
    Member,
    /// A team.
    Team,
    /// A project.
    Project,
    /// An organization.
    Organization,
    /// An end user.
    EndUser,
    /// A tag.
    Tag,
}

impl ScopeKind {
    /// The word in the store and in bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::User => "user",
            Self::Member => "member",
            Self::Team => "team",
            Self::Project => "project",
            Self::Organization => "organization",
            Self::EndUser => "end_user",
            Self::Tag => "tag",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [
            Self::Key,
            Self::User,
            Self::Member,
            Self::Team,
            Self::Project,
            Self::Organization,
            Self::EndUser,
            Self::Tag,
        ];
        all.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What [`Adjustment::kind`] says when what was charged was changed afterwards (prices corrected, an
/// orphan settled by hand): its scope is an organization, its amount 0, and whoever counts the
/// spend of anything in that organization has to ask the ledger anew.
pub const REWRITTEN: &str = "rewritten";

/// A correction of a scope's spend: a reset, an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Ours.
    pub id: AdjustmentId,
    /// Whose spend.
    pub scope: SpendScope,
    /// Of one model group only: the counters of budgets for single models.
    pub model: Option<String>,
    /// Of budgets with this window only; none corrects the sum of all time. A reset is one row for
    /// the sum of all time and one for each window in use, for each has another sum.
    pub window: Option<Window>,
    /// By how much; a reset to zero is what was there, negative.
    pub amount_nanousd: NanoUsd,
    /// `reset`, `import`, [`REWRITTEN`].
    pub kind: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// When.
    pub at: TimestampMs,
}
