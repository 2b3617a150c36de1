//! Listens, hands each connection to the least busy runtime, and drains at the end.

use std::io;
use std::net::{IpAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::node::{Node, Worker};
use crate::serve_connection::{self, Wire};

/// How long to wait before accepting again when the system is out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How often the end of the runtimes is looked for.
const WAIT_INTERVAL: Duration = Duration::from_millis(20);

/// Streams that outlive the time for draining have this long to tell their callers.
const CUT_TIME: Duration = Duration::from_secs(4);

/// The last requests' tokens have this long to be counted.
const COUNTING_TIME: Duration = Duration::from_secs(30);

/// A connection on its way to a runtime.
struct Accepted {
    socket: std::net::TcpStream,
    peer: IpAddr,
    open: Open,
}

/// Counts a runtime's connections: counted when handed over, not counted any more when dropped.
struct Open(Arc<AtomicUsize>);

impl Open {
    fn count(connections: &Arc<AtomicUsize>) -> Self {
        connections.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(connections))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// When to end. The future may hold what belongs to a runtime (signals), so it comes with it; the
/// same runtime accepts connections.
pub struct Shutdown<F> {
    /// The runtime that the future belongs to.
    pub runtime: tokio::runtime::Runtime,
    /// Resolves when no new requests are to be taken.
    pub asked: F,
}

struct Runtime {
    connections: Arc<AtomicUsize>,
    to_runtime: mpsc::UnboundedSender<Accepted>,
    thread: JoinHandle<()>,
}

/// Serves `listener` until `shutdown` resolves, then lets running requests finish, for as long as
/// the settings allow. Returns when everything has ended.
///
/// # Errors
/// When the listener or a runtime cannot be set up.
pub fn serve(
    node: &Arc<Node>,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    shutdown: Shutdown<impl Future<Output = ()>>,
) -> io::Result<()> {
    let (drain, drained) = watch::channel(false);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = if node.fixed.workers == 0 {
        cores
    } else {
        node.fixed.workers
    };
    let runtimes = (0..workers)
        .map(|number| start_runtime(number, Arc::clone(node), tls.clone(), drained.clone()))
        .collect::<io::Result<Vec<_>>>()?;
    let Shutdown { runtime, asked } = shutdown;
    runtime.block_on(async {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        tokio::select! {
            () = asked => Ok::<(), io::Error>(()),
            () = accept(&listener, &runtimes) => Ok(()),
        }
    })?;
    node.begin_draining();
    let _ = drain.send(true);
    // A runtime ends when nobody can hand it a connection any more and its last one has ended.
    let threads: Vec<_> = runtimes.into_iter().map(|runtime| runtime.thread).collect();
    wait_for(
        &threads,
        Instant::now() + node.state().settings.drain_timeout,
    );
    node.begin_cutting();
    wait_for(&threads, Instant::now() + CUT_TIME);
    node.settler.finish(COUNTING_TIME);
    Ok(())
}

/// Waits until all threads have ended, at most until then.
fn wait_for(threads: &[JoinHandle<()>], end: Instant) {
    while !threads.iter().all(JoinHandle::is_finished) && Instant::now() < end {
        std::thread::sleep(WAIT_INTERVAL);
    }
}

async fn accept(listener: &tokio::net::TcpListener, runtimes: &[Runtime]) {
    loop {
        let Ok((socket, peer)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let least = runtimes
            .iter()
            .min_by_key(|runtime| runtime.connections.load(Ordering::Relaxed));
        if let (Some(runtime), Ok(socket)) = (least, handed_over(socket)) {
            let open = Open::count(&runtime.connections);
            let _ = runtime.to_runtime.send(Accepted {
                socket,
                peer: peer.ip(),
                open,
            });
        }
    }
}

fn handed_over(socket: tokio::net::TcpStream) -> io::Result<std::net::TcpStream> {
    // Without it a streamed chunk may wait 40 ms for an acknowledgement.
    socket.set_nodelay(true)?;
    socket.into_std()
}

fn start_runtime(
    number: usize,
    node: Arc<Node>,
    tls: Option<TlsAcceptor>,
    drained: watch::Receiver<bool>,
) -> io::Result<Runtime> {
    let (to_runtime, accepted) = mpsc::unbounded_channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let thread = std::thread::Builder::new()
        .name(format!("proxy-{number}"))
        .spawn(move || {
            let worker = async { Worker::new(node, number) };
            let worker = runtime.block_on(worker);
            runtime.block_on(run(worker, tls, accepted, drained));
        })?;
    Ok(Runtime {
        connections: Arc::default(),
        to_runtime,
        thread,
    })
}

async fn run(
    worker: Arc<Worker>,
    tls: Option<TlsAcceptor>,
    mut accepted: mpsc::UnboundedReceiver<Accepted>,
    drained: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            next = accepted.recv() => {
                let Some(Accepted { socket, peer, open }) = next else { break };
                let (worker, drained) = (Arc::clone(&worker), drained.clone());
                let wire = match &tls {
                    Some(tls) => Wire::Tls(tls.clone()),
                    None => Wire::Plain,
                };
                connections.spawn(async move {
                    serve_connection::serve(worker, socket, wire, peer, drained).await;
                    drop(open);
                });
            }
            Some(_ended) = connections.join_next() => {}
        }
    }
    while connections.join_next().await.is_some() {}
}
