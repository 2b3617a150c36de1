//! Any bytes, cut anywhere, give the same events as the whole; and never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use providers::sse::{SseEvent, SseReader};

fn read(pieces: &[&[u8]]) -> (Vec<SseEvent>, bool) {
    let (mut reader, mut events) = (SseReader::default(), Vec::new());
    let failed = pieces.iter().any(|piece| reader.push(piece, &mut events).is_err());
    (events, failed)
}

fuzz_target!(|input: &[u8]| {
    // The first byte says where to cut.
    let Some((first, bytes)) = input.split_first() else { return };
    let (head, tail) = bytes.split_at(usize::from(*first).min(bytes.len()));
    assert_eq!(read(&[head, tail]), read(&[bytes]));
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(read(&single), read(&[bytes]));
});
