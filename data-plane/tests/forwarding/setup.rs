//! A data plane with an admin socket, on a free port, in the test's own process.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use data_plane::counters::{Counters, Memory};
use data_plane::governance::{Governance, Terms};
use data_plane::journal::{Journal, JournalSettings};
use data_plane::metrics::Metrics;
use data_plane::node::{Node, State};
use data_plane::server::{self, Shutdown};
use data_plane::settings::{Fixed, Settings, TlsFiles};
use data_plane::tls;
use domain::keys::Secret;
use domain::routing::RoutingTable;
use harness::caller::{Caller, Reply};
use harness::tls::Certificate;
use http::Method;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::oneshot;

/// A running data plane. Dropping it ends it.
pub struct DataPlane {
    pub address: SocketAddr,
    pub socket: PathBuf,
    pub certificate: Certificate,
    _directory: TempDir,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// The usual settings, with a master key: what is forwarded does not ask for it.
pub fn settings() -> Settings {
    Settings {
        master_key: Some(Secret::new("sk-master-0123456789abcdef")),
        ..Settings::default()
    }
}

fn governance(directory: &Path, metrics: &Metrics) -> Arc<Governance> {
    let settings = JournalSettings::within(64 << 20, 1);
    let (journal, _) = Journal::open(directory, 1, settings, metrics.journal.clone()).unwrap();
    let counters = Arc::new(Counters::Memory(Memory::default()));
    Arc::new(Governance::new(counters, journal, Terms::default()))
}

impl DataPlane {
    /// With an admin socket where nobody listens yet.
    pub fn start() -> Self {
        Self::start_with(settings(), true, false)
    }

    /// With these settings; with an admin socket or without, over TLS or not.
    pub fn start_with(settings: Settings, has_socket: bool, is_tls: bool) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("admin.sock");
        let certificate = Certificate::make_in(directory.path());
        let fixed = Fixed {
            workers: 1,
            verify_providers: true,
            admin_socket: has_socket.then(|| socket.clone()),
            tls: is_tls.then(|| TlsFiles {
                certificates: certificate.certificate_path.clone(),
                key: certificate.key_path.clone(),
            }),
            ..Fixed::default()
        };
        let acceptor = fixed
            .tls
            .as_ref()
            .map(|files| tls::acceptor(files).unwrap());
        let state = State::compile(settings, &RoutingTable::default());
        let metrics = Arc::new(Metrics::new());
        let governance = governance(&directory.path().join("journal"), &metrics);
        let sink = Box::new(std::io::sink());
        let node: Arc<Node> = Node::new(state, fixed, governance, metrics, sink).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (end, asked) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let asked = async { drop(asked.await) };
            server::serve(&node, listener, acceptor, Shutdown { runtime, asked }).unwrap();
        });
        Self {
            address,
            socket,
            certificate,
            _directory: directory,
            end: Some(end),
            thread: Some(thread),
        }
    }

    /// A caller without a credential.
    pub fn anonymous(&self) -> Caller {
        Caller::anonymous(self.address)
    }

    /// Says that no new requests are to be taken.
    pub fn begin_draining(&mut self) {
        drop(self.end.take());
    }

    /// Waits until everything has ended.
    pub fn ended(mut self) {
        self.begin_draining();
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for DataPlane {
    fn drop(&mut self) {
        self.begin_draining();
    }
}

/// Any call without a body.
pub async fn call(caller: &Caller, method: Method, path: &str) -> Reply {
    caller
        .call(method, path, bytes::Bytes::new())
        .await
        .whole()
        .await
}

/// The values of one header as the admin side saw them.
pub fn seen(reply: &Value, name: &str) -> Vec<String> {
    let values = reply["headers"][name].as_array();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    values.into_iter().flatten().map(text).collect()
}
