//! The console in a real browser, through the whole binary: real clicks, real keys, real requests.
//!
//! Each module is one group of promises; each test's name is the promise. Without a Chromium and its
//! driver nothing can be tested: that fails where `CI` or `HEADGATE_TEST_BROWSER` is set, as
//! scripts/test does, and is said loudly elsewhere.

#![expect(
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "functions that tests share may stop a test as the tests themselves may, and say what was measured"
)]

mod every_page;
mod hostile;
mod keyboard;
mod no_scripts;
mod pages;
mod payloads;
mod phone;
mod setup;
mod story;
mod vendored;
