//! `/ui/teams`: the list, a new team, one team, its limits.

mod burn;
mod detail;
mod form;
mod list;
mod members;

use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/teams" => list::show, ReadTeams, "Teams, filtered and paged."),
    unshaped_route!(POST "/ui/teams" => form::make, CreateTeams, "Makes a team."),
    unshaped_route!(GET "/ui/teams/new" => form::ask, CreateTeams, "The form for a new team."),
    unshaped_route!(GET "/ui/teams/{team_id}" => detail::show, ReadTeams, "A team."),
    unshaped_route!(POST "/ui/teams/{team_id}" => form::update, UpdateTeams, "Changes a team."),
    unshaped_route!(GET "/ui/teams/{team_id}/edit" => form::edit, UpdateTeams, "The form for a team."),
];
