//! The whole gateway, one node: the real binary, scripted providers and real sockets between them.
//!
//! Each module is one group of promises; each test's name is the promise.

#![expect(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "functions that tests share may stop a test as the tests themselves may"
)]

mod alerts;
mod bad_input;
mod bad_upstream;
mod budgets;
mod command;
mod commands;
mod demo;
mod dry_run;
mod endpoints;
mod import_litellm;
mod invitations;
mod keys;
mod limits;
mod metrics;
mod passthrough;
mod prices;
mod provider_connections;
mod reload;
mod routing;
mod sdk_node;
mod sdk_python;
mod secrets;
mod setup;
mod shutdown;
mod single_sign_on;
mod smuggling;
mod start;
mod streaming;
mod timeouts;
mod tls;
mod translation;
mod tutorial;
mod usage;
mod virtual_keys;
