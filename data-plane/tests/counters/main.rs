//! Counters in Redis against the model, and against what may happen to Redis.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::print_stdout,
    reason = "functions that tests share may stop a test as the tests themselves may, and say what they measured"
)]

mod asks;
mod chance;
mod differential;
mod dump;
mod faults;
mod fleet;
mod loss;
mod revocations;
