//! `/ui/requests`: every request, found in the database, and one with its attempts.

mod chart;
mod list;
mod one;
mod tail;
mod terms;
mod totals;

pub(super) use self::tail::address as tail;

use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/requests" => list::show, ReadSpend, "Requests, filtered and paged."),
    unshaped_route!(GET "/ui/requests/tail" => tail::follow, ReadSpend, "Requests while they end, as a stream of rows."),
    unshaped_route!(GET "/ui/requests/{request_id}" => one::show, ReadSpend, "A request with its attempts."),
];
