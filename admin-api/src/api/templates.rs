//! `/api/v1/templates`.

use actix_web::{HttpResponse, web};
use domain::ids::TemplateId;
use domain::templates::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::acting::{Acting, may};
use crate::actions::templates::{self, NewTemplate};
use crate::api::page::{ListQuery, Paged};
use crate::api::policy::PolicyBody;
use crate::api::{merge_patch, read};
use crate::error::{ActionError, Problem};
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/templates" => list, ReadTemplates, "Lists policy templates.",
        query TemplateQuery, answers 200 Paged<TemplateBody>),
    route!(POST "/api/v1/templates" => create, WriteTemplates, "Makes a policy template.",
        body TemplateCreate, answers 201 TemplateBody),
    route!(GET "/api/v1/templates/{template_id}" => show, ReadTemplates, "Shows a policy template.",
        answers 200 TemplateBody),
    route!(PATCH "/api/v1/templates/{template_id}" => update, WriteTemplates,
        "Changes a policy template (JSON merge patch); keys that exist stay as they are.",
        body TemplateWrite, answers 200 TemplateBody),
    route!(DELETE "/api/v1/templates/{template_id}" => delete, WriteTemplates,
        "Removes a policy template; keys that exist stay as they are.", answers 204),
];

/// Which templates.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct TemplateQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most: 1 to 200, 50 unless said.
    pub limit: Option<i64>,
    /// Those of this organization.
    pub organization_id: Option<String>,
}

/// With what a template is made.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TemplateCreate {
    /// Whose keys it is for; your only organization when missing.
    pub organization_id: Option<String>,
    /// Keys of this environment; null means of every one that has no template of its own.
    pub environment: Option<String>,
    /// For people.
    pub name: String,
    /// What a new key gets where its maker says nothing.
    pub defaults: PolicyBody,
    /// The expiry of a new key whose maker says nothing: `90d`.
    pub default_lifetime: Option<String>,
    /// The most that a maker may ask for: more is refused.
    pub caps: PolicyBody,
    /// The longest life that a maker may ask for: `90d`.
    pub longest_lifetime: Option<String>,
}

/// What may be changed of a template.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TemplateWrite {
    /// Keys of this environment.
    pub environment: Option<String>,
    /// For people.
    pub name: String,
    /// What a new key gets where its maker says nothing.
    pub defaults: PolicyBody,
    /// The expiry of a new key whose maker says nothing.
    pub default_lifetime: Option<String>,
    /// The most that a maker may ask for.
    pub caps: PolicyBody,
    /// The longest life that a maker may ask for.
    pub longest_lifetime: Option<String>,
}

/// A template.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TemplateBody {
    /// `tpl_…`.
    pub id: String,
    /// Whose keys it is for.
    pub organization_id: String,
    /// Keys of this environment; null means of every one that has no template of its own.
    pub environment: Option<String>,
    /// For people.
    pub name: String,
    /// What a new key gets where its maker says nothing.
    pub defaults: PolicyBody,
    /// The expiry of a new key whose maker says nothing.
    pub default_lifetime: Option<String>,
    /// The most that a maker may ask for.
    pub caps: PolicyBody,
    /// The longest life that a maker may ask for.
    pub longest_lifetime: Option<String>,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// By whom.
    pub created_by: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
}

impl From<&Template> for TemplateWrite {
    fn from(template: &Template) -> Self {
        Self {
            environment: template.environment.clone(),
            name: template.name.clone(),
            defaults: PolicyBody::from(&template.defaults),
            default_lifetime: template.default_lifetime.clone(),
            caps: PolicyBody::from(&template.caps),
            longest_lifetime: template.longest_lifetime.clone(),
        }
    }
}

impl From<Template> for TemplateBody {
    fn from(template: Template) -> Self {
        Self {
            id: template.id.to_string(),
            organization_id: template.organization_id.to_string(),
            environment: template.environment,
            name: template.name,
            defaults: PolicyBody::from(&template.defaults),
            default_lifetime: template.default_lifetime,
            caps: PolicyBody::from(&template.caps),
            longest_lifetime: template.longest_lifetime,
            created_at: template.stamps.created_at.to_rfc3339(),
            created_by: template.stamps.created_by,
            updated_at: template.stamps.updated_at.to_rfc3339(),
        }
    }
}

impl TemplateWrite {
    fn put_into(self, template: &mut Template) -> Result<(), ActionError> {
        template.environment = self.environment;
        template.name = self.name;
        template.defaults = self.defaults.read(&template.defaults)?;
        template.default_lifetime = self.default_lifetime;
        template.caps = self.caps.read(&template.caps)?;
        template.longest_lifetime = self.longest_lifetime;
        Ok(())
    }
}

async fn list(
    acting: Acting<may::ReadTemplates>,
    query: web::Query<TemplateQuery>,
) -> Result<web::Json<Paged<TemplateBody>>, Problem> {
    let TemplateQuery {
        cursor,
        limit,
        organization_id,
    } = query.into_inner();
    let page = ListQuery {
        cursor,
        limit,
        search: None,
    };
    let listed = templates::list(
        &acting,
        organization_id.as_deref(),
        &page.page_of(TemplateId::is_one)?,
    )
    .await?;
    Ok(web::Json(Paged::of(
        listed,
        |one| one.id.to_string(),
        TemplateBody::from,
    )))
}

async fn create(
    acting: Acting<may::WriteTemplates>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let TemplateCreate {
        organization_id,
        environment,
        name,
        defaults,
        default_lifetime,
        caps,
        longest_lifetime,
    } = read(&body)?;
    let new = NewTemplate {
        organization_id,
        environment,
        name,
        defaults: defaults.read(&Default::default())?,
        default_lifetime,
        caps: caps.read(&Default::default())?,
        longest_lifetime,
    };
    let made = templates::create(&acting, new).await?;
    Ok(HttpResponse::Created().json(TemplateBody::from(made)))
}

async fn show(
    acting: Acting<may::ReadTemplates>,
    id: web::Path<String>,
) -> Result<web::Json<TemplateBody>, Problem> {
    Ok(web::Json(templates::find(&acting, &id).await?.into()))
}

async fn update(
    acting: Acting<may::WriteTemplates>,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<web::Json<TemplateBody>, Problem> {
    let changed = templates::update(&acting, &id, |template| {
        merge_patch(&TemplateWrite::from(&*template), &body)?.put_into(template)
    });
    Ok(web::Json(changed.await?.into()))
}

async fn delete(
    acting: Acting<may::WriteTemplates>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    templates::delete(&acting, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}
