//! `/api/v1/tags`: words on requests, with budgets.

use actix_web::{HttpResponse, web};
use domain::ids::TagId;
use domain::tags::Tag;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::acting::{Acting, may};
use crate::actions::tags::{self, NewTag};
use crate::api::end_users::InOrganizationQuery;
use crate::api::page::Paged;
use crate::api::policy::PolicyBody;
use crate::api::{merge_patch, read};
use crate::error::Problem;
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/tags" => list, ReadEndUsers, "Lists tags.",
        query InOrganizationQuery, answers 200 Paged<TagBody>),
    route!(POST "/api/v1/tags" => create, WriteEndUsers, "Makes a tag.",
        body TagWrite, answers 201 TagBody),
    route!(GET "/api/v1/tags/{tag_id}" => show, ReadEndUsers, "Shows a tag.", answers 200 TagBody),
    route!(PATCH "/api/v1/tags/{tag_id}" => update, WriteEndUsers,
        "Changes a tag (JSON merge patch).", body TagPatch, answers 200 TagBody),
    route!(DELETE "/api/v1/tags/{tag_id}" => delete, WriteEndUsers, "Removes a tag.", answers 204),
];

/// What a tag is made with.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TagWrite {
    /// The word; unique in the organization.
    pub name: String,
    /// Whose; your organization when missing.
    pub organization_id: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// What requests with it may do.
    pub policy: PolicyBody,
}

/// What may be changed of a tag.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TagPatch {
    /// For people.
    pub description: Option<String>,
    /// What requests with it may do.
    pub policy: PolicyBody,
}

/// A tag.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TagBody {
    /// `tag_…`.
    pub id: String,
    /// The word.
    pub name: String,
    /// Whose.
    pub organization_id: String,
    /// For people.
    pub description: Option<String>,
    /// What requests with it may do.
    pub policy: PolicyBody,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// By whom.
    pub created_by: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
}

impl From<Tag> for TagBody {
    fn from(tag: Tag) -> Self {
        Self {
            id: tag.id.to_string(),
            name: tag.name,
            organization_id: tag.organization_id.to_string(),
            description: tag.description,
            policy: PolicyBody::from(&tag.policy),
            created_at: tag.stamps.created_at.to_rfc3339(),
            created_by: tag.stamps.created_by,
            updated_at: tag.stamps.updated_at.to_rfc3339(),
        }
    }
}

async fn list(
    acting: Acting<may::ReadEndUsers>,
    query: web::Query<InOrganizationQuery>,
) -> Result<web::Json<Paged<TagBody>>, Problem> {
    let (page, asked) = query.into_inner().parts(TagId::is_one)?;
    let listed = tags::list(&acting, asked, &page).await?;
    Ok(web::Json(Paged::of(
        listed,
        |one| one.id.to_string(),
        TagBody::from,
    )))
}

async fn create(
    acting: Acting<may::WriteEndUsers>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let TagWrite {
        name,
        organization_id,
        description,
        policy,
    } = read(&body)?;
    let new = NewTag {
        organization_id,
        name,
        description,
        policy: policy.read(&Default::default())?,
    };
    let made = tags::create(&acting, new).await?;
    Ok(HttpResponse::Created().json(TagBody::from(made)))
}

async fn show(
    acting: Acting<may::ReadEndUsers>,
    id: web::Path<String>,
) -> Result<web::Json<TagBody>, Problem> {
    Ok(web::Json(tags::find(&acting, &id).await?.into()))
}

async fn update(
    acting: Acting<may::WriteEndUsers>,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<web::Json<TagBody>, Problem> {
    let changed = tags::update(&acting, &id, |tag| {
        let now = TagPatch {
            description: tag.description.clone(),
            policy: PolicyBody::from(&tag.policy),
        };
        let TagPatch {
            description,
            policy,
        } = merge_patch(&now, &body)?;
        tag.policy = policy.read(&tag.policy)?;
        tag.description = description;
        Ok(())
    });
    Ok(web::Json(changed.await?.into()))
}

async fn delete(
    acting: Acting<may::WriteEndUsers>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    tags::delete(&acting, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}
