//! A node that follows a store: who is let in, what is asked, what is kept.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "functions that tests share may stop a test as the tests themselves may"
)]

mod disk;
mod following;
mod keys;
mod lookups;

mod node;
mod rights;
mod store;
mod things;
mod tokens;
