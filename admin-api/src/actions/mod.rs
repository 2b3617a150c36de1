//! What administrators do: each a function that checks, writes, and says what it did.
//!
//! An action takes an [`crate::acting::Acting`] with the permission it needs, so that it cannot be
//! called without. The routes of `/api/v1`, LiteLLM's and the command line call the same ones.

mod access_groups;
pub mod addresses;
pub mod alerts;
pub mod audit;
mod blocks;
pub mod budgets;
pub mod chosen_ids;
pub mod configuration;
pub mod credentials;
pub mod deployments;
pub mod dry_run;
pub mod end_users;
pub mod forecasts;
pub mod grants;
pub mod health;
pub mod invitations;
pub mod keys;
pub mod levels;
pub mod lockout;
pub mod members;
pub mod narrowing;
pub mod organizations;
pub mod orphans;
pub mod passwords;
pub mod projects;
pub mod pulse;
pub mod repricing;
pub mod requests;
pub mod sealing;
pub mod service_accounts;
pub mod sessions;
pub mod setup;
pub mod sign_in;
pub mod single_sign_on;
pub mod spend;
pub mod tags;
pub mod teams;
pub mod templates;
pub mod tries;
pub mod usage;
pub mod users;
