//! A team goes, with all that is in it.

use domain::members::Member;
use domain::permissions::Scope;
use domain::projects::Project;
use domain::service_accounts::ServiceAccount;
use domain::teams::Team;
use domain::virtual_keys::VirtualKey;
use serde_json::{Value, json};
use store::Transaction;
use store::projects::ProjectFilter;
use store::service_accounts::ServiceAccountFilter;
use store::virtual_keys::KeyFilter;

use super::{event, find, with_members};
use crate::acting::{Acting, Permission, may};
use crate::actions::keys::deletion;
use crate::actions::levels;
use crate::error::ActionError;

/// Removes teams, each with its keys, projects, service accounts and memberships; all of them or none.
///
/// # Errors
/// As [`find`]; [`ActionError::Conflict`] when something is added to one of them meanwhile.
pub async fn delete(
    acting: &Acting<may::CreateTeams>,
    ids: &[String],
) -> Result<Vec<Team>, ActionError> {
    let mut all = Vec::new();
    for id in ids {
        let team = find(acting, id).await?;
        if !all
            .iter()
            .any(|(known, _): &(Team, Contents)| known.id == team.id)
        {
            let contents = Contents::of(acting, &team).await?;
            all.push((team, contents));
        }
    }
    let Some((first, _)) = all.first() else {
        return Err(ActionError::invalid(
            "team_ids",
            "Say which teams: `team_ids` is a list of ids.",
        ));
    };
    let mut gone = event("team.delete", first);
    if all.len() > 1 {
        let ids: Vec<&str> = all.iter().map(|(team, _)| team.id.as_str()).collect();
        gone.object_id = ids.join(",");
        gone.team_id = None;
        let same = all
            .iter()
            .all(|(team, _)| team.organization_id == first.organization_id);
        gone.organization_id = gone.organization_id.filter(|_| same);
    }
    gone.also_about = all
        .iter()
        .flat_map(|(team, inside)| inside.ids_with(team))
        .collect();
    let recorded: Vec<Value> = all
        .iter()
        .map(|(team, inside)| inside.recorded(team))
        .collect();
    gone.before = match <[Value; 1]>::try_from(recorded) {
        Ok([one]) => Some(one),
        Err(several) => Some(Value::Array(several)),
    };
    let mut change = acting.store().begin().await?;
    for (team, contents) in &all {
        contents.delete(acting, &mut change).await?;
        change.delete_team(&team.id).await?;
    }
    change.commit(&acting.actor, gone).await?;
    Ok(all.into_iter().map(|(team, _)| team).collect())
}

/// What goes with a team.
struct Contents {
    keys: Vec<VirtualKey>,
    projects: Vec<Project>,
    service_accounts: Vec<ServiceAccount>,
    members: Vec<Member>,
}

impl Contents {
    async fn of<P: Permission>(acting: &Acting<P>, team: &Team) -> Result<Self, ActionError> {
        let scope = Scope {
            everything: true,
            ..Scope::default()
        };
        let keys = KeyFilter {
            team_id: Some(team.id.clone()),
            ..Default::default()
        };
        let projects = ProjectFilter {
            scope: scope.clone(),
            team_id: Some(team.id.clone()),
            ..Default::default()
        };
        let accounts = ServiceAccountFilter {
            scope,
            team_id: Some(team.id.clone()),
            ..Default::default()
        };
        let store = acting.store();
        Ok(Self {
            keys: levels::all_keys(acting, keys).await?,
            projects: store.projects(&projects, &levels::EVERYTHING).await?.items,
            service_accounts: store
                .service_accounts(&accounts, &levels::EVERYTHING)
                .await?
                .items,
            members: store.team_members(&team.id).await?,
        })
    }

    /// The ids of the team and of the keys in it.
    fn ids_with<'c>(&'c self, team: &'c Team) -> impl Iterator<Item = String> + 'c {
        let keys = self.keys.iter().map(|key| key.id.to_string());
        std::iter::once(team.id.to_string()).chain(keys)
    }

    fn recorded(&self, team: &Team) -> Value {
        let mut recorded = with_members(team, json!(self.members));
        if let Value::Object(entries) = &mut recorded {
            entries.insert("keys".to_owned(), json!(self.keys));
            entries.insert("projects".to_owned(), json!(self.projects));
            entries.insert("service_accounts".to_owned(), json!(self.service_accounts));
        }
        recorded
    }

    async fn delete<P: Permission>(
        &self,
        acting: &Acting<P>,
        change: &mut Transaction<'_>,
    ) -> Result<(), ActionError> {
        for key in &self.keys {
            change.delete_key(&key.id, &deletion(acting, key)).await?;
        }
        for project in &self.projects {
            change.delete_project(&project.id).await?;
            change.set_block_level(project.id.as_str(), None).await?;
        }
        for account in &self.service_accounts {
            change.delete_service_account(&account.id).await?;
        }
        Ok(())
    }
}
