//! Candidates to an answer: attempts, retries, then fallbacks, always before the first byte has
//! reached the caller.

pub mod attempt;
pub mod client;
pub mod deadline;
pub mod fallback;
pub mod fault;
pub mod pause;
pub mod upstream_body;

use domain::routing::FallbackTarget;

use crate::admit::Admission;
use crate::call::Call;
use crate::error::GatewayError;
use crate::node::{State, Worker};
use crate::route::{Candidates, route_fallback};
use crate::send::attempt::{Answered, Failed};
use crate::send::fallback::Fallbacks;
use crate::send::fault::{Fault, Verdict};

/// What all attempts of one request share.
pub struct Sending<'a> {
    /// The runtime.
    pub worker: &'a Worker,
    /// Settings and table, as they were when the request came.
    pub state: &'a State,
}

/// Why no answer came, with the request's admission, so that it can be ended properly.
pub struct Unanswered {
    /// What the caller is told.
    pub error: GatewayError,
    /// The request's admission.
    pub admission: Option<Admission>,
}

/// Sends a call to the candidates, then to the fallbacks.
///
/// # Errors
/// The last failure, when nothing helped.
pub async fn send(
    sending: &Sending<'_>,
    admission: Admission,
    call: &Call,
    candidates: Candidates,
) -> Result<Answered, Unanswered> {
    let table = &sending.state.table;
    let controls = &call.body.controls;
    let group = candidates.group.name.clone();
    let more_follow = !controls.disable_fallbacks
        && (controls.fallbacks.is_some() || !table.fallbacks(&group).is_empty());
    let mut failed = match try_group(sending, admission, call, &candidates, more_follow).await {
        Ok(answered) => return Ok(answered),
        Err(failed) => failed,
    };
    let mut fallbacks = Fallbacks::find(table, controls, &group, &failed.fault);
    while let Some(target) = fallbacks.next() {
        let more_follow = !fallbacks.is_empty();
        failed = match fall_back(sending, failed, call, &target, more_follow).await {
            Ok(answered) => return Ok(answered),
            Err(failed) => failed,
        };
    }
    let Failed { fault, admission } = failed;
    let attempts = admission.as_ref().map_or(0, Admission::attempts);
    Err(Unanswered {
        error: fault.into_error(attempts),
        admission,
    })
}

async fn fall_back(
    sending: &Sending<'_>,
    failed: Failed,
    call: &Call,
    target: &FallbackTarget,
    more_follow: bool,
) -> Result<Answered, Failed> {
    let Failed { fault, admission } = failed;
    let Some(mut admission) = admission else {
        return Err(Failed {
            fault,
            admission: None,
        });
    };
    let Some(candidates) = route_fallback(&admission, &sending.state.table, &target.group) else {
        return Err(Failed {
            fault,
            admission: Some(admission),
        });
    };
    admission.fall_back();
    if target.overrides.is_empty() {
        return try_group(sending, admission, call, &candidates, more_follow).await;
    }
    match call.with_overrides(&target.overrides) {
        Ok(call) => {
            Box::pin(try_group(
                sending,
                admission,
                &call,
                &candidates,
                more_follow,
            ))
            .await
        }
        Err(error) => Err(Failed {
            fault: Fault::BadRequest(error),
            admission: Some(admission),
        }),
    }
}

/// Tries the candidates of one group: each once in order, then those that may be tried again, until
/// the retries are used up. A first try of a sibling is no retry: all candidates get their chance.
async fn try_group(
    sending: &Sending<'_>,
    mut admission: Admission,
    call: &Call,
    candidates: &Candidates,
    more_follow: bool,
) -> Result<Answered, Failed> {
    let router = &sending.state.table.router;
    let policy = router
        .group_retry_policies
        .get(&candidates.group.name)
        .unwrap_or(&router.retry_policy);
    let mut left = candidates.ordered.clone();
    let mut tries: u32 = 0;
    let mut position = 0;
    let first_round = u32::try_from(left.len()).unwrap_or(u32::MAX);
    loop {
        let Some(choice) = left.get(position).or_else(|| left.first()).cloned() else {
            return Err(Failed {
                fault: Fault::Misconfigured,
                admission: Some(admission),
            });
        };
        let is_last = !more_follow && tries.saturating_add(1) >= first_round;
        let group = &candidates.group.name;
        let attempted = attempt::attempt(
            sending,
            admission,
            call,
            &choice,
            attempt::Place { group, is_last },
        )
        .await;
        let Failed {
            fault,
            admission: back,
        } = match attempted {
            Ok(answered) => return Ok(answered),
            Err(failed) => failed,
        };
        let Some(back) = back else {
            return Err(Failed {
                fault,
                admission: None,
            });
        };
        admission = back;
        tries = tries.saturating_add(1);
        let index = if position < left.len() { position } else { 0 };
        match fault.verdict() {
            Verdict::Stop => {
                return Err(Failed {
                    fault,
                    admission: Some(admission),
                });
            }
            Verdict::Elsewhere => {
                left.remove(index);
                position = index;
            }
            Verdict::Again => position = index + 1,
        }
        let retries = call
            .body
            .controls
            .num_retries
            .or(choice.candidate.num_retries)
            .or_else(|| fault.retries(policy))
            .unwrap_or(router.num_retries);
        let in_first_round = tries < first_round && position < left.len();
        let rests_instead = matches!(&fault, Fault::Refused { failure, .. } if failure.status == 429)
            && more_follow;
        if left.is_empty() || (!in_first_round && (tries > retries || rests_instead)) {
            return Err(Failed {
                fault,
                admission: Some(admission),
            });
        }
        if !in_first_round && left.len() == 1 {
            let repeat = tries.saturating_sub(first_round);
            match pause::before_repeat(&fault, repeat, router.retry_after_ms) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => {
                    return Err(Failed {
                        fault,
                        admission: Some(admission),
                    });
                }
            }
        }
    }
}
