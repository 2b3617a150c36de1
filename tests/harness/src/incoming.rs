//! Reads one HTTP/1.1 request as it came: header names in their own case and order, body bytes.

use bytes::Bytes;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// A request as it stood on the wire.
pub(crate) struct Incoming {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

/// The next request of a connection; `None` when the peer has closed or sends no HTTP.
pub(crate) async fn read<R: AsyncBufRead + Unpin>(reader: &mut R) -> Option<Incoming> {
    let first = line(reader).await?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = line(reader).await?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let find = |wanted: &str| {
        let found = |(name, _): &&(String, String)| name.eq_ignore_ascii_case(wanted);
        headers.iter().find(found).map(|(_, value)| value.clone())
    };
    let body = if find("transfer-encoding").is_some() {
        chunks(reader).await?
    } else {
        let length = find("content-length").map_or(Some(0), |length| length.parse().ok())?;
        exactly(reader, length).await?
    };
    Some(Incoming {
        method,
        target,
        headers,
        body: body.into(),
    })
}

async fn line<R: AsyncBufRead + Unpin>(reader: &mut R) -> Option<String> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).await.ok()?;
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Some(line.iter().copied().map(char::from).collect())
}

async fn exactly<R: AsyncBufRead + Unpin>(reader: &mut R, length: usize) -> Option<Vec<u8>> {
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.ok()?;
    Some(body)
}

async fn chunks<R: AsyncBufRead + Unpin>(reader: &mut R) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = line(reader).await?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            while !line(reader).await?.is_empty() {}
            return Some(body);
        }
        body.extend(exactly(reader, size).await?);
        line(reader).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn headers_keep_their_case_and_order_and_chunks_are_joined() {
        let mut bytes = &b"POST /a?b HTTP/1.1\r\nX-B: 1\r\nx-a:  2 \r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"[..];
        let request = read(&mut bytes).await.unwrap();
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            ("POST", "/a?b")
        );
        assert_eq!(request.headers[0], ("X-B".to_owned(), "1".to_owned()));
        assert_eq!(request.headers[1], ("x-a".to_owned(), "2".to_owned()));
        assert_eq!(&request.body[..], b"abcde");
        assert!(read(&mut bytes).await.is_none());
    }
}
