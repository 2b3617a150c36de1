//! An admin side: a small server on a Unix socket that says what it got.

use std::convert::Infallible;
use std::path::Path;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

type Body = BoxBody<Bytes, hyper::Error>;

/// Serves until it is dropped; its connections end with it.
pub struct Admin {
    _serving: JoinSet<()>,
}

impl Admin {
    /// Listens on this socket, which may be there from an earlier one.
    pub fn listen(socket: &Path) -> Self {
        let _none_before = std::fs::remove_file(socket);
        let listener = UnixListener::bind(socket).unwrap();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(stream));
            }
        });
        Self { _serving: serving }
    }
}

async fn serve(stream: UnixStream) {
    let service = service_fn(|request| async { Ok::<_, Infallible>(answer(request).await) });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // It ends with an error where the gateway hangs up; the tests look at the caller's side.
    let _ended = connection.await;
}

async fn answer(request: Request<Incoming>) -> Response<Body> {
    match request.uri().path() {
        // The body goes back piece by piece, before the next has come.
        "/api/echo" => Response::new(request.into_body().boxed()),
        // Answers without a look at the body.
        "/api/refuse" => {
            let mut response = said(&json!("refused"));
            *response.status_mut() = http::StatusCode::UNAUTHORIZED;
            response
        }
        _ => head(request).await,
    }
}

/// Everything that came, in JSON.
async fn head(request: Request<Incoming>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let headers: Value = parts
        .headers
        .keys()
        .map(|name| {
            let values = parts.headers.get_all(name).iter();
            let values: Vec<&str> = values.map(|value| value.to_str().unwrap()).collect();
            (name.to_string(), json!(values))
        })
        .collect();
    let mut response = said(&json!({
        "method": parts.method.as_str(),
        "target": parts.uri.to_string(),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
    }));
    for (name, value) in [
        ("connection", "x-of-this-connection"),
        ("x-of-this-connection", "1"),
        ("keep-alive", "timeout=5"),
        ("x-request-id", "theirs"),
        ("set-cookie", "a=1"),
    ] {
        let value = http::HeaderValue::from_static(value);
        response.headers_mut().append(name, value);
    }
    response
        .headers_mut()
        .append("set-cookie", http::HeaderValue::from_static("b=2"));
    response
}

fn said(value: &Value) -> Response<Body> {
    let body = Full::new(Bytes::from(value.to_string()));
    Response::new(body.map_err(|never| match never {}).boxed())
}
