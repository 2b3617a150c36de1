//! `/api/v1/teams`.

use actix_web::{HttpResponse, web};
use domain::ids::TeamId;
use domain::teams::Team;
use schemars::JsonSchema;
use serde::Deserialize;
use store::teams::TeamFilter;

use crate::acting::{Acting, may};
use crate::actions::levels;
use crate::actions::spend;
use crate::actions::teams::{self, NewTeam};
use crate::api::page::{ListQuery, Paged};
use crate::api::policy::PolicyBody;
use crate::api::team_shapes::{TeamBody, TeamNew, TeamWrite, shown};
use crate::api::{merge_patch, named, read};
use crate::error::Problem;
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/teams" => list, ReadTeams, "Lists teams.",
        query TeamsQuery, answers 200 Paged<TeamBody>),
    route!(POST "/api/v1/teams" => create, CreateTeams, "Makes a team.",
        body TeamNew, answers 201 TeamBody),
    route!(GET "/api/v1/teams/{team_id}" => show, ReadTeams, "Shows a team.",
        answers 200 TeamBody),
    route!(PATCH "/api/v1/teams/{team_id}" => update, UpdateTeams,
        "Changes a team (JSON merge patch).", body TeamWrite, answers 200 TeamBody),
    route!(DELETE "/api/v1/teams/{team_id}" => delete, CreateTeams,
        "Removes a team with its keys, projects, service accounts and memberships.", answers 204),
    route!(POST "/api/v1/teams/{team_id}/block" => block, UpdateTeams,
        "Refuses all keys of a team.", answers 200 TeamBody),
    route!(POST "/api/v1/teams/{team_id}/unblock" => unblock, UpdateTeams,
        "Takes the block of a team away.", answers 200 TeamBody),
];

/// Which teams.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct TeamsQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most: 1 to 200, 50 unless said.
    pub limit: Option<i64>,
    /// Only what contains this in its name or id.
    pub search: Option<String>,
    /// Only those of this organization.
    pub organization_id: Option<String>,
    /// Only those that this person is a member of.
    pub user_id: Option<String>,
}

async fn list(
    acting: Acting<may::ReadTeams>,
    query: web::Query<TeamsQuery>,
) -> Result<web::Json<Paged<TeamBody>>, Problem> {
    let TeamsQuery {
        cursor,
        limit,
        search,
        organization_id,
        user_id,
    } = query.into_inner();
    let page = ListQuery {
        cursor,
        limit,
        search: None,
    }
    .page_of(TeamId::is_one)?;
    let filter = TeamFilter {
        search,
        organization_id: levels::organization_id(&acting, organization_id).await?,
        user_id: levels::user_id(&acting, user_id).await?,
        ..TeamFilter::default()
    };
    let listed = teams::list(&acting, filter, &page).await?;
    let spend = spend::shown(acting.store(), &listed.items).await?;
    let id = |team: &Team| team.id.to_string();
    Ok(web::Json(Paged::of(listed, id, |team| {
        TeamBody::of(team, &spend)
    })))
}

async fn create(
    acting: Acting<may::CreateTeams>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let TeamNew {
        organization_id,
        name,
        policy,
        member_policy,
        blocked,
    } = read(&body)?;
    let new = NewTeam {
        organization_id,
        name: named(name)?,
        policy: policy.read(&Default::default())?,
        member_policy: member_policy.read(&Default::default())?,
        blocked,
        ..NewTeam::default()
    };
    let (team, _members) = teams::create(&acting, new).await?;
    Ok(HttpResponse::Created().json(shown(&acting, team).await?))
}

async fn show(
    acting: Acting<may::ReadTeams>,
    id: web::Path<String>,
) -> Result<web::Json<TeamBody>, Problem> {
    let team = teams::find(&acting, &id).await?;
    Ok(web::Json(shown(&acting, team).await?))
}

async fn update(
    acting: Acting<may::UpdateTeams>,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<web::Json<TeamBody>, Problem> {
    let changed = teams::update(&acting, &id, |team| {
        let now = TeamWrite {
            name: team.name.clone(),
            policy: PolicyBody::from(&team.policy),
            member_policy: PolicyBody::from(&team.member_policy),
            blocked: team.blocked,
        };
        let TeamWrite {
            name,
            policy,
            member_policy,
            blocked,
        } = merge_patch(&now, &body)?;
        team.name = named(name)?;
        team.policy = policy.read(&team.policy)?;
        team.member_policy = member_policy.read(&team.member_policy)?;
        team.blocked = blocked;
        Ok(())
    });
    let team = changed.await?;
    Ok(web::Json(shown(&acting, team).await?))
}

async fn delete(
    acting: Acting<may::CreateTeams>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    teams::delete(&acting, &[id.into_inner()]).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn block(
    acting: Acting<may::UpdateTeams>,
    id: web::Path<String>,
) -> Result<web::Json<TeamBody>, Problem> {
    let team = teams::set_blocked(&acting, &id, true).await?;
    Ok(web::Json(shown(&acting, team).await?))
}

async fn unblock(
    acting: Acting<may::UpdateTeams>,
    id: web::Path<String>,
) -> Result<web::Json<TeamBody>, Problem> {
    let team = teams::set_blocked(&acting, &id, false).await?;
    Ok(web::Json(shown(&acting, team).await?))
}
