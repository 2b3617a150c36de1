//! Projects: found, listed, written.

use diesel::{
    BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl,
    TextExpressionMethods,
};
use diesel_async::RunQueryDsl;
use domain::ids::{OrganizationId, ProjectId, TeamId};
use domain::permissions::Scope;
use domain::policies::Policy;
use domain::projects::Project;

use crate::Store;
use crate::column::row;
use crate::error::Result;
use crate::listing::{found, listed, written};
use crate::narrowing::{contains, equal, within};
use crate::page::{Listed, Page, containing};
use crate::schema::projects;

row!(ProjectRow of Project in projects {
    id: ProjectId,
    organization_id: OrganizationId,
    team_id: TeamId,
    name: String,
    policy: Policy,
    blocked: bool,
});

written!("project", ProjectRow of Project by ProjectId in projects,
    insert_project, update_project, delete_project,
    noted by note_project and note_deleted_project);

/// Which projects are listed; all that is said holds at once.
#[derive(Clone, Debug, Default)]
pub struct ProjectFilter {
    /// Those that may be seen.
    pub scope: Scope,
    /// Those of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Those of this team.
    pub team_id: Option<TeamId>,
    /// Those whose name or id contains this, in any case.
    pub search: Option<String>,
}

impl Store {
    /// Finds a project by its id.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn project(&self, id: &str) -> Result<Option<Project>> {
        found!(self, ProjectRow of Project, projects::table.find(id))
    }

    /// Lists projects.
    ///
    /// # Errors
    /// As [`Store::project`].
    pub async fn projects(&self, filter: &ProjectFilter, page: &Page) -> Result<Listed<Project>> {
        listed!(self, page, ProjectRow of Project in projects, {
            let mut query = projects::table.into_boxed();
            within!(query, filter.scope, organization projects::organization_id,
                team projects::team_id);
            equal!(query, projects::organization_id => filter.organization_id,
                projects::team_id => filter.team_id);
            if let Some(search) = &filter.search {
                let part = containing(search);
                query = query.filter(
                    contains!(projects::name, part).or(contains!(projects::id, part)),
                );
            }
            query
        })
    }
}
