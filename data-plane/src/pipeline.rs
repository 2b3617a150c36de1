//! The whole way of a request, one line per step.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderValue, Method, Response};
use providers::openai::body::BodyKind;

use crate::admit::{Admission, RequestFacts, admit};
use crate::answer::{self, Facts};
use crate::authenticate::{Caller, authenticate};
use crate::body::AnswerBody;
use crate::call::Call;
use crate::cors;
use crate::endpoints::{self, Endpoint, health, models};
use crate::error::GatewayError;
use crate::incoming::Incoming;
use crate::node::{State, Worker};
use crate::route::route;
use crate::send::Sending;
use crate::send::attempt::{Answer, Answered};
use crate::settle::Ending;
use crate::stream::AnswerStream;

/// Answers one request. Whatever happens, an answer comes out.
pub async fn handle(worker: &Worker, mut incoming: Incoming) -> Response<AnswerBody> {
    let state = worker.node.state();
    let request_id = incoming.request_id.to_string();
    let origin = cors::allowed_origin(&state.settings, &incoming.headers);
    let answered = CatchPanic(pin!(answer_to(worker, &state, &mut incoming))).await;
    let mut response = match answered {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => answer::error(&error, &request_id),
        Err(_panic) => {
            worker.node.metrics.panics.inc();
            answer::error(&GatewayError::Internal, &request_id)
        }
    };
    if !incoming.is_drained().await {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    answer::add_request_id(response.headers_mut(), &request_id);
    if let Some(origin) = origin {
        cors::add(response.headers_mut(), origin);
    }
    response
}

async fn answer_to(
    worker: &Worker,
    state: &State,
    incoming: &mut Incoming,
) -> Result<Response<AnswerBody>, GatewayError> {
    if incoming.is_framing_ambiguous() {
        return Err(GatewayError::BadFraming(
            "The request says in two ways where its body ends. Send either `content-length` or `transfer-encoding`, once.",
        ));
    }
    if incoming.method == Method::OPTIONS && !state.settings.cors_origins.is_empty() {
        let mut response = answer::json(204, Bytes::new());
        cors::add_preflight(response.headers_mut(), &incoming.headers);
        return Ok(response);
    }
    let path = incoming
        .path
        .strip_prefix(state.settings.root_path.as_str())
        .unwrap_or(&incoming.path);
    let found = endpoints::find(&incoming.method, path);
    match found {
        Ok(Endpoint::Liveness) => {
            return Ok(answer::json(200, Bytes::from_static(health::ALIVE)));
        }
        Ok(Endpoint::Readiness) => {
            let (status, body) = health::readiness(&state.settings, worker.node.is_draining());
            return Ok(answer::json(status, body));
        }
        Ok(Endpoint::Root) => return Ok(answer::json(200, Bytes::from_static(ROOT))),
        Ok(Endpoint::Metrics) if !state.settings.metrics_need_key => return Ok(metrics(worker)),
        _ => {}
    }
    // Before a path is called unknown: strangers are not told which paths there are.
    let caller = authenticate(&state.settings, &incoming.headers, incoming.peer)?;
    let endpoint = found?;
    match endpoint {
        Endpoint::Call { kind, path_model } => {
            call(
                worker,
                state,
                incoming,
                Asked {
                    caller,
                    kind,
                    path_model,
                },
            )
            .await
        }
        Endpoint::Models => Ok(answer::json(200, models::list(&state.table))),
        Endpoint::Model(id) => Ok(answer::json(200, models::one(&state.table, &id)?)),
        _ => Ok(metrics(worker)),
    }
}

const ROOT: &[u8] = br#"{"name":"headgate","api":"/v1","models":"/v1/models"}"#;

fn metrics(worker: &Worker) -> Response<AnswerBody> {
    const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    answer::text(200, TYPE, Bytes::from(worker.node.metrics.to_text()))
}

struct Asked {
    caller: Caller,
    kind: BodyKind,
    path_model: Option<String>,
}

/// The way of a call: read, admit, route, send, answer.
async fn call(
    worker: &Worker,
    state: &State,
    incoming: &mut Incoming,
    asked: Asked,
) -> Result<Response<AnswerBody>, GatewayError> {
    let body = incoming.read_body(asked.kind, &state.settings).await?;
    let call = Call::new(body, asked.path_model)?;
    let admission = admit(facts(incoming, asked.caller, &call), &worker.node.settler)?;
    let sending = Sending {
        worker,
        state,
        admission: &admission,
    };
    let sent = match route(&admission, &state.table, &call.asked_model) {
        Ok(candidates) => sending.send(&call, candidates).await,
        Err(error) => Err(error),
    };
    match sent {
        Ok(answered) => Ok(respond(worker, state, &admission, answered)),
        Err(error) => {
            let words = error.status_and_code();
            let overhead = admission.overhead();
            admission.end(Ending::failed(words.status, words.code, overhead));
            Err(error)
        }
    }
}

fn facts(incoming: &Incoming, caller: Caller, call: &Call) -> RequestFacts {
    let theirs = incoming
        .headers
        .get("x-litellm-call-id")
        .and_then(|value| value.to_str().ok());
    RequestFacts {
        call_id: theirs.unwrap_or(incoming.request_id.as_str()).to_owned(),
        request_id: incoming.request_id.clone(),
        received: incoming.received,
        started: incoming.started,
        kind: call.body.kind,
        asked_model: call.asked_model.clone(),
        stream: call.is_streamed(),
        end_user: call.body.user.clone(),
        body: call.body.bytes.clone(),
        caller,
    }
}

fn respond(
    worker: &Worker,
    state: &State,
    admission: &Admission,
    answered: Answered,
) -> Response<AnswerBody> {
    let Answered {
        reservation,
        answer: given,
    } = answered;
    let overhead = admission.overhead();
    let choice = Arc::clone(reservation.choice());
    let charge = reservation.meter.charge();
    let (mut response, charge) = match given {
        Answer::Whole(body) => {
            reservation.end("ok", Ending::answered(200, overhead));
            (answer::json(200, body), charge)
        }
        Answer::Stream(open) => {
            let stream = AnswerStream::new(Arc::clone(&worker.node), *open, reservation, overhead);
            (answer::events(AnswerBody::Stream(Box::pin(stream))), None)
        }
    };
    let facts = Facts {
        group: &choice.group.name,
        deployment: choice.candidate.id.as_str(),
        attempts: admission.attempts(),
        fallbacks: admission.fallbacks(),
        charge,
        overhead,
        duration: admission.facts().started.elapsed(),
    };
    answer::add_facts(response.headers_mut(), &facts);
    if state.settings.litellm_headers {
        answer::add_litellm(response.headers_mut(), &facts, &admission.facts().call_id);
    }
    response
}

/// Catches a panic of the future inside, so that one request cannot end a connection's others.
struct CatchPanic<F>(F);

impl<F: Future + Unpin> Future for CatchPanic<F> {
    type Output = Result<F::Output, Box<dyn Any + Send>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let inner = &mut self.0;
        match std::panic::catch_unwind(AssertUnwindSafe(|| Pin::new(inner).poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }
}
