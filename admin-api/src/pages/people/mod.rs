//! `/ui/people`: the list, one person, their roles, what is done to them.
//!
//! Invitations and links for a new password have their place beside [`stop`], in [`detail`]'s actions.

mod detail;
mod form;
mod list;
mod places;
mod presence;
mod stop;

pub(in crate::pages) use self::list::name;
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/people" => list::show, ReadUsers, "People, filtered and paged."),
    unshaped_route!(POST "/ui/people" => form::make, WriteUsers, "Makes a person."),
    unshaped_route!(GET "/ui/people/new" => form::ask, WriteUsers, "The form for a new person."),
    unshaped_route!(GET "/ui/people/{user_id}" => detail::show, ReadUsers, "A person."),
    unshaped_route!(POST "/ui/people/{user_id}" => form::update, WriteUsers, "Changes a person."),
    unshaped_route!(GET "/ui/people/{user_id}/edit" => form::edit, WriteUsers, "The form for a person."),
    unshaped_route!(GET "/ui/people/{user_id}/deactivate" => stop::ask_block, WriteUsers, "Asks whether to deactivate a person, and to whom their keys go."),
    unshaped_route!(POST "/ui/people/{user_id}/deactivate" => stop::block, WriteUsers, "Hands a person's keys over where that is asked for, and deactivates them."),
    unshaped_route!(POST "/ui/people/{user_id}/activate" => stop::unblock, WriteUsers, "Activates a person."),
    unshaped_route!(GET "/ui/people/{user_id}/delete" => stop::ask_delete, WriteUsers, "Asks whether to delete a person."),
    unshaped_route!(POST "/ui/people/{user_id}/delete" => stop::delete, WriteUsers, "Deletes a person and their own keys."),
    unshaped_route!(GET "/ui/people/{user_id}/places/new" => places::ask, WriteUsers, "The form for a role somewhere."),
    unshaped_route!(POST "/ui/people/{user_id}/places" => places::put, WriteUsers, "Gives a person a role somewhere."),
    unshaped_route!(GET "/ui/people/{user_id}/teams/{team_id}/remove" => places::ask_remove, WriteUsers, "Asks whether to take somebody out of a team."),
    unshaped_route!(POST "/ui/people/{user_id}/teams/{team_id}/remove" => places::remove, WriteUsers, "Takes somebody out of a team; their keys of it end."),
    unshaped_route!(GET "/ui/people/{user_id}/orgs/{organization_id}/remove" => places::ask_remove, WriteUsers, "Asks whether to take somebody out of an organization."),
    unshaped_route!(POST "/ui/people/{user_id}/orgs/{organization_id}/remove" => places::remove, WriteUsers, "Takes somebody out of an organization; their keys of it end."),
];
