//! A provider's answer as it comes in, with its bounds: size, time, compression.

use std::io::Read;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body_util::BodyExt;

use crate::send::deadline::Deadline;
use crate::send::fault::Fault;
use crate::send::provider_body::ProviderBody;

/// A compressed answer may grow by this factor at most.
const MAX_INFLATION: usize = 100;

/// Answers up to this size are copied out of the connection's read buffer, which they would keep
/// alive.
const SMALL_BODY_BYTES: usize = 4 << 10;

/// An error answer is read up to here; what follows is of no use to anybody.
pub const MAX_ERROR_BYTES: usize = 64 << 10;

/// Reads a whole answer.
///
/// # Errors
/// [`Fault::TooLarge`], [`Fault::TimedOut`], [`Fault::Lost`], or [`Fault::Malformed`] when it is
/// compressed in a way that nobody asked for and we cannot read.
pub async fn read_whole(
    headers: &HeaderMap,
    body: ProviderBody,
    limit_bytes: usize,
    deadline: &Deadline,
) -> Result<Bytes, Fault> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit_bytes) {
        return Err(Fault::TooLarge);
    }
    let bytes = gather(body, announced.unwrap_or(0), limit_bytes, deadline).await?;
    match headers
        .get(CONTENT_ENCODING)
        .map(|value| value.as_bytes().to_ascii_lowercase())
    {
        None => Ok(bytes),
        Some(encoding) => match encoding.as_slice() {
            b"identity" | b"" => Ok(bytes),
            b"gzip" | b"x-gzip" => inflate(
                MultiGzDecoder::new(bytes.as_ref()),
                bytes.len(),
                limit_bytes,
            ),
            b"deflate" => inflate(ZlibDecoder::new(bytes.as_ref()), bytes.len(), limit_bytes),
            _ => Err(Fault::Malformed),
        },
    }
}

/// Reads an error answer as far as it is of use; what cannot be read counts as empty.
pub async fn read_error(headers: &HeaderMap, body: ProviderBody, until: Instant) -> Bytes {
    let started = Instant::now();
    let deadline = Deadline {
        started,
        first_byte: until,
        whole: until,
    };
    read_whole(headers, body, MAX_ERROR_BYTES, &deadline)
        .await
        .unwrap_or_default()
}

async fn gather(
    mut body: ProviderBody,
    announced_bytes: usize,
    limit_bytes: usize,
    deadline: &Deadline,
) -> Result<Bytes, Fault> {
    let Some(first) = next(&mut body, deadline).await? else {
        return Ok(Bytes::new());
    };
    if first.len() == announced_bytes {
        let small = first.len() <= SMALL_BODY_BYTES;
        return Ok(if small {
            Bytes::copy_from_slice(&first)
        } else {
            first
        });
    }
    let mut whole = BytesMut::with_capacity(announced_bytes.max(first.len()));
    whole.extend_from_slice(&first);
    while let Some(more) = next(&mut body, deadline).await? {
        if whole.len().saturating_add(more.len()) > limit_bytes {
            return Err(Fault::TooLarge);
        }
        whole.extend_from_slice(&more);
    }
    Ok(whole.freeze())
}

/// The next piece with bytes in it; none at the end.
pub async fn next(body: &mut ProviderBody, deadline: &Deadline) -> Result<Option<Bytes>, Fault> {
    loop {
        let frame = tokio::time::timeout_at(deadline.whole.into(), body.frame())
            .await
            .map_err(|_elapsed| Fault::TimedOut {
                waited_ms: deadline.waited_ms(),
            })?;
        match frame {
            None => return Ok(None),
            Some(Err(_broken)) => return Err(Fault::Lost),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data()
                    && !data.is_empty()
                {
                    return Ok(Some(data));
                }
            }
        }
    }
}

fn inflate(decoder: impl Read, packed_bytes: usize, limit_bytes: usize) -> Result<Bytes, Fault> {
    let limit_bytes = limit_bytes.min(
        packed_bytes
            .saturating_mul(MAX_INFLATION)
            .max(MAX_ERROR_BYTES),
    );
    let most = u64::try_from(limit_bytes)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut plain = Vec::new();
    decoder
        .take(most)
        .read_to_end(&mut plain)
        .map_err(|_broken| Fault::Malformed)?;
    if plain.len() > limit_bytes {
        Err(Fault::TooLarge)
    } else {
        Ok(Bytes::from(plain))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_decompression_bomb_is_refused_before_it_grows() {
        let bomb = gzip(&vec![0; 200 << 20]);
        assert!(bomb.len() < 300 << 10);
        let inflated = inflate(MultiGzDecoder::new(bomb.as_slice()), bomb.len(), 64 << 20);
        assert!(matches!(inflated, Err(Fault::TooLarge)));
    }

    #[test]
    fn an_honest_compressed_answer_is_read() {
        let packed = gzip(b"{\"a\":1}");
        assert_eq!(
            inflate(
                MultiGzDecoder::new(packed.as_slice()),
                packed.len(),
                1 << 20
            )
            .unwrap(),
            "{\"a\":1}"
        );
        assert!(matches!(
            inflate(MultiGzDecoder::new(b"nonsense".as_slice()), 8, 1 << 20),
            Err(Fault::Malformed)
        ));
    }
}
