//! Which models may a caller use? What every level above a key or a person allows.

use std::collections::BTreeSet;

use domain::actors::ActorKind;
use domain::ids::OrganizationId;
use domain::permissions::{Action, Reach, Scope};
use domain::policies::Policy;
use domain::routing::access_groups;
use domain::teams::Team;
use domain::virtual_keys::VirtualKey;
use store::Store;

use super::known::KnownDeployment;
use crate::acting::{Acting, Permission};
use crate::error::ActionError;

/// What a caller may use.
pub enum Usable {
    /// Whoever runs the platform sees all of it.
    Everything,
    /// What one of these ways allows: a key is one way, a person has one for each team.
    Ways(Vec<Way>),
}

/// An organization, and the models that each level in it allows.
pub struct Way {
    organization_id: OrganizationId,
    levels: Vec<Vec<String>>,
}

impl Usable {
    /// What the actor may use.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn of<P: Permission>(acting: &Acting<P>) -> Result<Self, ActionError> {
        let rights = &acting.actor.rights;
        let is_key = matches!(acting.actor.kind, ActorKind::Key(..));
        if !is_key && rights.scope(Action::ReadDeployments).everything {
            return Ok(Self::Everything);
        }
        if let ActorKind::Key(id, _person) = &acting.actor.kind {
            let found = acting.store().virtual_key(id.as_str()).await?;
            let key = found.ok_or_else(|| ActionError::not_found("Key", id.as_str()))?;
            return Ok(Self::Ways(vec![way_of_key(acting.store(), &key).await?]));
        }
        let mut ways = Vec::new();
        for grant in &rights.grants {
            let mut way = Way::of(acting.store(), &grant.organization_id).await?;
            if let Some(team) = &grant.team_id {
                let team = acting.store().team(team).await?;
                way.levels.extend(team.map(|team| team.policy.models));
            }
            ways.push(way);
        }
        Ok(Self::Ways(ways))
    }

    /// What keys of a team may use.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn of_team(store: &Store, team: &Team) -> Result<Self, ActionError> {
        let mut way = Way::of(store, &team.organization_id).await?;
        way.levels.push(team.policy.models.clone());
        Ok(Self::Ways(vec![way]))
    }

    /// Whether anything that a deployment serves may be used: of one with a wildcard, a part of it.
    #[must_use]
    pub fn holds_any_of(&self, deployment: &KnownDeployment) -> bool {
        match self {
            Self::Everything => true,
            Self::Ways(ways) => ways.iter().any(|way| way.holds_any_of(deployment)),
        }
    }

    /// Whether addresses are shown: to those who run the platform.
    #[must_use]
    pub fn shows_addresses<P: Permission>(acting: &Acting<P>) -> bool {
        let rights = &acting.actor.rights;
        rights.reach(Action::CheckHealth) == Reach::Everything
    }

    /// Where deployments are looked for.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Everything => Scope {
                everything: true,
                ..Scope::default()
            },
            Self::Ways(ways) => Scope {
                organizations: ways.iter().map(|way| way.organization_id.clone()).collect(),
                ..Scope::default()
            },
        }
    }

    /// Whether a deployment may be used.
    #[must_use]
    pub fn holds(&self, deployment: &KnownDeployment) -> bool {
        match self {
            Self::Everything => true,
            Self::Ways(ways) => ways.iter().any(|way| way.holds(deployment)),
        }
    }
}

async fn way_of_key(store: &Store, key: &VirtualKey) -> Result<Way, ActionError> {
    let mut way = Way::of(store, &key.organization_id).await?;
    way.levels.push(key.policy.models.clone());
    let mut add = |policy: Option<Policy>| way.levels.extend(policy.map(|policy| policy.models));
    if let Some(id) = &key.team_id {
        add(store.team(id).await?.map(|team| team.policy));
    }
    if let Some(id) = &key.project_id {
        add(store
            .project(id.as_str())
            .await?
            .map(|project| project.policy));
    }
    // A team's key is bounded by the team, not by what its maker has for themself.
    if let (Some(id), None) = (&key.user_id, &key.team_id) {
        add(store.user(id.as_str()).await?.map(|user| user.policy));
    }
    Ok(way)
}

impl Way {
    async fn of(store: &Store, id: &OrganizationId) -> Result<Self, ActionError> {
        let organization = store.organization(id.as_str()).await?;
        Ok(Self {
            organization_id: id.clone(),
            levels: organization
                .map(|one| one.policy.models)
                .into_iter()
                .collect(),
        })
    }

    fn holds(&self, deployment: &KnownDeployment) -> bool {
        self.allows(deployment, |_allowed| false)
    }

    fn holds_any_of(&self, deployment: &KnownDeployment) -> bool {
        let name = deployment.model_name.as_str();
        self.allows(deployment, |allowed| {
            allowed.iter().any(|one| matches_pattern(name, one))
        })
    }

    /// Whether it is the organization's to use, and each level allows it or `else_allows` it.
    fn allows(
        &self,
        deployment: &KnownDeployment,
        else_allows: impl Fn(&[String]) -> bool,
    ) -> bool {
        let owner = deployment.organization_id.as_ref();
        let groups = access_groups(&deployment.info).collect();
        let name = &deployment.model_name;
        let mut levels = self.levels.iter();
        owner.is_none_or(|owner| *owner == self.organization_id)
            && levels.all(|allowed| allows(allowed, name, &groups) || else_allows(allowed))
    }
}

/// Whether a level's list allows a model: by its name, a wildcard, an access group or one of
/// LiteLLM's words. An empty list allows what the level above does.
fn allows(allowed: &[String], model: &str, groups: &BTreeSet<&str>) -> bool {
    allowed.is_empty()
        || allowed.iter().any(|one| match one.as_str() {
            "all-proxy-models" | "all-team-models" => true,
            "no-default-models" => false,
            name => groups.contains(name) || matches_pattern(name, model),
        })
}

fn matches_pattern(pattern: &str, model: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == model,
        Some((start, end)) => {
            let rest = model.strip_prefix(start);
            rest.is_some_and(|rest| rest.ends_with(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::DeploymentId;
    use domain::routing::Origin;
    use serde_json::Map;

    use super::super::known::Written;
    use super::*;

    #[test]
    fn a_list_allows_names_wildcards_and_access_groups() {
        let groups = BTreeSet::from(["beta"]);
        let allows = |list: &[&str], model: &str| {
            let list: Vec<String> = list.iter().map(|one| (*one).to_owned()).collect();
            allows(&list, model, &groups)
        };
        assert!(allows(&[], "gpt-4o"));
        assert!(allows(&["gpt-4o"], "gpt-4o"));
        assert!(allows(&["gpt-*"], "gpt-4o"));
        assert!(allows(&["openai/*"], "openai/gpt-4o"));
        assert!(allows(&["beta"], "gpt-4o"));
        assert!(allows(&["all-team-models"], "gpt-4o"));
        assert!(!allows(&["gpt-4"], "gpt-4o"));
        assert!(!allows(&["no-default-models"], "gpt-4o"));
        assert!(!allows(&["ab*ba"], "aba"));
    }

    fn deployment(owner: Option<&str>, model_name: &str) -> KnownDeployment {
        KnownDeployment {
            id: DeploymentId::new("d".to_owned()),
            origin: Origin::Store,
            organization_id: owner.map(|owner| OrganizationId::new(owner.to_owned())),
            model_name: model_name.to_owned(),
            params: Map::new(),
            secret_members: Vec::new(),
            info: Map::new(),
            blocked: false,
            meaning: Written::Nothing(String::new()),
            stamps: None,
        }
    }

    #[test]
    fn a_wildcard_of_another_organization_holds_nothing_that_a_level_allows() {
        let usable = Usable::Ways(vec![Way {
            organization_id: OrganizationId::new("ours".to_owned()),
            levels: vec![vec!["openai/gpt-4o".to_owned()]],
        }]);
        let holds_any_of = |owner| usable.holds_any_of(&deployment(owner, "openai/*"));
        assert!(holds_any_of(Some("ours")));
        assert!(holds_any_of(None));
        assert!(!holds_any_of(Some("theirs")));
        assert!(!usable.holds(&deployment(Some("ours"), "openai/*")));
        assert!(!usable.holds_any_of(&deployment(Some("ours"), "gemini/*")));
    }
}
