//! For whom a request is walked through: a key, a team or an organization, with all that is above it.

use domain::members::Member;
use domain::organizations::Organization;
use domain::policies::{Budget, BudgetMode, Policy};
use domain::projects::Project;
use domain::standing::{Above, Level};
use domain::teams::Team;
use domain::time::TimestampMs;
use domain::users::User;
use domain::virtual_keys::VirtualKey;

use crate::acting::{Acting, may};
use crate::actions::{keys, levels, teams};
use crate::error::ActionError;

/// For whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum For {
    /// An organization: the named one, else the actor's only one, else `default`.
    #[default]
    Organization,
    /// This organization.
    Named(String),
    /// A team without a key, by its id.
    Team(String),
    /// A key, by its id or its hash.
    Key(String),
}

/// Whose request it would be.
pub(super) struct Caller {
    pub(super) organization: Organization,
    pub(super) team: Option<Team>,
    key: Option<VirtualKey>,
    project: Option<Project>,
    user: Option<User>,
    team_member: Option<Member>,
    organization_member: Option<Member>,
    /// What shared budgets say, by the level that points to one.
    shared: Vec<(Level, Policy)>,
}

impl Caller {
    /// Finds whom is asked for, and what is above them.
    ///
    /// # Errors
    /// [`ActionError::NotFound`] when there is nothing of the kind, or the actor may not see it.
    pub(super) async fn find(
        acting: &Acting<may::ReadDeployments>,
        asks: &For,
    ) -> Result<Self, ActionError> {
        let mut caller = match asks {
            For::Organization => Self::of(levels::organization_for(acting, None).await?),
            For::Named(id) => Self::of(levels::organization_for(acting, Some(id)).await?),
            For::Team(id) => {
                let team = teams::find(&acting.also::<may::ReadTeams>()?, id).await?;
                Self::of_team(acting, team).await?
            }
            For::Key(id) => {
                let key = keys::find(&acting.also::<may::ReadKeys>()?, id).await?;
                Self::of_key(acting, key).await?
            }
        };
        let pointed: Vec<_> = caller
            .above()
            .policies()
            .filter_map(|(level, policy)| Some((level, policy.budget_id.clone()?)))
            .collect();
        for (level, id) in pointed {
            let found = acting.store().shared_budget(&id).await?;
            caller.shared.extend(found.map(|one| (level, one.policy)));
        }
        Ok(caller)
    }

    const fn of(organization: Organization) -> Self {
        Self {
            organization,
            team: None,
            key: None,
            project: None,
            user: None,
            team_member: None,
            organization_member: None,
            shared: Vec::new(),
        }
    }

    async fn of_team(
        acting: &Acting<may::ReadDeployments>,
        team: Team,
    ) -> Result<Self, ActionError> {
        let id = team.organization_id.as_str();
        let organization = acting.store().organization(id).await?;
        let organization =
            organization.ok_or_else(|| ActionError::not_found("Organization", id))?;
        Ok(Self {
            team: Some(team),
            ..Self::of(organization)
        })
    }

    async fn of_key(
        acting: &Acting<may::ReadDeployments>,
        key: VirtualKey,
    ) -> Result<Self, ActionError> {
        let store = acting.store();
        let id = key.organization_id.as_str();
        let organization = store.organization(id).await?;
        let organization =
            organization.ok_or_else(|| ActionError::not_found("Organization", id))?;
        let mut caller = Self::of(organization);
        if let Some(id) = &key.team_id {
            caller.team = store.team(id).await?;
        }
        if let Some(id) = &key.project_id {
            caller.project = store.project(id.as_str()).await?;
        }
        if let Some(user) = &key.user_id {
            let organization = &key.organization_id;
            caller.user = store.user(user.as_str()).await?;
            caller.organization_member = store.member(organization, None, user).await?;
            if let Some(team) = &key.team_id {
                caller.team_member = store.member(organization, Some(team), user).await?;
            }
        }
        caller.key = Some(key);
        Ok(caller)
    }

    pub(super) fn above(&self) -> Above<'_> {
        Above {
            key: self.key.as_ref().map(|key| (&key.policy, key.blocked)),
            project: self.project.as_ref(),
            team: self.team.as_ref(),
            user: self.user.as_ref(),
            team_member: self.team_member.as_ref(),
            organization_member: self.organization_member.as_ref(),
            organization: Some(&self.organization),
        }
    }

    pub(super) fn has_ended(&self, now: TimestampMs) -> bool {
        let end = self.key.as_ref().and_then(|key| key.expires_at);
        end.is_some_and(|end| end <= now)
    }

    /// Whether a budget that refuses counts what a model costs.
    pub(super) fn has_budget(&self, model: &str, group: Option<&str>) -> bool {
        let shared = self.shared.iter();
        let shared = shared.map(|(level, policy)| (*level, policy));
        let refuses = |budget: &Budget| budget.mode == BudgetMode::Enforce;
        let is_meant = |name: &String| name == model || Some(name.as_str()) == group;
        // A team's key is not held by what its owner has for themself.
        let counts = |level: Level| level != Level::User || self.team.is_none();
        let policies = self.above().policies().chain(shared);
        policies
            .filter(|(level, _policy)| counts(*level))
            .any(|(_level, policy)| {
                let mut of_model = policy.model_budgets.iter();
                policy.budgets.iter().any(refuses)
                    || of_model.any(|(name, budget)| is_meant(name) && refuses(budget))
            })
    }
}
