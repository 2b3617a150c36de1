//! `/ui/teams`: the list, a new team, one team, its limits.

mod burn;
mod detail;
mod form;
mod list;
mod member_form;
mod members;
mod stop;

use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/teams" => list::show, ReadTeams, "Teams, filtered and paged."),
    unshaped_route!(POST "/ui/teams" => form::make, CreateTeams, "Makes a team."),
    unshaped_route!(GET "/ui/teams/new" => form::ask, CreateTeams, "The form for a new team."),
    unshaped_route!(GET "/ui/teams/{team_id}" => detail::show, ReadTeams, "A team."),
    unshaped_route!(POST "/ui/teams/{team_id}" => form::update, UpdateTeams, "Changes a team."),
    unshaped_route!(GET "/ui/teams/{team_id}/edit" => form::edit, UpdateTeams, "The form for a team."),
    unshaped_route!(GET "/ui/teams/{team_id}/block" => stop::ask_block, UpdateTeams, "Asks whether to block a team."),
    unshaped_route!(POST "/ui/teams/{team_id}/block" => stop::block, UpdateTeams, "Blocks a team."),
    unshaped_route!(POST "/ui/teams/{team_id}/unblock" => stop::unblock, UpdateTeams, "Unblocks a team."),
    unshaped_route!(GET "/ui/teams/{team_id}/delete" => stop::ask_delete, CreateTeams, "Asks whether to delete a team."),
    unshaped_route!(POST "/ui/teams/{team_id}/delete" => stop::delete, CreateTeams, "Deletes a team and all that is in it."),
    unshaped_route!(GET "/ui/teams/{team_id}/members/new" => member_form::ask_add, WriteTeamMembers, "The form for a new member."),
    unshaped_route!(POST "/ui/teams/{team_id}/members" => member_form::add, WriteTeamMembers, "Adds a member."),
    unshaped_route!(GET "/ui/teams/{team_id}/members/{user_id}" => member_form::ask_change, WriteTeamMembers, "The form for a member."),
    unshaped_route!(POST "/ui/teams/{team_id}/members/{user_id}" => member_form::change, WriteTeamMembers, "Changes a member."),
    unshaped_route!(GET "/ui/teams/{team_id}/members/{user_id}/remove" => member_form::ask_remove, WriteTeamMembers, "Asks whether to remove a member."),
    unshaped_route!(POST "/ui/teams/{team_id}/members/{user_id}/remove" => member_form::remove, WriteTeamMembers, "Removes a member; their keys of the team end."),
];
