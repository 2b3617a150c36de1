//! What the import will write: all of it in one transaction, with one audit entry.

use admin_api::acting::Acting;
use admin_api::acting::may::WriteOrganizationMembers;
use domain::budgets::SharedBudget;
use domain::credentials::Credential;
use domain::deployments::StoredDeployment;
use domain::end_users::EndUser;
use domain::members::Member;
use domain::organizations::Organization;
use domain::projects::Project;
use domain::spend::Adjustment;
use domain::tags::Tag;
use domain::teams::Team;
use domain::users::User;
use domain::virtual_keys::{KeySecret, VirtualKey};
use serde_json::{Value, json};
use store::{Event, Result, Transaction};

/// What is new.
#[derive(Default)]
pub struct Plan {
    /// Organizations.
    pub organizations: Vec<Organization>,
    /// Shared budgets.
    pub budgets: Vec<SharedBudget>,
    /// Teams.
    pub teams: Vec<Team>,
    /// Projects.
    pub projects: Vec<Project>,
    /// People.
    pub users: Vec<User>,
    /// Who is in what.
    pub members: Vec<Member>,
    /// Keys with their secrets, the newest first.
    pub keys: Vec<(VirtualKey, Vec<KeySecret>)>,
    /// End users.
    pub end_users: Vec<EndUser>,
    /// Tags.
    pub tags: Vec<Tag>,
    /// Providers' credentials.
    pub credentials: Vec<Credential>,
    /// Deployments.
    pub deployments: Vec<StoredDeployment>,
    /// Spend.
    pub adjustments: Vec<Adjustment>,
}

impl Plan {
    /// How many of each. None of the names is one of a secret, whose value would be a digest in the
    /// audit trail.
    pub fn counts(&self) -> Value {
        json!({
            "organizations": self.organizations.len(),
            "budgets": self.budgets.len(),
            "teams": self.teams.len(),
            "projects": self.projects.len(),
            "users": self.users.len(),
            "members": self.members.len(),
            "keys": self.keys.len(),
            "end_users": self.end_users.len(),
            "tags": self.tags.len(),
            "credentials_of_providers": self.credentials.len(),
            "deployments": self.deployments.len(),
            "adjustments": self.adjustments.len(),
        })
    }

    /// Whether nothing is new.
    pub fn is_empty(&self) -> bool {
        let counts = self.counts();
        let mut counts = counts.as_object().into_iter().flatten();
        counts.all(|(_kind, count)| *count == json!(0))
    }

    /// Writes all of it, or nothing.
    ///
    /// # Errors
    /// When the store refuses something: then nothing was written.
    pub async fn write(&self, acting: &Acting<WriteOrganizationMembers>) -> Result<()> {
        let mut change = acting.store().begin().await?;
        self.write_tenants(&mut change).await?;
        for (key, secrets) in &self.keys {
            let mut secrets = secrets.iter();
            if let Some(newest) = secrets.next() {
                change.insert_key(key, newest).await?;
            }
            for older in secrets {
                change.add_secret(older).await?;
            }
        }
        for credential in &self.credentials {
            change.insert_credential(credential).await?;
        }
        for deployment in &self.deployments {
            change.insert_deployment(deployment).await?;
        }
        for adjustment in &self.adjustments {
            change.adjust(adjustment).await?;
        }
        let imported = Event {
            action: "import.litellm",
            object_kind: "import",
            object_id: "litellm".to_owned(),
            after: Some(self.counts()),
            ..Event::default()
        };
        change.commit(&acting.actor, imported).await?;
        Ok(())
    }

    async fn write_tenants(&self, change: &mut Transaction<'_>) -> Result<()> {
        for organization in &self.organizations {
            change.insert_organization(organization).await?;
        }
        for budget in &self.budgets {
            change.insert_shared_budget(budget).await?;
        }
        for team in &self.teams {
            change.insert_team(team).await?;
        }
        for project in &self.projects {
            change.insert_project(project).await?;
        }
        for user in &self.users {
            change.insert_user(user).await?;
        }
        for member in &self.members {
            change.put_member(member).await?;
        }
        for end_user in &self.end_users {
            change.insert_end_user(end_user).await?;
        }
        for tag in &self.tags {
            change.insert_tag(tag).await?;
        }
        Ok(())
    }
}
