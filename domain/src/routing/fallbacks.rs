//! Who takes over when a group has failed, and how often is it tried again before?

use crate::routing::{FallbackLists, FallbackTarget, RetryPolicy, RouterSettings, pattern};

/// Why a group has failed, as far as fallbacks differ by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Any failure.
    Any,
    /// The prompt was too long.
    ContextWindow,
    /// The provider refused the content.
    ContentPolicy,
}

/// The list of a group: by its name, else by the longest pattern that matches it.
#[must_use]
pub fn lookup<'a>(lists: &'a FallbackLists, group: &str) -> Option<&'a [FallbackTarget]> {
    if let Some(list) = lists.get(group) {
        return Some(list);
    }
    lists
        .iter()
        .filter(|(name, _)| name.contains('*') && pattern::capture(name, group).is_some())
        .max_by_key(|(name, _)| name.len())
        .map(|(_, list)| list.as_slice())
}

impl RouterSettings {
    /// The operator's fallbacks of a group: for a prompt that is too long or content that is refused
    /// the lists made for that (when such a list is set but does not name the group, the error
    /// stands: LiteLLM's rule); else its own list, else the longest matching pattern's, else the
    /// default ones.
    #[must_use]
    pub fn fallbacks_of(&self, group: &str, cause: Cause) -> &[FallbackTarget] {
        let special = match cause {
            Cause::Any => None,
            Cause::ContextWindow => self.context_window_fallbacks.as_ref(),
            Cause::ContentPolicy => self.content_policy_fallbacks.as_ref(),
        };
        match special {
            Some(special) => lookup(special, group).unwrap_or_default(),
            None => lookup(&self.fallbacks, group).unwrap_or(&self.default_fallbacks),
        }
    }

    /// Those of a list of targets that a request of `group` goes to: never to the group itself, and
    /// only so many.
    pub fn within_bounds<'a>(
        &self,
        group: &str,
        targets: impl IntoIterator<Item = &'a FallbackTarget>,
    ) -> impl Iterator<Item = &'a FallbackTarget> {
        let most = usize::try_from(self.max_fallbacks).unwrap_or(usize::MAX);
        let others = targets.into_iter().filter(move |one| one.group != group);
        others.take(most)
    }

    /// The retries by the kind of failure that hold in a group.
    #[must_use]
    pub fn retry_policy_of(&self, group: &str) -> &RetryPolicy {
        let own = self.group_retry_policies.get(group);
        own.unwrap_or(&self.retry_policy)
    }
}
