//! `/api/v1/organizations/{id}/members` and `/api/v1/teams/{id}/members`.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use domain::ids::UserId;
use domain::members::Member;
use domain::permissions::Role;
use domain::users::User;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::acting::{Acting, Permission, may};
use crate::actions::members::{self, NewMember, Person};
use crate::actions::users;
use crate::api::policy::PolicyBody;
use crate::api::read;
use crate::error::{ActionError, Problem};
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/organizations/{organization_id}/members" => list_of_organization, ReadMembers,
        "Lists who is in an organization itself.", answers 200 MembersBody),
    route!(PUT "/api/v1/organizations/{organization_id}/members/{user_id}" => put_in_organization,
        WriteOrganizationMembers, "Gives somebody a role in an organization.",
        body MemberWrite, answers 200 MemberBody),
    route!(DELETE "/api/v1/organizations/{organization_id}/members/{user_id}" => remove_from_organization,
        WriteOrganizationMembers, "Takes somebody out of an organization and its teams; their keys of it end.",
        answers 204),
    route!(GET "/api/v1/teams/{team_id}/members" => list_of_team, ReadMembers,
        "Lists who is in a team.", answers 200 MembersBody),
    route!(PUT "/api/v1/teams/{team_id}/members/{user_id}" => put_in_team, WriteTeamMembers,
        "Gives somebody a role in a team.", body MemberWrite, answers 200 MemberBody),
    route!(DELETE "/api/v1/teams/{team_id}/members/{user_id}" => remove_from_team, WriteTeamMembers,
        "Takes somebody out of a team; their keys of it end.", answers 204),
];

/// A role in an organization or a team.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleBody {
    /// Runs an organization.
    OrganizationAdmin,
    /// Runs a team.
    TeamAdmin,
    /// Has keys of their own.
    Member,
    /// Looks.
    Viewer,
}

impl From<Role> for RoleBody {
    fn from(role: Role) -> Self {
        match role {
            Role::OrganizationAdmin => Self::OrganizationAdmin,
            Role::TeamAdmin => Self::TeamAdmin,
            Role::Member => Self::Member,
            Role::Viewer => Self::Viewer,
        }
    }
}

impl From<RoleBody> for Role {
    fn from(role: RoleBody) -> Self {
        match role {
            RoleBody::OrganizationAdmin => Self::OrganizationAdmin,
            RoleBody::TeamAdmin => Self::TeamAdmin,
            RoleBody::Member => Self::Member,
            RoleBody::Viewer => Self::Viewer,
        }
    }
}

/// What may be written of a member. The person stands in the path: by their id, the id that their
/// maker chose, or their email address; a person with an unknown address is made.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MemberWrite {
    /// As what; what they are, when it is not said, and `member` for somebody new.
    pub role: Option<RoleBody>,
    /// What they may spend here; stays as it is when it is not said.
    pub policy: Option<PolicyBody>,
}

/// A member.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MemberBody {
    /// In which organization.
    pub organization_id: String,
    /// In which team; null for the organization itself.
    pub team_id: Option<String>,
    /// Who.
    pub user_id: String,
    /// Their address.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// As what.
    pub role: RoleBody,
    /// What they may spend here.
    pub policy: PolicyBody,
    /// Since when, RFC 3339.
    pub created_at: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
}

/// Members, the longest standing first.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MembersBody {
    /// The members.
    pub items: Vec<MemberBody>,
}

impl MemberBody {
    fn of(member: Member, user: Option<&User>) -> Self {
        Self {
            organization_id: member.organization_id.to_string(),
            team_id: member.team_id.map(|id| id.to_string()),
            user_id: member.user_id.to_string(),
            email: user.and_then(|user| user.email.clone()),
            name: user.and_then(|user| user.name.clone()),
            role: member.role.into(),
            policy: PolicyBody::from(&member.policy),
            created_at: member.stamps.created_at.to_rfc3339(),
            updated_at: member.stamps.updated_at.to_rfc3339(),
        }
    }
}

async fn shown<P: Permission>(
    acting: &Acting<P>,
    members: Vec<Member>,
) -> Result<MembersBody, ActionError> {
    let people: BTreeMap<UserId, User> = users::of_members(acting, &members).await?;
    let items = members.into_iter().map(|member| {
        let user = people.get(&member.user_id);
        MemberBody::of(member, user)
    });
    Ok(MembersBody {
        items: items.collect(),
    })
}

async fn list_of_organization(
    acting: Acting<may::ReadMembers>,
    id: web::Path<String>,
) -> Result<web::Json<MembersBody>, Problem> {
    let (_organization, members) = members::of_organization(&acting, &id).await?;
    Ok(web::Json(shown(&acting, members).await?))
}

async fn list_of_team(
    acting: Acting<may::ReadMembers>,
    id: web::Path<String>,
) -> Result<web::Json<MembersBody>, Problem> {
    let (_team, members) = members::of_team(&acting, &id).await?;
    Ok(web::Json(shown(&acting, members).await?))
}

fn asked(user_id: &str, body: &[u8]) -> Result<Vec<NewMember>, ActionError> {
    let MemberWrite { role, policy } = read(body)?;
    let policy = policy.map(|policy| policy.read(&Default::default()));
    Ok(vec![NewMember {
        person: Person::named(user_id),
        role: role.map(Role::from),
        policy: policy.transpose()?,
    }])
}

/// The one member of an answer.
fn only(written: Vec<(User, Member)>) -> Result<web::Json<MemberBody>, Problem> {
    let one = written.into_iter().next();
    let (user, member) = one
        .ok_or_else(|| ActionError::Internal("a member was written and is not there".to_owned()))?;
    Ok(web::Json(MemberBody::of(member, Some(&user))))
}

async fn put_in_organization(
    acting: Acting<may::WriteOrganizationMembers>,
    ids: web::Path<(String, String)>,
    body: web::Bytes,
) -> Result<web::Json<MemberBody>, Problem> {
    let (id, user) = ids.into_inner();
    let asked = asked(&user, &body)?;
    let (_organization, written) = members::put_in_organization(&acting, &id, asked).await?;
    only(written)
}

async fn put_in_team(
    acting: Acting<may::WriteTeamMembers>,
    ids: web::Path<(String, String)>,
    body: web::Bytes,
) -> Result<web::Json<MemberBody>, Problem> {
    let (id, user) = ids.into_inner();
    let (_team, written) = members::put_in_team(&acting, &id, asked(&user, &body)?).await?;
    only(written)
}

async fn remove_from_organization(
    acting: Acting<may::WriteOrganizationMembers>,
    ids: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, user) = ids.into_inner();
    members::remove_from_organization(&acting, &id, &Person::named(&user)).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn remove_from_team(
    acting: Acting<may::WriteTeamMembers>,
    ids: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, user) = ids.into_inner();
    members::remove_from_team(&acting, &id, &Person::named(&user)).await?;
    Ok(HttpResponse::NoContent().finish())
}
