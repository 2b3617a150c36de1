//! A socket that is given a small head and its body as one piece: the system call for several
//! pieces takes half a microsecond longer than the copy.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};

/// What is no longer than this together is written as one piece.
const SMALL_BYTES: usize = 2 << 10;

/// A socket whose small writes are gathered.
pub struct Gathered<S>(pub S);

impl<S: Read + Unpin> Read for Gathered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<S: Write + Unpin> Write for Gathered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let socket = Pin::new(&mut self.0);
        let mut bytes = [0; SMALL_BYTES];
        match gather(slices, &mut bytes) {
            Some(bytes) => socket.poll_write(cx, bytes),
            None => socket.poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// The slices as one piece; none when there is no room for them.
fn gather<'a>(slices: &[IoSlice<'_>], room: &'a mut [u8; SMALL_BYTES]) -> Option<&'a [u8]> {
    let mut length = 0_usize;
    for slice in slices {
        let end = length.checked_add(slice.len())?;
        room.get_mut(length..end)?.copy_from_slice(slice);
        length = end;
    }
    room.get(..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(lengths: &[usize]) -> Option<Vec<u8>> {
        let pieces: Vec<Vec<u8>> = (b'a'..)
            .zip(lengths)
            .map(|(letter, length)| vec![letter; *length])
            .collect();
        let slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
        let mut room = [0; SMALL_BYTES];
        gather(&slices, &mut room).map(<[u8]>::to_vec)
    }

    #[test]
    fn small_pieces_become_one_in_their_order() {
        assert_eq!(gathered(&[2, 0, 3]).unwrap(), b"aaccc");
        assert_eq!(gathered(&[]).unwrap(), b"");
        assert_eq!(gathered(&[1, SMALL_BYTES - 1]).unwrap().len(), SMALL_BYTES);
    }

    #[test]
    fn what_is_larger_stays_in_pieces() {
        assert_eq!(gathered(&[1, SMALL_BYTES]), None);
        assert_eq!(gathered(&[SMALL_BYTES + 1]), None);
    }
}
