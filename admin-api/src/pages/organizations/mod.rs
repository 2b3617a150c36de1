//! `/ui/orgs`: tenants, made, limited, blocked, removed.

mod form;
mod list;
mod stop;

use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/orgs" => list::show, ReadOrganizations, "Organizations."),
    unshaped_route!(POST "/ui/orgs" => form::make, CreateOrganizations, "Makes an organization."),
    unshaped_route!(GET "/ui/orgs/new" => form::ask, CreateOrganizations, "The form for a new organization."),
    unshaped_route!(POST "/ui/orgs/{organization_id}" => form::update, UpdateOrganizations, "Changes an organization."),
    unshaped_route!(GET "/ui/orgs/{organization_id}/edit" => form::edit, UpdateOrganizations, "The form for an organization."),
    unshaped_route!(GET "/ui/orgs/{organization_id}/block" => stop::ask_block, UpdateOrganizations, "Asks whether to block an organization."),
    unshaped_route!(POST "/ui/orgs/{organization_id}/block" => stop::block, UpdateOrganizations, "Blocks an organization."),
    unshaped_route!(POST "/ui/orgs/{organization_id}/unblock" => stop::unblock, UpdateOrganizations, "Unblocks an organization."),
    unshaped_route!(GET "/ui/orgs/{organization_id}/delete" => stop::ask_delete, CreateOrganizations, "Asks whether to delete an organization."),
    unshaped_route!(POST "/ui/orgs/{organization_id}/delete" => stop::delete, CreateOrganizations, "Deletes an organization in which nothing is."),
];
