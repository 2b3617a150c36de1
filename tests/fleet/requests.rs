//! The ledger's rows, request by request, beside what the provider billed for each.

use std::collections::HashMap;

use harness::fleet::Fleet;

use crate::setup::nanousd;

/// What the ledger has of one request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Row {
    /// How many rows of requests: one.
    pub requests: u64,
    /// All that is charged.
    pub charge_nanousd: u64,
    /// Whether a charge is estimated.
    pub is_estimated: bool,
    /// Whether an attempt is an orphan.
    pub is_orphaned: bool,
}

/// What the ledger has, by the callers' own ids.
pub async fn rows(fleet: &Fleet) -> HashMap<String, Row> {
    let rows = fleet
        .database
        .rows(
            "SELECT r.call_id, count(DISTINCT r.id), coalesce(sum(a.charge_nanousd), 0)::bigint,
               coalesce(bool_or(a.estimated), false), coalesce(bool_or(a.outcome = 'orphaned'), false)
             FROM requests r LEFT JOIN attempts a ON a.request_id = r.id
             WHERE r.call_id IS NOT NULL GROUP BY 1",
        )
        .await;
    let number = |text: &str| text.parse().unwrap();
    let row = |row: Vec<String>| {
        let known = Row {
            requests: number(&row[1]),
            charge_nanousd: number(&row[2]),
            is_estimated: row[3] == "t",
            is_orphaned: row[4] == "t",
        };
        (row[0].clone(), known)
    };
    rows.into_iter().map(row).collect()
}

/// What is charged for answers that were ended because nothing more could be paid, and that the
/// provider did not count, by the callers' own ids.
pub async fn cut(fleet: &Fleet) -> HashMap<String, u64> {
    let rows = fleet
        .database
        .rows(
            "SELECT r.call_id, sum(a.charge_nanousd)::bigint
             FROM requests r JOIN attempts a ON a.request_id = r.id WHERE r.call_id IS NOT NULL
             GROUP BY 1 HAVING bool_or(a.outcome = 'cut_by_budget' AND a.estimated)",
        )
        .await;
    let charged = |row: Vec<String>| (row[0].clone(), row[1].parse().unwrap());
    rows.into_iter().map(charged).collect()
}

/// What the provider billed, by the same ids.
pub fn billed(fleet: &Fleet, lane: &str) -> HashMap<String, u64> {
    let bills = fleet.upstream(lane).bills();
    let bills = bills.into_iter();
    bills
        .map(|(name, bill)| (name, nanousd(bill.tokens)))
        .collect()
}
