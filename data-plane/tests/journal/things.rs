//! Entries, and journals on throw-away directories.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use data_plane::journal::{
    Dispatched, Journal, JournalMetrics, JournalSettings, Recovered, Shipper, Strand,
};
use domain::ledger::{AttemptEntry, ORPHANED, Payer, RequestEntry};
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use domain::usage::Usage;

use crate::ledger::{MemoryLedger, door};

/// What is held for an attempt, and what it is charged in the end.
pub const HELD: i64 = 1_000_000;

pub fn request_id(number: u64) -> String {
    format!("req_{number:026}")
}

/// A settled request with one attempt, which costs as many nano-dollars as its number.
pub fn settled(number: u64) -> RequestEntry {
    RequestEntry {
        id: request_id(number),
        at: TimestampMs(1_800_000_000_000 + number),
        payer: Payer {
            organization_id: "default".to_owned(),
            key_id: Some(format!("key_{}", number % 7)),
            team_id: Some("team_a".to_owned()),
            tags: vec!["batch".to_owned()],
            ..Payer::default()
        },
        operation: "chat".to_owned(),
        asked_model: "gpt-4o".to_owned(),
        stream: false,
        status: 200,
        code: None,
        duration_ms: 812,
        overhead_us: 40,
        fallbacks: 0,
        call_id: None,
        attempts: vec![attempt(number, 1)],
    }
}

pub fn attempt(number: u64, attempt: u32) -> AttemptEntry {
    AttemptEntry {
        number: attempt,
        reserved_at: TimestampMs(1_800_000_000_000 + number),
        group: "gpt-4o".to_owned(),
        deployment_id: format!("dep_{}", number % 3),
        provider: "openai".to_owned(),
        model: "gpt-4o-2024-08-06".to_owned(),
        outcome: "ok".to_owned(),
        status: Some(200),
        duration_ms: 800,
        first_byte_ms: None,
        usage: Usage {
            input_tokens: number,
            output_tokens: 2,
            ..Usage::default()
        },
        charge_nanousd: NanoUsd(i64::try_from(number).unwrap()),
        priced: true,
        held_nanousd: NanoUsd(HELD),
    }
}

/// What is written before an attempt of this request is sent.
pub fn dispatched(number: u64, attempt_number: u32) -> RequestEntry {
    let attempt = AttemptEntry {
        outcome: ORPHANED.to_owned(),
        status: None,
        usage: Usage::default(),
        charge_nanousd: NanoUsd(HELD),
        ..attempt(number, attempt_number)
    };
    RequestEntry {
        status: 0,
        duration_ms: 0,
        attempts: vec![attempt],
        ..settled(number)
    }
}

/// Small segments, so that there are several of them.
pub fn small() -> JournalSettings {
    JournalSettings {
        segment_bytes: 4_000,
        ..JournalSettings::within(64 << 20, 1)
    }
}

/// A journal with what Prometheus reads of it.
pub struct Opened {
    pub journal: Journal,
    pub recovered: Recovered,
    pub metrics: JournalMetrics,
}

pub fn open(directory: &Path, settings: JournalSettings) -> Opened {
    let metrics = JournalMetrics::default();
    let opened = Journal::open(directory, 2, settings, metrics.clone());
    let (journal, recovered) = opened.unwrap();
    Opened {
        journal,
        recovered,
        metrics,
    }
}

impl Opened {
    pub fn dispatch(&self, number: u64) -> Dispatched {
        self.strand().dispatch(&dispatched(number, 1)).unwrap()
    }

    pub fn settle(&self, number: u64) {
        let dispatch = self.dispatch(number);
        self.strand().settle(&settled(number), [dispatch]).unwrap();
    }

    pub fn strand(&self) -> Arc<Strand> {
        self.journal.strand(0)
    }

    pub fn shipper(&self, ledger: &Arc<MemoryLedger>) -> Shipper {
        Shipper::new(&self.journal, door(ledger))
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        // The lock is free when this returns.
        self.journal.close();
    }
}

/// This very test, started again as a process of its own: it finds the variable, and does what
/// dies.
pub fn child(test: &str, directory: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    command.env(DIRECTORY, directory).stdout(Stdio::piped());
    command
}

/// Where a test that was started again works.
pub const DIRECTORY: &str = "HEADGATE_TEST_JOURNAL";

/// Ends with its test.
pub struct Ending(pub Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _ended = self.0.wait();
    }
}
