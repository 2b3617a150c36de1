//! A ledger in memory: batches in transactions, answers that get lost, times without an answer, and
//! backups.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use domain::directory::{Asked, Revision, Unavailable};
use domain::ledger::{Appended, Batch, Corrected, Ledger, Position, RequestEntry, Sums, Wanted};
use domain::money::NanoUsd;

/// The ledger.
#[derive(Default)]
pub struct MemoryLedger {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    books: Books,
    is_away: bool,
    lost_answers: usize,
    largest_batch: usize,
    asked_known: usize,
}

/// What survives in a backup.
#[derive(Clone, Default)]
pub struct Books {
    positions: HashMap<String, Position>,
    rows: Vec<RequestEntry>,
}

fn away() -> Unavailable {
    Unavailable("away".to_owned())
}

/// As a journal reaches it.
pub fn door(ledger: &Arc<MemoryLedger>) -> Arc<dyn Ledger> {
    let door: Arc<MemoryLedger> = Arc::clone(ledger);
    door
}

impl MemoryLedger {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// From now on it answers, or not.
    pub fn set_away(&self, is_away: bool) {
        self.inner().is_away = is_away;
    }

    /// The next so many batches are taken, and nobody hears of it.
    pub fn lose_answers(&self, count: usize) {
        self.inner().lost_answers = count;
    }

    pub fn backup(&self) -> Books {
        self.inner().books.clone()
    }

    pub fn restore(&self, books: Books) {
        self.inner().books = books;
    }

    /// Puts a row there by another way than a journal.
    pub fn insert(&self, row: RequestEntry) {
        self.inner().books.rows.push(row);
    }

    pub fn rows(&self) -> Vec<RequestEntry> {
        self.inner().books.rows.clone()
    }

    /// How often each request is there.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for row in &self.inner().books.rows {
            *counts.entry(row.id.clone()).or_default() += 1;
        }
        counts
    }

    pub fn largest_batch(&self) -> usize {
        self.inner().largest_batch
    }

    pub fn asked_known(&self) -> usize {
        self.inner().asked_known
    }

    pub fn charge(&self) -> i64 {
        let rows = self.rows();
        rows.iter().map(|row| row.charge().0).sum()
    }

    fn take(&self, batch: Batch) -> Result<Appended, Unavailable> {
        let mut inner = self.inner();
        if inner.is_away {
            return Err(away());
        }
        let Batch {
            strand,
            from,
            to,
            entries,
        } = batch;
        inner.largest_batch = inner.largest_batch.max(entries.len());
        let stands = inner.books.positions.entry(strand).or_default();
        if *stands != from {
            return Ok(Appended::StandsAt(*stands));
        }
        assert!(to > from, "a batch moves on");
        *stands = to;
        inner.books.rows.extend(entries);
        if inner.lost_answers > 0 {
            inner.lost_answers -= 1;
            return Err(Unavailable("the answer was lost".to_owned()));
        }
        Ok(Appended::Taken)
    }
}

impl Ledger for MemoryLedger {
    fn position(&self, strand: String) -> Asked<'_, Position> {
        Box::pin(async move {
            let inner = self.inner();
            let position = inner.books.positions.get(&strand).copied();
            match inner.is_away {
                true => Err(away()),
                false => Ok(position.unwrap_or_default()),
            }
        })
    }

    fn append(&self, batch: Batch) -> Asked<'_, Appended> {
        Box::pin(async move { self.take(batch) })
    }

    fn sums(&self, wanted: Vec<Wanted>) -> Asked<'_, Sums> {
        let rows = self.rows();
        let sum = |wanted: &Wanted| {
            let attempts = rows
                .iter()
                .filter(|row| row.payer.scopes().contains(&wanted.scope))
                .flat_map(|row| &row.attempts)
                .filter(|attempt| (wanted.from..wanted.to).contains(&attempt.reserved_at));
            NanoUsd(attempts.map(|attempt| attempt.charge_nanousd.0).sum())
        };
        let nanousd = wanted.iter().map(sum).collect();
        Box::pin(async move {
            Ok(Sums {
                revision: Revision(0),
                nanousd,
            })
        })
    }

    fn corrections(&self, _since: Revision) -> Asked<'_, Vec<Corrected>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn charges(&self, attempts: Vec<String>) -> Asked<'_, Vec<(String, NanoUsd)>> {
        let rows = self.rows();
        let charged = rows.iter().flat_map(|row| {
            let id = |number| format!("{}.{number}", row.id);
            row.attempts
                .iter()
                .map(move |one| (id(one.number), one.charge_nanousd))
        });
        let charged = charged.filter(|(id, _)| attempts.contains(id)).collect();
        Box::pin(async move { Ok(charged) })
    }

    fn known_requests(&self, ids: Vec<String>) -> Asked<'_, Vec<String>> {
        Box::pin(async move {
            let mut inner = self.inner();
            if inner.is_away {
                return Err(away());
            }
            inner.asked_known += ids.len();
            let has: HashSet<&str> = inner.books.rows.iter().map(|row| row.id.as_str()).collect();
            Ok(ids
                .into_iter()
                .filter(|id| has.contains(id.as_str()))
                .collect())
        })
    }
}
