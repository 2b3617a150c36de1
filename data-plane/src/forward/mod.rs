//! Hands what is the admin side's over to it, on a Unix socket, and its answer back as it comes.
//!
//! Authentication is the admin side's own. The caller's address travels in `x-headgate-peer`,
//! which is trusted on that socket only.

mod body;
mod connector;
mod head;
mod prefixes;

use std::path::Path;
use std::time::Duration;

use http::header::CONNECTION;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, Uri};
use http_body::Body as _;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::body::AnswerBody;
use crate::endpoints::Endpoint;
use crate::error::GatewayError;
use crate::incoming::Incoming;
use crate::incoming_body::Bounds;
use crate::node::{Node, State, Worker};
use crate::pipeline;

pub use body::Returned;
use body::{Passed, Passing};
use connector::Connector;
use prefixes::is_forwarded;

/// Idle connections are kept this long: far shorter than the admin side keeps them.
const IDLE: Duration = Duration::from_secs(4);

/// Most idle connections kept.
const MAX_IDLE: usize = 8;

/// Buffer for an answer's head; a longer head is refused.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// The admin side has this long to begin its answer after it has the whole request.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// The admin side, where there is one and the path is its own: what the data plane itself serves
/// is never looked up in the table. (Its future goes into a box, so that a call's stays small.)
#[must_use]
pub fn admin_for<'w, E>(
    worker: &'w Worker,
    found: &Result<Endpoint, E>,
    path: &str,
) -> Option<&'w Admin> {
    let admin = worker.admin.as_ref().filter(|_admin| found.is_err())?;
    is_forwarded(path).then_some(admin)
}

/// One runtime's connections to the admin side.
pub struct Admin {
    client: Client<Connector, Passed>,
}

impl Admin {
    /// The admin side that listens on this socket, or will.
    #[must_use]
    pub fn at(socket: &Path) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(MAX_IDLE)
            .http1_max_buf_size(MAX_HEAD_BYTES)
            // The caller's own, or none.
            .set_host(false)
            .build(Connector::to(socket));
        Self { client }
    }

    /// Asks the admin side. The answer's body, and what of the request's has not come yet, pass
    /// while they come.
    ///
    /// # Errors
    /// [`GatewayError::AdminUnavailable`], [`GatewayError::ShuttingDown`]; and when the caller's
    /// body is too large, too slow, or breaks off before the answer has begun.
    pub async fn forward(
        &self,
        node: &Node,
        state: &State,
        incoming: &mut Incoming,
    ) -> Result<Response<AnswerBody>, GatewayError> {
        if node.is_draining() {
            return Err(GatewayError::ShuttingDown);
        }
        let bounds = Bounds::of(&state.settings);
        let announced = bounds.announced(&incoming.headers)?;
        let mut request = Request::new(Passed::empty());
        *request.method_mut() = incoming.method.clone();
        *request.uri_mut() = target(pipeline::path(state, incoming), incoming.query.as_deref())?;
        *request.headers_mut() = head::for_admin(incoming, node.fixed.tls.is_some());
        let mut passing = None;
        if let Some(body) = incoming.take_body()
            && !body.is_end_stream()
        {
            let (task, passed) = Passing::begin(body, announced, bounds);
            passing = Some(task);
            *request.body_mut() = passed;
        }
        let answer = self.ask(request, passing.as_mut()).await;
        match (answer, passing) {
            (Ok(answer), passing) => Ok(given_on(answer, passing)),
            (Err(error), None) => Err(error),
            (Err(error), Some(passing)) => {
                let (rest, refused) = passing.into_rest().await;
                if let Some(rest) = rest {
                    incoming.give_back(rest);
                }
                Err(refused.unwrap_or(error))
            }
        }
    }

    /// Sends the request and waits for the answer's head.
    async fn ask(
        &self,
        request: Request<Passed>,
        passing: Option<&mut Passing>,
    ) -> Result<Response<hyper::body::Incoming>, GatewayError> {
        let too_long = async {
            if let Some(passing) = passing {
                passing.ended().await;
            }
            tokio::time::sleep(ANSWER_TIMEOUT).await;
        };
        let cause = tokio::select! {
            biased;
            answer = self.client.request(request) => match answer {
                Ok(answer) => return Ok(answer),
                Err(fault) => said(&fault),
            },
            () = too_long => "no answer in time".to_owned(),
        };
        tracing::warn!(%cause, "the admin side cannot be reached");
        Err(GatewayError::AdminUnavailable)
    }
}

/// A fault with the causes that it holds.
fn said(fault: &dyn std::error::Error) -> String {
    let mut words = fault.to_string();
    let mut next = fault.source();
    while let Some(cause) = next {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        next = cause.source();
    }
    words
}

/// The address that the client asks for; its host names nobody, for the connector knows one socket.
fn target(path: &str, query: Option<&str>) -> Result<Uri, GatewayError> {
    let path_and_query = match query {
        Some(query) => PathAndQuery::try_from(format!("{path}?{query}")),
        None => PathAndQuery::try_from(path),
    };
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(Authority::from_static("admin"));
    parts.path_and_query = Some(
        path_and_query
            .map_err(|_invalid| GatewayError::bad_request("The path is no path.", None))?,
    );
    Uri::from_parts(parts).map_err(|_invalid| GatewayError::Internal)
}

/// The answer for the caller. While the caller still sends, its connection cannot be used again.
fn given_on(
    answer: Response<hyper::body::Incoming>,
    mut passing: Option<Passing>,
) -> Response<AnswerBody> {
    let (mut parts, body) = answer.into_parts();
    head::drop_hop_by_hop(&mut parts.headers);
    if passing.as_mut().is_some_and(Passing::is_under_way) {
        parts
            .headers
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let body = AnswerBody::Forwarded(Box::new(Returned::new(body, passing)));
    let mut response = Response::new(body);
    *response.status_mut() = parts.status;
    *response.headers_mut() = parts.headers;
    response
}
