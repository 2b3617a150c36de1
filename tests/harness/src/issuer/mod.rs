//! A scripted identity provider: says what the test says, publishes the keys that it is given, counts
//! who asks, and can be away.

mod keys;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub use self::keys::SigningKey;
use crate::incoming;

/// A running provider.
pub struct Issuer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    serving: JoinSet<()>,
}

#[derive(Default)]
struct State {
    keys: Vec<Value>,
    /// Bytes of nothing in the key set.
    padding: usize,
    discovery: Value,
    token: (u16, Value),
    told: Option<Value>,
    exchanged: Vec<String>,
    keys_asked: usize,
    is_away: bool,
}

impl Issuer {
    /// Starts one that publishes this key.
    ///
    /// # Panics
    /// When the loopback has no free port.
    pub async fn start(key: &SigningKey) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("the loopback has a free port");
        let address = listener.local_addr().expect("a bound socket has one");
        let state = Arc::new(Mutex::new(State {
            keys: vec![key.published()],
            discovery: json!({}),
            token: (400, json!({"error": "invalid_grant"})),
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _peer)) = listener.accept().await {
                connections.spawn(serve(stream, address, Arc::clone(&shared)));
            }
        });
        Self {
            address,
            state,
            serving,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics with it")
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Publishes these keys instead.
    pub fn publishes(&self, keys: &[&SigningKey]) {
        self.state().keys = keys.iter().map(|key| key.published()).collect();
    }

    /// Makes the key set that much longer.
    pub fn pads(&self, bytes: usize) {
        self.state().padding = bytes;
    }

    /// Says this of itself in its discovery document, over what is true.
    pub fn says(&self, members: Value) {
        self.state().discovery = members;
    }

    /// Gives this token for the next codes.
    pub fn gives(&self, id_token: &str) {
        let answer = json!({"access_token": "at", "token_type": "Bearer", "id_token": id_token});
        self.state().token = (200, answer);
    }

    /// Answers this where it is asked about somebody.
    pub fn tells(&self, members: Value) {
        self.state().told = Some(members);
    }

    /// The bodies with which codes were brought so far.
    #[must_use]
    pub fn exchanged(&self) -> Vec<String> {
        self.state().exchanged.clone()
    }

    /// How often its keys were asked for.
    #[must_use]
    pub fn keys_asked(&self) -> usize {
        self.state().keys_asked
    }

    /// Closes every connection from now on, or no longer.
    pub fn goes_away(&self, is_away: bool) {
        self.state().is_away = is_away;
    }

    /// Ends it.
    pub async fn end(mut self) {
        self.serving.shutdown().await;
    }
}

async fn serve(stream: TcpStream, address: SocketAddr, state: Arc<Mutex<State>>) {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    while let Some(request) = incoming::read(&mut reader).await {
        let answer = {
            let mut state = state.lock().expect("no test panics with it");
            if state.is_away {
                return;
            }
            answer(&mut state, address, &request)
        };
        let (status, body) = answer;
        let text = body.to_string();
        let head = format!(
            "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            text.len()
        );
        if writer.write_all(head.as_bytes()).await.is_err()
            || writer.write_all(text.as_bytes()).await.is_err()
        {
            return;
        }
    }
}

fn answer(state: &mut State, address: SocketAddr, request: &incoming::Incoming) -> (u16, Value) {
    let base = format!("http://{address}");
    match request.target.split('?').next().unwrap_or_default() {
        "/.well-known/openid-configuration" => {
            let mut document = json!({
                "issuer": base,
                "authorization_endpoint": format!("{base}/authorize"),
                "token_endpoint": format!("{base}/token"),
                "jwks_uri": format!("{base}/keys"),
                "userinfo_endpoint": format!("{base}/me"),
            });
            if let (Value::Object(members), Value::Object(more)) = (&mut document, &state.discovery)
            {
                members.extend(more.clone());
            }
            (200, document)
        }
        "/keys" => {
            state.keys_asked += 1;
            (
                200,
                json!({"keys": state.keys, "padding": "x".repeat(state.padding)}),
            )
        }
        "/token" => {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            state.exchanged.push(body);
            state.token.clone()
        }
        "/me" => match &state.told {
            Some(told) => (200, told.clone()),
            None => (404, json!({})),
        },
        _ => (404, json!({})),
    }
}
