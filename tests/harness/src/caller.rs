//! A caller over HTTP/1.1 or HTTP/2, plain or over TLS; each call has its own connection.

use std::net::SocketAddr;
use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::deadline::within;
use crate::events;
use crate::tls::Certificate;

/// Somebody who calls the gateway.
#[derive(Clone)]
pub struct Caller {
    address: SocketAddr,
    headers: Vec<(String, String)>,
    tls: Option<Certificate>,
    is_http2: bool,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as far as it came.
    pub body: Bytes,
    /// Whether the body ended as HTTP says it must.
    pub is_whole: bool,
}

/// An answer that is read while it comes. Dropping it closes the connection, or cancels the answer where
/// others share it.
pub struct Streaming {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    seen: BytesMut,
    is_broken: bool,
    body: Incoming,
    _connection: JoinSet<()>,
}

pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl Caller {
    /// A caller without a credential.
    #[must_use]
    pub fn anonymous(address: SocketAddr) -> Self {
        Self {
            address,
            headers: Vec::new(),
            tls: None,
            is_http2: false,
        }
    }

    /// The same caller with `Authorization: Bearer <key>`.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Self {
        self.with_header("authorization", &format!("Bearer {key}"))
    }

    /// The same caller with one more header on each call.
    #[must_use]
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut caller = self.clone();
        caller.headers.push((name.to_owned(), value.to_owned()));
        caller
    }

    /// The same caller over TLS, trusting this certificate alone.
    #[must_use]
    pub fn over_tls(&self, certificate: &Certificate) -> Self {
        Self {
            tls: Some(certificate.clone()),
            ..self.clone()
        }
    }

    /// The same caller in HTTP/2.
    #[must_use]
    pub fn over_http2(&self) -> Self {
        Self {
            is_http2: true,
            ..self.clone()
        }
    }

    /// `GET path`.
    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, Bytes::new())
            .await
            .whole()
            .await
    }

    /// `POST path` with JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.post_bytes(path, body.to_string()).await
    }

    /// `POST path` with these bytes, called JSON.
    pub async fn post_bytes(&self, path: &str, body: impl Into<Bytes>) -> Reply {
        self.call(Method::POST, path, body.into())
            .await
            .whole()
            .await
    }

    /// `POST path` with JSON; the answer is read while it comes.
    pub async fn stream(&self, path: &str, body: &Value) -> Streaming {
        self.call(Method::POST, path, body.to_string().into()).await
    }

    /// Any call; returns when the answer's headers have come.
    pub async fn call(&self, method: Method, path: &str, body: Bytes) -> Streaming {
        within(
            &format!("an answer to {method} {path}"),
            self.try_call(method, path, body),
        )
        .await
        .expect("the gateway answers")
    }

    /// As [`Caller::call`].
    ///
    /// # Errors
    /// When the gateway does not accept the connection, or closes it without an answer.
    pub async fn try_call(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<Streaming, Box<dyn std::error::Error>> {
        let request = self.request(method, path, body)?;
        let mut connection = JoinSet::new();
        let io = TokioIo::new(self.connect().await?);
        let response = if self.is_http2 {
            let (mut sender, driver) = http2::handshake(TokioExecutor::new(), io).await?;
            connection.spawn(async { drop(driver.await) });
            sender.send_request(request).await?
        } else {
            let (mut sender, driver) = http1::handshake(io).await?;
            connection.spawn(async { drop(driver.await) });
            sender.send_request(request).await?
        };
        Ok(Streaming::of(response, connection))
    }

    /// The request of a call.
    ///
    /// # Errors
    /// When the path or a header means nothing.
    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> http::Result<Request<Full<Bytes>>> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let host = self.address.to_string();
        let mut request = if self.is_http2 {
            Request::builder().uri(format!("{scheme}://{host}{path}"))
        } else {
            Request::builder().uri(path).header("host", &host)
        };
        if method == Method::POST {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in &self.headers {
            if let Some(headers) = request.headers_mut()
                && name == "host"
            {
                headers.remove("host");
            }
            request = request.header(name, value);
        }
        request.method(method).body(Full::new(body))
    }

    /// A connection on which nothing has been asked yet.
    ///
    /// # Errors
    /// When the gateway does not accept it.
    pub(crate) async fn connect(&self) -> std::io::Result<Pin<Box<dyn Wire>>> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            None => Ok(Box::pin(stream)),
            Some(certificate) => {
                let stream = certificate.connect(stream, self.is_http2).await?;
                Ok(Box::pin(stream))
            }
        }
    }
}

impl Reply {
    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none; the message shows the answer.
    #[must_use]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(json) => json,
            Err(error) => panic!("{error}: {} {}", self.status, self.text()),
        }
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's value; empty when it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The assistant's text of a chat completion.
    ///
    /// # Panics
    /// When this is none.
    #[must_use]
    pub fn content(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.text());
        let json = self.json();
        match json["choices"][0]["message"]["content"].as_str() {
            Some(content) => content.to_owned(),
            None => panic!("no content in {json}"),
        }
    }

    /// Type, code and message of an error in OpenAI's shape.
    ///
    /// # Panics
    /// When the body is no such error.
    #[must_use]
    pub fn error(&self) -> (String, String, String) {
        let json = self.json();
        let text = |name: &str| match &json["error"][name] {
            Value::String(text) => text.clone(),
            Value::Null if name == "code" => String::new(),
            _ => panic!("`{name}` is missing in the error: {} {json}", self.status),
        };
        assert!(
            json["error"].get("param").is_some(),
            "`param` is missing in the error: {json}"
        );
        (text("type"), text("code"), text("message"))
    }

    /// The data of the events of a stream.
    #[must_use]
    pub fn events(&self) -> Vec<String> {
        events::data(&self.body)
    }
}

impl Streaming {
    /// An answer whose headers have come, and what its connection needs to live.
    pub(crate) fn of(response: Response<Incoming>, connection: JoinSet<()>) -> Self {
        let (head, body) = response.into_parts();
        Self {
            status: head.status.as_u16(),
            headers: head.headers,
            seen: BytesMut::new(),
            is_broken: false,
            body,
            _connection: connection,
        }
    }

    /// The next bytes; `None` at the end of the answer, clean or not.
    pub async fn piece(&mut self) -> Option<Bytes> {
        loop {
            let frame = within("the next bytes of the answer", self.body.frame()).await?;
            let Ok(frame) = frame else {
                self.is_broken = true;
                return None;
            };
            if let Ok(data) = frame.into_data() {
                self.seen.extend_from_slice(&data);
                return Some(data);
            }
        }
    }

    /// Reads until the answer so far contains these words.
    ///
    /// # Panics
    /// When the answer ends before.
    pub async fn read_until(&mut self, words: &str) {
        while !String::from_utf8_lossy(&self.seen).contains(words) {
            if self.piece().await.is_none() {
                let seen = String::from_utf8_lossy(&self.seen);
                panic!("the answer ended before `{words}`: {} {seen}", self.status);
            }
        }
    }

    /// Reads to the end.
    pub async fn whole(mut self) -> Reply {
        while self.piece().await.is_some() {}
        Reply {
            status: self.status,
            headers: self.headers,
            body: self.seen.freeze(),
            is_whole: !self.is_broken,
        }
    }
}
