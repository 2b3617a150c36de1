//! A connection to the admin side's Unix socket, whatever the address asks for.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tower_service::Service;

/// Connects to one socket.
#[derive(Clone)]
pub struct Connector {
    socket: Arc<Path>,
}

impl Connector {
    /// To the socket at this path, which need not be there yet.
    #[must_use]
    pub fn to(socket: &Path) -> Self {
        Self {
            socket: Arc::from(socket),
        }
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<UnixStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _address: Uri) -> Self::Future {
        let socket = Arc::clone(&self.socket);
        Box::pin(async move { UnixStream::connect(socket).await.map(TokioIo::new) })
    }
}
