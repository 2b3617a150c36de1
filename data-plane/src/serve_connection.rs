//! Serves one caller's connection: HTTP/1.1, or HTTP/2 where TLS agreed on it.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::Response;
use hyper::rt::{Read, Write};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::attending::Attended;
use crate::body::AnswerBody;
use crate::connection::{Activity, Busy, Watched};
use crate::gathered::Gathered;
use crate::incoming::Incoming;
use crate::node::Worker;
use crate::pipeline;

/// How often a connection's guards are looked at.
const GUARD_INTERVAL: Duration = Duration::from_millis(2_500);
/// A handshake has this long.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// At most this many headers.
const MAX_HEADERS: usize = 100;
/// At most this much of a head, or of a body at a time.
const MAX_BUFFER_BYTES: usize = 128 << 10;
/// At most this many requests at once on one HTTP/2 connection.
const MAX_HTTP2_STREAMS: u32 = 100;

/// What the bytes of a connection mean.
pub enum Wire {
    /// HTTP in the clear.
    Plain,
    /// HTTP within TLS.
    Tls(TlsAcceptor),
}

/// Serves a connection until it ends.
pub async fn serve(
    worker: Arc<Worker>,
    socket: std::net::TcpStream,
    wire: Wire,
    peer: IpAddr,
    drained: watch::Receiver<bool>,
) {
    let Ok(socket) = tokio::net::TcpStream::from_std(socket) else {
        return;
    };
    match wire {
        Wire::Plain => serve_http1(worker, TokioIo::new(socket), peer, drained).await,
        Wire::Tls(acceptor) => {
            let handshake = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(socket));
            let Ok(Ok(stream)) = handshake.await else {
                return;
            };
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                serve_http2(worker, TokioIo::new(stream), peer, drained).await;
            } else {
                serve_http1(worker, TokioIo::new(stream), peer, drained).await;
            }
        }
    }
}

async fn serve_http1<S>(
    worker: Arc<Worker>,
    socket: S,
    peer: IpAddr,
    mut drained: watch::Receiver<bool>,
) where
    S: Read + Write + Unpin,
{
    let activity = Activity::new(worker.node.state().settings.request_head_timeout);
    let socket = Watched::new(Gathered(socket), Arc::clone(&activity));
    let service = service_fn(|request| {
        let head = activity.request_begins();
        let busy = Busy(Arc::clone(&activity));
        let worker = Arc::clone(&worker);
        let incoming = Incoming::new(request, peer).with_head(head);
        Attended::new(Arc::clone(&incoming.presence), async move {
            let response = pipeline::handle(&worker, incoming).await;
            Ok::<_, Infallible>(response.map(|body| Guarded { body, _busy: busy }))
        })
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_BUFFER_BYTES);
    let connection = builder.serve_connection(socket, service);
    let mut connection = pin!(connection);
    let mut guards = tokio::time::interval(GUARD_INTERVAL);
    loop {
        tokio::select! {
            biased;
            _ended = connection.as_mut() => return,
            _tick = guards.tick() => {
                if activity.is_overdue() {
                    return;
                }
            }
            drain = drained.wait_for(|drained| *drained) => {
                drop(drain);
                connection.as_mut().graceful_shutdown();
                break;
            }
        }
    }
    loop {
        tokio::select! {
            biased;
            _ended = connection.as_mut() => return,
            _tick = guards.tick() => {
                if activity.is_overdue() {
                    return;
                }
            }
        }
    }
}

async fn serve_http2<S>(
    worker: Arc<Worker>,
    socket: S,
    peer: IpAddr,
    mut drained: watch::Receiver<bool>,
) where
    S: Read + Write + Unpin,
{
    let service = service_fn(|request| {
        let worker = Arc::clone(&worker);
        let incoming = Incoming::new(request, peer);
        Attended::new(Arc::clone(&incoming.presence), async move {
            let response: Response<AnswerBody> = pipeline::handle(&worker, incoming).await;
            Ok::<_, Infallible>(response)
        })
    });
    let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_HTTP2_STREAMS)
        .keep_alive_interval(Duration::from_secs(30))
        .max_header_list_size(64 << 10);
    let mut connection = pin!(builder.serve_connection(socket, service));
    tokio::select! {
        biased;
        _ended = connection.as_mut() => return,
        drain = drained.wait_for(|drained| *drained) => drop(drain),
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// A body that keeps its connection busy until it is dropped.
struct Guarded {
    body: AnswerBody,
    _busy: Busy,
}

impl http_body::Body for Guarded {
    type Data = bytes::Bytes;
    type Error = crate::body::BrokenOff;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Self::Error>>> {
        std::pin::Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}
