//! The records of a journal: their frame on disk, and what is in them.
//!
//! A frame is, little-endian: the payload's length (u32), a CRC-32 (u32), the kind (u8), the
//! payload. The payload is a version (u8) and postcard. The checksum begins with the strand, the
//! segment and the place in it, so that bytes of another place (or a frame that a caller put into a
//! name) are never taken for a record.
//!
//! Versions: a new version may only append to the payload. So a reader takes records of its own
//! version and the next one, whose additions it does not see, and knows what older ones lack.

use domain::ledger::RequestEntry;
use postcard::ser_flavors::Flavor;
use serde::{Deserialize, Serialize};

/// The version that is written.
pub const VERSION: u8 = 1;

/// Length, checksum and kind.
pub const HEAD_BYTES: usize = 9;

/// No record is longer: a request's entry has a few hundred bytes.
pub const MOST_PAYLOAD_BYTES: usize = 4 << 20;

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An attempt is about to be sent: a [`RequestEntry`] with it alone, as if it were orphaned.
    Dispatch,
    /// A request has ended: its whole [`RequestEntry`].
    Settle,
    /// The settle of a dispatch that another run left without one.
    Orphaned,
    /// The segment's entries were folded: the [`Folded`] that stands for them.
    Folded,
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::Dispatch => 1,
            Self::Settle => 2,
            Self::Orphaned => 3,
            Self::Folded => 4,
        }
    }

    const fn of(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Dispatch),
            2 => Some(Self::Settle),
            3 => Some(Self::Orphaned),
            4 => Some(Self::Folded),
            _ => None,
        }
    }
}

/// The first record of a folded segment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folded {
    /// Requests that were settled in the segment and dispatched in an earlier one.
    pub settled: Vec<String>,
}

/// Where the checksum of a segment's records begins.
#[derive(Clone, Copy, Debug)]
pub struct Seal(u32);

impl Seal {
    /// The seal of one segment of one strand.
    #[must_use]
    pub fn new(strand: &str, segment: u64) -> Self {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(strand.as_bytes());
        hasher.update(&segment.to_le_bytes());
        Self(hasher.finalize())
    }

    fn checksum(self, offset_bytes: u64, length: u32, kind_and_payload: &[u8]) -> u32 {
        let mut place = [0_u8; 12];
        let (offset, rest) = place.split_at_mut(8);
        offset.copy_from_slice(&offset_bytes.to_le_bytes());
        rest.copy_from_slice(&length.to_le_bytes());
        let mut hasher = crc32fast::Hasher::new_with_initial(self.0);
        hasher.update(&place);
        hasher.update(kind_and_payload);
        hasher.finalize()
    }
}

/// Why something is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    /// It is larger than any entry.
    #[error("the entry has more than {MOST_PAYLOAD_BYTES} bytes")]
    TooLarge,
    /// It cannot be encoded or decoded.
    #[error("the record does not hold what its kind says")]
    Malformed,
    /// It was written by a version of the gateway that is more than one ahead.
    #[error("the record has version {0}; start a newer version of the gateway on this journal")]
    TooNew(u8),
}

/// Encodes into a buffer that is used again and again.
struct Into<'a>(&'a mut Vec<u8>);

impl Flavor for Into<'_> {
    type Output = ();

    #[inline]
    fn try_extend(&mut self, data: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(data);
        Ok(())
    }

    #[inline]
    fn try_push(&mut self, data: u8) -> postcard::Result<()> {
        self.0.push(data);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// Makes `frame` the frame of this content, all but its head's length and checksum: these are put
/// in by [`close`] when its place is known.
///
/// # Errors
/// When the content is too large, or cannot be encoded.
pub fn write(
    frame: &mut Vec<u8>,
    kind: Kind,
    content: &(impl Serialize + ?Sized),
) -> Result<(), RecordFault> {
    frame.clear();
    frame.extend_from_slice(&[0; HEAD_BYTES - 1]);
    frame.push(kind.byte());
    frame.push(VERSION);
    let written = postcard::serialize_with_flavor(content, Into(frame));
    written.map_err(|_cause| RecordFault::Malformed)?;
    match frame.len() <= HEAD_BYTES + MOST_PAYLOAD_BYTES {
        true => Ok(()),
        false => Err(RecordFault::TooLarge),
    }
}

/// Puts length and checksum into a frame that is to lie at this place.
pub fn close(frame: &mut [u8], seal: Seal, offset_bytes: u64) {
    let Some((head, kind_and_payload)) = frame.split_at_mut_checked(HEAD_BYTES - 1) else {
        return;
    };
    let length = u32::try_from(kind_and_payload.len().saturating_sub(1)).unwrap_or(u32::MAX);
    let checksum = seal.checksum(offset_bytes, length, kind_and_payload);
    let (length_bytes, checksum_bytes) = head.split_at_mut(4);
    length_bytes.copy_from_slice(&length.to_le_bytes());
    checksum_bytes.copy_from_slice(&checksum.to_le_bytes());
}

/// What a frame's head promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The frame's whole length.
    pub frame_bytes: usize,
    length: u32,
    checksum: u32,
    kind: Kind,
}

impl Head {
    /// Reads a head; none when no record begins so.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (checksum, rest) = rest.split_first_chunk::<4>()?;
        let kind = Kind::of(*rest.first()?)?;
        let length = u32::from_le_bytes(*length);
        let payload_bytes = usize::try_from(length).ok()?;
        if payload_bytes == 0 || payload_bytes > MOST_PAYLOAD_BYTES {
            return None;
        }
        Some(Self {
            frame_bytes: HEAD_BYTES + payload_bytes,
            length,
            checksum: u32::from_le_bytes(*checksum),
            kind,
        })
    }

    /// The record, when the whole frame's checksum is that of this place.
    #[must_use]
    pub fn record(self, frame: &[u8], seal: Seal, offset_bytes: u64) -> Option<Record<'_>> {
        let kind_and_payload = frame.get(HEAD_BYTES - 1..self.frame_bytes)?;
        let checksum = seal.checksum(offset_bytes, self.length, kind_and_payload);
        if checksum != self.checksum {
            return None;
        }
        let payload = kind_and_payload.get(1..)?;
        Some(Record {
            kind: self.kind,
            payload,
        })
    }
}

/// A record whose checksum is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// What it says.
    pub kind: Kind,
    /// Its version and its content.
    pub payload: &'a [u8],
}

impl<'a> Record<'a> {
    /// The entry of a dispatch or a settle.
    ///
    /// # Errors
    /// When it was written by a version that we do not know, or holds something else.
    pub fn entry(self) -> Result<RequestEntry, RecordFault> {
        self.content()
    }

    /// The id of the request of a dispatch or a settle, and how many attempts follow are not read:
    /// an entry begins with its id.
    ///
    /// # Errors
    /// As [`Record::entry`].
    pub fn request_id(self) -> Result<&'a str, RecordFault> {
        self.content()
    }

    /// What stands at a folded segment's beginning.
    ///
    /// # Errors
    /// As [`Record::entry`].
    pub fn folded(self) -> Result<Folded, RecordFault> {
        self.content()
    }

    fn content<T: Deserialize<'a>>(self) -> Result<T, RecordFault> {
        let (version, content) = self.payload.split_first().ok_or(RecordFault::Malformed)?;
        if *version > VERSION + 1 {
            return Err(RecordFault::TooNew(*version));
        }
        // What a newer version appended is left over.
        postcard::take_from_bytes(content)
            .map(|(content, _additions)| content)
            .map_err(|_cause| RecordFault::Malformed)
    }
}
