//! Killed with -9 at any moment: what a process was told is written is there, once.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_plane::journal::{Journal, JournalFault, JournalMetrics};
use domain::ledger::ORPHANED;

use crate::ledger::MemoryLedger;
use crate::things::{DIRECTORY, Ending, HELD, child, dispatched, open, request_id, settled, small};

/// How often a process is killed.
const KILLS: u64 = 24;

/// What one process was told is written.
#[derive(Default)]
struct Told {
    dispatched: BTreeSet<u64>,
    settled: BTreeSet<u64>,
}

/// The process that dies: two threads write, and say of each record that it is written.
fn write_until_killed(directory: &Path) {
    let run: u64 = std::env::var("RUN").unwrap().parse().unwrap();
    let metrics = JournalMetrics::default();
    let (journal, _left) = Journal::open(directory, 2, small(), metrics).unwrap();
    let threads = [0_u64, 1].map(|thread| {
        let index = usize::try_from(thread).unwrap();
        let (strand, first) = (journal.strand(index), run * 10_000_000 + thread * 1_000_000);
        std::thread::spawn(move || {
            for number in first.. {
                let dispatch = strand.dispatch(&dispatched(number, 1)).unwrap();
                say(&format!("d {number}\n"));
                strand.settle(&settled(number), [dispatch]).unwrap();
                say(&format!("s {number}\n"));
            }
        })
    });
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
}

/// One `write(2)` into the pipe: it stays there when this process is killed.
fn say(line: &str) {
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

fn run_and_kill(directory: &Path, run: u64) -> Told {
    let test = "killed::a_process_killed_at_any_moment_loses_nothing_that_it_wrote";
    let mut command = child(test, directory);
    command.env("RUN", run.to_string());
    command.stdout(std::process::Stdio::null());
    let mut process = Ending(
        command
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let lines = BufReader::new(process.0.stderr.take().unwrap()).lines();
    // Runs die after 1 to about 2,000 records.
    let die_after = usize::try_from(run * run * 4 + 1).unwrap();
    let mut told = Told::default();
    for (index, line) in lines.map_while(Result::ok).enumerate() {
        let Some((word, number)) = line.split_once(' ') else {
            continue;
        };
        let Ok(number) = number.parse() else { continue };
        match word {
            "d" => told.dispatched.insert(number),
            "s" => told.settled.insert(number),
            other => panic!("{other}"),
        };
        if index == die_after {
            if run == 3 {
                let second = Journal::open(directory, 1, small(), JournalMetrics::default());
                let in_use = matches!(second.err(), Some(JournalFault::InUse(_)));
                assert!(
                    in_use,
                    "a second process does not get a live node's journal"
                );
            }
            process.0.kill().unwrap();
        }
    }
    assert!(!told.dispatched.is_empty(), "the process wrote something");
    told
}

#[test]
fn a_process_killed_at_any_moment_loses_nothing_that_it_wrote() {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        return write_until_killed(&PathBuf::from(directory));
    }
    let folder = tempfile::tempdir().unwrap();
    let ledger = Arc::<MemoryLedger>::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut all = Told::default();
    for run in 1..=KILLS {
        let Told {
            dispatched,
            settled,
        } = run_and_kill(folder.path(), run);
        all.dispatched.extend(dispatched);
        all.settled.extend(settled);
        // Every third time somebody ships in between, and the answer is lost half of the times.
        if run % 3 == 0 {
            let opened = open(folder.path(), small());
            assert_eq!(opened.metrics.quarantined.get(), 0);
            ledger.lose_answers(usize::try_from(run % 2).unwrap());
            let _may_be_lost = runtime.block_on(opened.shipper(&ledger).ship());
            ledger.lose_answers(0);
        }
    }
    let opened = open(folder.path(), small());
    runtime.block_on(opened.shipper(&ledger).ship()).unwrap();
    check(&all, &ledger);
}

fn check(all: &Told, ledger: &MemoryLedger) {
    let counts = ledger.counts();
    assert!(
        counts.values().all(|count| *count == 1),
        "nothing is doubled"
    );
    let mut orphans = 0;
    for row in ledger.rows() {
        let is_orphan = row.attempts[0].outcome == ORPHANED;
        let number: u64 = row.id.trim_start_matches("req_").parse().unwrap();
        match is_orphan {
            true => assert_eq!(row.charge().0, HELD),
            false => assert_eq!(row, settled(number)),
        }
        assert!(
            !is_orphan || !all.settled.contains(&number),
            "{number} was settled"
        );
        orphans += u64::from(is_orphan);
    }
    for number in &all.dispatched {
        assert!(
            counts.contains_key(&request_id(*number)),
            "{number} is lost"
        );
    }
    // Each run leaves at most one attempt for each thread, and one that nobody was told of.
    assert!(orphans <= KILLS * 2, "{orphans} orphans");
    assert!(counts.len() <= all.dispatched.len() + usize::try_from(KILLS * 2).unwrap());
}
