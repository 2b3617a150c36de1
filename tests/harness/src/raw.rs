//! A caller that sends any bytes, well-formed or not.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::deadline::within;

/// A TCP connection to the gateway.
pub struct RawCaller {
    stream: TcpStream,
    seen: Vec<u8>,
}

impl RawCaller {
    /// Connects.
    ///
    /// # Panics
    /// When the gateway does not listen.
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address)
            .await
            .expect("the gateway listens");
        stream
            .set_nodelay(true)
            .expect("a connected socket takes the option");
        Self {
            stream,
            seen: Vec::new(),
        }
    }

    /// Sends bytes. That the gateway has closed already shows in what is read.
    ///
    /// Returns whether all of them went out.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        within(
            "the gateway takes the bytes",
            self.stream.write_all(bytes.as_ref()),
        )
        .await
        .is_ok()
    }

    /// Reads until the gateway closes, and gives everything.
    pub async fn read_to_end(mut self) -> String {
        while within("the gateway closes the connection", self.read_some()).await {}
        self.text()
    }

    /// Reads until these words have come; false when the gateway closed before.
    pub async fn read_until(&mut self, words: &str) -> bool {
        while !self.text().contains(words) {
            if !within(&format!("the gateway sends `{words}`"), self.read_some()).await {
                return self.text().contains(words);
            }
        }
        true
    }

    /// What has been read so far.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    async fn read_some(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        // A reset ends the reading as a close does.
        let count = self.stream.read(&mut buffer).await.unwrap_or(0);
        self.seen.extend_from_slice(&buffer[..count]);
        count > 0
    }
}
