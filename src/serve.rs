//! Serves: binds the address, says so, reloads on request, and ends in order.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use data_plane::node::Node;
use data_plane::server::{self, Shutdown};
use data_plane::tls;
use thiserror::Error;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::admin::AdminSide;
use crate::cli::{Role, Start};
use crate::config::environment::Environment;
use crate::reload::Reloader;
use crate::{assemble, banner, telemetry};

/// The exit code of a configuration that cannot run (`EX_CONFIG`).
const EX_CONFIG: u8 = 78;

/// How often the configuration's files are looked at.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// Why the gateway does not serve.
#[derive(Debug, Error)]
enum Refusal {
    #[error("cannot listen on {address}: {cause}. Choose another with --host and --port.")]
    Address {
        address: String,
        cause: std::io::Error,
    },
    #[error("{0}")]
    Assembly(#[from] assemble::Fault),
    #[error("{0}")]
    Certificate(#[from] tls::CertificateFault),
    #[error("{0}")]
    Demo(String),
    #[error("cannot start: {0}")]
    Runtime(std::io::Error),
}

impl Refusal {
    const fn exit_code(&self) -> u8 {
        match self {
            Self::Runtime(_) => 1,
            _ => EX_CONFIG,
        }
    }
}

/// Serves until the process is asked to end.
#[must_use]
pub fn serve(start: Start, environment: &Environment, out: &mut dyn Write) -> ExitCode {
    telemetry::start(start.loaded.config.gateway.log);
    match run(start, environment, out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => {
            let _closed_terminal = writeln!(std::io::stderr(), "headgate: {refusal}");
            ExitCode::from(refusal.exit_code())
        }
    }
}

fn run(mut start: Start, environment: &Environment, out: &mut dyn Write) -> Result<(), Refusal> {
    // The first to come is the last to go: its folder is removed when nothing uses it any more.
    let demo = start.demo.take();
    let environment = demo.as_ref().map_or(environment, |demo| &demo.environment);
    let config = &start.loaded.config;
    let (listener, socket) = bind(config.gateway.host(), config.gateway.port())?;
    let filled = demo.as_ref().map(|demo| demo.fill(&start.flags, out));
    let filled = filled.transpose().map_err(Refusal::Demo)?;
    let gateway = assemble::gateway(&start, environment, &listener)?;
    let acceptor = gateway
        .node
        .fixed
        .tls
        .as_ref()
        .map(tls::acceptor)
        .transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Refusal::Runtime)?;
    // Before anything is said: whoever reads that the gateway serves may send it a signal.
    let signals = Signals::new(&runtime).map_err(Refusal::Runtime)?;
    let scheme = if acceptor.is_some() { "https" } else { "http" };
    let address = format!("{scheme}://{socket}");
    let said = banner::banner(config, &start.loaded.report, &address);
    let token = gateway.setup_token.as_ref();
    let invited = token.map(|token| banner::invitation(token, config, &address));
    let greeted = demo.as_ref().zip(filled.as_ref());
    let greeted = greeted.map(|(demo, filled)| demo.greeting(filled, &address));
    let said = said + &invited.or(greeted).unwrap_or_default();
    let _closed_terminal = out.write_all(said.as_bytes()).and_then(|()| out.flush());
    if let Some(filled) = filled {
        filled.go_on(socket, acceptor.is_some());
    }
    let role = start.flags.role;
    let reloader = Reloader::new(start, environment.clone(), Arc::clone(&gateway.tables));
    let node = Arc::clone(&gateway.node);
    let asked = asked_to_end(Arc::clone(&node), signals, reloader);
    let live = gateway.admin.as_ref().map(AdminSide::live);
    let asked = async {
        asked.await;
        if let Some(live) = live {
            live.end();
        }
    };
    let served = if role == Role::Admin {
        runtime.block_on(asked);
        Ok(())
    } else {
        server::serve(&node, listener, acceptor, Shutdown { runtime, asked })
    };
    gateway.end();
    served.map_err(Refusal::Runtime)
}

fn bind(host: &str, port: u16) -> Result<(TcpListener, SocketAddr), Refusal> {
    let refusal = |cause| Refusal::Address {
        address: format!("{host}:{port}"),
        cause,
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses: Vec<SocketAddr> = (bare, port).to_socket_addrs().map_err(refusal)?.collect();
    let listener = TcpListener::bind(addresses.as_slice()).map_err(refusal)?;
    let address = listener.local_addr().map_err(refusal)?;
    Ok((listener, address))
}

/// What the process may be told from outside.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new(runtime: &Runtime) -> std::io::Result<Self> {
        let _entered = runtime.enter();
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }
}

/// Resolves when the process is asked to end; reloads in between.
async fn asked_to_end(node: Arc<Node>, mut signals: Signals, mut reloader: Reloader) {
    let mut watch = tokio::time::interval(WATCH_INTERVAL);
    loop {
        tokio::select! {
            _asked = signals.terminate.recv() => break,
            _asked = signals.interrupt.recv() => break,
            _asked = signals.hang_up.recv() => reloader.reload(&node),
            _tick = watch.tick() => reloader.reload_if_changed(&node),
        }
    }
    tracing::info!("shutting down: running requests may finish");
}
