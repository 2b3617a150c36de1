//! The levels above keys, for look-ups: organizations, teams, projects, people, memberships, end users.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use domain::budgets::SharedBudget;
use domain::directory::Levels;
use domain::end_users::EndUser;
use domain::ids::{BudgetId, OrganizationId, ProjectId, TeamId, UserId};
use domain::members::Member;
use domain::organizations::Organization;
use domain::policies::Policy;
use domain::projects::Project;
use domain::tags::Tag;
use domain::teams::Team;
use domain::users::User;

use crate::tenants::names::Names;
use crate::tenants::payer::KeyPayer;

/// Trees are told apart by a number, so that what was found in one is not used with another.
static MADE: AtomicU64 = AtomicU64::new(1);

/// The levels as of one revision.
pub struct Tree {
    /// Unlike every other tree's of this process.
    pub number: u64,
    /// As they came: for the snapshot on disk and for the routing table.
    pub levels: Levels,
    organizations: HashMap<OrganizationId, Arc<Organization>>,
    teams: HashMap<TeamId, Arc<Team>>,
    projects: HashMap<ProjectId, Arc<Project>>,
    users: HashMap<UserId, Arc<User>>,
    members: HashMap<UserId, Vec<Arc<Member>>>,
    end_users: HashMap<String, Vec<Arc<EndUser>>>,
    tags: HashMap<String, Vec<Arc<Tag>>>,
    budgets: HashMap<BudgetId, Arc<SharedBudget>>,
    without_key: OnceLock<Arc<KeyPayer>>,
    names: OnceLock<Names>,
}

impl Tree {
    /// Takes the levels of a snapshot or a change.
    #[must_use]
    pub fn new(levels: Levels) -> Self {
        let mut members: HashMap<UserId, Vec<Arc<Member>>> = HashMap::new();
        for member in &levels.members {
            let of_user = members.entry(member.user_id.clone()).or_default();
            of_user.push(Arc::new(member.clone()));
        }
        let mut end_users: HashMap<String, Vec<Arc<EndUser>>> = HashMap::new();
        for end_user in &levels.end_users {
            let of_name = end_users.entry(end_user.external_id.clone()).or_default();
            of_name.push(Arc::new(end_user.clone()));
        }
        let mut tags: HashMap<String, Vec<Arc<Tag>>> = HashMap::new();
        for tag in &levels.tags {
            let of_name = tags.entry(tag.name.clone()).or_default();
            of_name.push(Arc::new(tag.clone()));
        }
        Self {
            number: MADE.fetch_add(1, Ordering::Relaxed),
            organizations: indexed(&levels.organizations, |one| one.id.clone()),
            teams: indexed(&levels.teams, |one| one.id.clone()),
            projects: indexed(&levels.projects, |one| one.id.clone()),
            users: indexed(&levels.users, |one| one.id.clone()),
            members,
            end_users,
            tags,
            budgets: indexed(&levels.budgets, |one| one.id.clone()),
            without_key: OnceLock::new(),
            names: OnceLock::new(),
            levels,
        }
    }

    /// An organization.
    #[must_use]
    pub fn organization(&self, id: &OrganizationId) -> Option<&Arc<Organization>> {
        self.organizations.get(id)
    }

    /// All organizations.
    #[must_use]
    pub fn organization_ids(&self) -> Vec<String> {
        self.organizations.keys().map(ToString::to_string).collect()
    }

    /// A team.
    #[must_use]
    pub fn team(&self, id: &TeamId) -> Option<&Arc<Team>> {
        self.teams.get(id)
    }

    /// A project.
    #[must_use]
    pub fn project(&self, id: &ProjectId) -> Option<&Arc<Project>> {
        self.projects.get(id)
    }

    /// A person.
    #[must_use]
    pub fn user(&self, id: &UserId) -> Option<&Arc<User>> {
        self.users.get(id)
    }

    /// A person's membership: in the team, or in the organization itself when none is given.
    #[must_use]
    pub fn member(
        &self,
        user: &UserId,
        organization: &OrganizationId,
        team: Option<&TeamId>,
    ) -> Option<&Arc<Member>> {
        self.members.get(user)?.iter().find(|member| {
            member.organization_id == *organization && member.team_id.as_ref() == team
        })
    }

    /// The names that others have for all this.
    #[must_use]
    pub fn names(&self) -> &Names {
        self.names.get_or_init(|| Names::of(&self.levels))
    }

    /// The organization that a person is in, when it is one only.
    #[must_use]
    pub fn only_organization(&self, user: &UserId) -> Option<OrganizationId> {
        let mut theirs = self.members.get(user)?.iter();
        let first = &theirs.next()?.organization_id;
        theirs
            .all(|member| member.organization_id == *first)
            .then(|| first.clone())
    }

    /// Whether any end user has rules of its own.
    #[must_use]
    pub fn has_end_users(&self) -> bool {
        !self.end_users.is_empty()
    }

    /// The end user of an organization that requests name so; none when it has no rules of its own.
    #[must_use]
    pub fn end_user(&self, organization: &str, name: &str) -> Option<&Arc<EndUser>> {
        let of_name = self.end_users.get(name)?;
        of_name
            .iter()
            .find(|end_user| end_user.organization_id.as_str() == organization)
    }

    /// The tag of an organization with this word; none when it has no rules of its own.
    #[must_use]
    pub fn tag(&self, organization: &str, name: &str) -> Option<&Tag> {
        let of_name = self.tags.get(name)?;
        of_name
            .iter()
            .find(|tag| tag.organization_id.as_str() == organization)
            .map(|tag| &**tag)
    }

    /// The shared budget that a policy points to.
    #[must_use]
    pub fn shared_budget(&self, policy: &Policy) -> Option<&Policy> {
        let id = policy.budget_id.as_ref()?;
        self.budgets.get(id).map(|budget| &budget.policy)
    }

    /// Who pays for requests without a virtual key.
    #[must_use]
    pub fn payer_without_key(&self) -> &Arc<KeyPayer> {
        self.without_key
            .get_or_init(|| Arc::new(KeyPayer::without_key(self)))
    }

    /// Whether `other` makes the same routing table.
    #[must_use]
    pub fn routes_like(&self, other: &Levels) -> bool {
        let routes =
            |levels: &Levels| serde_json::to_vec(&(&levels.deployments, &levels.credentials)).ok();
        routes(&self.levels) == routes(other)
    }
}

impl Default for Tree {
    fn default() -> Self {
        Self::new(Levels::default())
    }
}

fn indexed<K: Eq + std::hash::Hash, T: Clone>(
    all: &[T],
    key: impl Fn(&T) -> K,
) -> HashMap<K, Arc<T>> {
    all.iter()
        .map(|one| (key(one), Arc::new(one.clone())))
        .collect()
}
