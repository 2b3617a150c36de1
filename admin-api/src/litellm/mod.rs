//! LiteLLM's management routes with their field names, one file per noun.

pub mod audit;
pub mod budgets;
pub mod credentials;
pub mod customers;
pub mod deployments;
pub mod health;
mod kept;
pub mod keys;
mod keys_of;
pub mod login;
mod member_fields;
mod names;
mod numbered;
mod organizations;
pub mod policy;
pub mod refusals;
pub mod spend;
pub mod tags;
mod teams;
mod users;

use crate::routes::Route;

/// The routes of every noun.
pub const ROUTES: &[&[Route]] = &[
    keys::ROUTES,
    organizations::ROUTES,
    teams::ROUTES,
    users::ROUTES,
    budgets::ROUTES,
    customers::ROUTES,
    tags::ROUTES,
    credentials::ROUTES,
    deployments::ROUTES,
    health::ROUTES,
    spend::ROUTES,
    login::ROUTES,
    audit::ROUTES,
];
