//! Open connections to providers, and requests over them. One pool for each runtime, so that no
//! request crosses cores.
//!
//! HTTP/1 connections carry one request at a time and wait here between two of them; an HTTP/2
//! connection is shared.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::header::HOST;
use http::{Request, Response};
use hyper::client::conn::{http1, http2};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::Connection;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::task::JoinSet;
use tower_service::Service;

use crate::attending::Presence;
use crate::body::Pieces;
use crate::gathered::Gathered;
use crate::send::connector::Connector;
use crate::send::hang_up::{HangUp, Hanging};
use crate::send::provider_body::ProviderBody;
use crate::send::url::Url;

/// Idle connections are kept this long, and until the next sweep: shorter than the usual server
/// keeps them, so that a request seldom meets a connection that is being closed.
const IDLE: Duration = Duration::from_secs(45);

/// How often connections that were idle for too long are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_secs(5);

/// At most this many idle connections to one origin.
const MAX_IDLE: usize = 2_048;

/// Buffer for an answer's head; a longer head is refused.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// No connection could be made.
    Unreachable,
    /// The connection broke, or what came was no HTTP.
    Lost,
}

/// A runtime's connections to providers.
pub struct Pool {
    connector: HttpsConnector<Connector>,
    origins: Arc<Origins>,
    /// Each connection's own, and the one that closes idle ones. They end with the pool, which
    /// outlives every request of its runtime.
    tasks: Mutex<JoinSet<()>>,
}

/// By scheme and authority.
type Origins = Mutex<HashMap<String, Arc<Origin>>>;

/// The connections to one origin.
#[derive(Default)]
struct Origin(Mutex<Connections>);

#[derive(Default)]
struct Connections {
    /// HTTP/1: the one used last is the last.
    idle: Vec<Idle>,
    /// HTTP/2, and when it was used last.
    shared: Option<(http2::SendRequest<Pieces>, Instant)>,
}

struct Idle {
    line: Line,
    since: Instant,
}

/// An HTTP/1 connection.
struct Line {
    sender: http1::SendRequest<Pieces>,
    hang_up: Arc<HangUp>,
}

/// A connection that may take a request.
enum Sender {
    One(Line),
    Shared(http2::SendRequest<Pieces>),
}

impl Pool {
    /// An empty pool; made on the runtime that it is for.
    #[must_use]
    pub fn new(connector: HttpsConnector<Connector>) -> Self {
        let origins = Arc::<Origins>::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(sweep(Arc::clone(&origins)));
        Self {
            connector,
            origins,
            tasks: Mutex::new(tasks),
        }
    }

    /// Sends a request and waits for the answer's head. A kept connection that turns out to be
    /// closed before anything was sent is no failure: another one is taken. `presence` is told which
    /// connection is asked, if it is this request's own.
    ///
    /// # Errors
    /// When no connection can be made, or it breaks.
    pub async fn request(
        &self,
        url: &Url,
        mut request: Request<Pieces>,
        presence: &Presence,
    ) -> Result<Response<ProviderBody>, Unanswered> {
        let origin = self.origin(url);
        loop {
            let kept = origin.take().await;
            let is_kept = kept.is_some();
            let sender = match kept {
                Some(sender) => sender,
                // Boxed: it is large and seldom needed, and every request's future would hold it.
                None => Box::pin(self.connect(url, &origin)).await?,
            };
            // In place: a function of its own would hold the request twice in every request's future.
            let unsent = match sender {
                Sender::One(mut line) => {
                    presence.asks(&line.hang_up);
                    *request.uri_mut() = url.path.clone();
                    let host = request.headers_mut().entry(HOST);
                    host.or_insert_with(|| url.host.clone());
                    match line.sender.try_send_request(request).await {
                        Ok(response) => {
                            let lease = Lease {
                                origin,
                                hang_up: line.hang_up,
                                sender: Some(line.sender),
                            };
                            return Ok(response.map(|body| ProviderBody::new(body, Some(lease))));
                        }
                        Err(mut error) => error.take_message(),
                    }
                }
                Sender::Shared(mut sender) => {
                    *request.uri_mut() = url.whole.clone();
                    // HTTP/2 says it in the address; another name is the operator's own wish.
                    if request.headers().get(HOST) == Some(&url.host) {
                        request.headers_mut().remove(HOST);
                    }
                    match sender.try_send_request(request).await {
                        Ok(response) => {
                            return Ok(response.map(|body| ProviderBody::new(body, None)));
                        }
                        Err(mut error) => error.take_message().inspect(|_unsent| origin.unshare()),
                    }
                }
            };
            request = unsent.filter(|_| is_kept).ok_or(Unanswered::Lost)?;
        }
    }

    fn origin(&self, url: &Url) -> Arc<Origin> {
        let mut origins = locked(&self.origins);
        if let Some(origin) = origins.get(&url.origin) {
            return Arc::clone(origin);
        }
        Arc::clone(origins.entry(url.origin.clone()).or_default())
    }

    async fn connect(&self, url: &Url, origin: &Origin) -> Result<Sender, Unanswered> {
        let socket = self.connector.clone().call(url.whole.clone()).await;
        let socket = socket.map_err(|_cause| Unanswered::Unreachable)?;
        if socket.connected().is_negotiated_h2() {
            let mut builder = http2::Builder::new(TokioExecutor::new());
            let handshake = builder.timer(TokioTimer::new()).handshake(socket);
            let (sender, connection) = handshake.await.map_err(|_cause| Unanswered::Lost)?;
            self.run(connection);
            locked(&origin.0).shared = Some((sender.clone(), Instant::now()));
            return Ok(Sender::Shared(sender));
        }
        let (socket, hang_up) = Hanging::new(socket);
        let mut builder = http1::Builder::new();
        let handshake = builder
            .max_buf_size(MAX_HEAD_BYTES)
            .handshake(Gathered(socket));
        let (mut sender, connection) = handshake.await.map_err(|_cause| Unanswered::Lost)?;
        self.run(connection);
        sender.ready().await.map_err(|_cause| Unanswered::Lost)?;
        Ok(Sender::One(Line { sender, hang_up }))
    }

    /// Runs a connection until it is closed.
    fn run<E>(&self, connection: impl Future<Output = Result<(), E>> + Send + 'static) {
        let mut tasks = locked(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            // Whoever uses the connection is told how it ended.
            let _closed = connection.await;
        });
    }
}

impl Origin {
    /// Takes a kept connection that is still open.
    async fn take(&self) -> Option<Sender> {
        loop {
            let mut line = match self.take_any()? {
                Sender::One(line) => line,
                shared @ Sender::Shared(_) => return Some(shared),
            };
            // At once, but for a connection whose last answer has only just been read: that one
            // has to notice it first.
            if line.sender.is_ready() || line.sender.ready().await.is_ok() {
                return Some(Sender::One(line));
            }
        }
    }

    /// Shares the HTTP/2 connection no more: it takes no requests.
    fn unshare(&self) {
        locked(&self.0).shared = None;
    }

    fn take_any(&self) -> Option<Sender> {
        let mut connections = locked(&self.0);
        if let Some((sender, used)) = &mut connections.shared {
            if !sender.is_closed() {
                *used = Instant::now();
                return Some(Sender::Shared(sender.clone()));
            }
            connections.shared = None;
        }
        let idle = &mut connections.idle;
        let ready = idle.iter().rposition(|idle| idle.line.sender.is_ready());
        let taken = match ready {
            Some(ready) => idle.swap_remove(ready),
            None => idle.pop()?,
        };
        Some(Sender::One(taken.line))
    }
}

impl Connections {
    /// Closes what has been idle since before `then`; whether anything is left.
    fn keep_since(&mut self, then: Option<Instant>) -> bool {
        self.idle.retain(|idle| {
            !idle.line.sender.is_closed() && then.is_none_or(|then| idle.since > then)
        });
        self.shared = self
            .shared
            .take()
            .filter(|(sender, used)| !sender.is_closed() && then.is_none_or(|then| *used > then));
        !self.idle.is_empty() || self.shared.is_some()
    }
}

/// An HTTP/1 connection in use; it goes back when the answer's body is dropped. If the body had not
/// been read to its end, hyper has closed the connection, and it is found closed.
pub struct Lease {
    origin: Arc<Origin>,
    hang_up: Arc<HangUp>,
    /// None only while this is dropped.
    sender: Option<http1::SendRequest<Pieces>>,
}

impl Lease {
    /// What hangs it up.
    pub(super) const fn hang_up(&self) -> &Arc<HangUp> {
        &self.hang_up
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let is_open = |sender: &http1::SendRequest<Pieces>| !sender.is_closed();
        let Some(sender) = self.sender.take().filter(is_open) else {
            return;
        };
        if self.hang_up.is_done() {
            return;
        }
        let line = Line {
            sender,
            hang_up: Arc::clone(&self.hang_up),
        };
        let since = Instant::now();
        let mut connections = locked(&self.origin.0);
        if connections.idle.len() < MAX_IDLE {
            connections.idle.push(Idle { line, since });
        }
    }
}

/// Closes connections that nobody has used for a while.
async fn sweep(origins: Arc<Origins>) {
    let mut tick = tokio::time::interval(SWEEP_INTERVAL);
    loop {
        tick.tick().await;
        let then = Instant::now().checked_sub(IDLE);
        locked(&origins).retain(|_name, origin| {
            let is_used = Arc::strong_count(origin) > 1;
            locked(&origin.0).keep_since(then) || is_used
        });
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
