//! A kept HTTP/1.1 connection for many questions, which costs little: a load that is to press on the
//! gateway must not need the machine itself.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A connection; it is made when it is first needed, and made anew after it broke.
pub struct Connection {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// Status line and headers, in small letters.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Answered {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header by its name in small letters.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines();
        let mut headers = lines.filter_map(|line| line.split_once(':'));
        let found = headers.find(|(header, _)| *header == name);
        found.map(|(_, value)| value.trim())
    }
}

/// The bytes of `POST path` with JSON and these further headers, each ended by CRLF.
#[must_use]
pub fn post(path: &str, key: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
    .into_bytes()
}

impl Connection {
    /// To this address.
    #[must_use]
    pub const fn to(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
        }
    }

    /// Where it leads.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends the bytes of one request and reads the whole answer.
    ///
    /// # Errors
    /// When there is none, or a part of one; whether the request was done is not known then.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<Answered> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connect().await?,
        };
        stream.get_mut().write_all(request).await?;
        let (answered, is_kept) = answer(&mut stream).await?;
        self.stream = is_kept.then_some(stream);
        Ok(answered)
    }

    async fn connect(&self) -> io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(BufReader::new(stream))
    }
}

async fn answer<R: AsyncBufRead + Unpin>(reader: &mut R) -> io::Result<(Answered, bool)> {
    let mut head = String::new();
    let mut at_line = 0;
    loop {
        if reader.read_line(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if head[at_line..].trim_end().is_empty() {
            break;
        }
        at_line = head.len();
    }
    head.make_ascii_lowercase();
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.ok_or(io::ErrorKind::InvalidData)?;
    let mut answered = Answered {
        status,
        head,
        body: Vec::new(),
    };
    let length = answered.header("content-length");
    if let Some(length) = length.and_then(|length| length.parse().ok()) {
        answered.body = vec![0; length];
        reader.read_exact(&mut answered.body).await?;
    } else if answered.header("transfer-encoding").is_some() {
        chunks(reader, &mut answered.body).await?;
    } else {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let is_kept = answered.header("connection") != Some("close");
    Ok((answered, is_kept))
}

async fn chunks<R: AsyncBufRead + Unpin>(reader: &mut R, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await?;
        let size = usize::from_str_radix(line.trim_end(), 16);
        let size = size.map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let start = body.len();
        body.resize(start + size + 2, 0);
        reader.read_exact(&mut body[start..]).await?;
        body.truncate(start + size);
        if size == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[tokio::test]
    async fn answers_follow_each_other_on_one_connection() {
        let mut bytes = &b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 429 No\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"[..];
        let (first, is_kept) = answer(&mut bytes).await.unwrap();
        assert_eq!((first.status, first.text().as_str()), (200, "hi"));
        assert!(is_kept);
        let (second, is_kept) = answer(&mut bytes).await.unwrap();
        assert_eq!((second.status, second.text().as_str()), (429, "abcd"));
        assert!(!is_kept);
        assert!(answer(&mut bytes).await.is_err());
    }
}
