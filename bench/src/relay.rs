//! The byte relay: copies bytes between caller and provider without reading them; the floor for any proxy in user space.

use std::io;
use std::net::SocketAddr;

use tokio::io::copy_bidirectional_with_sizes;
use tokio::net::{TcpListener, TcpStream};

/// One direction's buffer: as large as nginx's in this benchmark.
const BUFFER_BYTES: usize = 16 * 1024;

/// Relays every connection accepted on `address` to a connection of its own to `upstream`, for ever.
pub async fn serve(address: SocketAddr, upstream: SocketAddr) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    loop {
        let (caller, _) = listener.accept().await?;
        // A broken pair concerns nobody else; the load generator counts it.
        tokio::spawn(async move { relay(caller, upstream).await.ok() });
    }
}

async fn relay(mut caller: TcpStream, upstream: SocketAddr) -> io::Result<()> {
    caller.set_nodelay(true)?;
    let mut provider = TcpStream::connect(upstream).await?;
    provider.set_nodelay(true)?;
    copy_bidirectional_with_sizes(&mut caller, &mut provider, BUFFER_BYTES, BUFFER_BYTES).await?;
    Ok(())
}
