//! LiteLLM's management routes with their field names, one file per noun.

mod kept;
pub mod keys;
mod keys_of;
mod member_fields;
mod names;
mod numbered;
mod organizations;
pub mod policy;
mod teams;
mod users;

use crate::routes::Route;

/// The routes of every noun.
pub const ROUTES: &[&[Route]] = &[
    keys::ROUTES,
    organizations::ROUTES,
    teams::ROUTES,
    users::ROUTES,
];
