//! What a change takes away or gives back, noted beside it: whoever counts requests is told when it
//! is committed.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::ids::{KeyId, OrganizationId, ProjectId, TeamId};
use domain::organizations::Organization;
use domain::projects::Project;
use domain::teams::Team;
use domain::time::TimestampMs;
use domain::users::User;
use domain::virtual_keys::VirtualKey;

use crate::connection::on_either;
use crate::error::Result;
use crate::schema::{organizations, projects, teams, virtual_keys};
use crate::transaction::Transaction;

/// The organization of the thing with this id, when it is there.
macro_rules! organization_of {
    ($transaction:expr, $table:ident, $id:expr) => {
        on_either!(*$transaction.connection()?, c => $table::table
            .find($id)
            .select($table::organization_id)
            .first::<String>(c)
            .await
            .optional()?)
    };
}

impl Transaction<'_> {
    pub(crate) fn note_key(&mut self, key: &VirtualKey) {
        let has_ended = key.expires_at.is_some_and(|end| end <= TimestampMs::now());
        let is_revoked = key.blocked || has_ended;
        self.note(&key.organization_id, key.id.as_str(), is_revoked);
    }

    pub(crate) fn note_team(&mut self, team: &Team) {
        self.note(&team.organization_id, team.id.as_str(), team.blocked);
    }

    pub(crate) fn note_project(&mut self, project: &Project) {
        let id = project.id.as_str();
        self.note(&project.organization_id, id, project.blocked);
    }

    pub(crate) fn note_organization(&mut self, organization: &Organization) {
        let id = &organization.id;
        self.note(id, id.as_str(), organization.blocked);
    }

    /// A person's keys may lie in several organizations.
    pub(crate) async fn note_user(&mut self, user: &User) -> Result<()> {
        let organizations: Vec<String> = on_either!(*self.connection()?, c => virtual_keys::table
            .filter(virtual_keys::user_id.eq(user.id.as_str()))
            .select(virtual_keys::organization_id)
            .distinct()
            .load(c)
            .await?);
        for organization in organizations {
            self.note(
                &OrganizationId::new(organization),
                user.id.as_str(),
                user.blocked,
            );
        }
        Ok(())
    }

    /// To be called before the key is gone.
    pub(crate) async fn note_deleted_key(&mut self, id: &KeyId) -> Result<()> {
        let found = organization_of!(self, virtual_keys, id.as_str());
        self.note_deleted(found, id.as_str());
        Ok(())
    }

    /// To be called before the team is gone.
    pub(crate) async fn note_deleted_team(&mut self, id: &TeamId) -> Result<()> {
        let found = organization_of!(self, teams, id.as_str());
        self.note_deleted(found, id.as_str());
        Ok(())
    }

    /// To be called before the project is gone.
    pub(crate) async fn note_deleted_project(&mut self, id: &ProjectId) -> Result<()> {
        let found = organization_of!(self, projects, id.as_str());
        self.note_deleted(found, id.as_str());
        Ok(())
    }

    /// To be called before the organization is gone.
    pub(crate) async fn note_deleted_organization(&mut self, id: &OrganizationId) -> Result<()> {
        let found = on_either!(*self.connection()?, c => organizations::table
            .find(id.as_str())
            .select(organizations::id)
            .first::<String>(c)
            .await
            .optional()?);
        self.note_deleted(found, id.as_str());
        Ok(())
    }

    fn note_deleted(&mut self, organization: Option<String>, id: &str) {
        if let Some(organization) = organization {
            self.note(&OrganizationId::new(organization), id, true);
        }
    }
}
