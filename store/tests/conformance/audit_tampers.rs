//! Whoever can write the database but has not the key changes nothing in the audit trail unseen.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use domain::actors::Actor;
use domain::audit::{Anchor, AuditKey, Fault};
use serde_json::json;
use store::anchors::{self, AnchorSink, AnchorTask};
use store::verification::verify;
use store::{Event, Location, Store, migrate};
use tempfile::TempDir;

const ENTRIES: i64 = 36;
const TAMPERS: u64 = 1_000;

/// Every column, and whether it holds a number.
const COLUMNS: [(&str, bool); 17] = [
    ("sequence", true),
    ("at_ms", true),
    ("organization_id", false),
    ("team_id", false),
    ("actor_kind", false),
    ("actor_id", false),
    ("address", false),
    ("session_id", false),
    ("on_behalf_of", false),
    ("request_id", false),
    ("action", false),
    ("object_kind", false),
    ("object_id", false),
    ("before_value", false),
    ("after_value", false),
    ("reason", false),
    ("mac", false),
];

/// SplitMix64: the same tampers on every run, so that one that is missed can be looked at.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, end: i64) -> i64 {
        i64::try_from(self.roll() % u64::try_from(end).unwrap()).unwrap()
    }

    fn entry(&mut self) -> i64 {
        1 + self.below(ENTRIES)
    }

    fn one_of<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        texts[usize::try_from(self.roll()).unwrap() % texts.len()]
    }
}

/// A trail of some entries with every column in use, anchored at each ninth and at the end.
async fn trail(folder: &Path) -> (Arc<Store>, PathBuf, Vec<Anchor>) {
    let database = folder.join("headgate.db");
    let location = Location::Sqlite(database.clone());
    migrate::migrate(&location).await.unwrap();
    let store = Arc::new(Store::open(&location, AuditKey::new([7; 32])).unwrap());
    let file = folder.join("audit-anchors.jsonl");
    let mut task = AnchorTask::new(Arc::clone(&store), AnchorSink::File(file.clone()));
    for number in 1..=ENTRIES {
        let some = |text: &str| (number % 3 != 0).then(|| format!("{text}_{}", number % 4));
        let actor = Actor {
            address: some("203.0.113"),
            request_id: some("req"),
            on_behalf_of: some("terraform"),
            ..Actor::system()
        };
        let event = Event {
            action: if number % 2 == 0 {
                "key.update"
            } else {
                "key.create"
            },
            object_kind: "key",
            object_id: format!("key_{number}"),
            also_about: Vec::new(),
            organization_id: some("org"),
            team_id: some("team"),
            before: (number % 2 == 0).then(|| json!({ "rpm": number })),
            after: Some(json!({ "rpm": number + 1, "alias": "é" })),
            reason: some("because"),
        };
        store.record(&actor, event).await.unwrap();
        if number % 9 == 0 {
            task.anchor().await.unwrap();
        }
    }
    let anchors = anchors::read(file).await.unwrap().anchors;
    assert_eq!(anchors.last().unwrap().sequence, ENTRIES);
    (store, database, anchors)
}

/// A new value for a column, as SQL.
fn value(dice: &mut Dice, column: &str, number: bool) -> String {
    let other = dice.entry();
    let copied = format!("(SELECT {column} FROM kept WHERE sequence = {other})");
    if number {
        return match dice.below(5) {
            0 => copied,
            1 => format!("{column} + 1"),
            2 => format!("-{column}"),
            3 => format!("{column} + 0.5"),
            _ => "'soon'".to_owned(),
        };
    }
    match dice.below(6) {
        0 => copied,
        1 => format!("coalesce({column}, '') || 'x'"),
        2 => format!("upper({column})"),
        3 => format!("CAST({column} AS BLOB)"),
        4 => format!("substr({column}, 2)"),
        _ => dice
            .one_of(&["NULL", "''", "'null'", "'{}'", "0"])
            .to_owned(),
    }
}

/// One change, as SQL of somebody who knows the schema well and keeps its order where they can.
fn tamper(dice: &mut Dice) -> String {
    let (one, other) = (dice.entry(), dice.entry());
    let head = "UPDATE head SET (audit_sequence, audit_mac) = (SELECT sequence, mac FROM \
                audit_entries ORDER BY sequence DESC LIMIT 1);";
    let head = if dice.below(2) == 0 { head } else { "" };
    let place = "UPDATE audit_entries SET sequence = -sequence WHERE sequence < 0;";
    let copy = "SELECT * FROM kept WHERE sequence";
    match dice.below(12) {
        0..=4 => {
            let (column, number) = COLUMNS[usize::try_from(dice.below(17)).unwrap()];
            let value = value(dice, column, number);
            format!("UPDATE audit_entries SET {column} = {value} WHERE sequence = {one};")
        }
        5 => format!("DELETE FROM audit_entries WHERE sequence = {one};{head}"),
        6 => format!(
            "DELETE FROM audit_entries WHERE sequence = {one};
             UPDATE audit_entries SET sequence = 1 - sequence WHERE sequence > {one};{place}{head}"
        ),
        7 => format!(
            "UPDATE audit_entries SET sequence = -1 - sequence WHERE sequence >= {one};{place}
             CREATE TEMP TABLE copied AS {copy} = {other};
             UPDATE copied SET sequence = {one};
             INSERT INTO audit_entries SELECT * FROM copied;
             DROP TABLE copied;{head}"
        ),
        8 => format!(
            "CREATE TEMP TABLE copied AS {copy} = {other};
             UPDATE copied SET sequence = {};
             INSERT INTO audit_entries SELECT * FROM copied;
             DROP TABLE copied;{head}",
            dice.one_of(&["37", "0", "-5", "1000", "9223372036854775807", "7.5", "'x'"])
        ),
        9 => format!(
            "UPDATE audit_entries SET sequence = -{other} WHERE sequence = {one};
             UPDATE audit_entries SET sequence = {one} WHERE sequence = {other};{place}"
        ),
        10 => format!("DELETE FROM audit_entries WHERE sequence >= {one};{head}"),
        _ => format!(
            "UPDATE audit_entries SET sequence = -sequence - {} WHERE sequence >= {one};{place}{head}",
            1 + dice.below(40)
        ),
    }
}

const CHANGED: &str = "(SELECT count(*) FROM (SELECT *, typeof(sequence), typeof(at_ms) FROM \
    audit_entries EXCEPT SELECT *, typeof(sequence), typeof(at_ms) FROM kept)) + (SELECT \
    abs((SELECT count(*) FROM audit_entries) - (SELECT count(*) FROM kept)))";

const RESTORE: &str = "DELETE FROM audit_entries; INSERT INTO audit_entries SELECT * FROM kept; \
    UPDATE head SET (audit_sequence, audit_mac) = (SELECT sequence, mac FROM kept \
    ORDER BY sequence DESC LIMIT 1);";

fn outsider(database: &Path) -> SqliteConnection {
    let mut connection = SqliteConnection::establish(&database.to_string_lossy()).unwrap();
    connection
        .batch_execute(
            "PRAGMA busy_timeout = 5000; CREATE TEMP TABLE kept AS SELECT * FROM audit_entries;",
        )
        .unwrap();
    connection
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_random_tampers_are_all_found() {
    let folder = TempDir::new().unwrap();
    let (store, database, anchors) = trail(folder.path()).await;
    let mut outsider = outsider(&database);
    let (mut dice, mut found) = (Dice(2026), 0);
    let mut kinds = std::collections::BTreeMap::<String, u32>::new();
    while found < TAMPERS {
        let how = tamper(&mut dice);
        // A value that a column refuses, or that was there before, changes nothing.
        let ran = outsider.batch_execute(&format!("BEGIN;{how}COMMIT;"));
        if ran.is_err() {
            outsider.batch_execute("ROLLBACK;").unwrap();
            continue;
        }
        let changed: i64 = diesel::select(sql::<BigInt>(CHANGED))
            .get_result(&mut outsider)
            .unwrap();
        if changed == 0 {
            continue;
        }
        let verified = verify(&store, &anchors).await.unwrap();
        assert!(
            !verified.faults.is_empty(),
            "not found after {found}: {how}"
        );
        for fault in verified.faults {
            let kind = format!("{fault:?}");
            *kinds
                .entry(kind.split(' ').next().unwrap().to_owned())
                .or_default() += 1;
        }
        found += 1;
        outsider.batch_execute(RESTORE).unwrap();
        if found % 50 == 0 {
            assert_eq!(verify(&store, &anchors).await.unwrap().faults, []);
        }
    }
    // The dice have been everywhere: each kind of fault was met.
    let met: Vec<&str> = kinds.keys().map(String::as_str).collect();
    let expect = [
        "Edited",
        "Missing",
        "NotAsAnchored",
        "NotTheHead",
        "OutOfOrder",
        "TailCut",
        "Unreadable",
    ];
    assert_eq!(met, expect);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untouched_trail_passes_while_it_grows() {
    let folder = TempDir::new().unwrap();
    let (store, _database, anchors) = trail(folder.path()).await;
    let writing = async {
        for _ in 0..50 {
            store
                .record(&Actor::system(), Event::default())
                .await
                .unwrap();
        }
    };
    let verifying = async {
        for _ in 0..20 {
            assert_eq!(verify(&store, &anchors).await.unwrap().faults, []);
        }
    };
    tokio::join!(writing, verifying);
    let verified = verify(&store, &anchors).await.unwrap();
    assert_eq!(
        (verified.last_sequence, verified.last_anchored),
        (ENTRIES + 50, Some(ENTRIES))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_of_many_pages_is_read_to_its_end() {
    let folder = TempDir::new().unwrap();
    let (store, database, anchors) = trail(folder.path()).await;
    for _ in ENTRIES..2_100 {
        store
            .record(&Actor::system(), Event::default())
            .await
            .unwrap();
    }
    let verified = verify(&store, &anchors).await.unwrap();
    assert_eq!((verified.entries, verified.faults), (2_100, Vec::new()));
    let cut = "DELETE FROM audit_entries WHERE sequence = 1000;";
    outsider(&database).batch_execute(cut).unwrap();
    let faults = verify(&store, &anchors).await.unwrap().faults;
    assert_eq!(
        faults,
        [Fault::Missing {
            first: 1_000,
            last: 1_000
        }]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_that_was_written_anew_with_the_stolen_key_does_not_fit_its_anchors() {
    let folder = TempDir::new().unwrap();
    let (store, database, anchors) = trail(folder.path()).await;
    let mut outsider = outsider(&database);
    let key = AuditKey::new([7; 32]);
    let mut last = (0, domain::audit::Mac::GENESIS);
    for chained in store.audit_after(0, ENTRIES).await.unwrap() {
        let mut entry = chained.entry;
        if chained.sequence == 20 {
            entry.actor_id = "somebody_else".to_owned();
        }
        let actor = entry.actor_id.clone();
        let anew = key.append(last, entry);
        last = (anew.sequence, anew.mac);
        let write = format!(
            "UPDATE audit_entries SET actor_id = '{actor}', mac = '{}' WHERE sequence = {};",
            anew.mac, anew.sequence
        );
        outsider.batch_execute(&write).unwrap();
    }
    let head = format!("UPDATE head SET audit_mac = '{}';", last.1);
    outsider.batch_execute(&head).unwrap();
    let faults = verify(&store, &anchors).await.unwrap().faults;
    let expect = [27, 36].map(|sequence| Fault::NotAsAnchored { sequence });
    assert_eq!(faults, expect);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_was_edited_is_told_and_nothing_changes_any_more() {
    let folder = TempDir::new().unwrap();
    let (store, database, anchors) = trail(folder.path()).await;
    let mut outsider = outsider(&database);
    for edit in [
        "audit_mac = 'x'",
        "audit_sequence = 12",
        "audit_sequence = 99",
    ] {
        outsider
            .batch_execute(&format!("UPDATE head SET {edit};"))
            .unwrap();
        let faults = verify(&store, &anchors).await.unwrap().faults;
        assert!(
            matches!(faults[..], [Fault::NotTheHead { .. }]),
            "{edit}: {faults:?}"
        );
        outsider.batch_execute(RESTORE).unwrap();
    }
    outsider
        .batch_execute("UPDATE head SET audit_mac = 'x';")
        .unwrap();
    assert!(
        store
            .record(&Actor::system(), Event::default())
            .await
            .is_err()
    );
    outsider.batch_execute("DELETE FROM head;").unwrap();
    assert!(
        store
            .record(&Actor::system(), Event::default())
            .await
            .is_err()
    );
    assert_eq!(
        verify(&store, &anchors).await.unwrap().faults,
        [Fault::NotTheHead { sequence: 0 }]
    );
}
