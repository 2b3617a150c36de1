//! LiteLLM's `/organization/…`.

mod info;
mod members;
mod shown;

use actix_web::web;
use domain::policies::Policy;
use serde_json::Value;

use crate::acting::{Acting, may};
use crate::actions::organizations::{self, NewOrganization};
use crate::error::{ActionError, Envelope};
use crate::fields::{Fields, Given};
use crate::litellm::{kept, policy};
use crate::routes::{Route, litellm_route};

use self::shown::Around;

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(POST "/organization/new" => new, CreateOrganizations, "Makes an organization."),
    litellm_route!(PATCH "/organization/update" => update, UpdateOrganizations, "Changes an organization."),
    litellm_route!(DELETE "/organization/delete" => delete, CreateOrganizations, "Removes empty organizations."),
    litellm_route!(GET "/organization/info" => info::info, ReadOrganizations, "Shows an organization with its members and teams."),
    litellm_route!(POST "/organization/info" => info::several, ReadOrganizations, "Shows several organizations."),
    litellm_route!(GET "/organization/list" => info::list, ReadOrganizations, "Lists organizations."),
    litellm_route!(POST "/organization/member_add" => members::add, WriteOrganizationMembers, "Makes people members of an organization."),
    litellm_route!(PATCH "/organization/member_update" => members::update, WriteOrganizationMembers, "Changes a member of an organization."),
    litellm_route!(DELETE "/organization/member_delete" => members::delete, WriteOrganizationMembers, "Takes somebody out of an organization and its teams."),
];

type Answer = Result<web::Json<Value>, Envelope>;

/// What LiteLLM keeps of an organization and Headgate decides nothing by.
const KEPT: &[&str] = &["object_permission"];

/// What bodies write of an organization, new or not.
fn apply(mut fields: Fields, name: &mut String, policy: &mut Policy) -> Result<(), ActionError> {
    fields.text("organization_alias")?.replace(name);
    // The models of LiteLLM's budget hold beside those of the organization.
    let most = fields.texts("allowed_models")?;
    policy::apply(&mut fields, policy)?;
    if let Given::Value(most) = most {
        if policy.models.is_empty() {
            policy.models = most;
        } else if !most.is_empty() {
            policy.models.retain(|model| most.contains(model));
        }
    }
    kept::apply(fields, KEPT, &mut policy.extra);
    Ok(())
}

async fn new(acting: Acting<may::CreateOrganizations>, body: web::Bytes) -> Answer {
    let mut fields = Fields::read(&body)?;
    let mut new = NewOrganization {
        external_id: fields
            .text("organization_id")?
            .value()
            .filter(|id| !id.is_empty()),
        name: fields.required("organization_alias")?,
        time_zone: fields.text("time_zone")?.value(),
        policy: Policy::default(),
    };
    apply(fields, &mut new.name, &mut new.policy)?;
    let made = organizations::create(&acting, new).await?;
    let around = Around::of(&acting, std::slice::from_ref(&made)).await?;
    Ok(web::Json(around.shown(&made)))
}

async fn update(acting: Acting<may::UpdateOrganizations>, body: web::Bytes) -> Answer {
    let mut fields = Fields::read(&body)?;
    let id = fields.required("organization_id")?;
    let zone = fields.text("time_zone")?;
    let blocked = fields.flag("blocked")?;
    let changed = organizations::update(&acting, &id, |organization| {
        if let Given::Value(zone) = zone {
            organization.time_zone = zone;
        }
        blocked.replace(&mut organization.blocked);
        apply(fields, &mut organization.name, &mut organization.policy)
    });
    let changed = changed.await?;
    let around = Around::of(&acting, std::slice::from_ref(&changed)).await?;
    Ok(web::Json(around.shown(&changed)))
}

async fn delete(acting: Acting<may::CreateOrganizations>, body: web::Bytes) -> Answer {
    let mut fields = Fields::read(&body)?;
    let mut ids = fields
        .texts("organization_ids")?
        .value()
        .unwrap_or_default();
    ids.extend(fields.text("organization_id")?.value());
    let gone = organizations::delete(&acting, &ids).await?;
    let around = Around::of(&acting, &gone).await?;
    Ok(web::Json(
        gone.iter().map(|one| around.shown(one)).collect(),
    ))
}
