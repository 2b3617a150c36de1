//! The admin side goes and comes back; the data plane goes.

use harness::caller::Caller;
use harness::deadline::within;
use harness::raw::RawCaller;
use http::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::admin::Admin;
use crate::setup::DataPlane;

async fn is_unavailable(caller: &Caller) {
    let reply = caller.post("/key/generate", &json!({"alias": "a"})).await;
    let (kind, code, _) = reply.error();
    assert_eq!(
        (reply.status, kind.as_str(), code.as_str()),
        (503, "unavailable", "admin_unavailable")
    );
    assert_eq!(reply.header("x-headgate-code"), "admin_unavailable");
    assert_eq!(reply.header("retry-after"), "1");
    assert!(!reply.text().contains("admin.sock"), "{}", reply.text());
}

#[tokio::test]
async fn it_is_503_while_the_admin_side_is_gone_and_served_when_it_is_back() {
    let plane = DataPlane::start();
    let caller = plane.anonymous();
    is_unavailable(&caller).await;
    for _ in 0..3 {
        let admin = Admin::listen(&plane.socket);
        for _ in 0..3 {
            let reply = caller.post("/key/generate", &json!({"alias": "a"})).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
        }
        drop(admin);
        is_unavailable(&caller).await;
        assert_eq!(caller.get("/health/readiness").await.status, 200);
    }
}

#[tokio::test]
async fn a_connection_goes_on_after_a_503() {
    let plane = DataPlane::start();
    let mut raw = RawCaller::connect(plane.address).await;
    let request = "POST /key/generate HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}";
    raw.send(request).await;
    assert!(raw.read_until("admin_unavailable\"").await);
    let _admin = Admin::listen(&plane.socket);
    raw.send(request).await;
    assert!(raw.read_until("HTTP/1.1 200 OK").await, "{}", raw.text());
}

/// Takes one request and gives the connection on which it came.
async fn one_request(listener: &UnixListener) -> UnixStream {
    let (mut stream, _) = within("the request comes", listener.accept())
        .await
        .unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(within("the head comes", stream.read_u8()).await.unwrap());
    }
    stream
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_taken_for_whole() {
    let plane = DataPlane::start();
    let listener = UnixListener::bind(&plane.socket).unwrap();
    let caller = plane.anonymous();
    for length in ["content-length: 100", "transfer-encoding: chunked"] {
        let answer = async {
            let mut stream = one_request(&listener).await;
            let head = format!("HTTP/1.1 200 OK\r\n{length}\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(b"3\r\nabc\r\n").await.unwrap();
        };
        let get = async {
            let streaming = caller.call(Method::GET, "/ui", bytes::Bytes::new()).await;
            streaming.whole().await
        };
        let ((), reply) = tokio::join!(answer, get);
        assert_eq!((reply.status, reply.is_whole), (200, false), "{length}");
        assert!(reply.text().contains("abc"), "{length}: {}", reply.text());
    }
}

#[tokio::test]
async fn no_answer_and_one_that_is_none_are_503() {
    let plane = DataPlane::start();
    let listener = UnixListener::bind(&plane.socket).unwrap();
    let caller = plane.anonymous();
    for words in ["", "HTTP/1.1 200", "hello\r\n\r\n"] {
        let answer = async {
            let mut stream = one_request(&listener).await;
            stream.write_all(words.as_bytes()).await.unwrap();
        };
        let get = async { caller.get("/ui").await };
        let ((), reply) = tokio::join!(answer, get);
        assert_eq!(
            (reply.status, reply.error().1.as_str()),
            (503, "admin_unavailable"),
            "{words}"
        );
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_ends_the_request_on_the_admin_side_too() {
    let plane = DataPlane::start();
    let listener = UnixListener::bind(&plane.socket).unwrap();
    let mut raw = RawCaller::connect(plane.address).await;
    raw.send("GET /ui HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await;
    let mut stream = one_request(&listener).await;
    drop(raw);
    let ended = within("the connection ends", stream.read(&mut [0; 8])).await;
    assert_eq!(ended.unwrap_or(0), 0);
}

#[tokio::test]
async fn what_runs_when_the_gateway_ends_is_finished_and_nothing_new_is_begun() {
    let mut plane = DataPlane::start();
    let _admin = Admin::listen(&plane.socket);
    let mut raw = RawCaller::connect(plane.address).await;
    raw.send("POST /api/echo HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n")
        .await;
    raw.send("5\r\nfirst\r\n").await;
    assert!(raw.read_until("first").await);
    plane.begin_draining();
    let caller = plane.anonymous();
    let refused = async {
        let get = || caller.try_call(Method::GET, "/ui", bytes::Bytes::new());
        while get().await.is_ok_and(|answer| answer.status == 200) {
            tokio::task::yield_now().await;
        }
    };
    within("new requests are refused", refused).await;
    raw.send("4\r\nlast\r\n0\r\n\r\n").await;
    let text = raw.read_to_end().await;
    assert!(
        text.contains("last") && text.ends_with("0\r\n\r\n"),
        "{text}"
    );
    tokio::task::spawn_blocking(|| plane.ended()).await.unwrap();
}
