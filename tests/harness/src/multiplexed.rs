//! Several calls of one caller on one HTTP/2 connection.

use bytes::Bytes;
use http::Method;
use http_body_util::Full;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::caller::{Caller, Streaming};
use crate::deadline::within;

/// A connection that calls share; it is closed when this and all its answers are dropped.
pub struct Multiplexed {
    caller: Caller,
    sender: SendRequest<Full<Bytes>>,
    _connection: JoinSet<()>,
}

impl Multiplexed {
    /// Connects as this caller does over HTTP/2.
    ///
    /// # Panics
    /// When the gateway does not speak it.
    pub async fn of(caller: &Caller) -> Self {
        let caller = caller.over_http2();
        let io = TokioIo::new(caller.connect().await.expect("the gateway listens"));
        let (sender, driver) = http2::handshake(TokioExecutor::new(), io)
            .await
            .expect("the gateway speaks HTTP/2");
        let mut connection = JoinSet::new();
        connection.spawn(async { drop(driver.await) });
        Self {
            caller,
            sender,
            _connection: connection,
        }
    }

    /// `POST path` with JSON. Dropping the answer cancels it, and no other.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn stream(&self, path: &str, body: &Value) -> Streaming {
        let body = body.to_string().into();
        let request = self.caller.request(Method::POST, path, body);
        let answer = self
            .sender
            .clone()
            .send_request(request.expect("a request"));
        let answer = within("an answer over HTTP/2", answer).await;
        Streaming::of(answer.expect("the gateway answers"), JoinSet::new())
    }
}
