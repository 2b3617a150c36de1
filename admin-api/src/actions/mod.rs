//! What administrators do: each a function that checks, writes, and says what it did.
//!
//! An action takes an [`crate::acting::Acting`] with the permission it needs, so that it cannot be
//! called without. The routes of `/api/v1`, LiteLLM's and the command line call the same ones.

pub mod chosen_ids;
pub mod grants;
pub mod keys;
pub mod levels;
pub mod members;
pub mod narrowing;
pub mod organizations;
pub mod projects;
pub mod service_accounts;
pub mod teams;
pub mod templates;
pub mod users;
