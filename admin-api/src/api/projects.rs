//! `/api/v1/projects`.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use domain::ids::ProjectId;
use domain::money::NanoUsd;
use domain::projects::Project;
use domain::spend::{ScopeKind, SpendScope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::projects::ProjectFilter;

use crate::acting::{Acting, Permission, may};
use crate::actions::levels;
use crate::actions::projects::{self, NewProject};
use crate::actions::spend;
use crate::api::page::{ListQuery, Paged};
use crate::api::policy::PolicyBody;
use crate::api::{merge_patch, named, read};
use crate::error::{ActionError, Problem};
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/projects" => list, ReadProjects, "Lists projects.",
        query ProjectsQuery, answers 200 Paged<ProjectBody>),
    route!(POST "/api/v1/projects" => create, WriteProjects, "Makes a project in a team.",
        body ProjectNew, answers 201 ProjectBody),
    route!(GET "/api/v1/projects/{project_id}" => show, ReadProjects, "Shows a project.",
        answers 200 ProjectBody),
    route!(PATCH "/api/v1/projects/{project_id}" => update, WriteProjects,
        "Changes a project (JSON merge patch).", body ProjectWrite, answers 200 ProjectBody),
    route!(DELETE "/api/v1/projects/{project_id}" => delete, WriteProjects,
        "Removes a project with its keys.", answers 204),
];

/// Which projects.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct ProjectsQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most: 1 to 200, 50 unless said.
    pub limit: Option<i64>,
    /// Only what contains this in its name or id.
    pub search: Option<String>,
    /// Only those of this organization.
    pub organization_id: Option<String>,
    /// Only those of this team.
    pub team_id: Option<String>,
}

/// What a project is made with.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectNew {
    /// Its team.
    pub team_id: String,
    /// For people; unique in the team.
    pub name: String,
    /// What it allows.
    #[serde(default)]
    pub policy: PolicyBody,
    /// Whether all its keys are refused.
    #[serde(default)]
    pub blocked: bool,
}

/// What may be written of a project.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProjectWrite {
    /// For people; unique in the team.
    pub name: String,
    /// What it allows.
    pub policy: PolicyBody,
    /// Whether all its keys are refused.
    pub blocked: bool,
}

/// A project.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProjectBody {
    /// `proj_…`.
    pub id: String,
    /// Its team's organization.
    pub organization_id: String,
    /// Its team.
    pub team_id: String,
    /// For people.
    pub name: String,
    /// What it allows.
    pub policy: PolicyBody,
    /// Whether all its keys are refused.
    pub blocked: bool,
    /// Dollars as decimal text, from the beginning.
    pub spend_usd: String,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// By whom.
    pub created_by: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
}

impl ProjectBody {
    fn of(project: Project, spend: &BTreeMap<SpendScope, NanoUsd>) -> Self {
        let scope = scope(&project);
        Self {
            id: project.id.to_string(),
            organization_id: project.organization_id.to_string(),
            team_id: project.team_id.to_string(),
            name: project.name,
            policy: PolicyBody::from(&project.policy),
            blocked: project.blocked,
            spend_usd: spend.get(&scope).copied().unwrap_or_default().to_string(),
            created_at: project.stamps.created_at.to_rfc3339(),
            created_by: project.stamps.created_by,
            updated_at: project.stamps.updated_at.to_rfc3339(),
        }
    }
}

fn scope(project: &Project) -> SpendScope {
    SpendScope {
        kind: ScopeKind::Project,
        id: project.id.to_string(),
    }
}

async fn shown<P: Permission>(
    acting: &Acting<P>,
    project: Project,
) -> Result<ProjectBody, ActionError> {
    let spend = spend::shown(acting.store(), std::slice::from_ref(&project)).await?;
    Ok(ProjectBody::of(project, &spend))
}

async fn list(
    acting: Acting<may::ReadProjects>,
    query: web::Query<ProjectsQuery>,
) -> Result<web::Json<Paged<ProjectBody>>, Problem> {
    let ProjectsQuery {
        cursor,
        limit,
        search,
        organization_id,
        team_id,
    } = query.into_inner();
    let page = ListQuery {
        cursor,
        limit,
        search: None,
    }
    .page_of(ProjectId::is_one)?;
    let filter = ProjectFilter {
        search,
        organization_id: levels::organization_id(&acting, organization_id).await?,
        team_id: levels::team_id(&acting, team_id).await?,
        ..ProjectFilter::default()
    };
    let listed = projects::list(&acting, filter, &page).await?;
    let spend = spend::shown(acting.store(), &listed.items).await?;
    let id = |project: &Project| project.id.to_string();
    Ok(web::Json(Paged::of(listed, id, |one| {
        ProjectBody::of(one, &spend)
    })))
}

async fn create(
    acting: Acting<may::WriteProjects>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let ProjectNew {
        team_id,
        name,
        policy,
        blocked,
    } = read(&body)?;
    let new = NewProject {
        team_id,
        name: named(name)?,
        policy: policy.read(&Default::default())?,
        blocked,
    };
    let project = projects::create(&acting, new).await?;
    Ok(HttpResponse::Created().json(shown(&acting, project).await?))
}

async fn show(
    acting: Acting<may::ReadProjects>,
    id: web::Path<String>,
) -> Result<web::Json<ProjectBody>, Problem> {
    let project = projects::find(&acting, &id).await?;
    Ok(web::Json(shown(&acting, project).await?))
}

async fn update(
    acting: Acting<may::WriteProjects>,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<web::Json<ProjectBody>, Problem> {
    let changed = projects::update(&acting, &id, |project| {
        let now = ProjectWrite {
            name: project.name.clone(),
            policy: PolicyBody::from(&project.policy),
            blocked: project.blocked,
        };
        let ProjectWrite {
            name,
            policy,
            blocked,
        } = merge_patch(&now, &body)?;
        project.name = named(name)?;
        project.policy = policy.read(&project.policy)?;
        project.blocked = blocked;
        Ok(())
    });
    let project = changed.await?;
    Ok(web::Json(shown(&acting, project).await?))
}

async fn delete(
    acting: Acting<may::WriteProjects>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    projects::delete(&acting, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}
