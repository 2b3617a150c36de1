//! Any bytes behind, between and over records: the reader never panics, leaves no byte out, and gives
//! every record that was left as it was.
#![no_main]

use data_plane::journal::reader::{Found, SegmentReader};
use data_plane::journal::record::{self, Kind, Seal};
use libfuzzer_sys::fuzz_target;

/// What is read, and up to where.
fn read(bytes: &[u8], seal: Seal) -> Vec<(u64, u64, Option<Vec<u8>>)> {
    let end = bytes.len() as u64;
    let mut reader = SegmentReader::new(bytes, seal, 0, end);
    let mut found = Vec::new();
    loop {
        match reader.read_next().expect("memory does not fail") {
            Found::End => return found,
            Found::Torn { from } => found.push((from, end, None)),
            Found::Damage { from, to } => found.push((from, to, None)),
            Found::Record { from, to, record } => {
                // What a record holds may be anything: it is decoded or refused.
                let _ = (record.entry(), record.request_id(), record.folded());
                found.push((from, to, Some(record.payload.to_vec())));
            }
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let seal = Seal::new("strand", 0);
    // As it comes: anything, on anybody's disk.
    let mut place = 0;
    for (from, to, _record) in read(input, seal) {
        assert!(from == place && to > from, "bytes {place} to {from} are left out");
        place = to;
    }
    assert_eq!(place, input.len() as u64);

    // Three records; the middle one is written over with the input, at a place that its first byte says.
    let (mut bytes, mut frame, mut places) = (Vec::new(), Vec::new(), vec![0]);
    for content in ["first", "the second one, which is a little longer", "third"] {
        record::write(&mut frame, Kind::Settle, content).expect("it is small");
        record::close(&mut frame, seal, bytes.len() as u64);
        bytes.extend_from_slice(&frame);
        places.push(bytes.len());
    }
    let Some((first, over)) = input.split_first() else { return };
    let middle = &mut bytes[places[1]..places[2]];
    let before = middle.to_vec();
    let from = usize::from(*first) % middle.len();
    let length = over.len().min(middle.len() - from);
    middle[from..from + length].copy_from_slice(&over[..length]);
    let is_as_it_was = *middle == before[..];
    let whole: Vec<u64> = read(&bytes, seal)
        .into_iter()
        .filter_map(|(from, _to, record)| record.map(|_payload| from))
        .collect();
    // A checksum is no seal against somebody who makes one that fits: a fuzzer does. What lies before
    // is never touched, and without a change nothing is.
    assert_eq!(whole.first(), Some(&0));
    if is_as_it_was {
        let expected: Vec<u64> = places[..3].iter().map(|place| *place as u64).collect();
        assert_eq!(whole, expected);
    }
});
