//! `/ui/requests`: every request, found in the database, and one with its attempts.

mod chart;
mod list;
mod one;
mod terms;

use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/requests" => list::show, ReadSpend, "Requests, filtered and paged."),
    unshaped_route!(GET "/ui/requests/{request_id}" => one::show, ReadSpend, "A request with its attempts."),
];
