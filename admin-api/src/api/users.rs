//! `/api/v1/users`.

use actix_web::{HttpResponse, web};
use domain::ids::UserId;
use domain::permissions::PlatformRole;
use domain::users::User;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::acting::{Acting, may};
use crate::actions::users::{self, Changes, NewUser};
use crate::api::page::{ListQuery, Paged};
use crate::api::policy::PolicyBody;
use crate::api::user_shapes::{Around, PlatformRoleBody, UserBody, UserWrite, shown};
use crate::api::{merge_patch, read};
use crate::error::Problem;
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/users" => list, ReadUsers, "Lists people.",
        query UsersQuery, answers 200 Paged<UserBody>),
    route!(POST "/api/v1/users" => create, WriteUsers, "Makes a person.",
        body UserWrite, answers 201 UserBody),
    route!(GET "/api/v1/users/{user_id}" => show, ReadUsers, "Shows a person.",
        answers 200 UserBody),
    route!(PATCH "/api/v1/users/{user_id}" => update, WriteUsers,
        "Changes a person (JSON merge patch).", body UserWrite, answers 200 UserBody),
    route!(DELETE "/api/v1/users/{user_id}" => delete, WriteUsers,
        "Removes a person with their own keys, memberships and sessions.", answers 204),
    route!(POST "/api/v1/users/{user_id}/block" => block, WriteUsers,
        "Blocks a person: neither they nor their keys get in.", answers 200 UserBody),
    route!(POST "/api/v1/users/{user_id}/unblock" => unblock, WriteUsers,
        "Takes the block of a person away.", answers 200 UserBody),
];

/// Which people.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct UsersQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most: 1 to 200, 50 unless said.
    pub limit: Option<i64>,
    /// Only those whose address, name or id contains this.
    pub search: Option<String>,
    /// Only those with this role over the platform.
    pub platform_role: Option<PlatformRoleBody>,
    /// Only those in this organization or one of its teams.
    pub organization_id: Option<String>,
    /// Only those in this team.
    pub team_id: Option<String>,
}

async fn list(
    acting: Acting<may::ReadUsers>,
    query: web::Query<UsersQuery>,
) -> Result<web::Json<Paged<UserBody>>, Problem> {
    let UsersQuery {
        cursor,
        limit,
        search,
        platform_role,
        organization_id,
        team_id,
    } = query.into_inner();
    let page = ListQuery {
        cursor,
        limit,
        search: None,
    }
    .page_of(UserId::is_one)?;
    let (organization, team) = (organization_id.as_deref(), team_id.as_deref());
    let Some(mut filter) = users::filtered(&acting, organization, team).await? else {
        return Ok(web::Json(Paged {
            items: Vec::new(),
            next_cursor: None,
        }));
    };
    filter.search = search;
    filter.platform_role = platform_role.map(PlatformRole::from);
    let listed = users::list(&acting, filter, &page).await?;
    let around = Around::of(&acting, &listed.items).await?;
    let id = |user: &User| user.id.to_string();
    Ok(web::Json(Paged::of(listed, id, |user| around.shown(user))))
}

async fn create(
    acting: Acting<may::WriteUsers>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let UserWrite {
        email,
        name,
        platform_role,
        policy,
        blocked,
    } = read(&body)?;
    let new = NewUser {
        email,
        name,
        platform_role: platform_role.map(PlatformRole::from),
        policy: policy.read(&Default::default())?,
        blocked,
        ..NewUser::default()
    };
    let made = users::create(&acting, new).await?;
    Ok(HttpResponse::Created().json(shown(&acting, made.user).await?))
}

async fn show(
    acting: Acting<may::ReadUsers>,
    id: web::Path<String>,
) -> Result<web::Json<UserBody>, Problem> {
    let user = users::find(&acting, &id).await?;
    Ok(web::Json(shown(&acting, user).await?))
}

async fn update(
    acting: Acting<may::WriteUsers>,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<web::Json<UserBody>, Problem> {
    let changed = users::update(&acting, &id, Changes::default(), |user| {
        let now = UserWrite {
            email: user.email.clone(),
            name: user.name.clone(),
            platform_role: user.platform_role.map(PlatformRoleBody::from),
            policy: PolicyBody::from(&user.policy),
            blocked: user.blocked,
        };
        let UserWrite {
            email,
            name,
            platform_role,
            policy,
            blocked,
        } = merge_patch(&now, &body)?;
        user.policy = policy.read(&user.policy)?;
        user.email = email;
        user.name = name;
        user.platform_role = platform_role.map(PlatformRole::from);
        user.blocked = blocked;
        Ok(())
    });
    let (user, _members) = changed.await?;
    Ok(web::Json(shown(&acting, user).await?))
}

async fn delete(
    acting: Acting<may::WriteUsers>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    users::delete(&acting, &[id.into_inner()]).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn block(
    acting: Acting<may::WriteUsers>,
    id: web::Path<String>,
) -> Result<web::Json<UserBody>, Problem> {
    let user = users::set_blocked(&acting, &id, true).await?;
    Ok(web::Json(shown(&acting, user).await?))
}

async fn unblock(
    acting: Acting<may::WriteUsers>,
    id: web::Path<String>,
) -> Result<web::Json<UserBody>, Problem> {
    let user = users::set_blocked(&acting, &id, false).await?;
    Ok(web::Json(shown(&acting, user).await?))
}
