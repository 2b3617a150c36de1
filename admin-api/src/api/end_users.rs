//! `/api/v1/end-users`: whom callers serve, named in the request's `user`.

use actix_web::{HttpResponse, web};
use domain::end_users::EndUser;
use domain::ids::EndUserId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::page::Page;

use crate::acting::{Acting, may};
use crate::actions::end_users::{self, NewEndUser};
use crate::api::page::{ListQuery, Paged};
use crate::api::policy::PolicyBody;
use crate::api::{merge_patch, read};
use crate::error::{ActionError, Problem};
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/end-users" => list, ReadEndUsers, "Lists end users.",
        query InOrganizationQuery, answers 200 Paged<EndUserBody>),
    route!(POST "/api/v1/end-users" => create, WriteEndUsers, "Makes an end user.",
        body EndUserWrite, answers 201 EndUserBody),
    route!(GET "/api/v1/end-users/{end_user_id}" => show, ReadEndUsers, "Shows an end user.",
        answers 200 EndUserBody),
    route!(PATCH "/api/v1/end-users/{end_user_id}" => update, WriteEndUsers,
        "Changes an end user (JSON merge patch).", body EndUserPatch, answers 200 EndUserBody),
    route!(DELETE "/api/v1/end-users/{end_user_id}" => delete, WriteEndUsers,
        "Removes an end user.", answers 204),
    route!(POST "/api/v1/end-users/{end_user_id}/block" => block, WriteEndUsers,
        "Refuses an end user's requests from now on.", answers 200 EndUserBody),
    route!(POST "/api/v1/end-users/{end_user_id}/unblock" => unblock, WriteEndUsers,
        "Lets an end user's requests in again.", answers 200 EndUserBody),
];

/// The organization and the text that a list is narrowed by.
pub type Narrowed = (Option<String>, Option<String>);

/// Which part of a list of things of organizations.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct InOrganizationQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most: 1 to 200, 50 unless said.
    pub limit: Option<i64>,
    /// Only what contains this in its name or id.
    pub search: Option<String>,
    /// Only those of this organization.
    pub organization_id: Option<String>,
}

impl InOrganizationQuery {
    /// The page of a list of such ids, and what else is asked.
    ///
    /// # Errors
    /// When the limit is out of range, or the cursor none of that list.
    pub fn parts(self, is_one: fn(&str) -> bool) -> Result<(Page, Narrowed), ActionError> {
        let page = ListQuery {
            cursor: self.cursor,
            limit: self.limit,
            search: None,
        };
        Ok((page.page_of(is_one)?, (self.organization_id, self.search)))
    }
}

/// What an end user is made with.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EndUserWrite {
    /// The name that requests give them in `user`; unique in the organization.
    pub external_id: String,
    /// Whose; your organization when missing.
    pub organization_id: Option<String>,
    /// For people.
    pub name: Option<String>,
    /// What they may do.
    pub policy: PolicyBody,
    /// Whether their requests are refused.
    pub blocked: bool,
}

/// What may be changed of an end user.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EndUserPatch {
    /// For people.
    pub name: Option<String>,
    /// What they may do.
    pub policy: PolicyBody,
    /// Whether their requests are refused.
    pub blocked: bool,
}

/// An end user.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EndUserBody {
    /// `end_…`.
    pub id: String,
    /// The name that requests give them.
    pub external_id: String,
    /// Whose.
    pub organization_id: String,
    /// For people.
    pub name: Option<String>,
    /// What they may do.
    pub policy: PolicyBody,
    /// Whether their requests are refused.
    pub blocked: bool,
    /// When they were made, RFC 3339.
    pub created_at: String,
    /// By whom.
    pub created_by: String,
    /// When they were last changed, RFC 3339.
    pub updated_at: String,
}

impl From<EndUser> for EndUserBody {
    fn from(end_user: EndUser) -> Self {
        Self {
            id: end_user.id.to_string(),
            external_id: end_user.external_id,
            organization_id: end_user.organization_id.to_string(),
            name: end_user.name,
            policy: PolicyBody::from(&end_user.policy),
            blocked: end_user.blocked,
            created_at: end_user.stamps.created_at.to_rfc3339(),
            created_by: end_user.stamps.created_by,
            updated_at: end_user.stamps.updated_at.to_rfc3339(),
        }
    }
}

async fn list(
    acting: Acting<may::ReadEndUsers>,
    query: web::Query<InOrganizationQuery>,
) -> Result<web::Json<Paged<EndUserBody>>, Problem> {
    let (page, asked) = query.into_inner().parts(EndUserId::is_one)?;
    let listed = end_users::list(&acting, asked, &page).await?;
    Ok(web::Json(Paged::of(
        listed,
        |one| one.id.to_string(),
        EndUserBody::from,
    )))
}

async fn create(
    acting: Acting<may::WriteEndUsers>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let EndUserWrite {
        external_id,
        organization_id,
        name,
        policy,
        blocked,
    } = read(&body)?;
    let new = NewEndUser {
        organization_id,
        external_id,
        name,
        policy: policy.read(&Default::default())?,
        blocked,
    };
    let made = end_users::create(&acting, new).await?;
    Ok(HttpResponse::Created().json(EndUserBody::from(made)))
}

async fn show(
    acting: Acting<may::ReadEndUsers>,
    id: web::Path<String>,
) -> Result<web::Json<EndUserBody>, Problem> {
    Ok(web::Json(end_users::find(&acting, &id).await?.into()))
}

async fn update(
    acting: Acting<may::WriteEndUsers>,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<web::Json<EndUserBody>, Problem> {
    let changed = end_users::update(&acting, &id, |end_user| {
        let now = EndUserPatch {
            name: end_user.name.clone(),
            policy: PolicyBody::from(&end_user.policy),
            blocked: end_user.blocked,
        };
        let EndUserPatch {
            name,
            policy,
            blocked,
        } = merge_patch(&now, &body)?;
        end_user.policy = policy.read(&end_user.policy)?;
        end_user.name = name;
        end_user.blocked = blocked;
        Ok(())
    });
    Ok(web::Json(changed.await?.into()))
}

async fn delete(
    acting: Acting<may::WriteEndUsers>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    end_users::delete(&acting, &[id.into_inner()]).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn block(
    acting: Acting<may::WriteEndUsers>,
    id: web::Path<String>,
) -> Result<web::Json<EndUserBody>, Problem> {
    let changed = end_users::update(&acting, &id, |end_user| {
        end_user.blocked = true;
        Ok(())
    });
    Ok(web::Json(changed.await?.into()))
}

async fn unblock(
    acting: Acting<may::WriteEndUsers>,
    id: web::Path<String>,
) -> Result<web::Json<EndUserBody>, Problem> {
    let changed = end_users::update(&acting, &id, |end_user| {
        end_user.blocked = false;
        Ok(())
    });
    Ok(web::Json(changed.await?.into()))
}
