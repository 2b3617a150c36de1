//! One connection to one server that is a primary, and what may go wrong on it.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, Cmd, ConnectionInfo, PushInfo, RedisError, Value};
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::timeout;

use super::keys::CHANNEL;
use super::reply::Reply;
use super::script::{Call, Scripts};

/// The longest that anything is waited for: no request is to be held up by 250 ms, its own time and a
/// busy machine's included.
pub(super) const DEADLINE: Duration = Duration::from_millis(200);

/// Commands that wait to be written; more than requests that a node serves at the same time.
const QUEUED: usize = 4_096;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing was sent.
    NotSent,
    /// It was sent, or may have been, and nobody knows what became of it.
    Lost,
    /// The server does not do it: it is no primary (any more), loads its data, or has none of these
    /// keys. It changed nothing.
    Elsewhere,
    /// The server refuses, or answers what no script of ours does.
    Refused(String),
}

impl Fault {
    pub(super) fn garbled(value: &Value) -> Self {
        Self::Refused(format!("an answer that is none: {value:?}"))
    }

    fn of(error: &RedisError) -> Self {
        let code = error.code().unwrap_or_default();
        match code {
            "MOVED" | "ASK" | "TRYAGAIN" | "CLUSTERDOWN" | "MASTERDOWN" | "READONLY"
            | "LOADING" | "UNKILLABLE" | "BUSY" => Self::Elsewhere,
            _ if error.is_io_error() || error.is_timeout() || error.is_connection_dropped() => {
                Self::Lost
            }
            _ => Self::Refused(error.to_string()),
        }
    }
}

/// A connection.
pub(super) struct Link {
    connection: MultiplexedConnection,
    /// Which process it leads to, and which history of data that process has: a promoted replica,
    /// a restarted server and one that was made a primary again are all others.
    pub(super) identity: Arc<str>,
}

impl Link {
    /// Connects, makes sure that it is a primary, and makes it know the scripts.
    pub(super) async fn open(
        address: &ConnectionInfo,
        scripts: &Scripts,
        news: &UnboundedSender<PushInfo>,
    ) -> Result<Self, String> {
        let opened = timeout(DEADLINE, connect(address, Some(news)));
        let opened = opened
            .await
            .map_err(|_late| "it does not answer".to_owned())?;
        let connection = opened.map_err(|error| error.to_string())?;
        let identity = identity(&connection).await?;
        let link = Self {
            connection,
            identity: identity.into(),
        };
        for script in scripts.all() {
            let loaded = link.send(&script.load()).await;
            loaded.map_err(|fault| format!("it takes no script: {fault:?}"))?;
        }
        let mut subscriber = link.connection.clone();
        let subscribed = timeout(DEADLINE, subscriber.subscribe(CHANNEL)).await;
        match subscribed {
            Ok(Ok(())) => Ok(link),
            Ok(Err(error)) => Err(format!("nothing can be subscribed to: {error}")),
            Err(_) => Err("it does not answer".to_owned()),
        }
    }

    /// Whether it still leads to the same primary with the same history.
    pub(super) async fn is_same(&self) -> Result<bool, String> {
        let identity = identity(&self.connection).await?;
        Ok(*identity == *self.identity)
    }

    /// Calls a script, which the server may have forgotten.
    pub(super) async fn call(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        let command = call.command();
        let value = match self.send(&command).await {
            Err(Fault::Refused(error)) if error.contains("NOSCRIPT") => {
                self.send(&call.script.load()).await?;
                self.send(&command).await?
            }
            done => done?,
        };
        Reply::read(value)
    }

    async fn send(&self, command: &Cmd) -> Result<Value, Fault> {
        send(&self.connection, command).await
    }
}

async fn send(connection: &MultiplexedConnection, command: &Cmd) -> Result<Value, Fault> {
    let mut connection = connection.clone();
    match timeout(DEADLINE, connection.req_packed_command(command)).await {
        Ok(Ok(Value::ServerError(error))) => Err(Fault::of(&error.into())),
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Fault::of(&error)),
        Err(_) => Err(Fault::Lost),
    }
}

async fn connect(
    address: &ConnectionInfo,
    news: Option<&UnboundedSender<PushInfo>>,
) -> Result<MultiplexedConnection, RedisError> {
    let mut settings = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(DEADLINE))
        .set_response_timeout(Some(DEADLINE))
        .set_pipeline_buffer_size(QUEUED);
    if let Some(news) = news {
        settings = settings.set_push_sender(news.clone());
    }
    let client = Client::open(address.clone())?;
    client
        .get_multiplexed_async_connection_with_config(&settings)
        .await
}

/// Asks a server that is not one of ours, such as a sentinel, one thing.
pub(super) async fn ask_once(address: &ConnectionInfo, command: &Cmd) -> Result<Value, Fault> {
    let connection = timeout(DEADLINE, connect(address, None)).await;
    match connection {
        Ok(Ok(connection)) => send(&connection, command).await,
        Ok(Err(error)) => Err(Fault::Refused(error.to_string())),
        Err(_) => Err(Fault::NotSent),
    }
}

/// `INFO`'s fields `run_id` (another for every start) and `master_replid` (another for every
/// promotion), of a primary.
async fn identity(connection: &MultiplexedConnection) -> Result<String, String> {
    let mut info = redis::cmd("INFO");
    info.arg("server").arg("replication");
    let answer = send(connection, &info).await;
    let answer = answer.map_err(|fault| format!("it does not say who it is: {fault:?}"))?;
    let text = match answer {
        Value::BulkString(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Value::VerbatimString { text, .. } => text,
        other => return Err(format!("it does not say who it is: {other:?}")),
    };
    let field = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(':'));
        lines.find_map(|(key, value)| (key == name).then_some(value.trim()))
    };
    if field("role") != Some("master") {
        return Err("it is a replica".to_owned());
    }
    let run = field("run_id").unwrap_or_default();
    let history = field("master_replid").unwrap_or_default();
    Ok(format!("{run}.{history}"))
}
