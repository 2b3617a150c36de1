//! LiteLLM's management routes with their field names, one file per noun.

pub mod activity;
pub mod audit;
pub mod budgets;
pub mod credentials;
pub mod customers;
pub mod dates;
pub mod deployments;
mod global_activity;
mod global_spend;
pub mod health;
mod invitations;
mod kept;
pub mod keys;
mod keys_of;
pub mod login;
mod member_fields;
mod names;
mod numbered;
mod organizations;
pub mod policy;
mod probes;
pub mod refusals;
mod report_names;
pub mod spend;
mod spend_calculate;
mod spend_logs;
mod spend_report;
pub mod tags;
mod teams;
mod users;
mod words;

use crate::routes::Route;

/// The routes of every noun.
pub const ROUTES: &[&[Route]] = &[
    keys::ROUTES,
    organizations::ROUTES,
    teams::ROUTES,
    users::ROUTES,
    invitations::ROUTES,
    budgets::ROUTES,
    customers::ROUTES,
    tags::ROUTES,
    credentials::ROUTES,
    deployments::ROUTES,
    health::ROUTES,
    probes::ROUTES,
    crate::metrics::ROUTES,
    spend::ROUTES,
    spend_calculate::ROUTES,
    spend_logs::ROUTES,
    spend_report::ROUTES,
    global_spend::ROUTES,
    global_activity::ROUTES,
    activity::ROUTES,
    login::ROUTES,
    audit::ROUTES,
];
