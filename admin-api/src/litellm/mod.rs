//! LiteLLM's management routes with their field names, one file per noun.

pub mod budgets;
pub mod credentials;
pub mod customers;
pub mod health;
pub mod models;
pub mod policy;
pub mod refusals;
pub mod spend;
pub mod tags;

use crate::routes::Route;

/// The routes of every noun.
pub const ROUTES: &[&[Route]] = &[
    budgets::ROUTES,
    customers::ROUTES,
    tags::ROUTES,
    credentials::ROUTES,
    models::ROUTES,
    health::ROUTES,
    spend::ROUTES,
];
