//! The journal: what a node wrote before it died is in the ledger, once.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "functions that tests share may stop a test as the tests themselves may"
)]

mod adopting;
mod damage;
mod disk;
mod folding;
mod killed;
mod ledger;
mod memory;
mod orphans;
mod reading;
mod records;
mod shipping;
mod things;
