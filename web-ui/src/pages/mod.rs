//! The pages, one value each: what a template shows, as ready texts.

pub mod alerts;
pub mod audit;
pub mod budgets;
pub mod deployments;
pub mod dialogs;
pub mod dry_run;
pub mod entry;
pub mod fault;
pub mod invitations;
pub mod key_forms;
pub mod keys;
pub mod overview;
pub mod own;
pub mod parts;
pub mod people;
pub mod policy_templates;
pub mod requests;
pub mod shared_budgets;
pub mod snippets;
pub mod teams;
pub mod usage;
