//! Cut off anywhere, or with any bit turned: what is whole is recovered, and what is not is told.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_plane::journal::reader::{Found, SegmentReader};
use data_plane::journal::record::{Kind, Seal};
use data_plane::journal::segment::parse_file_name;
use data_plane::journal::{Journal, JournalMetrics, JournalSettings};

use crate::ledger::MemoryLedger;
use crate::things::{Opened, open, request_id, settled, small};

/// A segment's file and its bytes.
struct Written {
    path: PathBuf,
    bytes: Vec<u8>,
    /// Where each record begins, and the end.
    places: Vec<usize>,
}

impl Written {
    fn seal(&self) -> Seal {
        let name = self.path.file_name().unwrap().to_str().unwrap();
        let (strand, number) = parse_file_name(name).unwrap();
        Seal::new(strand, number)
    }

    /// The settled requests that can be read, and how much cannot.
    fn read(&self, bytes: &[u8]) -> (BTreeSet<String>, u64) {
        let end = u64::try_from(bytes.len()).unwrap();
        let mut reader = SegmentReader::new(bytes, self.seal(), 0, end);
        let (mut settled, mut lost) = (BTreeSet::new(), 0);
        loop {
            match reader.read_next().unwrap() {
                Found::End => return (settled, lost),
                Found::Damage { from, to } => lost += to - from,
                Found::Torn { from } => lost += end - from,
                Found::Record { record, .. } if record.kind == Kind::Settle => {
                    settled.insert(record.entry().unwrap().id);
                }
                Found::Record { .. } => {}
            }
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|ending| ending == "log"))
        .collect();
    files.sort();
    files
}

/// Settles requests 1 to `count` on one strand.
fn write(folder: &Path, count: u64, settings: JournalSettings) -> Vec<Written> {
    let metrics = JournalMetrics::default();
    let (journal, _nothing) = Journal::open(folder, 1, settings, metrics).unwrap();
    let strand = journal.strand(0);
    for number in 1..=count {
        strand.settle(&settled(number), []).unwrap();
    }
    journal.close();
    drop((journal, strand));
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let (strand, number) = parse_file_name(&name).unwrap();
        let end = u64::try_from(bytes.len()).unwrap();
        let mut reader = SegmentReader::new(&bytes[..], Seal::new(strand, number), 0, end);
        let mut places = vec![0];
        while let Found::Record { to, .. } = reader.read_next().unwrap() {
            places.push(usize::try_from(to).unwrap());
        }
        Written {
            path,
            bytes,
            places,
        }
    };
    files(folder).into_iter().map(read).collect()
}

async fn shipped(opened: &Opened) -> BTreeSet<String> {
    let ledger = Arc::<MemoryLedger>::default();
    opened.shipper(&ledger).ship().await.unwrap();
    let counts = ledger.counts();
    assert!(counts.values().all(|count| *count == 1));
    counts.into_keys().collect()
}

fn ids(numbers: impl IntoIterator<Item = u64>) -> BTreeSet<String> {
    numbers.into_iter().map(request_id).collect()
}

#[tokio::test]
async fn a_segment_that_was_cut_off_at_any_byte_gives_every_whole_record() {
    let original = tempfile::tempdir().unwrap();
    let written = write(original.path(), 4, JournalSettings::default());
    let [written] = &written[..] else {
        panic!("one segment")
    };
    let name = written.path.file_name().unwrap();
    for cut in 0..written.bytes.len() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), &written.bytes[..cut]).unwrap();
        let opened = open(folder.path(), small());
        let whole = written.places.iter().filter(|place| **place <= cut).count() - 1;
        let is_torn = !written.places.contains(&cut);
        let told: Vec<bool> = opened
            .recovered
            .damages
            .iter()
            .map(|one| one.is_torn_tail)
            .collect();
        assert_eq!(told, vec![true; usize::from(is_torn)], "cut at {cut}");
        assert_eq!(
            opened.metrics.quarantined.get(),
            0,
            "nothing that was appended is lost"
        );
        let expected = ids(1..=u64::try_from(whole).unwrap());
        assert_eq!(shipped(&opened).await, expected, "cut at {cut}");
    }
}

#[test]
fn a_bit_that_turned_costs_its_own_record_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let written = write(folder.path(), 4, JournalSettings::default());
    let all = ids(1..=4);
    for byte in 0..written[0].bytes.len() {
        for bit in 0..8 {
            let mut bytes = written[0].bytes.clone();
            bytes[byte] ^= 1 << bit;
            let (settled, lost) = written[0].read(&bytes);
            let missing: Vec<&String> = all.difference(&settled).collect();
            let hit = written[0]
                .places
                .iter()
                .filter(|place| **place <= byte)
                .count();
            let hit = request_id(u64::try_from(hit).unwrap());
            assert_eq!(missing, [&hit], "byte {byte}, bit {bit}");
            assert!(lost > 0, "byte {byte}, bit {bit}");
        }
    }
}

#[tokio::test]
async fn damage_is_put_aside_and_counted_and_the_rest_is_shipped() {
    let folder = tempfile::tempdir().unwrap();
    let segments = write(folder.path(), 60, small());
    assert!(segments.len() > 2);
    // In an older segment: the third record; in the last one: the last record's content.
    let mut bytes = segments[0].bytes.clone();
    let place = segments[0].places[2];
    bytes[place + 40] ^= 1;
    fs::write(&segments[0].path, &bytes).unwrap();
    let last = segments.last().unwrap();
    let mut bytes = last.bytes.clone();
    let end = bytes.len() - 1;
    bytes[end] ^= 0x80;
    fs::write(&last.path, &bytes).unwrap();

    let opened = open(folder.path(), small());
    assert_eq!(opened.metrics.quarantined.get(), 2);
    assert!(
        opened
            .recovered
            .damages
            .iter()
            .all(|damage| !damage.is_torn_tail)
    );
    let mut expected = ids(1..=60);
    expected.remove(&request_id(3));
    expected.remove(&request_id(60));
    assert_eq!(shipped(&opened).await, expected);
    let aside = folder.path().join("quarantine").read_dir().unwrap().count();
    assert_eq!(aside, 2);
    let first = segments[0].path.file_name().unwrap().to_str().unwrap();
    let copy = folder
        .path()
        .join("quarantine")
        .join(format!("{first}.{place}"));
    assert_eq!(fs::read(copy).unwrap().len(), segments[0].places[3] - place);
}

#[tokio::test]
async fn an_older_segment_that_was_cut_off_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let segments = write(folder.path(), 60, small());
    let length = segments[0].bytes.len();
    fs::write(&segments[0].path, &segments[0].bytes[..length - 5]).unwrap();
    let opened = open(folder.path(), small());
    assert_eq!(opened.metrics.quarantined.get(), 1);
    let lost = request_id(u64::try_from(segments[0].places.len() - 1).unwrap());
    let mut expected = ids(1..=60);
    expected.remove(&lost);
    assert_eq!(shipped(&opened).await, expected);
}

#[tokio::test]
async fn a_tail_of_zeroes_after_a_fall_of_the_machine_hides_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let segments = write(folder.path(), 5, JournalSettings::default());
    let mut bytes = segments[0].bytes.clone();
    bytes.extend_from_slice(&[0; 4096]);
    fs::write(&segments[0].path, &bytes).unwrap();
    let opened = open(folder.path(), small());
    assert_eq!(opened.metrics.quarantined.get(), 1);
    assert_eq!(shipped(&opened).await, ids(1..=5));
}

#[test]
fn a_record_of_another_place_is_none() {
    // A caller may write a whole record into a name; and a file may be copied over another.
    let folder = tempfile::tempdir().unwrap();
    let segments = write(folder.path(), 3, JournalSettings::default());
    let written = &segments[0];
    let (first, second) = (written.places[1], written.places[2]);
    let mut bytes = written.bytes.clone();
    bytes.copy_within(first..second, 0);
    let (settled, lost) = written.read(&bytes);
    assert!(lost > 0);
    assert!(!settled.contains(&request_id(1)));
    let end = u64::try_from(written.bytes.len()).unwrap();
    let elsewhere = Seal::new("another", 0);
    let mut reader = SegmentReader::new(&written.bytes[..], elsewhere, 0, end);
    assert!(matches!(reader.read_next().unwrap(), Found::Damage { to, .. } if to == end));
}
