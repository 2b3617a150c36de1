//! What is the admin side's goes to its socket and comes back, as it comes.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "functions that tests share may stop a test as the tests themselves may"
)]

mod admin;
mod gone;
mod heads;
mod setup;
mod streaming;
