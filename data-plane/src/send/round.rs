//! Which candidate of a group is tried next, and after what pause?
//!
//! Every candidate gets its chance once, best first: going on to a sibling is no retry. Then those
//! that may be tried again are, until the retries are used up. So a group of one with `num_retries:
//! 2` is asked three times, and a group of five whose first four are down still answers.

use std::sync::Arc;
use std::time::Duration;

use domain::routing::{RetryPolicy, RouterSettings};

use crate::call::Call;
use crate::route::{Candidates, Choice};
use crate::send::fault::{Fault, Verdict};
use crate::send::pause;

/// One group's attempts for one request.
pub struct Round<'a> {
    router: &'a RouterSettings,
    policy: &'a RetryPolicy,
    callers_retries: Option<u32>,
    /// Candidates that have not been tried, best last.
    untried: Vec<Arc<Choice>>,
    /// Candidates that may be tried again, the one that waits longest first.
    again: Vec<Arc<Choice>>,
    tries: u32,
    repeats: u32,
    more_follow: bool,
}

impl<'a> Round<'a> {
    /// A round over the candidates; `more_follow` says that other groups could still answer.
    #[must_use]
    pub fn new(
        router: &'a RouterSettings,
        candidates: &Candidates,
        call: &Call,
        more_follow: bool,
    ) -> Self {
        Self {
            router,
            policy: router.retry_policy_of(&candidates.group.name),
            callers_retries: call.body.controls.num_retries,
            untried: candidates.ordered.iter().rev().cloned().collect(),
            again: Vec::new(),
            tries: 0,
            repeats: 0,
            more_follow,
        }
    }

    /// The best candidate.
    pub fn first(&mut self) -> Option<Arc<Choice>> {
        self.untried.pop()
    }

    /// Whether nobody could answer after the attempt that is about to be made, so that it gets all
    /// the time there is.
    #[must_use]
    pub const fn is_last_chance(&self) -> bool {
        self.untried.is_empty() && !self.more_follow
    }

    /// The next candidate after `failed` has failed, and the pause before it; none when the round
    /// is over. A sibling that has not been tried is asked at once; before anybody is asked again
    /// there is a pause, for all have failed by then.
    pub fn after(
        &mut self,
        failed: &Arc<Choice>,
        fault: &Fault,
    ) -> Option<(Arc<Choice>, Duration)> {
        self.tries = self.tries.saturating_add(1);
        match fault.verdict() {
            // The operator may want a refusal tried again (`BadRequestErrorRetries`).
            Verdict::Stop
                if fault
                    .retries_in(self.policy)
                    .is_some_and(|retries| retries > 0) =>
            {
                self.again.push(Arc::clone(failed));
            }
            Verdict::Stop => return None,
            Verdict::Elsewhere => {}
            Verdict::Again => self.again.push(Arc::clone(failed)),
        }
        if let Some(choice) = self.untried.pop() {
            return Some((choice, Duration::ZERO));
        }
        if self.tries > self.retries(failed, fault)
            || self.fallback_is_better(fault)
            || self.again.is_empty()
        {
            return None;
        }
        let choice = self.again.remove(0);
        let pause = pause::before_repeat(fault, self.repeats, self.router.retry_after_ms)?;
        self.repeats = self.repeats.saturating_add(1);
        Some((choice, pause))
    }

    fn retries(&self, failed: &Choice, fault: &Fault) -> u32 {
        self.callers_retries
            .or(failed.candidate.num_retries)
            .or_else(|| fault.retries_in(self.policy))
            .unwrap_or(self.router.num_retries)
    }

    /// A provider that asks for patience is not pressed while another group could answer.
    fn fallback_is_better(&self, fault: &Fault) -> bool {
        self.more_follow && fault.asks_for_patience()
    }
}
