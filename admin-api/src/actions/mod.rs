//! What administrators do: each a function that checks, writes, and says what it did.
//!
//! An action takes an [`crate::acting::Acting`] with the permission it needs, so that it cannot be
//! called without. The routes of `/api/v1`, LiteLLM's and the command line call the same ones.

pub mod grants;
pub mod keys;
pub mod organizations;
pub mod service_accounts;
pub mod templates;
