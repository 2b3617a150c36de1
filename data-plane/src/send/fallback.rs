//! Which group takes over when a group has failed?

use domain::routing::FallbackTarget;
use domain::routing::fallbacks::{Cause, lookup};
use providers::failure::FailureKind;
use providers::openai::controls::{CallerFallbacks, GatewayControls};

use crate::route::table::Table;
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
        let targets = table.router.within_bounds(group, &targets);
        let targets: Vec<_> = targets.cloned().collect();
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
    let (cause, callers) = match kind {
        Some(FailureKind::ContextWindow) => {
            (Cause::ContextWindow, &controls.context_window_fallbacks)
        }
        Some(FailureKind::ContentPolicy) => {
            (Cause::ContentPolicy, &controls.content_policy_fallbacks)
        }
        _ => (Cause::Any, &None),
    };
    let has_operators = match cause {
        Cause::Any => false,
        Cause::ContextWindow => table.router.context_window_fallbacks.is_some(),
        Cause::ContentPolicy => table.router.content_policy_fallbacks.is_some(),
    };
    match (callers, &controls.fallbacks) {
        (Some(callers), _) => of_caller(callers, group),
        (None, Some(callers)) if !has_operators => of_caller(callers, group),
        (None, _) => table.router.fallbacks_of(group, cause).to_vec(),
    }
}

fn of_caller(callers: &CallerFallbacks, group: &str) -> Vec<FallbackTarget> {
    let listed = lookup(&callers.lists, group).unwrap_or_default();
    listed.iter().chain(&callers.targets).cloned().collect()
}
