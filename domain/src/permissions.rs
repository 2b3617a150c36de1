//! Who may do what, where? The role matrix, and the one question [`authorize`].
//!
//! A role reaches so far for each action: nowhere, its own things, its teams, its organizations,
//! everywhere. Whoever may do a thing somewhere but not here gets the answer of a missing thing
//! ([`Denied::NotVisible`]); whoever may do it nowhere is told so ([`Denied::NotPermitted`]).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{OrganizationId, TeamId, UserId};

/// A role over the whole platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlatformRole {
    /// Everything but reading what tenants say.
    PlatformAdmin,
    /// Reads everything, the audit trail above all.
    PlatformAuditor,
}

/// A role in an organization or a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs an organization.
    OrganizationAdmin,
    /// Runs a team.
    TeamAdmin,
    /// Has keys of their own.
    Member,
    /// Looks.
    Viewer,
}

macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the store and in bodies.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words!(PlatformRole { PlatformAdmin = "platform_admin", PlatformAuditor = "platform_auditor" });
words!(Role {
    OrganizationAdmin = "organization_admin",
    TeamAdmin = "team_admin",
    Member = "member",
    Viewer = "viewer",
});

/// How far a role reaches for one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Nowhere.
    Nothing,
    /// Things of their own.
    Own,
    /// Things of their teams.
    Team,
    /// Things of their organizations.
    Organization,
    /// Everything.
    Everything,
}

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $word:literal: $platform:ident $auditor:ident $organization:ident $team:ident $member:ident $viewer:ident;)+) => {
        /// One thing that one may do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[$doc])* $variant),+ }

        impl Action {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in refusals and in the audit trail.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// How far a role over the platform reaches.
            #[must_use]
            pub const fn platform_reach(self, role: PlatformRole) -> Reach {
                match (self, role) { $(
                    (Self::$variant, PlatformRole::PlatformAdmin) => Reach::$platform,
                    (Self::$variant, PlatformRole::PlatformAuditor) => Reach::$auditor,
                )+ }
            }

            /// How far a role in an organization or a team reaches.
            #[must_use]
            pub const fn reach(self, role: Role) -> Reach {
                match (self, role) { $(
                    (Self::$variant, Role::OrganizationAdmin) => Reach::$organization,
                    (Self::$variant, Role::TeamAdmin) => Reach::$team,
                    (Self::$variant, Role::Member) => Reach::$member,
                    (Self::$variant, Role::Viewer) => Reach::$viewer,
                )+ }
            }
        }
    };
}

// The matrix of reference 6.5. Columns: platform admin, platform auditor, organization admin,
// team admin, member, viewer.
actions! {
    /// See organizations.
    ReadOrganizations = "organizations.read": Everything Everything Organization Organization Organization Organization;
    /// Make and delete organizations.
    CreateOrganizations = "organizations.create": Everything Nothing Nothing Nothing Nothing Nothing;
    /// Change an organization, within what it was granted.
    UpdateOrganizations = "organizations.update": Everything Nothing Organization Nothing Nothing Nothing;
    /// See who is in an organization or a team.
    ReadMembers = "members.read": Everything Everything Organization Team Team Organization;
    /// Give and take roles in an organization.
    WriteOrganizationMembers = "organization_members.write": Everything Nothing Organization Nothing Nothing Nothing;
    /// Give and take roles in a team.
    WriteTeamMembers = "team_members.write": Everything Nothing Organization Team Nothing Nothing;
    /// See teams.
    ReadTeams = "teams.read": Everything Everything Organization Team Team Organization;
    /// Make and delete teams.
    CreateTeams = "teams.create": Everything Nothing Organization Nothing Nothing Nothing;
    /// Change a team, within what it was granted.
    UpdateTeams = "teams.update": Everything Nothing Organization Team Nothing Nothing;
    /// See projects.
    ReadProjects = "projects.read": Everything Everything Organization Team Team Organization;
    /// Make, change and delete projects and service accounts.
    WriteProjects = "projects.write": Everything Nothing Organization Team Nothing Nothing;
    /// See people.
    ReadUsers = "users.read": Everything Everything Organization Team Own Own;
    /// Make, change and delete people.
    WriteUsers = "users.write": Everything Nothing Nothing Nothing Nothing Nothing;
    /// See keys.
    ReadKeys = "keys.read": Everything Everything Organization Team Own Organization;
    /// Make, change, rotate, block and delete keys.
    WriteKeys = "keys.write": Everything Nothing Organization Team Own Nothing;
    /// Set a key's spend anew.
    ResetSpend = "spend.reset": Everything Nothing Organization Nothing Nothing Nothing;
    /// See end users and tags.
    ReadEndUsers = "end_users.read": Everything Everything Organization Nothing Nothing Organization;
    /// Make, change, block and delete end users and tags.
    WriteEndUsers = "end_users.write": Everything Nothing Organization Nothing Nothing Nothing;
    /// See shared budgets.
    ReadBudgets = "budgets.read": Everything Everything Organization Organization Nothing Organization;
    /// Make, change and delete shared budgets.
    WriteBudgets = "budgets.write": Everything Nothing Organization Nothing Nothing Nothing;
    /// See policy templates.
    ReadTemplates = "templates.read": Everything Everything Organization Organization Organization Organization;
    /// Make, change and delete policy templates.
    WriteTemplates = "templates.write": Everything Nothing Organization Nothing Nothing Nothing;
    /// See which provider credentials there are, never what they are.
    ReadCredentials = "credentials.read": Everything Everything Nothing Nothing Nothing Nothing;
    /// Set provider credentials.
    WriteCredentials = "credentials.write": Everything Nothing Nothing Nothing Nothing Nothing;
    /// See models and deployments.
    ReadDeployments = "deployments.read": Everything Everything Organization Organization Organization Organization;
    /// Add, change and delete deployments.
    WriteDeployments = "deployments.write": Everything Nothing Nothing Nothing Nothing Nothing;
    /// Ask providers whether they answer.
    CheckHealth = "health.check": Everything Everything Nothing Nothing Nothing Nothing;
    /// See spend and requests.
    ReadSpend = "spend.read": Everything Everything Organization Team Own Organization;
    /// Correct what was charged: price a range anew, settle what a dead node left.
    CorrectSpend = "spend.correct": Everything Nothing Nothing Nothing Nothing Nothing;
    /// See alerts of budgets, and where they go.
    ReadAlerts = "alerts.read": Everything Everything Organization Nothing Nothing Organization;
    /// Say where alerts go, and try it.
    WriteAlerts = "alerts.write": Everything Nothing Organization Nothing Nothing Nothing;
    /// See the audit trail.
    ReadAudit = "audit.read": Everything Everything Organization Team Nothing Nothing;
    /// Check the audit trail's chain.
    VerifyAudit = "audit.verify": Everything Everything Nothing Nothing Nothing Nothing;
    /// See settings and the state of nodes.
    ReadSettings = "settings.read": Everything Everything Nothing Nothing Nothing Nothing;
    /// See and change one's own person, key and session.
    Myself = "myself": Everything Everything Own Own Own Own;
}

/// One role of an actor, and where it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// As what.
    pub role: Role,
    /// In which organization.
    pub organization_id: OrganizationId,
    /// In which team; none for the organization itself.
    pub team_id: Option<TeamId>,
}

/// All that an actor may.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// A role over the platform.
    pub platform: Option<PlatformRole>,
    /// Roles in organizations and teams.
    pub grants: Vec<Grant>,
    /// The person, when the actor is one.
    pub user_id: Option<UserId>,
}

/// Where a thing lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Its organization; none for the platform's own things.
    pub organization_id: Option<OrganizationId>,
    /// Its team.
    pub team_id: Option<TeamId>,
    /// The person it belongs to.
    pub owner_id: Option<UserId>,
}

/// Why an actor may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Nowhere: answered with 403.
    NotPermitted,
    /// Not here: answered as if the thing did not exist.
    NotVisible,
}

/// What an actor may see in a list. A query takes it and adds it to its conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// All of it; the rest is then empty.
    pub everything: bool,
    /// Things of these organizations.
    pub organizations: BTreeSet<OrganizationId>,
    /// Things of these teams.
    pub teams: BTreeSet<TeamId>,
    /// Things of this person.
    pub owner: Option<UserId>,
    /// Of all that only what lies in this organization: people have things in several.
    pub within: Option<OrganizationId>,
}

impl Rights {
    /// The rights of the master key and of the command line.
    #[must_use]
    pub fn of_the_operator() -> Self {
        Self {
            platform: Some(PlatformRole::PlatformAdmin),
            ..Self::default()
        }
    }

    /// How far these rights reach for an action, anywhere.
    #[must_use]
    pub fn reach(&self, action: Action) -> Reach {
        let platform = self.platform.map(|role| action.platform_reach(role));
        let granted = self.grants.iter().map(|grant| grant.reach(action));
        // Whoever is known may ask about themself.
        let own = (action == Action::Myself).then_some(Reach::Own);
        platform
            .into_iter()
            .chain(granted)
            .chain(own)
            .max()
            .unwrap_or(Reach::Nothing)
    }

    /// What a list for this action shows.
    #[must_use]
    pub fn scope(&self, action: Action) -> Scope {
        let everything = self
            .platform
            .is_some_and(|role| action.platform_reach(role) == Reach::Everything);
        if everything {
            return Scope {
                everything,
                ..Scope::default()
            };
        }
        let mut scope = Scope::default();
        for grant in &self.grants {
            match (grant.reach(action), &grant.team_id) {
                (Reach::Nothing, _) => {}
                (Reach::Own, _) => scope.owner.clone_from(&self.user_id),
                (Reach::Team, Some(team)) => {
                    scope.teams.insert(team.clone());
                }
                (Reach::Team, None) => {}
                (Reach::Organization | Reach::Everything, _) => {
                    scope.organizations.insert(grant.organization_id.clone());
                }
            }
        }
        if action == Action::Myself {
            scope.owner.clone_from(&self.user_id);
        }
        scope
    }

    /// What a list for this action shows somebody who looks at one organization alone.
    #[must_use]
    pub fn scope_within(&self, action: Action, organization: &OrganizationId) -> Scope {
        let there = |grant: &&Grant| grant.organization_id == *organization;
        let rights = Self {
            grants: self.grants.iter().filter(there).cloned().collect(),
            ..self.clone()
        };
        let mut scope = rights.scope(action);
        if scope.everything {
            scope = Scope::default();
            scope.organizations.insert(organization.clone());
        }
        scope.within = Some(organization.clone());
        scope
    }
}

impl Grant {
    /// How far this grant reaches: a role in a team does not reach past the team, but for what
    /// everybody in an organization may see.
    fn reach(&self, action: Action) -> Reach {
        let reach = action.reach(self.role);
        let of_all = Role::ALL
            .iter()
            .all(|role| action.reach(*role) == Reach::Organization);
        if self.team_id.is_some() && reach == Reach::Organization && !of_all {
            return Reach::Team;
        }
        reach
    }
}

impl Scope {
    /// Whether a thing at this place is in it.
    #[must_use]
    pub fn contains(&self, place: &Place) -> bool {
        let within = |id: &Option<OrganizationId>| {
            id.as_ref()
                .is_some_and(|id| self.organizations.contains(id))
        };
        let is_elsewhere = self.within.is_some()
            && place.organization_id.is_some()
            && self.within != place.organization_id;
        !is_elsewhere
            && (self.everything
                || within(&place.organization_id)
                || place
                    .team_id
                    .as_ref()
                    .is_some_and(|id| self.teams.contains(id))
                || (self.owner.is_some() && self.owner == place.owner_id))
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether an actor may do this to a thing that lies there.
///
/// # Errors
/// [`Denied::NotPermitted`] when they may do it nowhere, [`Denied::NotVisible`] when not there.
pub fn authorize(rights: &Rights, action: Action, place: &Place) -> Result<(), Denied> {
    if rights.reach(action) == Reach::Nothing {
        return Err(Denied::NotPermitted);
    }
    if rights.scope(action).contains(place) {
        return Ok(());
    }
    Err(Denied::NotVisible)
}
