//! Candidates to an answer: attempts, retries, then fallbacks, always before the first byte has
//! reached the caller.

pub mod attempt;
pub mod client;
pub mod connector;
pub mod deadline;
pub mod fallback;
pub mod fault;
pub mod hang_up;
pub mod names;
pub mod pause;
pub mod pool;
pub mod provider_body;
pub mod refusal;
pub mod round;
mod told;
mod trust_anybody;
pub mod upstream_body;
pub mod url;

use domain::routing::FallbackTarget;

use crate::admit::Admission;
use crate::attending::Presence;
use crate::call::Call;
use crate::error::GatewayError;
use crate::node::{State, Worker};
use crate::route::{Candidates, route_fallback};
use crate::send::attempt::Answered;
use crate::send::fallback::Fallbacks;
use crate::send::fault::Fault;
use crate::send::round::Round;

/// What all attempts of one request share.
#[derive(Clone, Copy)]
pub struct Sending<'a> {
    /// The runtime.
    pub worker: &'a Worker,
    /// Settings and table, as they were when the request came.
    pub state: &'a State,
    /// Whether the caller is there.
    pub presence: &'a Presence,
    /// The request's admission; every attempt takes its reservation out of it.
    pub admission: &'a Admission,
}

impl Sending<'_> {
    /// Sends a call to the candidates, then to the fallbacks.
    ///
    /// # Errors
    /// The last failure, when nothing helped.
    pub async fn send(
        &self,
        call: &Call,
        candidates: Candidates,
    ) -> Result<Answered, GatewayError> {
        let table = &self.state.table;
        let controls = &call.body.controls;
        let group = &candidates.group.name;
        let more_follow = !controls.disable_fallbacks
            && (controls.fallbacks.is_some() || !table.fallbacks(group).is_empty());
        let mut fault = match self.try_group(call, &candidates, more_follow).await {
            Ok(answered) => return Ok(answered),
            Err(fault) => fault,
        };
        let mut fallbacks = Fallbacks::find(table, controls, group, &fault);
        while let Some(target) = fallbacks.next()
            && !self.presence.is_gone()
        {
            match self.fall_back(call, &target, !fallbacks.is_empty()).await {
                Ok(answered) => return Ok(answered),
                Err(None) => {}
                // It cannot be paid: why the group before failed is what the caller is told.
                Err(Some(Fault::NotAdmitted(_))) => {}
                Err(Some(later)) => fault = later.with_wait_of(Some(&fault)),
            }
        }
        Err(fault.into_error(self.admission.attempts()))
    }

    /// Tries the group of a fallback; an error without a fault means that there is no such group.
    async fn fall_back(
        &self,
        call: &Call,
        target: &FallbackTarget,
        more_follow: bool,
    ) -> Result<Answered, Option<Fault>> {
        let table = &self.state.table;
        let candidates = route_fallback(self.admission, table, &target.group).ok_or(None)?;
        self.admission.fall_back();
        let tried = if target.overrides.is_empty() {
            self.try_group(call, &candidates, more_follow).await
        } else {
            let call = call
                .with_overrides(&target.overrides)
                .map_err(Fault::BadRequest)?;
            self.try_group(&call, &candidates, more_follow).await
        };
        tried.map_err(Some)
    }

    /// Tries the candidates of one group until one answers or the round is over.
    async fn try_group(
        &self,
        call: &Call,
        candidates: &Candidates,
        more_follow: bool,
    ) -> Result<Answered, Fault> {
        let mut round = Round::new(&self.state.table.router, candidates, call, more_follow);
        let mut next = round.first().ok_or(Fault::Misconfigured)?;
        tracing::debug!(
            request_id = self.admission.facts().request_id.as_str(),
            group = candidates.group.name,
            deployment = next.candidate.id.as_str(),
            candidates = candidates.ordered.len(),
            "route chosen"
        );
        let mut earlier: Option<Fault> = None;
        loop {
            let attempted = attempt::attempt(self, call, &next, round.is_last_chance()).await;
            let fault = match (attempted, earlier) {
                (Ok(answered), _) => return Ok(answered),
                // Another attempt is not made when it cannot be paid; why the last one failed is
                // what the caller is told.
                (Err(Fault::NotAdmitted(_)), Some(earlier)) => return Err(earlier),
                (Err(fault), earlier) => fault.with_wait_of(earlier.as_ref()),
            };
            tracing::debug!(
                request_id = self.admission.facts().request_id.as_str(),
                deployment = next.candidate.id.as_str(),
                outcome = fault.outcome(),
                "attempt failed"
            );
            let again = round.after(&next, &fault);
            let Some((choice, pause)) = again.filter(|_| !self.presence.is_gone()) else {
                return Err(fault);
            };
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
                self.admission.waited(pause);
            }
            next = choice;
            earlier = Some(fault);
        }
    }
}
