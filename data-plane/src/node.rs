//! What the requests of one node share, and what each runtime has for itself.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use domain::routing::RoutingTable;
use rustls::ClientConfig;

use crate::metrics::Metrics;
use crate::request_log::RequestLog;
use crate::route::table::Table;
use crate::send::client::{self, TlsFault};
use crate::send::pool::Pool;
use crate::settings::{Fixed, Settings};
use crate::settle::Settler;

/// Settings and routing table, swapped together and whole; loaded once per request.
pub struct State {
    /// Who is let in, limits, time-outs.
    pub settings: Settings,
    /// Where requests may go.
    pub table: Table,
}

impl State {
    /// Compiles what the configuration says.
    #[must_use]
    pub fn compile(settings: Settings, table: &RoutingTable) -> Self {
        Self {
            settings,
            table: Table::compile(table),
        }
    }
}

/// One node.
pub struct Node {
    state: ArcSwap<State>,
    draining: AtomicBool,
    cutting: AtomicBool,
    trust: Arc<ClientConfig>,
    /// What Prometheus reads.
    pub metrics: Arc<Metrics>,
    /// One line for each finished request.
    pub log: Arc<RequestLog>,
    /// Settles requests.
    pub settler: Arc<Settler>,
    /// What is fixed while the process lives.
    pub fixed: Fixed,
}

impl Node {
    /// A node that has not begun to serve. `log_sink` takes one line for each finished request.
    ///
    /// # Errors
    /// When the certificate authorities cannot be read.
    pub fn new(
        state: State,
        fixed: Fixed,
        log_sink: Box<dyn Write + Send>,
    ) -> Result<Arc<Self>, TlsFault> {
        let metrics = Arc::new(Metrics::new());
        let log = RequestLog::start(log_sink, fixed.log_text);
        let settler = Settler::start(Arc::clone(&metrics), Arc::clone(&log));
        Ok(Arc::new(Self {
            state: ArcSwap::from_pointee(state),
            draining: AtomicBool::new(false),
            cutting: AtomicBool::new(false),
            trust: client::trust(&fixed)?,
            metrics,
            log,
            settler,
            fixed,
        }))
    }

    /// The present settings and table.
    #[must_use]
    pub fn state(&self) -> Arc<State> {
        self.state.load_full()
    }

    /// Swaps settings and table for every request that comes from now on.
    pub fn swap(&self, state: State) {
        self.state.store(Arc::new(state));
    }

    /// Says that no new requests are taken.
    pub fn begin_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Says that the time for running streams is over.
    pub fn begin_cutting(&self) {
        self.cutting.store(true, Ordering::Relaxed);
    }

    /// Whether running streams have to end now.
    #[must_use]
    pub fn is_cutting(&self) -> bool {
        self.cutting.load(Ordering::Relaxed)
    }

    /// Whether no new requests are taken.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

/// One runtime's own part.
pub struct Worker {
    /// The node.
    pub node: Arc<Node>,
    /// Connections to providers.
    pub pool: Pool,
}

impl Worker {
    /// Makes a runtime's own part; called on that runtime.
    #[must_use]
    pub fn new(node: Arc<Node>) -> Arc<Self> {
        let connect_timeout = node.state().settings.connect_timeout;
        let pool = client::pool(&node.trust, connect_timeout, &node.fixed.proxies);
        Arc::new(Self { node, pool })
    }
}
