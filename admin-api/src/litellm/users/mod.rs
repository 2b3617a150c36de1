//! LiteLLM's `/user/…`.

mod change;
mod info;
mod new;
mod roles;
mod shown;

pub use self::shown::Around;

use actix_web::web;
use domain::policies::Policy;
use serde_json::{Value, json};

use crate::acting::{Acting, may};
use crate::error::{ActionError, Envelope};
use crate::fields::Fields;
use crate::litellm::{kept, policy};
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(POST "/user/new" => new::new, WriteUsers, "Makes a person, and a key unless told not to."),
    litellm_route!(POST "/user/update" => change::update, WriteUsers, "Changes a person."),
    litellm_route!(POST "/user/delete" => change::delete, WriteUsers, "Removes people with their own keys."),
    litellm_route!(GET "/user/info" => info::info, Myself, "Shows a person, oneself when nobody is named."),
    litellm_route!(GET "/user/list" => info::list, ReadUsers, "Lists people by page."),
    litellm_route!(GET "/user/available_roles" => available_roles, Myself, "Lists the roles of people."),
];

type Answer = Result<web::Json<Value>, Envelope>;

/// What LiteLLM keeps of a person and Headgate decides nothing by.
const KEPT: &[&str] = &[
    "sso_user_id",
    "allowed_cache_controls",
    "config",
    "permissions",
    "budget_fallbacks",
    "mcp_rpm_limit",
    "tag_rpm_limit",
    "guardrails",
    "policies",
    "prompts",
    "object_permission",
    "agent_id",
];

/// What bodies write of a person, new or not.
struct Written<'u> {
    email: &'u mut Option<String>,
    name: &'u mut Option<String>,
    policy: &'u mut Policy,
    blocked: &'u mut bool,
}

impl Written<'_> {
    fn apply(self, mut fields: Fields) -> Result<(), ActionError> {
        fields.text("user_email")?.set(self.email);
        fields.text("user_alias")?.set(self.name);
        fields.flag("blocked")?.replace(self.blocked);
        policy::apply(&mut fields, self.policy)?;
        kept::apply(fields, KEPT, &mut self.policy.extra);
        Ok(())
    }
}

async fn available_roles(_acting: Acting<may::Myself>) -> Answer {
    Ok(web::Json(json!({
        "proxy_admin": {
            "ui_label": "Admin (All Permissions)",
            "description": "May do everything on the platform.",
        },
        "proxy_admin_viewer": {
            "ui_label": "Admin (View Only)",
            "description": "Sees everything on the platform, the audit trail too; changes nothing.",
        },
        "org_admin": {
            "ui_label": "Organization Admin",
            "description": "Runs the organizations that they are in.",
        },
        "internal_user": {
            "ui_label": "Internal User (Create/Delete/View)",
            "description": "Makes, sees and deletes their own keys, and sees their spend.",
        },
        "internal_user_viewer": {
            "ui_label": "Internal User (View Only)",
            "description": "Sees keys and spend of their organizations; changes nothing.",
        },
    })))
}
