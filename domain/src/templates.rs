//! A policy template: what new keys of an environment get, and the most they may have.

use serde::{Deserialize, Serialize};

use crate::ids::{OrganizationId, TemplateId};
use crate::policies::Policy;
use crate::stamps::Stamps;

/// A template of an organization for the keys of one environment, or of all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// Ours.
    pub id: TemplateId,
    /// Whose keys it is for.
    pub organization_id: OrganizationId,
    /// Keys of this environment; none means of every one that has no template of its own.
    pub environment: Option<String>,
    /// For people.
    pub name: String,
    /// What a new key gets where its maker says nothing.
    pub defaults: Policy,
    /// The expiry of a new key whose maker says nothing (`90d`).
    pub default_lifetime: Option<String>,
    /// The most that a maker may ask for: more is refused.
    pub caps: Policy,
    /// The longest life that a maker may ask for (`90d`).
    pub longest_lifetime: Option<String>,
    /// When and by whom.
    pub stamps: Stamps,
}

/// What an environment is compared by: written with a capital or a space around it, it is the same. A
/// text of spaces is none.
#[must_use]
pub fn folded_environment(text: &str) -> Option<String> {
    let folded = text.trim().to_lowercase();
    (!folded.is_empty()).then_some(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_are_the_same_however_they_are_spelt() {
        let development = Some("development".to_owned());
        for text in ["development", "Development", " DEVELOPMENT\t"] {
            assert_eq!(folded_environment(text), development, "{text}");
        }
        assert_eq!(
            folded_environment("develop ment").as_deref(),
            Some("develop ment")
        );
        assert_eq!(folded_environment(" "), None);
    }
}
