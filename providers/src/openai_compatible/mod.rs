//! Vendors that speak OpenAI's dialect at an address of their own: placeholder.

use crate::Provider;

/// Every such vendor, one line each.
pub static ALL: &[&dyn Provider] = &[];
