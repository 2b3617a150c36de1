//! `/ui/templates`: what keys of an environment get, and the most they may have.

mod form;
mod list;

use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/templates" => list::show, ReadTemplates, "Policy templates."),
    unshaped_route!(POST "/ui/templates" => form::make, WriteTemplates, "Makes a policy template."),
    unshaped_route!(GET "/ui/templates/new" => form::ask, WriteTemplates, "The form for a new policy template."),
    unshaped_route!(POST "/ui/templates/{template_id}" => form::update, WriteTemplates, "Changes a policy template."),
    unshaped_route!(GET "/ui/templates/{template_id}/edit" => form::edit, WriteTemplates, "The form for a policy template."),
    unshaped_route!(GET "/ui/templates/{template_id}/delete" => form::ask_delete, WriteTemplates, "Asks whether to delete a policy template."),
    unshaped_route!(POST "/ui/templates/{template_id}/delete" => form::delete, WriteTemplates, "Deletes a policy template."),
];
