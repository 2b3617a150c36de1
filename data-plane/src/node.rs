//! What the requests of one node share, and what each runtime has for itself.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use domain::routing::RoutingTable;
use rustls::ClientConfig;

use crate::forward::Admin;
use crate::governance::Governance;
use crate::journal::Strand;
use crate::metrics::Metrics;
use crate::request_log::RequestLog;
use crate::route::table::Table;
use crate::send::client::{self, Pools, TlsFault};
use crate::settings::{Fixed, Settings};
use crate::settle::Settler;
use crate::tenants::Tenants;
use crate::tenants::known::Known;

/// Settings, routing table and what is known of tenants, swapped together and whole; loaded once
/// per request.
pub struct State {
    /// Who is let in, limits, time-outs.
    pub settings: Settings,
    /// Where requests may go.
    pub table: Arc<Table>,
    /// Whose keys there are, and what stands above them.
    pub known: Arc<Known>,
}

impl State {
    /// Compiles what the configuration says. Nothing is known of tenants yet.
    #[must_use]
    pub fn compile(settings: Settings, table: &RoutingTable) -> Self {
        Self {
            settings,
            table: Arc::new(Table::compile(table)),
            known: Arc::default(),
        }
    }
}

/// One node.
pub struct Node {
    state: ArcSwap<State>,
    /// The state before this one. It is freed by whoever changes the state next, not by a request
    /// that happens to hold it last: freeing a million keys takes a while.
    previous: Mutex<Option<Arc<State>>>,
    draining: AtomicBool,
    cutting: AtomicBool,
    trust: Arc<ClientConfig>,
    /// What Prometheus reads.
    pub metrics: Arc<Metrics>,
    /// One line for each finished request.
    pub log: Arc<RequestLog>,
    /// Settles requests.
    pub settler: Arc<Settler>,
    /// Counters and journal.
    pub governance: Arc<Governance>,
    /// Uses and look-ups of virtual keys.
    pub tenants: Tenants,
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
        governance: Arc<Governance>,
        metrics: Arc<Metrics>,
        log_sink: Box<dyn Write + Send>,
    ) -> Result<Arc<Self>, TlsFault> {
        let log = RequestLog::start(log_sink, fixed.log_text);
        let settler = Settler::start(Arc::clone(&metrics), Arc::clone(&log));
        Ok(Arc::new(Self {
            state: ArcSwap::from_pointee(state),
            previous: Mutex::new(None),
            draining: AtomicBool::new(false),
            cutting: AtomicBool::new(false),
            trust: client::trust(&fixed)?,
            metrics,
            log,
            settler,
            governance,
            tenants: Tenants::default(),
            fixed,
        }))
    }

    /// The present settings and table.
    #[must_use]
    pub fn state(&self) -> Arc<State> {
        self.state.load_full()
    }

    /// Makes another state of the present one, for every request that comes from now on. Changes
    /// wait for each other, so that none is lost.
    pub fn change(&self, make: impl FnOnce(&State) -> State) {
        let mut previous = self.previous.lock().unwrap_or_else(PoisonError::into_inner);
        let made = make(&self.state.load());
        *previous = Some(self.state.swap(Arc::new(made)));
    }

    /// Swaps settings and table; what is known of tenants stays.
    pub fn swap(&self, state: State) {
        self.change(|present| State {
            known: Arc::clone(&present.known),
            ..state
        });
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
    /// The part of the journal that this runtime writes.
    pub strand: Arc<Strand>,
    /// Connections to providers.
    pub pools: Pools,
    /// Connections to the admin side, where there is one.
    pub admin: Option<Admin>,
}

impl Worker {
    /// Makes the own part of the runtime with this number; called on that runtime.
    #[must_use]
    pub fn new(node: Arc<Node>, number: usize) -> Arc<Self> {
        let strand = node.governance.journal.strand(number);
        let connect_timeout = node.state().settings.connect_timeout;
        let pools = Pools::new(&node.trust, connect_timeout, &node.fixed.proxies);
        let admin = node.fixed.admin_socket.as_deref().map(Admin::at);
        Arc::new(Self {
            node,
            strand,
            pools,
            admin,
        })
    }
}
