//! Which server has an organization's keys.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use redis::{ConnectionInfo, PushInfo, Value};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::address::{Address, elsewhere};
use super::keys::marker;
use super::link::ask_once;
use super::script::Scripts;
use super::server::{Place, Server, host_and_port};

/// How often a cluster is asked who has what, if nothing is amiss …
const LOOK: Duration = Duration::from_secs(5);

/// … and how soon at most, if something is.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// The servers.
pub(super) enum Topology {
    /// One, or one at a time.
    One(Arc<Server>),
    /// A cluster.
    Cluster(Cluster),
}

/// A cluster.
pub(super) struct Cluster {
    seeds: Vec<ConnectionInfo>,
    parts: ArcSwap<Vec<Part>>,
    look: Notify,
}

/// What one primary has.
struct Part {
    slots: RangeInclusive<u16>,
    address: String,
    server: Arc<Server>,
}

impl Topology {
    pub(super) fn new(address: Address) -> Self {
        match address {
            Address::One(address) => Self::One(Arc::new(Server::new(Place::Here(address)))),
            Address::Sentinel {
                sentinels,
                service,
                primary,
            } => Self::One(Arc::new(Server::new(Place::Told {
                sentinels,
                service,
                primary,
            }))),
            Address::Cluster(seeds) => Self::Cluster(Cluster {
                seeds,
                parts: ArcSwap::default(),
                look: Notify::new(),
            }),
        }
    }

    /// The server that has a slot.
    pub(super) fn server(&self, slot: u16) -> Option<Arc<Server>> {
        match self {
            Self::One(server) => Some(Arc::clone(server)),
            Self::Cluster(cluster) => {
                let parts = cluster.parts.load();
                let part = parts.iter().find(|part| part.slots.contains(&slot))?;
                Some(Arc::clone(&part.server))
            }
        }
    }

    /// The key that says since when the server that has a slot has had its memory.
    pub(super) fn marker(&self, slot: u16) -> Option<String> {
        match self {
            Self::One(_) => marker(|_| true),
            Self::Cluster(cluster) => cluster.marker(slot),
        }
    }

    /// Something is not where it was.
    pub(super) fn look(&self) {
        if let Self::Cluster(cluster) = self {
            cluster.look.notify_one();
        }
    }

    /// Keeps connections, for ever.
    pub(super) async fn keep(&self, scripts: Arc<Scripts>, news: UnboundedSender<PushInfo>) {
        match self {
            Self::One(server) => server.keep(&scripts, news).await,
            Self::Cluster(cluster) => cluster.keep(scripts, news).await,
        }
    }
}

impl Cluster {
    fn marker(&self, slot: u16) -> Option<String> {
        let parts = self.parts.load();
        let part = parts.iter().find(|part| part.slots.contains(&slot))?;
        // The first key by number on that server, wherever in its slots: every node finds the same.
        let own = |slot: u16| {
            let mut own = parts.iter().filter(|other| other.address == part.address);
            own.any(|part| part.slots.contains(&slot))
        };
        marker(own)
    }

    async fn keep(&self, scripts: Arc<Scripts>, news: UnboundedSender<PushInfo>) {
        let mut known: HashMap<String, (Arc<Server>, JoinSet<()>)> = HashMap::new();
        loop {
            if let Some(found) = self.ask(known.keys()).await {
                // Those that are no primaries any more are let go, and their connections with them.
                known.retain(|address, _| {
                    found
                        .iter()
                        .any(|(_, info)| info.addr().to_string() == *address)
                });
                let mut parts = Vec::with_capacity(found.len());
                for (slots, info) in found {
                    let address = info.addr().to_string();
                    let (server, _) = known.entry(address.clone()).or_insert_with(|| {
                        let server = Arc::new(Server::new(Place::Here(info)));
                        let mut keeping = JoinSet::new();
                        let (kept, scripts, news) =
                            (Arc::clone(&server), Arc::clone(&scripts), news.clone());
                        keeping.spawn(async move { kept.keep(&scripts, news).await });
                        (server, keeping)
                    });
                    parts.push(Part {
                        slots,
                        address,
                        server: Arc::clone(server),
                    });
                }
                self.parts.store(Arc::new(parts));
            }
            sleep(LOOK_AGAIN).await;
            let pause = if known.is_empty() {
                Duration::ZERO
            } else {
                LOOK
            };
            let _looked = tokio::time::timeout(pause, self.look.notified()).await;
        }
    }

    /// Asks one after the other who has what: those known, then those named.
    async fn ask<'a>(
        &self,
        known: impl Iterator<Item = &'a String>,
    ) -> Option<Vec<(RangeInclusive<u16>, ConnectionInfo)>> {
        let like = self.seeds.first()?;
        let known = known.filter_map(|address| {
            let (host, port) = address.rsplit_once(':')?;
            Some(elsewhere(like, host, port.parse().ok()?))
        });
        let all: Vec<ConnectionInfo> = known.chain(self.seeds.iter().cloned()).collect();
        let mut question = redis::cmd("CLUSTER");
        question.arg("SLOTS");
        for address in all {
            let Ok(Value::Array(ranges)) = ask_once(&address, &question).await else {
                continue;
            };
            let found: Vec<_> = ranges
                .iter()
                .filter_map(|range| read(range, &address))
                .collect();
            if !found.is_empty() {
                return Some(found);
            }
        }
        tracing::warn!("no server of the Redis cluster says who has what");
        None
    }
}

/// `[first, last, [host, port, …], replicas…]`; a host that the server does not know is its own.
fn read(range: &Value, asked: &ConnectionInfo) -> Option<(RangeInclusive<u16>, ConnectionInfo)> {
    let Value::Array(range) = range else {
        return None;
    };
    let [
        Value::Int(first),
        Value::Int(last),
        Value::Array(primary),
        ..,
    ] = range.as_slice()
    else {
        return None;
    };
    let own = asked.addr().to_string();
    let own = own.rsplit_once(':').map_or("", |(host, _)| host);
    let (host, port) = match primary.as_slice() {
        [Value::Nil, Value::Int(port), ..] => (own.to_owned(), u16::try_from(*port).ok()?),
        known => host_and_port(known)?,
    };
    let host = if host.is_empty() {
        own.to_owned()
    } else {
        host
    };
    let slots = u16::try_from(*first).ok()?..=u16::try_from(*last).ok()?;
    Some((slots, elsewhere(asked, &host, port)))
}
