//! The ids that LiteLLM's callers know: the one that they chose, else ours.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{OrganizationId, TeamId, UserId};
use domain::members::Member;
use domain::permissions::Scope;
use domain::spend::{ScopeKind, SpendScope};
use domain::teams::Team;
use domain::users::User;
use serde_json::Value;
use store::teams::TeamFilter;

use crate::acting::{Acting, Permission};
use crate::actions::spend::{self, Present, Spender};
use crate::actions::{levels, users};
use crate::error::ActionError;
use crate::litellm::policy::number;

/// How many ids one query asks for.
const AT_ONCE: usize = 1_000;

/// What is shown of the things around a thing.
#[derive(Default)]
pub struct Names {
    organizations: BTreeMap<OrganizationId, String>,
    teams: BTreeMap<TeamId, String>,
    people: BTreeMap<UserId, User>,
    spend: BTreeMap<SpendScope, Present>,
}

/// The id that a caller chose, else ours.
#[must_use]
pub fn known(external_id: Option<&String>, id: &str) -> String {
    external_id.cloned().unwrap_or_else(|| id.to_owned())
}

impl Names {
    /// Reads the names of organizations.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn read_organizations<'i, P: Permission>(
        &mut self,
        acting: &Acting<P>,
        ids: impl IntoIterator<Item = &'i OrganizationId>,
    ) -> Result<(), ActionError> {
        let ids: BTreeSet<&OrganizationId> = ids.into_iter().collect();
        for id in ids {
            if let Some(found) = acting.store().organization(id.as_str()).await? {
                let name = known(found.external_id.as_ref(), id.as_str());
                self.organizations.insert(found.id, name);
            }
        }
        Ok(())
    }

    /// Reads the names of teams.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn read_teams<'i, P: Permission>(
        &mut self,
        acting: &Acting<P>,
        ids: impl IntoIterator<Item = &'i TeamId>,
    ) -> Result<(), ActionError> {
        let ids: BTreeSet<&TeamId> = ids.into_iter().collect();
        let ids: Vec<String> = ids.into_iter().map(ToString::to_string).collect();
        for ids in ids.chunks(AT_ONCE) {
            let filter = TeamFilter {
                scope: Scope {
                    everything: true,
                    ..Scope::default()
                },
                ids: ids.to_vec(),
                ..TeamFilter::default()
            };
            let listed = acting.store().teams(&filter, &levels::EVERYTHING).await?;
            self.teams.extend(listed.items.into_iter().map(|team| {
                let name = known(team.external_id.as_ref(), team.id.as_str());
                (team.id, name)
            }));
        }
        Ok(())
    }

    /// Reads the people of memberships, and what they have spent there.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn read_members<P: Permission>(
        &mut self,
        acting: &Acting<P>,
        members: &[Member],
        teams: &[Team],
    ) -> Result<(), ActionError> {
        self.people
            .extend(users::of_members(acting, members).await?);
        let spenders = members.iter().map(|member| {
            let theirs = teams
                .iter()
                .find(|team| Some(&team.id) == member.team_id.as_ref());
            Spender::member(member, theirs.map(|team| &team.member_policy))
        });
        self.read_spend(acting, spenders).await
    }

    /// Adds people who are known already.
    pub fn add_people(&mut self, people: impl IntoIterator<Item = User>) {
        self.people
            .extend(people.into_iter().map(|user| (user.id.clone(), user)));
    }

    /// Reads what these have spent.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn read_spend<'s, P: Permission>(
        &mut self,
        acting: &Acting<P>,
        spenders: impl IntoIterator<Item = Spender<'s>>,
    ) -> Result<(), ActionError> {
        let spenders: Vec<Spender<'_>> = spenders.into_iter().collect();
        let present = spend::present(acting.store(), &spenders).await?;
        self.spend.extend(present);
        Ok(())
    }

    /// An organization's id.
    #[must_use]
    pub fn organization(&self, id: &OrganizationId) -> String {
        known(self.organizations.get(id), id.as_str())
    }

    /// A team's id.
    #[must_use]
    pub fn team(&self, id: &TeamId) -> String {
        known(self.teams.get(id), id.as_str())
    }

    /// A person's id.
    #[must_use]
    pub fn user(&self, id: &UserId) -> String {
        let external = self
            .people
            .get(id)
            .and_then(|user| user.external_id.as_ref());
        known(external, id.as_str())
    }

    /// A person's address.
    #[must_use]
    pub fn email(&self, id: &UserId) -> Option<&String> {
        self.people.get(id).and_then(|user| user.email.as_ref())
    }

    /// What something has spent, in dollars as a JSON number.
    #[must_use]
    pub fn spend(&self, scope: &SpendScope) -> Value {
        number(self.spend.get(scope).copied().unwrap_or_default().spend)
    }

    /// When the window of its main budget ends.
    #[must_use]
    pub fn resets_at(&self, scope: &SpendScope) -> Option<String> {
        let ends_at = self.spend.get(scope)?.resets_at?;
        Some(ends_at.to_rfc3339())
    }

    /// What a member has spent in their team, or in their organization.
    #[must_use]
    pub fn spend_of_member(&self, member: &Member) -> Value {
        self.spend(&Spender::member(member, None).scope())
    }
}

/// What a thing's own spend is booked to.
#[must_use]
pub fn scope(kind: ScopeKind, id: &str) -> SpendScope {
    SpendScope {
        kind,
        id: id.to_owned(),
    }
}
