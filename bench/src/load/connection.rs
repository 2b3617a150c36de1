//! One kept-alive connection of the load generator.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Reply, Request};

/// A connection that carries one request after another.
pub struct Connection {
    socket: Option<TcpStream>,
    buffer: Vec<u8>,
    /// The answer that is arriving, or the last one.
    pub reply: Reply,
}

impl Connection {
    /// A connection that is opened by its first request.
    pub fn new() -> Self {
        Self {
            socket: None,
            buffer: Vec::with_capacity(64 * 1024),
            reply: Reply::default(),
        }
    }

    /// Sends `request` and waits for the whole answer; `Ok(true)` when it is the right one.
    ///
    /// After an error the next request opens a new connection.
    pub async fn exchange(&mut self, request: &Request) -> io::Result<bool> {
        self.send(request).await?;
        while self.receive().await? {}
        Ok(request.expect.met_by(&self.reply, 0))
    }

    /// Writes `request` and makes ready for its answer.
    pub async fn send(&mut self, request: &Request) -> io::Result<()> {
        self.reply.reset();
        let mut socket = match self.socket.take() {
            Some(socket) => socket,
            None => TcpStream::connect(request.address).await?,
        };
        socket.set_nodelay(true)?;
        socket.write_all(&request.wire).await?;
        self.socket = Some(socket);
        Ok(())
    }

    /// Waits for the next piece of the answer; `Ok(false)` when the answer is complete.
    pub async fn receive(&mut self) -> io::Result<bool> {
        if self.reply.complete() {
            return Ok(false);
        }
        let mut socket = self.socket.take().ok_or(io::ErrorKind::NotConnected)?;
        self.buffer.clear();
        if socket.read_buf(&mut self.buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.reply.feed(&self.buffer);
        self.socket = Some(socket);
        Ok(true)
    }
}
