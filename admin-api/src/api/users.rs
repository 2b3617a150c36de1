//! `/api/v1/users`.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use domain::ids::UserId;
use domain::members::Member;
use domain::money::NanoUsd;
use domain::permissions::PlatformRole;
use domain::spend::{ScopeKind, SpendScope};
use domain::users::User;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::acting::{Acting, Permission, may};
use crate::actions::users::{self, Changes, NewUser};
use crate::api::members::RoleBody;
use crate::api::page::{ListQuery, Paged};
use crate::api::policy::PolicyBody;
use crate::api::{merge_patch, read};
use crate::error::{ActionError, Problem};
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

/// A role over the whole platform.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlatformRoleBody {
    /// Everything but reading what tenants say.
    PlatformAdmin,
    /// Reads everything, the audit trail above all.
    PlatformAuditor,
}

impl From<PlatformRole> for PlatformRoleBody {
    fn from(role: PlatformRole) -> Self {
        match role {
            PlatformRole::PlatformAdmin => Self::PlatformAdmin,
            PlatformRole::PlatformAuditor => Self::PlatformAuditor,
        }
    }
}

impl From<PlatformRoleBody> for PlatformRole {
    fn from(role: PlatformRoleBody) -> Self {
        match role {
            PlatformRoleBody::PlatformAdmin => Self::PlatformAdmin,
            PlatformRoleBody::PlatformAuditor => Self::PlatformAuditor,
        }
    }
}

/// What may be written of a person. Roles in organizations and teams are given there.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UserWrite {
    /// Their address; unique, in any case.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// A role over the whole platform.
    pub platform_role: Option<PlatformRoleBody>,
    /// What their own keys may do, all together.
    pub policy: PolicyBody,
    /// Whether they may do nothing.
    pub blocked: bool,
}

/// A person.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UserBody {
    /// `user_…`.
    pub id: String,
    /// The id that their maker chose; they are found by either.
    pub external_id: Option<String>,
    /// Their address.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// A role over the whole platform.
    pub platform_role: Option<PlatformRoleBody>,
    /// Their roles in organizations and teams, as far as you may see them.
    pub roles: Vec<PlaceBody>,
    /// What their own keys may do, all together.
    pub policy: PolicyBody,
    /// Whether they may do nothing.
    pub blocked: bool,
    /// Dollars as decimal text, from the beginning.
    pub spend_usd: String,
    /// When they were made, RFC 3339.
    pub created_at: String,
    /// By whom.
    pub created_by: String,
    /// When they were last changed, RFC 3339.
    pub updated_at: String,
}

/// A role, and where it holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlaceBody {
    /// In which organization.
    pub organization_id: String,
    /// In which team; null for the organization itself.
    pub team_id: Option<String>,
    /// As what.
    pub role: RoleBody,
}

impl From<&Member> for PlaceBody {
    fn from(member: &Member) -> Self {
        Self {
            organization_id: member.organization_id.to_string(),
            team_id: member.team_id.as_ref().map(ToString::to_string),
            role: member.role.into(),
        }
    }
}

/// What is shown of people beside themselves.
struct Around {
    memberships: Vec<Member>,
    spend: BTreeMap<SpendScope, NanoUsd>,
}

impl Around {
    async fn of<P: Permission>(acting: &Acting<P>, people: &[User]) -> Result<Self, ActionError> {
        let scopes: Vec<SpendScope> = people.iter().map(|user| scope(&user.id)).collect();
        Ok(Self {
            memberships: users::visible_memberships(acting, people).await?,
            spend: acting.store().spend_of(&scopes).await?,
        })
    }

    fn shown(&self, user: User) -> UserBody {
        let roles = self.memberships.iter().filter(|one| one.user_id == user.id);
        let spend = self
            .spend
            .get(&scope(&user.id))
            .copied()
            .unwrap_or_default();
        UserBody {
            roles: roles.map(PlaceBody::from).collect(),
            id: user.id.to_string(),
            external_id: user.external_id,
            email: user.email,
            name: user.name,
            platform_role: user.platform_role.map(PlatformRoleBody::from),
            policy: PolicyBody::from(&user.policy),
            blocked: user.blocked,
            spend_usd: spend.to_string(),
            created_at: user.stamps.created_at.to_rfc3339(),
            created_by: user.stamps.created_by,
            updated_at: user.stamps.updated_at.to_rfc3339(),
        }
    }
}

fn scope(id: &UserId) -> SpendScope {
    SpendScope {
        kind: ScopeKind::User,
        id: id.to_string(),
    }
}

/// A person as the actor may see them.
///
/// # Errors
/// When the store does not answer.
pub async fn shown<P: Permission>(acting: &Acting<P>, user: User) -> Result<UserBody, ActionError> {
    let around = Around::of(acting, std::slice::from_ref(&user)).await?;
    Ok(around.shown(user))
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
    .page()?;
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
