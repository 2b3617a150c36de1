//! Listens on a Unix socket (behind the data plane) or an address of its own, until told to stop.

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::pin::pin;
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};

use crate::{AdminApi, edge, idempotency, pages, routes};

/// The most bytes of a body: an import of a long list of keys is below it.
const MOST_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Where the admin side listens.
pub enum Listener {
    /// In role `all`: the data plane forwards to it.
    Unix(UnixListener),
    /// In a split deployment.
    Tcp(TcpListener),
}

/// Serves on the calling thread until `asked` resolves; running requests may finish for 10 seconds.
///
/// # Errors
/// When the socket cannot be listened on.
pub fn serve(
    api: web::Data<AdminApi>,
    listener: Listener,
    asked: impl Future<Output = ()> + 'static,
) -> io::Result<()> {
    actix_web::rt::System::new().block_on(async move {
        let mut asked = pin!(asked);
        if let Listener::Unix(socket) = &listener {
            tokio::select! {
                called = first_call(socket) => called?,
                () = &mut asked => return Ok(()),
            }
        }
        let server = HttpServer::new(move || {
            App::new()
                .app_data(api.clone())
                .app_data(web::PayloadConfig::new(MOST_BODY_BYTES))
                .configure(routes::configure)
                .wrap(from_fn(pages::around))
                .wrap(from_fn(idempotency::once))
                .wrap(from_fn(edge::around))
        })
        .workers(1)
        .disable_signals()
        .shutdown_timeout(10)
        .keep_alive(Duration::from_secs(75));
        let server = match listener {
            Listener::Unix(socket) => server.listen_uds(socket)?,
            Listener::Tcp(socket) => server.listen(socket)?,
        }
        .run();
        let handle = server.handle();
        let stopping = async {
            asked.await;
            handle.stop(true).await;
        };
        let (served, ()) = tokio::join!(server, stopping);
        served
    })
}

/// Resolves when somebody connects, who is not accepted yet. Several hundred routes are some MiB of
/// memory, which a gateway that nobody administrates need not hold.
async fn first_call(socket: &UnixListener) -> io::Result<()> {
    // What is waited for is the same for every socket: that there is something to read.
    let socket = UnixStream::from(OwnedFd::from(socket.try_clone()?));
    socket.set_nonblocking(true)?;
    tokio::net::UnixStream::from_std(socket)?.readable().await
}
