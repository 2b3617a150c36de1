//! The journals on the nodes' disks, the ledger, and the way from the ones to the other.

use std::collections::BTreeMap;

use data_plane::counters::operation::AttemptId;
use domain::directory::Revision;

use super::bug::Bug;
use super::words::{Entry, scopes_of};
use super::world::{World, at};

pub struct Row {
    pub attempt: usize,
    pub charge: i64,
    pub reserved_at: u64,
}

/// A correction: of one counter's window.
pub struct Correction {
    pub revision: Revision,
    pub scope: usize,
    pub window: Option<u64>,
    pub amount: i64,
}

pub struct Ledger {
    pub is_up: bool,
    pub rows: Vec<Row>,
    pub positions: BTreeMap<usize, u64>,
    pub corrections: Vec<Correction>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            is_up: true,
            rows: Vec::new(),
            positions: BTreeMap::new(),
            corrections: Vec::new(),
        }
    }
}

impl World {
    /// Writes to a node's journal.
    pub fn journal(&mut self, node: usize, attempt: usize, charge: Option<i64>, reserved_at: u64) {
        let held = self.truth[attempt].amount;
        let now = self.now;
        let node = &mut self.nodes[node];
        let strand = node.strand;
        let last = node.disk.iter().rev().find(|entry| entry.strand == strand);
        let next = node.positions.get(&strand).copied().unwrap_or(0);
        let index = last.map_or(next, |entry| next.max(entry.index + 1));
        node.disk.push(Entry {
            strand,
            index,
            at: now,
            attempt,
            charge,
            held,
            reserved_at,
        });
        if charge.is_some() {
            self.truth[attempt].journaled = charge;
        }
    }

    /// Ships what a node has; false when something was in the way.
    pub fn ship(&mut self, node: usize) -> bool {
        let mut strands: Vec<usize> = self.nodes[node].disk.iter().map(|e| e.strand).collect();
        strands.dedup();
        for strand in strands {
            while let Some(batch) = self.batch(node, strand) {
                if !self.append(node, strand, &batch) {
                    return false;
                }
            }
        }
        self.clear_disk(node);
        true
    }

    fn batch(&self, node: usize, strand: usize) -> Option<Vec<Entry>> {
        let node = &self.nodes[node];
        let from = node.positions.get(&strand).copied().unwrap_or(0);
        let waits = node
            .disk
            .iter()
            .filter(|e| e.strand == strand && e.index >= from);
        let batch: Vec<Entry> = waits.take(6).cloned().collect();
        (!batch.is_empty()).then_some(batch)
    }

    /// One transaction: rows and position. The answer may be lost.
    fn append(&mut self, node: usize, strand: usize, batch: &[Entry]) -> bool {
        if !self.ledger.is_up {
            return false;
        }
        let from = self.nodes[node]
            .positions
            .get(&strand)
            .copied()
            .unwrap_or(0);
        let to = batch.last().map_or(from, |entry| entry.index + 1);
        let stands_at = self.ledger.positions.get(&strand).copied().unwrap_or(0);
        let is_refused = self.faults && self.random.often(50);
        if is_refused {
            if self.has(Bug::ShipperBelieves) {
                self.nodes[node].positions.insert(strand, to);
            }
            return false;
        }
        if stands_at != from && !self.has(Bug::LedgerIgnoresPosition) {
            self.nodes[node].positions.insert(strand, stands_at);
            return true;
        }
        for entry in batch {
            if let Some(charge) = entry.charge {
                self.row(entry, charge);
            }
        }
        self.ledger.positions.insert(strand, to);
        self.note(&[2, at(node), at(strand), to]);
        if self.faults && self.random.often(80) {
            return false;
        }
        self.nodes[node].positions.insert(strand, to);
        true
    }

    fn row(&mut self, entry: &Entry, charge: i64) {
        let attempt = entry.attempt;
        if self.truth[attempt].ledger.is_some() {
            self.fail(format!("I5: attempt {attempt} is in the ledger twice"));
        }
        self.truth[attempt].ledger = Some(charge);
        self.ledger.rows.push(Row {
            attempt,
            charge,
            reserved_at: entry.reserved_at,
        });
    }

    /// Drops what is in the ledger, and whose end the counters have heard of.
    fn clear_disk(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        let (positions, acknowledged) = (&node.positions, &node.acknowledged);
        node.disk.retain(|entry| {
            let is_shipped = positions
                .get(&entry.strand)
                .is_some_and(|to| entry.index < *to);
            !is_shipped || !acknowledged.contains(&entry.attempt)
        });
    }

    /// What the ledger has for a counter.
    pub fn sum(&self, scope: usize, window: Option<u64>, except: &[AttemptId]) -> i64 {
        let rows = self.ledger.rows.iter().filter(|row| {
            let truth = &self.truth[row.attempt];
            let is_in =
                window.is_none_or(|number| row.reserved_at / super::words::WINDOW_MS == number);
            is_in && scopes_of(truth.key).contains(&scope) && !except.contains(&truth.id)
        });
        let corrections = self.ledger.corrections.iter();
        let corrections = corrections.filter(|c| c.scope == scope && c.window == window);
        let rows: i64 = rows.map(|row| row.charge).sum();
        rows + corrections.map(|correction| correction.amount).sum::<i64>()
    }
}
