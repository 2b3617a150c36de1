//! Reads a segment, record by record, through a window of bounded size; what is no record is named,
//! never skipped in silence.

use std::io;
use std::os::unix::fs::FileExt;

use crate::journal::record::{HEAD_BYTES, Head, Record, Seal};

/// The window grows by so much, and to the length of a longer record.
const WINDOW_BYTES: usize = 256 << 10;

/// Where bytes come from.
pub trait Bytes {
    /// Fills the buffer from this place; fewer bytes than asked for mean the end.
    ///
    /// # Errors
    /// When the disk fails.
    fn read_at(&self, buffer: &mut [u8], offset_bytes: u64) -> io::Result<usize>;
}

impl Bytes for std::fs::File {
    fn read_at(&self, buffer: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        FileExt::read_at(self, buffer, offset_bytes)
    }
}

impl Bytes for &[u8] {
    fn read_at(&self, buffer: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        let from = usize::try_from(offset_bytes).unwrap_or(usize::MAX);
        let rest = self.get(from..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        if let (Some(into), Some(bytes)) = (buffer.get_mut(..length), rest.get(..length)) {
            into.copy_from_slice(bytes);
        }
        Ok(length)
    }
}

/// What stands next in a segment.
#[derive(Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A record, and where it begins and ends.
    Record {
        /// Its first byte.
        from: u64,
        /// The first byte behind it.
        to: u64,
        /// What it is.
        record: Record<'a>,
    },
    /// No record, up to the next one or to the end.
    Damage {
        /// Its first byte.
        from: u64,
        /// The first byte behind it.
        to: u64,
    },
    /// The rest is the beginning of a record: it was being written.
    Torn {
        /// Its first byte.
        from: u64,
    },
    /// There is nothing more.
    End,
}

/// Reads one segment up to a known end.
pub struct SegmentReader<B> {
    bytes: B,
    seal: Seal,
    next: u64,
    end: u64,
    window: Vec<u8>,
    window_from: u64,
}

impl<B: Bytes> SegmentReader<B> {
    /// Reads the bytes from `from` to `end`.
    pub const fn new(bytes: B, seal: Seal, from: u64, end: u64) -> Self {
        Self {
            bytes,
            seal,
            next: from,
            end,
            window: Vec::new(),
            window_from: from,
        }
    }

    /// Where the next record begins.
    pub const fn position(&self) -> u64 {
        self.next
    }

    /// What stands next.
    ///
    /// # Errors
    /// When the disk fails, or has fewer bytes than it should.
    pub fn read_next(&mut self) -> io::Result<Found<'_>> {
        let from = self.next;
        if from >= self.end {
            return Ok(Found::End);
        }
        if let Some(frame_bytes) = self.frame_at(from)? {
            return self.record(from, frame_bytes);
        }
        let mut to = from + 1;
        while to < self.end && self.frame_at(to)?.is_none() {
            to += 1;
        }
        if to >= self.end && self.is_beginning(from)? {
            self.next = self.end;
            return Ok(Found::Torn { from });
        }
        self.next = to;
        Ok(Found::Damage { from, to })
    }

    fn record(&mut self, from: u64, frame_bytes: usize) -> io::Result<Found<'_>> {
        let to = from.saturating_add(u64::try_from(frame_bytes).unwrap_or(u64::MAX));
        self.next = to;
        let seal = self.seal;
        let frame = self.view(from, frame_bytes)?.unwrap_or_default();
        let record = Head::read(frame).and_then(|head| head.record(frame, seal, from));
        Ok(match record {
            Some(record) => Found::Record { from, to, record },
            None => Found::Damage { from, to },
        })
    }

    /// The length of the record that begins here, when there is one.
    fn frame_at(&mut self, from: u64) -> io::Result<Option<usize>> {
        let seal = self.seal;
        let Some(head) = self.view(from, HEAD_BYTES)?.and_then(Head::read) else {
            return Ok(None);
        };
        let frame = self.view(from, head.frame_bytes)?;
        let record = frame.and_then(|frame| head.record(frame, seal, from));
        Ok(record.map(|_record| head.frame_bytes))
    }

    /// Whether a record of more bytes than there are may begin here.
    fn is_beginning(&mut self, from: u64) -> io::Result<bool> {
        let left = usize::try_from(self.end - from).unwrap_or(usize::MAX);
        if left < HEAD_BYTES {
            return Ok(true);
        }
        let head = self.view(from, HEAD_BYTES)?.and_then(Head::read);
        Ok(head.is_some_and(|head| head.frame_bytes > left))
    }

    /// These bytes, when there are so many before the end.
    fn view(&mut self, from: u64, length: usize) -> io::Result<Option<&[u8]>> {
        let left = usize::try_from(self.end.saturating_sub(from)).unwrap_or(usize::MAX);
        if left < length {
            return Ok(None);
        }
        let skip = usize::try_from(from.saturating_sub(self.window_from)).unwrap_or(usize::MAX);
        let has_it = from >= self.window_from && self.window.len() >= skip.saturating_add(length);
        if !has_it {
            self.fill(from, length.max(WINDOW_BYTES).min(left))?;
        }
        let skip = usize::try_from(from.saturating_sub(self.window_from)).unwrap_or(usize::MAX);
        Ok(self.window.get(skip..skip.saturating_add(length)))
    }

    fn fill(&mut self, from: u64, length: usize) -> io::Result<()> {
        self.window.clear();
        self.window.resize(length, 0);
        self.window_from = from;
        let mut filled = 0;
        while filled < length {
            let rest = self.window.get_mut(filled..).unwrap_or_default();
            let offset = from + u64::try_from(filled).unwrap_or(u64::MAX);
            match self.bytes.read_at(rest, offset) {
                Ok(0) => {
                    self.window.clear();
                    let message = "the segment is shorter than it was";
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
                }
                Ok(read) => filled += read,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => {
                    self.window.clear();
                    return Err(cause);
                }
            }
        }
        Ok(())
    }
}
