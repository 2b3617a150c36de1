//! The audit trail, read from its beginning and held against its key, its head and its anchors.

use diesel::QueryDsl;
use diesel::dsl::sql;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use domain::audit::{Anchor, ChainedEntry, Fault, Mac, Verification, Verifier};

use crate::Store;
use crate::audit::AuditRow;
use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::schema::audit_entries;

/// How many entries are read at once.
const PAGE_ENTRIES: i64 = 1_000;

/// How many rows of the wrong kind are told of, at most.
const MOST_ODD_ROWS: i64 = 100;

/// SQLite keeps a value of any kind in any column, and reads 5.5 as 5: an edit that reading alone
/// would not show.
const ODD: &str = "typeof(sequence) <> 'integer' OR typeof(at_ms) <> 'integer' \
OR typeof(actor_kind) <> 'text' OR typeof(actor_id) <> 'text' OR typeof(action) <> 'text' \
OR typeof(object_kind) <> 'text' OR typeof(object_id) <> 'text' OR typeof(mac) <> 'text' \
OR typeof(organization_id) NOT IN ('text', 'null') OR typeof(team_id) NOT IN ('text', 'null') \
OR typeof(address) NOT IN ('text', 'null') OR typeof(session_id) NOT IN ('text', 'null') \
OR typeof(on_behalf_of) NOT IN ('text', 'null') OR typeof(request_id) NOT IN ('text', 'null') \
OR typeof(before_value) NOT IN ('text', 'null') OR typeof(after_value) NOT IN ('text', 'null') \
OR typeof(reason) NOT IN ('text', 'null')";

/// Reads the whole trail and tells every fault. It holds one page of entries at a time, and entries
/// may be added meanwhile.
///
/// What was cut off after the last anchor can be told only when the database's own note of its last
/// entry was left as it was.
///
/// # Errors
/// When the database does not answer: then nothing is known.
pub async fn verify(store: &Store, anchors: &[Anchor]) -> Result<Verification> {
    let before = head(store).await?;
    let mut reading = Reading {
        verifier: Verifier::new(vec![store.audit_key.clone()], anchors),
        last: (0, None),
        head_link: None,
    };
    // Whatever number an entry was given, it is read.
    let mut first = i64::MIN;
    loop {
        let rows = store.audit_rows(first, PAGE_ENTRIES).await?;
        let read = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let last = rows.last().map_or(first, |row| row.sequence);
        for row in rows {
            reading.take(row, &before);
        }
        // A number that does not rise is one of the odd rows, which are told below.
        match last.checked_add(1).filter(|next| *next > first) {
            Some(next) if read == PAGE_ENTRIES => first = next,
            _ => break,
        }
    }
    let after = head(store).await?;
    let fault = reading.fault_of_head(&before, &after);
    let mut verification = reading.verifier.finish();
    verification.faults.extend(fault);
    let odd = odd_rows(store).await?.into_iter();
    verification
        .faults
        .extend(odd.map(|sequence| Fault::Unreadable { sequence }));
    Ok(verification)
}

/// What the database notes of its last entry; nothing when that note is gone or cannot be read.
type Head = Option<(i64, Mac)>;

async fn head(store: &Store) -> Result<Head> {
    match store.audit_head().await {
        Ok(head) => Ok(Some(head)),
        Err(StoreError::Unreadable { .. } | StoreError::Missing) => Ok(None),
        Err(other) => Err(other),
    }
}

struct Reading {
    verifier: Verifier,
    last: (i64, Option<Mac>),
    /// The link of the entry that was the last when reading began.
    head_link: Option<Mac>,
}

impl Reading {
    fn take(&mut self, row: AuditRow, head: &Head) {
        let sequence = row.sequence;
        let mac = Mac::from_hex(&row.mac).ok();
        if head.is_some_and(|(named, _link)| named == sequence) {
            self.head_link = mac;
        }
        self.last = (sequence, mac);
        match ChainedEntry::try_from(row) {
            Ok(entry) => self.verifier.entry(&entry),
            Err(_cause) => self.verifier.unreadable(sequence, mac),
        }
    }

    /// The entry that was noted as the last is there with its link, and none comes after the one
    /// that is noted now.
    fn fault_of_head(&self, before: &Head, after: &Head) -> Option<Fault> {
        let (last, _link) = self.last;
        let (Some((named, link)), Some((newest, _newest_link))) = (before, after) else {
            return Some(Fault::NotTheHead { sequence: 0 });
        };
        let there = match named {
            0 => *link == Mac::GENESIS,
            _ => self.head_link == Some(*link),
        };
        (!there || last > *newest).then_some(Fault::NotTheHead { sequence: *named })
    }
}

async fn odd_rows(store: &Store) -> Result<Vec<i64>> {
    let mut connection = store.connect().await?;
    match connection {
        // Columns of Postgres hold what they are declared to hold.
        Connection::Postgres(_) => Ok(Vec::new()),
        Connection::Sqlite(ref mut pooled) => Ok(audit_entries::table
            .filter(sql::<Bool>(ODD))
            .select(audit_entries::sequence)
            .limit(MOST_ODD_ROWS)
            .load(&mut **pooled)
            .await?),
    }
}
