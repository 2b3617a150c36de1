//! One server: its connection is made, watched and made again in the background, so that nobody
//! waits for that; a breaker says at once that it does not answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use redis::{ConnectionInfo, PushInfo, Value};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::sleep;

use super::address::elsewhere;
use super::breaker::Breaker;
use super::link::{Fault, Link, ask_once};
use super::reply::Reply;
use super::script::{Call, Scripts};

/// How often a server that does not answer is asked whether it does.
const PROBE: Duration = Duration::from_millis(250);

/// How often one that does is asked whether it is still the same.
const LOOK: Duration = Duration::from_secs(1);

/// Where a primary is.
pub(super) enum Place {
    /// Always there.
    Here(ConnectionInfo),
    /// Where sentinels say.
    Told {
        sentinels: Vec<ConnectionInfo>,
        service: String,
        primary: ConnectionInfo,
    },
}

/// A server, or the service that one of several does.
pub(super) struct Server {
    place: Place,
    link: ArcSwapOption<Link>,
    breaker: Mutex<Breaker>,
    /// Something is wrong with the link: look.
    look: Notify,
}

impl Server {
    pub(super) fn new(place: Place) -> Self {
        Self {
            place,
            link: ArcSwapOption::empty(),
            breaker: Mutex::default(),
            look: Notify::new(),
        }
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection, if it may be used now.
    pub(super) fn link(&self) -> Option<Arc<Link>> {
        if self.breaker().is_open() {
            return None;
        }
        self.link.load_full()
    }

    /// Calls a script on a link that was had from here.
    pub(super) async fn call(&self, link: &Link, call: &Call<'_>) -> Result<Reply, Fault> {
        let answer = link.call(call).await;
        match &answer {
            Ok(_) => {}
            Err(fault) => self.failed(fault),
        }
        answer
    }

    fn failed(&self, fault: &Fault) {
        if let Fault::Refused(error) = fault {
            // It answers; what it says is a fault of its settings, or of ours.
            tracing::error!(%error, "Redis refuses");
            return;
        }
        if self.breaker().failed(Instant::now()) {
            tracing::warn!("Redis does not answer; it is asked again every {PROBE:?}");
        }
        self.look.notify_one();
    }

    /// Keeps a connection, for ever.
    pub(super) async fn keep(&self, scripts: &Scripts, news: UnboundedSender<PushInfo>) {
        let mut was_told = false;
        loop {
            match self.connect(scripts, &news).await {
                Ok(link) => {
                    tracing::info!(identity = %link.identity, "connected to Redis");
                    was_told = false;
                    self.link.store(Some(Arc::clone(&link)));
                    self.breaker().answered();
                    self.watch(&link).await;
                    self.link.store(None);
                }
                Err(error) => {
                    if !std::mem::replace(&mut was_told, true) {
                        tracing::warn!(%error, "no connection to Redis; it is tried every {PROBE:?}");
                    }
                    sleep(PROBE).await;
                }
            }
        }
    }

    async fn connect(
        &self,
        scripts: &Scripts,
        news: &UnboundedSender<PushInfo>,
    ) -> Result<Arc<Link>, String> {
        let address = self.address().await?;
        Ok(Arc::new(Link::open(&address, scripts, news).await?))
    }

    async fn address(&self) -> Result<ConnectionInfo, String> {
        let (sentinels, service, primary) = match &self.place {
            Place::Here(address) => return Ok(address.clone()),
            Place::Told {
                sentinels,
                service,
                primary,
            } => (sentinels, service, primary),
        };
        let mut question = redis::cmd("SENTINEL");
        question.arg("GET-MASTER-ADDR-BY-NAME").arg(service);
        let mut last = "no sentinel is named".to_owned();
        for sentinel in sentinels {
            match ask_once(sentinel, &question).await {
                Ok(Value::Array(answer)) => {
                    if let Some((host, port)) = host_and_port(&answer) {
                        return Ok(elsewhere(primary, &host, port));
                    }
                }
                Ok(_) => last = format!("a sentinel does not know `{service}`"),
                Err(fault) => last = format!("a sentinel does not answer: {fault:?}"),
            }
        }
        Err(last)
    }

    /// Returns when the connection is of no use any more.
    async fn watch(&self, link: &Link) {
        let mut silent = 0_u32;
        loop {
            let pause = if silent > 0 { PROBE } else { LOOK };
            let _looked = tokio::time::timeout(pause, self.look.notified()).await;
            match link.is_same().await {
                Ok(true) => {
                    silent = 0;
                    if self.breaker().answered() {
                        tracing::info!("Redis answers again");
                    }
                }
                Ok(false) => return,
                // It may be busy, or gone without a word: then a new connection finds out.
                Err(error) => {
                    silent = silent.saturating_add(1);
                    self.breaker().failed(Instant::now());
                    if silent > 1 || !error.contains("Lost") {
                        return;
                    }
                }
            }
        }
    }
}

/// `["127.0.0.1", "6379"]`.
pub(super) fn host_and_port(answer: &[Value]) -> Option<(String, u16)> {
    let [host, port, ..] = answer else {
        return None;
    };
    let host = match host {
        Value::BulkString(bytes) => String::from_utf8(bytes.clone()).ok()?,
        Value::SimpleString(text) => text.clone(),
        _ => return None,
    };
    let port = match port {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok()?.parse().ok()?,
        Value::Int(port) => u16::try_from(*port).ok()?,
        _ => return None,
    };
    Some((host, port))
}
