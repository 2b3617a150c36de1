//! Somebody to whom messages are posted: takes HTTP requests, answers with a status, and can be away.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::Value;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::deadline::within;
use crate::incoming;

/// A message as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// Headers in their order and their own case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Bytes,
}

/// What it does with a message, beside noting it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// Answers with this status.
    Status(u16),
    /// Never answers.
    Hang,
}

struct Shared {
    received: Mutex<Vec<Received>>,
    reaction: Mutex<Reaction>,
    count: watch::Sender<usize>,
}

/// A place on the loopback that messages are posted to. Until [`Receiver::open`] nobody listens there.
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinSet<()>,
}

impl Received {
    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// A header's value; empty when there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let found = |(other, _): &&(String, String)| other.eq_ignore_ascii_case(name);
        let found = self.headers.iter().find(found);
        found.map_or("", |(_, value)| value.as_str())
    }
}

impl Receiver {
    /// A place where nobody listens yet.
    pub async fn closed() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("the loopback has a free port");
        let address = listener.local_addr();
        Self {
            address: address.expect("a bound socket has an address"),
            shared: Arc::new(Shared {
                received: Mutex::default(),
                reaction: Mutex::new(Reaction::Status(200)),
                count: watch::Sender::new(0),
            }),
            accepting: JoinSet::new(),
        }
    }

    /// A place where every message is taken.
    pub async fn start() -> Self {
        let mut receiver = Self::closed().await;
        receiver.open().await;
        receiver
    }

    /// Listens from now on.
    pub async fn open(&mut self) {
        let listener = TcpListener::bind(self.address).await;
        let listener = listener.expect("the port was ours");
        let shared = Arc::clone(&self.shared);
        self.accepting.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&shared)));
            }
        });
    }

    /// Does this with messages from now on.
    pub fn reacts(&self, reaction: Reaction) {
        *self.shared.reaction.lock().expect("no test panics with it") = reaction;
    }

    /// `http://127.0.0.1:PORT/hook`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// What has arrived so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        let received = self.shared.received.lock();
        received.expect("no test panics with it").clone()
    }

    /// Waits until so many messages have arrived, and gives all of them.
    pub async fn arrived(&self, count: usize) -> Vec<Received> {
        let mut counted = self.shared.count.subscribe();
        let enough = counted.wait_for(|so_far| *so_far >= count);
        let waited = within(&format!("{count} messages arrive"), enough).await;
        drop(waited.expect("the receiver lives"));
        self.received()
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    while let Some(request) = incoming::read(&mut reader).await {
        let reaction = *shared.reaction.lock().expect("no test panics with it");
        {
            let mut received = shared.received.lock().expect("no test panics with it");
            received.push(Received {
                headers: request.headers,
                body: request.body,
            });
            shared.count.send_replace(received.len());
        }
        let Reaction::Status(status) = reaction else {
            return std::future::pending().await;
        };
        let head = format!("HTTP/1.1 {status} Taken\r\ncontent-length: 0\r\n\r\n");
        if writer.write_all(head.as_bytes()).await.is_err() {
            return;
        }
    }
}
