//! A provider that answers as the test says, records what arrives and keeps its own ledger.
//!
//! A lane is the first segment of the path. Each lane has its own script, requests and bill, so
//! that one server stands for many providers.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use serde_json::Value;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::answer::Answer;
use crate::deadline::within;
use crate::ledger::{Bill, Tokens};
use crate::serving;

/// A provider on a free port of the loopback.
pub struct ScriptedProvider {
    address: SocketAddr,
    lanes: Arc<Lanes>,
    _accepting: JoinSet<()>,
}

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query, the lane included.
    pub target: String,
    /// Headers in their order and their own case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Bytes,
    ending: watch::Receiver<Ending>,
}

/// How a request ended at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is still being answered.
    Running,
    /// The script was played to its end.
    Played,
    /// The peer went away before that.
    PeerGone,
}

#[derive(Default)]
struct LaneState {
    once: VecDeque<Answer>,
    always: Option<Answer>,
    requests: Vec<Request>,
    bill: Bill,
    /// Of requests that named a bill.
    bills: HashMap<String, Bill>,
    connections: usize,
    keeps_no_requests: bool,
}

pub(crate) struct Lanes {
    states: Mutex<HashMap<String, LaneState>>,
    changes: watch::Sender<u64>,
}

impl ScriptedProvider {
    /// Listens. Every lane says "Hello from <lane>" until it is told otherwise.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("the loopback has a free port");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let lanes = Arc::new(Lanes {
            states: Mutex::default(),
            changes: watch::Sender::new(0),
        });
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, Arc::clone(&lanes)));
        Self {
            address,
            lanes,
            _accepting: accepting,
        }
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// One lane's script and records.
    #[must_use]
    pub fn lane(&self, name: &str) -> Lane {
        Lane {
            name: name.to_owned(),
            lanes: Arc::clone(&self.lanes),
        }
    }
}

async fn accept(listener: TcpListener, lanes: Arc<Lanes>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(connection(stream, Arc::clone(&lanes)));
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, lanes: Arc<Lanes>) {
    // A socket that cannot be set up is a connection that ended.
    if stream.set_nodelay(true).is_ok() {
        serving::serve(stream, lanes).await;
    }
}

/// One lane of a [`ScriptedProvider`].
#[derive(Clone)]
pub struct Lane {
    name: String,
    lanes: Arc<Lanes>,
}

impl Lane {
    /// Answers every request so, once the answers of [`Lane::answers_once`] are used up.
    pub fn answers(&self, answer: Answer) {
        self.lanes
            .change(&self.name, |lane| lane.always = Some(answer));
    }

    /// Answers the next request so; several wait in line.
    pub fn answers_once(&self, answer: Answer) {
        self.lanes
            .change(&self.name, |lane| lane.once.push_back(answer));
    }

    /// What has arrived, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.lanes.change(&self.name, |lane| lane.requests.clone())
    }

    /// The last request.
    ///
    /// # Panics
    /// When none has arrived.
    #[must_use]
    pub fn last(&self) -> Request {
        match self.requests().pop() {
            Some(request) => request,
            None => panic!("nothing reached the provider's lane `{}`", self.name),
        }
    }

    /// Waits until so many requests have arrived, and gives them.
    pub async fn arrived(&self, count: usize) -> Vec<Request> {
        let mut changes = self.lanes.changes.subscribe();
        let enough = changes.wait_for(|_| self.requests().len() >= count);
        within(&format!("{count} requests at `{}`", self.name), enough)
            .await
            .expect("the lanes live as long as this borrow");
        self.requests()
    }

    /// What this lane would bill so far.
    #[must_use]
    pub fn bill(&self) -> Bill {
        self.lanes.change(&self.name, |lane| lane.bill)
    }

    /// What it would bill by the names that requests gave (`bill:NAME` in their text).
    #[must_use]
    pub fn bills(&self) -> HashMap<String, Bill> {
        self.lanes.change(&self.name, |lane| lane.bills.clone())
    }

    /// Keeps bills only from now on: millions of requests would fill the memory.
    pub fn keeps_no_requests(&self) {
        self.lanes
            .change(&self.name, |lane| lane.keeps_no_requests = true);
    }

    /// How many connections have carried requests to this lane.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.lanes.change(&self.name, |lane| lane.connections)
    }
}

impl Lanes {
    pub(crate) fn take_answer(&self, lane: &str) -> Answer {
        self.change(lane, |state| {
            let next = state.once.pop_front().or_else(|| state.always.clone());
            next.unwrap_or_else(|| Answer::text(&format!("Hello from {lane}")))
        })
    }

    pub(crate) fn record(&self, lane: &str, request: Request, is_new_connection: bool) {
        self.change(lane, |state| {
            if !state.keeps_no_requests {
                state.requests.push(request);
            }
            state.connections += usize::from(is_new_connection);
        });
        self.changes.send_modify(|changes| *changes += 1);
    }

    pub(crate) fn bill(&self, lane: &str, name: Option<&str>, tokens: Tokens) {
        self.change(lane, |state| {
            state.bill.add(tokens);
            if let Some(name) = name {
                state.bills.entry(name.to_owned()).or_default().add(tokens);
            }
        });
    }

    fn change<T>(&self, lane: &str, change: impl FnOnce(&mut LaneState) -> T) -> T {
        let mut states: MutexGuard<'_, _> = self.states.lock().expect("no script panics");
        change(states.entry(lane.to_owned()).or_default())
    }
}

impl Request {
    pub(crate) fn new(
        incoming: &crate::incoming::Incoming,
        ending: watch::Receiver<Ending>,
    ) -> Self {
        Self {
            method: incoming.method.clone(),
            target: incoming.target.clone(),
            headers: incoming.headers.clone(),
            body: incoming.body.clone(),
            ending,
        }
    }

    /// The first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = |(header, _): &&(String, String)| header.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .find(found)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the gateway sends JSON")
    }

    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// How it stands now.
    #[must_use]
    pub fn ending(&self) -> Ending {
        *self.ending.borrow()
    }

    /// Waits until it has ended.
    pub async fn ended(&self) -> Ending {
        let mut ending = self.ending.clone();
        let ended = ending.wait_for(|ending| *ending != Ending::Running);
        *within("the request ended at the provider", ended)
            .await
            .expect("the provider says how each request ended")
    }
}

/// An address of the loopback where every connection is refused, as long as this lives.
pub struct RefusingAddress {
    socket: TcpSocket,
}

impl RefusingAddress {
    /// Takes a port without listening on it, so that nobody else can.
    ///
    /// # Panics
    /// When the loopback has no free port.
    #[must_use]
    pub fn take() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket can be made");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        socket.bind(any).expect("the loopback has a free port");
        Self { socket }
    }

    /// `http://127.0.0.1:PORT`.
    ///
    /// # Panics
    /// Never: the socket is bound.
    #[must_use]
    pub fn url(&self) -> String {
        let address = self
            .socket
            .local_addr()
            .expect("a bound socket has an address");
        format!("http://{address}")
    }
}
