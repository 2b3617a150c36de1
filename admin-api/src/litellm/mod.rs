//! LiteLLM's management routes with their field names, one file per noun.

pub mod keys;
pub mod policy;

use crate::routes::Route;

/// The routes of every noun.
pub const ROUTES: &[&[Route]] = &[keys::ROUTES];
