//! Several gateways over one Postgres and one Redis: real binaries, a scripted provider with a ledger
//! of its own, and everything killed that can be killed.
//!
//! Each module is one group of promises; each test's name is the promise. Small figures here, large
//! ones by `./scripts/race`.

#![expect(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "functions that tests share may stop a test, and say how it goes, as the tests themselves may"
)]

mod accounts;
mod books;
mod callers_gone;
mod kills;
mod load;
mod presence;
mod race;
mod redis_away;
mod redis_lost;
mod requests;
mod revocation;
mod setup;
