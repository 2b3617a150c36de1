//! The bytes of a record: what lies on a disk is read by this version and by the ones beside it.

use domain::ledger::{AttemptEntry, Payer};
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use domain::usage::{ServiceTier, Usage};
use proptest::prelude::*;

use data_plane::journal::record::{
    HEAD_BYTES, Head, Kind, MOST_PAYLOAD_BYTES, Record, RecordFault, Seal, VERSION, close, write,
};
use domain::ledger::RequestEntry;
use serde::Serialize;

fn entry() -> RequestEntry {
    RequestEntry {
        id: "req_1".to_owned(),
        at: TimestampMs(1_800_000_000_000),
        payer: Payer {
            organization_id: "org".to_owned(),
            key_id: Some("key".to_owned()),
            team_id: Some("team".to_owned()),
            project_id: None,
            user_id: Some("user".to_owned()),
            end_user: Some("end".to_owned()),
            tags: vec!["a".to_owned(), "b".to_owned()],
            environment: Some("production".to_owned()),
        },
        operation: "chat".to_owned(),
        asked_model: "gpt-4o".to_owned(),
        stream: true,
        status: 499,
        code: Some("caller_gone".to_owned()),
        duration_ms: 1_234,
        overhead_us: 56,
        fallbacks: 1,
        call_id: Some("call".to_owned()),
        attempts: vec![AttemptEntry {
            number: 1,
            reserved_at: TimestampMs(1_800_000_000_001),
            group: "gpt-4o".to_owned(),
            deployment_id: "dep".to_owned(),
            provider: "openai".to_owned(),
            model: "gpt-4o-2024-08-06".to_owned(),
            outcome: "ok".to_owned(),
            status: Some(200),
            duration_ms: 1_200,
            first_byte_ms: Some(300),
            usage: Usage {
                input_tokens: 1,
                cache_read_tokens: 2,
                cache_write_tokens: 3,
                cache_write_1h_tokens: 4,
                audio_input_tokens: 5,
                image_input_tokens: 6,
                output_tokens: 7,
                reasoning_tokens: 8,
                audio_output_tokens: 9,
                service_tier: ServiceTier::Priority,
                estimated: true,
            },
            charge_nanousd: NanoUsd(987_654_321),
            priced: true,
            held_nanousd: NanoUsd(1_000_000_000),
        }],
    }
}

fn frame(kind: Kind, content: &impl Serialize) -> Vec<u8> {
    let mut frame = Vec::new();
    write(&mut frame, kind, content).unwrap();
    close(&mut frame, Seal::new("strand", 3), 77);
    frame
}

fn read(frame: &[u8]) -> Option<Record<'_>> {
    Head::read(frame).and_then(|head| head.record(frame, Seal::new("strand", 3), 77))
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let frame = frame(Kind::Settle, &entry());
    let record = read(&frame).unwrap();
    assert_eq!(record.kind, Kind::Settle);
    assert_eq!(record.entry(), Ok(entry()));
    assert_eq!(record.request_id(), Ok("req_1"));
}

/// These bytes lie on disks. When this fails, the shape of an entry has changed: old journals
/// could not be read any more. Keep this version's shape and raise the version instead.
#[test]
fn version_1_on_disk_stays_as_it_is() {
    let frame = frame(Kind::Settle, &entry());
    let hex: String = frame.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, VERSION_1);
    assert_eq!(read(&frame).unwrap().entry(), Ok(entry()));
}

const VERSION_1: &str = "\
ac0000008435219f0201057265715f3180a0f1c2b134036f726701036b657901047465616d00010475736572\
0103656e640201610162010a70726f64756374696f6e0463686174066770742d346f01f303010b63616c6c65\
725f676f6e65d2093801010463616c6c010181a0f1c2b134066770742d346f03646570066f70656e61691167\
70742d346f2d323032342d30382d3036026f6b01c801b00901ac020102030405060708090201e2a2f3ad0701\
80a8d6b907";

#[test]
fn what_the_next_version_appends_is_passed_over_and_later_versions_are_refused() {
    for (version, is_read) in [(VERSION, true), (VERSION + 1, true), (VERSION + 2, false)] {
        let mut frame = Vec::new();
        write(&mut frame, Kind::Settle, &(entry(), "an addition", 17_u64)).unwrap();
        frame[HEAD_BYTES] = version;
        close(&mut frame, Seal::new("strand", 3), 77);
        let record = read(&frame).unwrap();
        match is_read {
            true => assert_eq!(record.entry(), Ok(entry())),
            false => assert_eq!(record.entry(), Err(RecordFault::TooNew(version))),
        }
    }
}

#[test]
fn an_entry_larger_than_any_is_refused_and_not_written_in_part() {
    let mut huge = entry();
    huge.asked_model = "x".repeat(MOST_PAYLOAD_BYTES);
    let mut frame = Vec::new();
    assert_eq!(
        write(&mut frame, Kind::Settle, &huge),
        Err(RecordFault::TooLarge)
    );
}

proptest! {
    #[test]
    fn any_bytes_are_a_record_of_their_place_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&bytes).is_none(), "32 bits would have to fit by chance");
    }
}
