//! Projects of teams: made, changed, removed with their keys.

use domain::blocks::BlockLevel;
use domain::ids::ProjectId;
use domain::permissions::Place;
use domain::policies::Policy;
use domain::projects::Project;
use domain::stamps::Stamps;
use domain::teams::Team;
use serde_json::{Value, json};
use store::page::{Listed, Page};
use store::projects::ProjectFilter;
use store::virtual_keys::KeyFilter;
use store::{Event, StoreError};

use crate::acting::{Acting, Permission, may};
use crate::actions::blocks::{self, Blocking};
use crate::actions::keys::deletion;
use crate::actions::{grants, levels, teams};
use crate::error::ActionError;

/// What a project may be made with.
pub struct NewProject {
    /// Its team.
    pub team_id: String,
    /// For people; unique in the team.
    pub name: String,
    /// What it allows.
    pub policy: Policy,
    /// Whether its keys are refused from the start.
    pub blocked: bool,
}

fn recorded(project: &Project) -> Value {
    serde_json::to_value(project).unwrap_or_default()
}

fn event(action: &'static str, project: &Project) -> Event {
    Event {
        action,
        object_kind: "project",
        object_id: project.id.to_string(),
        organization_id: Some(project.organization_id.to_string()),
        team_id: Some(project.team_id.to_string()),
        ..Event::default()
    }
}

/// Finds a project, to do `P` to it.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see it.
pub async fn find<P: Permission>(acting: &Acting<P>, id: &str) -> Result<Project, ActionError> {
    let found = acting.store().project(id).await?;
    let project = found.ok_or_else(|| ActionError::not_found("Project", id))?;
    let place = place(&project);
    acting.on(&place, "Project", id).await?;
    Ok(project)
}

/// Lists the projects that the actor may see; the filter's own scope does not count.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    acting: &Acting<may::ReadProjects>,
    mut filter: ProjectFilter,
    page: &Page,
) -> Result<Listed<Project>, ActionError> {
    filter.scope = acting.scope();
    Ok(acting.store().projects(&filter, page).await?)
}

/// Makes a project in a team.
///
/// # Errors
/// [`ActionError::NotFound`] when the team is not the actor's; a name that is taken; a policy that
/// is wider than the team's.
pub async fn create(
    acting: &Acting<may::WriteProjects>,
    new: NewProject,
) -> Result<Project, ActionError> {
    let team = teams::find(acting, &new.team_id).await?;
    let mut project = Project {
        id: ProjectId::generate(),
        organization_id: team.organization_id.clone(),
        team_id: team.id.clone(),
        name: new.name,
        policy: new.policy,
        blocked: new.blocked,
        stamps: Stamps::now(&acting.actor.id()),
    };
    bounded(acting, &mut project, &team).await?;
    let mut change = acting.store().begin().await?;
    change.insert_project(&project).await.map_err(taken)?;
    blocking(acting, &project, false).noted(&mut change).await?;
    let made = Event {
        after: Some(recorded(&project)),
        ..event("project.create", &project)
    };
    change.commit(&acting.actor, made).await?;
    Ok(project)
}

async fn bounded<P: Permission>(
    acting: &Acting<P>,
    project: &mut Project,
    team: &Team,
) -> Result<(), ActionError> {
    let organization = levels::policy_of_organization(acting, &team.organization_id).await?;
    levels::resolve_budget(acting, &mut project.policy, Some(&team.organization_id)).await?;
    grants::within(acting, &project.policy, &organization, "organization")?;
    grants::within(acting, &project.policy, &team.policy, "team")
}

fn taken(error: StoreError) -> ActionError {
    match error {
        StoreError::Exists(_) => ActionError::Conflict {
            field: "name",
            message: "The team has a project of this name already. Choose another.".to_owned(),
        },
        other => other.into(),
    }
}

fn place(project: &Project) -> Place {
    Place {
        organization_id: Some(project.organization_id.clone()),
        team_id: Some(project.team_id.clone()),
        ..Place::default()
    }
}

/// Whether the project becomes blocked, or is no longer.
fn blocking<'p>(
    acting: &Acting<may::WriteProjects>,
    project: &'p Project,
    before: bool,
) -> Blocking<'p> {
    Blocking {
        id: project.id.as_str(),
        before,
        after: project.blocked,
        by: blocks::level(acting, &place(project)),
        unknown: BlockLevel::Team,
    }
}

/// Changes a project by what `change` makes of it, within its team.
///
/// # Errors
/// As [`find`] and [`create`].
pub async fn update(
    acting: &Acting<may::WriteProjects>,
    id: &str,
    change: impl FnOnce(&mut Project) -> Result<(), ActionError>,
) -> Result<Project, ActionError> {
    let before = find(acting, id).await?;
    let mut project = before.clone();
    change(&mut project)?;
    project.stamps = before.stamps.changed(&acting.actor.id());
    let team = teams::find(acting, project.team_id.as_str()).await?;
    bounded(acting, &mut project, &team).await?;
    let mut writing = acting.store().begin().await?;
    writing.update_project(&project).await.map_err(taken)?;
    blocking(acting, &project, before.blocked)
        .noted(&mut writing)
        .await?;
    let changed = Event {
        before: Some(recorded(&before)),
        after: Some(recorded(&project)),
        ..event("project.update", &project)
    };
    writing.commit(&acting.actor, changed).await?;
    Ok(project)
}

/// Removes a project with its keys.
///
/// # Errors
/// As [`find`].
pub async fn delete(acting: &Acting<may::WriteProjects>, id: &str) -> Result<Project, ActionError> {
    let project = find(acting, id).await?;
    let keys = KeyFilter {
        project_id: Some(project.id.clone()),
        ..KeyFilter::default()
    };
    let keys = levels::all_keys(acting, keys).await?;
    let mut change = acting.store().begin().await?;
    for key in &keys {
        change.delete_key(&key.id, &deletion(acting, key)).await?;
    }
    change.delete_project(&project.id).await?;
    change.set_block_level(project.id.as_str(), None).await?;
    let gone = Event {
        before: Some(json!({"project": project, "keys": keys})),
        ..event("project.delete", &project)
    };
    change.commit(&acting.actor, gone).await?;
    Ok(project)
}
