//! Where does a key stand? All that is above it, and the policies that hold together.

use crate::members::Member;
use crate::organizations::Organization;
use crate::policies::Policy;
use crate::projects::Project;
use crate::teams::Team;
use crate::users::User;

/// Which level refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The key itself.
    Key,
    /// Its project.
    Project,
    /// Its team.
    Team,
    /// Its organization.
    Organization,
    /// The person it belongs to.
    User,
    /// That person's membership in the team or the organization.
    Member,
    /// The end user whom the request names.
    EndUser,
    /// A tag of the request.
    Tag,
}

impl Level {
    /// In the words of a refusal: "… is not allowed for {this}".
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "this key",
            Self::Project => "this key's project",
            Self::Team => "this key's team",
            Self::Organization => "this key's organization",
            Self::User => "this key's owner",
            Self::Member => "this key's owner as a member here",
            Self::EndUser => "the end user whom `user` names",
            Self::Tag => "a tag of this request",
        }
    }
}

/// A key's policy and all that is above it; what is missing limits nothing.
#[derive(Clone, Copy, Default)]
pub struct Above<'a> {
    /// The key's own policy, and whether the key is blocked.
    pub key: Option<(&'a Policy, bool)>,
    /// Its project.
    pub project: Option<&'a Project>,
    /// Its team.
    pub team: Option<&'a Team>,
    /// The person it belongs to.
    pub user: Option<&'a User>,
    /// That person's membership in the team.
    pub team_member: Option<&'a Member>,
    /// That person's membership in the organization.
    pub organization_member: Option<&'a Member>,
    /// Its organization.
    pub organization: Option<&'a Organization>,
}

impl<'a> Above<'a> {
    /// The policies that hold together, the key's first.
    pub fn policies(&self) -> impl Iterator<Item = (Level, &'a Policy)> + use<'a> {
        [
            (Level::Key, self.key.map(|(policy, _blocked)| policy)),
            (Level::Project, self.project.map(|one| &one.policy)),
            (Level::Team, self.team.map(|one| &one.policy)),
            (Level::Member, self.team_member_policy()),
            (
                Level::Member,
                self.organization_member.map(|one| &one.policy),
            ),
            (Level::User, self.user.map(|one| &one.policy)),
            (
                Level::Organization,
                self.organization.map(|one| &one.policy),
            ),
        ]
        .into_iter()
        .filter_map(|(level, policy)| Some((level, policy?)))
    }

    /// What the key's owner may do in the key's team: their own policy, else the one that the team
    /// gives to each of its members. None without a team or without an owner.
    #[must_use]
    pub fn team_member_policy(&self) -> Option<&'a Policy> {
        let team = self.team.filter(|_team| self.user.is_some())?;
        let own = self.team_member.map(|member| &member.policy);
        Some(match own {
            Some(own) if *own != Policy::default() => own,
            _ => &team.member_policy,
        })
    }

    /// The level that is blocked, the key before those above it.
    #[must_use]
    pub fn blocked(&self) -> Option<Level> {
        let levels = [
            (Level::Key, self.key.map(|(_policy, blocked)| blocked)),
            (Level::Project, self.project.map(|one| one.blocked)),
            (Level::Team, self.team.map(|one| one.blocked)),
            (
                Level::Organization,
                self.organization.map(|one| one.blocked),
            ),
            (Level::User, self.user.map(|one| one.blocked)),
        ];
        let mut levels = levels.into_iter();
        levels.find_map(|(level, blocked)| blocked?.then_some(level))
    }

    /// The name that a model has behind the key's name for it, and then behind the team's.
    #[must_use]
    pub fn real_name<'n>(&self, asked: &'n str) -> &'n str
    where
        'a: 'n,
    {
        let own = self.key.map(|(policy, _blocked)| policy);
        let policies = [own, self.team.map(|team| &team.policy)];
        let mut name = asked;
        for policy in policies.into_iter().flatten() {
            name = policy.model_aliases.get(name).map_or(name, String::as_str);
        }
        name
    }
}
