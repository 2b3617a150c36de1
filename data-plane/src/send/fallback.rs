//! Which group takes over when a group has failed?

use domain::routing::FallbackTarget;
use providers::failure::FailureKind;
use providers::openai::controls::{CallerFallbacks, GatewayControls};

use crate::route::table::{Table, lookup};
use crate::send::fault::Fault;

/// The groups that a request may still go to, found when its first group has failed.
pub struct Fallbacks {
    left: std::vec::IntoIter<FallbackTarget>,
}

impl Fallbacks {
    /// The fallbacks of `group` after `fault`: the caller's own before the operator's; for a prompt
    /// that is too long or content that is refused the lists made for that. When such a list is
    /// set but does not name the group, the error stands (LiteLLM's rule).
    #[must_use]
    pub fn find(table: &Table, controls: &GatewayControls, group: &str, fault: &Fault) -> Self {
        let targets = if controls.disable_fallbacks || matches!(fault, Fault::BadRequest(_)) {
            Vec::new()
        } else {
            targets(table, controls, group, fault)
        };
        let most = usize::try_from(table.router.max_fallbacks).unwrap_or(usize::MAX);
        let targets: Vec<_> = targets
            .into_iter()
            .filter(|target| target.group != group)
            .take(most)
            .collect();
        Self {
            left: targets.into_iter(),
        }
    }

    /// Whether any group is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.left.len() == 0
    }
}

impl Iterator for Fallbacks {
    type Item = FallbackTarget;

    fn next(&mut self) -> Option<FallbackTarget> {
        self.left.next()
    }
}

fn targets(
    table: &Table,
    controls: &GatewayControls,
    group: &str,
    fault: &Fault,
) -> Vec<FallbackTarget> {
    let kind = match fault {
        Fault::Refused { failure, .. } => Some(failure.kind),
        _ => None,
    };
    let special = match kind {
        Some(FailureKind::ContextWindow) => Some((
            &controls.context_window_fallbacks,
            &table.router.context_window_fallbacks,
        )),
        Some(FailureKind::ContentPolicy) => Some((
            &controls.content_policy_fallbacks,
            &table.router.content_policy_fallbacks,
        )),
        _ => None,
    };
    if let Some((callers, operators)) = special {
        if let Some(callers) = callers {
            return of_caller(callers, group);
        }
        if let Some(operators) = operators {
            return lookup(operators, group).unwrap_or_default().to_vec();
        }
    }
    match &controls.fallbacks {
        Some(callers) => of_caller(callers, group),
        None => table.fallbacks(group).to_vec(),
    }
}

fn of_caller(callers: &CallerFallbacks, group: &str) -> Vec<FallbackTarget> {
    let listed = lookup(&callers.lists, group).unwrap_or_default();
    listed.iter().chain(&callers.targets).cloned().collect()
}
