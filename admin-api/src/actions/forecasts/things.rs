//! Things of one kind that may have budgets, as the store lists them.

use std::collections::BTreeMap;

use domain::ids::{OrganizationId, TeamId};
use domain::members::Member;
use domain::permissions::{Action, Scope};
use domain::policies::Policy;
use domain::spend::{ScopeKind, SpendScope};
use domain::time::TimestampMs;
use domain::windows::TimeZone;
use store::end_users::EndUserFilter;
use store::page::{Listed, Page};
use store::projects::ProjectFilter;
use store::tags::TagFilter;
use store::teams::TeamFilter;
use store::users::UserFilter;
use store::virtual_keys::KeyFilter;

use super::levels::{Level, Levels};
use crate::error::ActionError;

/// A thing as it was listed, with those of its members.
pub(super) struct Thing {
    pub(super) id: String,
    pub(super) levels: Vec<(Level, Policy)>,
}

impl Levels<'_> {
    /// One page of things of a kind, the newest first.
    pub(super) async fn things(
        &self,
        kind: ScopeKind,
        page: &Page,
    ) -> Result<Listed<Thing>, ActionError> {
        match kind {
            ScopeKind::Organization => self.organizations(page).await,
            ScopeKind::Team | ScopeKind::Member => self.teams(page).await,
            ScopeKind::Project => self.projects(page).await,
            ScopeKind::User => self.users(page).await,
            ScopeKind::Key => self.keys(page).await,
            ScopeKind::EndUser => self.end_users(page).await,
            ScopeKind::Tag => self.tags(page).await,
        }
    }

    async fn organizations(&self, page: &Page) -> Result<Listed<Thing>, ActionError> {
        let store = self.acting.store();
        let listed = store.organizations(&self.scope, None, page).await?;
        let only = self.filter.organization_id.as_ref();
        let mut items = Vec::new();
        for one in listed.items {
            let mut levels = Vec::new();
            if only.is_none_or(|only| *only == one.id) {
                let members = store.organization_members(&one.id).await?;
                levels.extend(members.into_iter().map(|member| of_member(member, None)));
                let scope = SpendScope::new(ScopeKind::Organization, one.id.as_str());
                let own = level(scope, one.name, Some(one.id.clone()), one.stamps.created_at);
                levels.insert(0, (own, one.policy));
            }
            let id = one.id.to_string();
            items.push(Thing { id, levels });
        }
        Ok(relisted(items, listed.more))
    }

    async fn teams(&self, page: &Page) -> Result<Listed<Thing>, ActionError> {
        let filter = TeamFilter {
            scope: self.team_scope(),
            organization_id: self.filter.organization_id.clone(),
            ids: self.filter.only.clone(),
            ..TeamFilter::default()
        };
        let listed = self.acting.store().teams(&filter, page).await?;
        let ids: Vec<TeamId> = listed.items.iter().map(|team| team.id.clone()).collect();
        let mut members: BTreeMap<TeamId, Vec<Member>> = BTreeMap::new();
        for member in self.acting.store().members_of_teams(&ids).await? {
            if let Some(team) = member.team_id.clone() {
                members.entry(team).or_default().push(member);
            }
        }
        let own = &self.scope.owner;
        let items = listed.items.into_iter().map(|team| {
            let theirs = members.remove(&team.id).unwrap_or_default().into_iter();
            // Whoever sees only what is their own sees their own membership, not the team.
            let sees_team = self.scope.everything
                || self.scope.teams.contains(&team.id)
                || self.scope.organizations.contains(&team.organization_id);
            let theirs = theirs.filter(|one| sees_team || own.as_ref() == Some(&one.user_id));
            let mut levels: Vec<(Level, Policy)> = theirs
                .map(|member| of_member(member, Some(&team.member_policy)))
                .collect();
            if sees_team {
                let scope = SpendScope::new(ScopeKind::Team, team.id.as_str());
                let organization = Some(team.organization_id);
                let mut level = level(scope, team.name, organization, team.stamps.created_at);
                level.team_id = Some(team.id.clone());
                levels.insert(0, (level, team.policy));
            }
            let id = team.id.to_string();
            Thing { id, levels }
        });
        Ok(relisted(items.collect(), listed.more))
    }

    /// The teams that the actor sees spend of, and those that they are a member of.
    fn team_scope(&self) -> Scope {
        let mut scope = self.scope.clone();
        if scope.owner.is_some() {
            let members_of = self.acting.actor.rights.scope(Action::ReadTeams);
            scope.teams.extend(members_of.teams);
        }
        scope
    }

    async fn projects(&self, page: &Page) -> Result<Listed<Thing>, ActionError> {
        let filter = ProjectFilter {
            scope: self.scope.clone(),
            organization_id: self.filter.organization_id.clone(),
            ..ProjectFilter::default()
        };
        let listed = self.acting.store().projects(&filter, page).await?;
        let items = listed.items.into_iter().map(|one| {
            let scope = SpendScope::new(ScopeKind::Project, one.id.as_str());
            let organization = Some(one.organization_id);
            let mut level = level(scope, one.name, organization, one.stamps.created_at);
            level.team_id = Some(one.team_id);
            Thing::one(one.id.to_string(), level, one.policy)
        });
        Ok(relisted(items.collect(), listed.more))
    }

    async fn users(&self, page: &Page) -> Result<Listed<Thing>, ActionError> {
        let filter = UserFilter {
            scope: self.scope.clone(),
            organization_id: self.filter.organization_id.clone(),
            ids: self.filter.only.clone(),
            ..UserFilter::default()
        };
        let listed = self.acting.store().users(&filter, page).await?;
        let items = listed.items.into_iter().map(|one| {
            let scope = SpendScope::new(ScopeKind::User, one.id.as_str());
            let name = one.email.or(one.name).unwrap_or_default();
            let level = level(scope, name, None, one.stamps.created_at);
            Thing::one(one.id.to_string(), level, one.policy)
        });
        Ok(relisted(items.collect(), listed.more))
    }

    async fn keys(&self, page: &Page) -> Result<Listed<Thing>, ActionError> {
        let filter = KeyFilter {
            scope: self.scope.clone(),
            organization_id: self.filter.organization_id.clone(),
            ids: self.filter.only.clone(),
            ..KeyFilter::default()
        };
        let listed = self.acting.store().virtual_keys(&filter, page).await?;
        let items = listed.items.into_iter().map(|one| {
            let scope = SpendScope::new(ScopeKind::Key, one.id.as_str());
            let name = one.alias.unwrap_or_default();
            let organization = Some(one.organization_id);
            let mut level = level(scope, name, organization, one.stamps.created_at);
            level.team_id = one.team_id;
            Thing::one(one.id.to_string(), level, one.policy)
        });
        Ok(relisted(items.collect(), listed.more))
    }

    async fn end_users(&self, page: &Page) -> Result<Listed<Thing>, ActionError> {
        let filter = EndUserFilter {
            scope: self.scope.clone(),
            organization_id: self.filter.organization_id.clone(),
            ..EndUserFilter::default()
        };
        let listed = self.acting.store().end_users(&filter, page).await?;
        let items = listed.items.into_iter().map(|one| {
            let scope = SpendScope::end_user(one.organization_id.as_str(), &one.external_id);
            let organization = Some(one.organization_id);
            let level = level(scope, one.external_id, organization, one.stamps.created_at);
            Thing::one(one.id.to_string(), level, one.policy)
        });
        Ok(relisted(items.collect(), listed.more))
    }

    async fn tags(&self, page: &Page) -> Result<Listed<Thing>, ActionError> {
        let filter = TagFilter {
            scope: self.scope.clone(),
            organization_id: self.filter.organization_id.clone(),
            ..TagFilter::default()
        };
        let listed = self.acting.store().tags(&filter, page).await?;
        let items = listed.items.into_iter().map(|one| {
            let scope = SpendScope::tag(one.organization_id.as_str(), &one.name);
            let organization = Some(one.organization_id);
            let level = level(scope, one.name, organization, one.stamps.created_at);
            Thing::one(one.id.to_string(), level, one.policy)
        });
        Ok(relisted(items.collect(), listed.more))
    }
}

impl Thing {
    fn one(id: String, level: Level, policy: Policy) -> Self {
        Self {
            id,
            levels: vec![(level, policy)],
        }
    }
}

fn level(
    scope: SpendScope,
    name: String,
    organization_id: Option<OrganizationId>,
    made_at: TimestampMs,
) -> Level {
    Level {
        scope,
        name,
        organization_id,
        team_id: None,
        zone: TimeZone::default(),
        made_at,
        budgets: Vec::new(),
    }
}

/// A member, with their own policy or the one that their team gives to each.
fn of_member(member: Member, of_team: Option<&Policy>) -> (Level, Policy) {
    let own = member.policy != Policy::default();
    let policy = match of_team {
        Some(of_team) if !own => of_team.clone(),
        _ => member.policy,
    };
    let within = member.team_id.as_ref().map(TeamId::as_str);
    let within = within.unwrap_or_else(|| member.organization_id.as_str());
    let scope = SpendScope::member(within, member.user_id.as_str());
    let name = member.user_id.to_string();
    let mut level = level(
        scope,
        name,
        Some(member.organization_id.clone()),
        member.stamps.created_at,
    );
    level.team_id = member.team_id;
    (level, policy)
}

fn relisted(items: Vec<Thing>, more: bool) -> Listed<Thing> {
    Listed {
        items,
        more,
        total: None,
    }
}
