//! Does a list of models allow a name? The rule that every level's `models` is read by.

use crate::policies::Policy;
use crate::routing::names::Hit;
use crate::routing::pattern;
use crate::standing::Level;

/// LiteLLM's words for all models, here and above.
const EVERYTHING: [&str; 3] = ["*", "all-proxy-models", "all-team-models"];

/// LiteLLM's word for no models but those that a team has.
const NOTHING: &str = "no-default-models";

/// A model that somebody asks for.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The name.
    pub model: &'a str,
    /// What it leads to; none when there is no such model.
    pub hit: Option<&'a Hit<'a>>,
    /// Whose request it is.
    pub organization_id: &'a str,
    /// Whether it is made for a team: what a person has for themself is then another matter.
    pub has_team: bool,
}

impl Asked<'_> {
    /// The first level that does not allow it.
    pub fn refusing<'p>(
        &self,
        policies: impl IntoIterator<Item = (Level, &'p Policy)>,
    ) -> Option<Level> {
        policies
            .into_iter()
            .find(|(level, policy)| !self.is_allowed(*level, policy))
            .map(|(level, _policy)| level)
    }

    fn is_allowed(&self, level: Level, policy: &Policy) -> bool {
        policy.models.is_empty()
            || policy.models.iter().any(|entry| match entry.as_str() {
                // Of a person it means: no models outside of teams.
                NOTHING => level == Level::User && self.has_team,
                entry if EVERYTHING.contains(&entry) => true,
                entry => self.is_meant(entry),
            })
    }

    /// Whether an entry of a list means it: its name, its group's, a pattern, or the name of an
    /// access group.
    fn is_meant(&self, entry: &str) -> bool {
        let model = self.model;
        if entry == model || (entry.contains('*') && pattern::capture(entry, model).is_some()) {
            return true;
        }
        let Some(Hit { group, .. }) = self.hit else {
            return false;
        };
        if entry == group.name {
            return true;
        }
        let mut members = group.members.iter();
        members.any(|member| {
            // `openai/*` means `gpt-4o` as well, where that is OpenAI's own name for it.
            let is_vendors_own = || {
                let vendors = format!("{}/{model}", member.provider);
                member.model == model && pattern::capture(entry, &vendors).is_some()
            };
            member.is_for(self.organization_id)
                && (member.access_groups.iter().any(|name| name == entry)
                    || (entry.contains('*') && is_vendors_own()))
        })
    }
}
