//! The reader on any bytes: nothing is left out, and what is whole is found.

use data_plane::journal::reader::{Found, SegmentReader};
use data_plane::journal::record::{self, Kind, Seal};
use proptest::prelude::*;

/// Where something begins and ends, and the content of a record.
type Piece = (u64, u64, Option<Vec<u8>>);

fn seal() -> Seal {
    Seal::new("strand", 0)
}

fn read(bytes: &[u8]) -> Vec<Piece> {
    let end = u64::try_from(bytes.len()).unwrap();
    let mut reader = SegmentReader::new(bytes, seal(), 0, end);
    let mut found = Vec::new();
    loop {
        match reader.read_next().unwrap() {
            Found::End => return found,
            Found::Torn { from } => found.push((from, end, None)),
            Found::Damage { from, to } => found.push((from, to, None)),
            Found::Record { from, to, record } => {
                found.push((from, to, Some(record.payload.to_vec())));
            }
        }
    }
}

/// Records one behind the other, and where each begins.
fn written(contents: &[Vec<u8>]) -> (Vec<u8>, Vec<u64>) {
    let (mut bytes, mut frame, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for content in contents {
        let place = u64::try_from(bytes.len()).unwrap();
        record::write(&mut frame, Kind::Settle, content).unwrap();
        record::close(&mut frame, seal(), place);
        bytes.extend_from_slice(&frame);
        places.push(place);
    }
    (bytes, places)
}

fn contents() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 2..12)
}

proptest! {
    #[test]
    fn no_byte_is_left_out(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let mut place = 0;
        for (from, to, _content) in read(&bytes) {
            prop_assert!(from == place && to > from);
            place = to;
        }
        prop_assert_eq!(place, u64::try_from(bytes.len()).unwrap());
    }

    #[test]
    fn records_that_no_damage_touched_are_found(
        contents in contents(),
        from in any::<prop::sample::Index>(),
        over in prop::collection::vec(any::<u8>(), 1..700),
    ) {
        let (before, places) = written(&contents);
        let mut bytes = before.clone();
        let from = from.index(bytes.len());
        let to = bytes.len().min(from + over.len());
        bytes[from..to].copy_from_slice(&over[..to - from]);
        let ends = places.iter().skip(1).copied().chain([u64::try_from(bytes.len()).unwrap()]);
        let is_whole = |(begin, end): &(u64, u64)| {
            let range = usize::try_from(*begin).unwrap()..usize::try_from(*end).unwrap();
            bytes[range.clone()] == before[range]
        };
        let whole: Vec<(u64, u64)> = places.iter().copied().zip(ends).filter(is_whole).collect();
        let found = read(&bytes).into_iter().filter(|(_from, _to, content)| content.is_some());
        let found: Vec<(u64, u64)> = found.map(|(from, to, _content)| (from, to)).collect();
        prop_assert_eq!(found, whole);
    }

    #[test]
    fn records_larger_than_the_window_are_read(lengths in prop::collection::vec(0..700_000_usize, 1..5)) {
        let contents: Vec<Vec<u8>> = lengths.iter().map(|length| vec![7; *length]).collect();
        let (bytes, places) = written(&contents);
        let found: Vec<u64> = read(&bytes).into_iter().map(|(from, ..)| from).collect();
        prop_assert_eq!(found, places);
    }
}
