//! The whole way of a request, one line per step.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderName, HeaderValue, Method, Response};
use providers::openai::body::BodyKind;

use crate::admit::payer::RequestPayer;
use crate::admit::rights::{self, Rights};
use crate::admit::{Admission, Entry, RequestFacts, admit, refuse};
use crate::answer::{self, Facts};
use crate::authenticate::{Caller, Shown, authenticate};
use crate::body::AnswerBody;
use crate::call::Call;
use crate::catch_panic::CatchPanic;
use crate::cors;
use crate::endpoints::{self, Endpoint, health, model_list};
use crate::error::GatewayError;
use crate::exposition;
use crate::forward;
use crate::incoming::Incoming;
use crate::node::{State, Worker};
use crate::route::route;
use crate::send::Sending;
use crate::send::attempt::{Answer, Answered};
use crate::settle::Ending;
use crate::stream::AnswerStream;
use crate::stream::last_words::Heard;

/// Answers one request. Whatever happens, an answer comes out.
pub async fn handle(worker: &Worker, mut incoming: Incoming) -> Response<AnswerBody> {
    let state = worker.node.state();
    let request_id = incoming.request_id;
    let origin = cors::allowed_origin(&state.settings, &incoming.headers);
    let answered = CatchPanic(pin!(answer_to(worker, &state, &mut incoming))).await;
    let mut response = match answered {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => answer::error(&error, request_id.as_str()),
        Err(_panic) => {
            worker.node.metrics.panics.inc();
            answer::error(&GatewayError::Internal, request_id.as_str())
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
            "The request can be read in two ways. Send one `host`, and either one `content-length` or one `transfer-encoding: chunked`.",
        ));
    }
    let found = endpoints::find(&incoming.method, path(state, incoming));
    if let Some(response) = answer_to_anybody(worker, state, incoming, found.as_ref().ok()) {
        return Ok(response);
    }
    if let Some(admin) = forward::admin_for(worker, &found, path(state, incoming)) {
        return Box::pin(admin.forward(&worker.node, state, incoming)).await;
    }
    // Before a path is called unknown: strangers are not told which paths there are.
    let shown = Shown {
        headers: &incoming.headers,
        peer: incoming.peer,
        path: path(state, incoming),
    };
    let authenticated = authenticate(&worker.node.tenants, state, shown).await;
    match found {
        Ok(Endpoint::Call { kind, path_model }) => {
            let read = match authenticated {
                Ok(_) if worker.node.is_draining() => Err(GatewayError::ShuttingDown),
                Ok(caller) => incoming
                    .read_body(kind, &state.settings)
                    .await
                    .map(|body| (caller, body)),
                Err(error) => Err(error),
            };
            match read.and_then(|(caller, body)| {
                Ok((
                    caller,
                    Call::new(body, path_model)?.asked_by(&incoming.headers),
                ))
            }) {
                Ok((caller, asked)) => call(worker, state, incoming, (caller, asked)).await,
                Err(error) => {
                    refuse(
                        &refused_facts(incoming, kind),
                        &worker.node.settler,
                        failed(&error, Duration::ZERO),
                    );
                    Err(error)
                }
            }
        }
        Ok(endpoint) => look(worker, state, incoming, (endpoint, authenticated?)),
        Err(unknown) => Err(authenticated.err().unwrap_or(unknown)),
    }
}

/// What a caller may look at: the models that it may ask, and the metrics.
fn look(
    worker: &Worker,
    state: &State,
    incoming: &Incoming,
    (endpoint, caller): (Endpoint, Caller),
) -> Result<Response<AnswerBody>, GatewayError> {
    let rights = Rights::of(&state.table, &caller);
    match endpoint {
        Endpoint::Models => Ok(answer::json(200, model_list::list(&state.table, &rights))),
        Endpoint::Model(id) => Ok(answer::json(200, model_list::one(&rights, &id)?)),
        _ if caller.sees_the_platform() => {
            Ok(exposition::answer(&worker.node.metrics, &incoming.headers))
        }
        // They tell of all tenants.
        _ => Err(GatewayError::RouteNotAllowed {
            path: path(state, incoming).to_owned(),
            level: "keys of tenants",
        }),
    }
}

/// What needs no key: probes, the root, and a browser's question before its real request.
fn answer_to_anybody(
    worker: &Worker,
    state: &State,
    incoming: &Incoming,
    found: Option<&Endpoint>,
) -> Option<Response<AnswerBody>> {
    let settings = &state.settings;
    if incoming.method == Method::OPTIONS && !settings.cors_origins.is_empty() {
        let mut response = answer::json(204, Bytes::new());
        cors::add_preflight(response.headers_mut(), &incoming.headers);
        return Some(response);
    }
    match found? {
        Endpoint::Liveness => Some(answer::json(200, Bytes::from_static(health::ALIVE))),
        Endpoint::Readiness => {
            let (status, body) = health::readiness(
                worker.node.tenants.store_answers(),
                worker.node.is_draining(),
            );
            Some(answer::json(status, body))
        }
        Endpoint::Root => Some(answer::json(200, Bytes::from_static(ROOT))),
        Endpoint::Metrics if !settings.metrics_need_key => {
            Some(exposition::answer(&worker.node.metrics, &incoming.headers))
        }
        _ => None,
    }
}

/// The path without the operator's root path.
pub(crate) fn path<'a>(state: &State, incoming: &'a Incoming) -> &'a str {
    let root = state.settings.root_path.as_str();
    incoming.path.strip_prefix(root).unwrap_or(&incoming.path)
}

const ROOT: &[u8] = br#"{"name":"headgate","api":"/v1","models":"/v1/models"}"#;

/// The way of a call: admit, route, send, answer.
async fn call(
    worker: &Worker,
    state: &State,
    incoming: &Incoming,
    (caller, mut call): (Caller, Call),
) -> Result<Response<AnswerBody>, GatewayError> {
    // The asked name is logged; the name that the key or its team gives it is routed.
    let asked = facts(incoming, caller.clone(), &call);
    let allowed = rights::check(state, &caller, &mut call);
    let payer = RequestPayer::of(state, &caller, &call);
    let entry = Entry::new(asked, payer, worker);
    let routed = allowed.and_then(|()| route(&entry, &state.table, &call.asked_model));
    let admitted = match routed {
        Ok(mut candidates) => admit(&entry, &call, &mut candidates)
            .await
            .map(|admission| (admission, candidates)),
        Err(error) => Err(error),
    };
    let (admission, candidates) = match admitted {
        Ok(admitted) => admitted,
        Err(error) => {
            let overhead = entry.overhead(Instant::now());
            entry.end(failed(&error, overhead));
            return Err(error);
        }
    };
    drop(entry);
    let metrics = &worker.node.metrics.admit;
    metrics
        .shadow_refusals
        .inc_by(admission.room.shadow_refusals);
    let sending = Sending {
        worker,
        state,
        presence: &incoming.presence,
        admission: &admission,
    };
    let sent = sending.send(&call, candidates).await;
    if incoming.presence.is_gone() {
        // What a stream has begun to say is listened to.
        if let Ok(answered) = sent
            && matches!(answered.answer, Answer::Stream(_))
        {
            drop(respond(worker, state, &admission, answered));
        }
        // Nobody hears this. Without an ending, the end is that the caller went away.
        return Err(GatewayError::Internal);
    }
    match sent {
        Ok(answered) => Ok(respond(worker, state, &admission, answered)),
        Err(error) => {
            let overhead = admission.overhead(Instant::now());
            admission.end(failed(&error, overhead));
            Err(error)
        }
    }
}

fn failed(error: &GatewayError, overhead: Duration) -> Ending {
    let words = error.status_and_code();
    Ending::failed(words.status, words.code, overhead)
}

fn facts(incoming: &Incoming, caller: Caller, call: &Call) -> RequestFacts {
    RequestFacts {
        asked_model: call.asked_model.clone(),
        stream: call.is_streamed(),
        end_user: call.body.user.clone(),
        body: call.body.bytes.clone(),
        caller: Some(caller),
        ..refused_facts(incoming, call.body.kind)
    }
}

const X_CALL_ID: HeaderName = HeaderName::from_static("x-litellm-call-id");

/// What is known of a request whose body nobody has understood.
fn refused_facts(incoming: &Incoming, kind: BodyKind) -> RequestFacts {
    let theirs = incoming
        .headers
        .get(X_CALL_ID)
        .and_then(|value| value.to_str().ok());
    RequestFacts {
        call_id: theirs.map(str::to_owned),
        request_id: incoming.request_id,
        received: incoming.received,
        started: incoming.started,
        kind,
        asked_model: String::new(),
        stream: false,
        end_user: None,
        body: Bytes::new(),
        caller: None,
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
    let now = Instant::now();
    let overhead = admission.overhead(now);
    let choice = Arc::clone(reservation.choice());
    let charge = reservation.meter.charge();
    let dropped = reservation.dropped.clone();
    let share_tokens = reservation.share_tokens();
    if share_tokens.is_some() {
        worker.node.metrics.admit.shares.inc();
    }
    let (mut response, charge) = match given {
        Answer::Whole(body) => {
            reservation.end("ok", Ending::answered(200, overhead, now));
            (answer::json(200, body), charge)
        }
        Answer::Stream(open) => {
            let stream = AnswerStream::new(Arc::clone(&worker.node), *open, reservation, overhead);
            (answer::events(AnswerBody::Stream(Heard::new(stream))), None)
        }
    };
    let facts = Facts {
        choice: &choice,
        dropped: &dropped,
        attempts: admission.attempts(),
        fallbacks: admission.fallbacks(),
        charge,
        overhead,
        room: &admission.room,
        share_tokens,
        duration: now.saturating_duration_since(admission.facts().started),
    };
    answer::add_facts(response.headers_mut(), &facts);
    if state.settings.litellm_headers {
        answer::add_litellm(response.headers_mut(), &facts, admission.call_id());
    }
    response
}
