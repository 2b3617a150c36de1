//! `/ui/budgets`: every budget of every level, set, changed, raised for a period, taken away.

mod find;
mod form;
mod levels;
mod list;
mod typed;
mod which;

use self::levels::{
    OfEndUsers, OfKeys, OfOrganizationMembers, OfOrganizations, OfPeople, OfProjects, OfTags,
    OfTeamMembers, OfTeams,
};
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/budgets" => list::show, ReadSpend, "Every budget, and when it runs out."),
    unshaped_route!(GET "/ui/budgets/new" => find::ask, ReadSpend, "Asks for whom a budget is set."),
    unshaped_route!(POST "/ui/budgets/new" => find::find, ReadSpend, "Leads to the budgets of a thing by its name."),
    unshaped_route!(GET "/ui/budgets/organizations/{organization_id}" => form::ask::<OfOrganizations>, UpdateOrganizations, "The form for a budget of an organization."),
    unshaped_route!(POST "/ui/budgets/organizations/{organization_id}" => form::save::<OfOrganizations>, UpdateOrganizations, "Sets a budget of an organization."),
    unshaped_route!(GET "/ui/budgets/teams/{team_id}" => form::ask::<OfTeams>, UpdateTeams, "The form for a budget of a team."),
    unshaped_route!(POST "/ui/budgets/teams/{team_id}" => form::save::<OfTeams>, UpdateTeams, "Sets a budget of a team."),
    unshaped_route!(GET "/ui/budgets/team-members/{team_id}/{user_id}" => form::ask_of::<OfTeamMembers>, WriteTeamMembers, "The form for a budget of a member of a team."),
    unshaped_route!(POST "/ui/budgets/team-members/{team_id}/{user_id}" => form::save_of::<OfTeamMembers>, WriteTeamMembers, "Sets a budget of a member of a team."),
    unshaped_route!(GET "/ui/budgets/organization-members/{organization_id}/{user_id}" => form::ask_of::<OfOrganizationMembers>, WriteOrganizationMembers, "The form for a budget of a member of an organization."),
    unshaped_route!(POST "/ui/budgets/organization-members/{organization_id}/{user_id}" => form::save_of::<OfOrganizationMembers>, WriteOrganizationMembers, "Sets a budget of a member of an organization."),
    unshaped_route!(GET "/ui/budgets/projects/{project_id}" => form::ask::<OfProjects>, WriteProjects, "The form for a budget of a project."),
    unshaped_route!(POST "/ui/budgets/projects/{project_id}" => form::save::<OfProjects>, WriteProjects, "Sets a budget of a project."),
    unshaped_route!(GET "/ui/budgets/people/{user_id}" => form::ask::<OfPeople>, WriteUsers, "The form for a budget of a person."),
    unshaped_route!(POST "/ui/budgets/people/{user_id}" => form::save::<OfPeople>, WriteUsers, "Sets a budget of a person."),
    unshaped_route!(GET "/ui/budgets/keys/{key_id}" => form::ask::<OfKeys>, WriteKeys, "The form for a budget of a key."),
    unshaped_route!(POST "/ui/budgets/keys/{key_id}" => form::save::<OfKeys>, WriteKeys, "Sets a budget of a key."),
    unshaped_route!(GET "/ui/budgets/end-users/{end_user_id:.*}" => form::ask::<OfEndUsers>, WriteEndUsers, "The form for a budget of an end user."),
    unshaped_route!(POST "/ui/budgets/end-users/{end_user_id:.*}" => form::save::<OfEndUsers>, WriteEndUsers, "Sets a budget of an end user."),
    unshaped_route!(GET "/ui/budgets/tags/{tag_id:.*}" => form::ask::<OfTags>, WriteEndUsers, "The form for a budget of a tag."),
    unshaped_route!(POST "/ui/budgets/tags/{tag_id:.*}" => form::save::<OfTags>, WriteEndUsers, "Sets a budget of a tag."),
];
