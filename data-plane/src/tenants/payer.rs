//! Who pays for a request with a key: the scopes of the key and of all that is above it, and the
//! lines that hold there.

use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::DEFAULT_ORGANIZATION;
use domain::organizations::Organization;
use domain::policies::Policy;
use domain::spend::{ScopeKind, SpendScope};
use domain::standing::Level;
use domain::time::TimestampMs;
use domain::windows::TimeZone;

use crate::tenants::account::{Holder, Lines, found_by};
use crate::tenants::standing::Standing;
use crate::tenants::tree::Tree;

/// Who pays, as far as the key decides it.
#[derive(Default)]
pub struct KeyPayer {
    /// The organization: its counters lie together.
    pub organization: Arc<str>,
    /// Its calendar.
    pub zone: TimeZone,
    /// The scopes whose spend it is, as attempts are found by.
    pub scopes: Vec<Arc<str>>,
    /// Ids that must not have been revoked.
    pub revocable: Arc<[Arc<str>]>,
    /// Budgets and rates of all levels.
    pub lines: Lines,
    /// Tags that every request carries; each once.
    pub tags: Vec<String>,
    /// The scopes with those of single groups beside them, for the groups that were asked.
    of_groups: Mutex<Vec<(String, Scopes)>>,
}

/// What attempts are found by, when a counter is opened: the scopes, and the same for one group.
pub type Scopes = Arc<[Arc<str>]>;

/// A key that asks more groups than these pays for it in time.
const MOST_GROUPS: usize = 16;

impl KeyPayer {
    /// Who pays for requests with this key.
    #[must_use]
    pub fn of(standing: &Standing, tree: &Tree) -> Self {
        let organization = &*standing.organization;
        let mut payer = Self::in_organization(organization, tree);
        let grant = &standing.grant;
        let mut ids = vec![grant.id.as_str(), organization.id.as_str()];
        ids.extend(grant.team_id.as_ref().map(|id| id.as_str()));
        ids.extend(grant.project_id.as_ref().map(|id| id.as_str()));
        ids.extend(grant.user_id.as_ref().map(|id| id.as_str()));
        payer.revocable = ids.into_iter().map(Arc::from).collect();
        // A person belongs to no organization; their own windows follow no zone but UTC.
        let of_nobody = TimeZone::default();
        for one in levels(standing) {
            payer.scopes.push(found_by(&one.scope, None));
            let Some(policy) = one.policy else { continue };
            let holder = Holder {
                level: one.level,
                scope: one.scope,
                zone: if one.level == Level::User {
                    &of_nobody
                } else {
                    &payer.zone
                },
                anchor: one.since,
                refuses: one.level != Level::User || grant.team_id.is_none(),
            };
            let shared = tree.shared_budget(policy);
            payer.lines.add(&holder, policy, shared);
        }
        let tags = standing
            .policies()
            .flat_map(|(_level, policy)| &policy.tags);
        for tag in tags {
            if !payer.tags.contains(tag) {
                payer.tags.push(tag.clone());
            }
        }
        payer
    }

    /// Who pays for requests without a virtual key: the organization that always exists.
    #[must_use]
    pub fn without_key(tree: &Tree) -> Self {
        let id = domain::ids::OrganizationId::new(DEFAULT_ORGANIZATION);
        match tree.organization(&id) {
            Some(organization) => Self::in_organization(organization, tree),
            None => Self {
                organization: DEFAULT_ORGANIZATION.into(),
                scopes: vec![found_by(
                    &SpendScope::new(ScopeKind::Organization, DEFAULT_ORGANIZATION),
                    None,
                )],
                ..Self::default()
            },
        }
    }

    /// What attempts at a group are found by, when a counter is opened.
    #[must_use]
    pub fn scopes_for(&self, group: &str) -> Scopes {
        let mut known = self
            .of_groups
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, scopes)) = known.iter().find(|(name, _)| name == group) {
            return Arc::clone(scopes);
        }
        let of_group = self.scopes.iter();
        let of_group = of_group.map(|scope| Arc::from(format!("{scope}*{group}")));
        let scopes: Scopes = self.scopes.iter().cloned().chain(of_group).collect();
        if known.len() >= MOST_GROUPS {
            known.clear();
        }
        known.push((group.to_owned(), Arc::clone(&scopes)));
        scopes
    }

    fn in_organization(organization: &Organization, tree: &Tree) -> Self {
        let id = organization.id.as_str();
        let zone: TimeZone = organization.time_zone.parse().unwrap_or_default();
        let scope = SpendScope::new(ScopeKind::Organization, id);
        let mut lines = Lines::default();
        let found = found_by(&scope, None);
        let holder = Holder {
            level: Level::Organization,
            scope,
            zone: &zone,
            anchor: organization.stamps.created_at,
            refuses: true,
        };
        let shared = tree.shared_budget(&organization.policy);
        lines.add(&holder, &organization.policy, shared);
        Self {
            organization: id.into(),
            scopes: vec![found],
            lines,
            zone,
            ..Self::default()
        }
    }
}

/// A level below the organization.
struct Below<'a> {
    level: Level,
    /// Where its spend is summed.
    scope: SpendScope,
    policy: Option<&'a Policy>,
    /// From when its fixed windows count.
    since: TimestampMs,
}

/// The levels below the organization. A person's own budget counts all their keys and refuses those
/// that belong to no team: a team pays for its own (so it is in LiteLLM).
fn levels(standing: &Standing) -> Vec<Below<'_>> {
    let grant = &standing.grant;
    let mut levels = vec![Below {
        level: Level::Key,
        scope: SpendScope::new(ScopeKind::Key, grant.id.as_str()),
        policy: Some(&grant.policy),
        since: grant.created_at,
    }];
    levels.extend(standing.project.as_ref().map(|project| Below {
        level: Level::Project,
        scope: SpendScope::new(ScopeKind::Project, project.id.as_str()),
        policy: Some(&project.policy),
        since: project.stamps.created_at,
    }));
    levels.extend(standing.team.as_ref().map(|team| Below {
        level: Level::Team,
        scope: SpendScope::new(ScopeKind::Team, team.id.as_str()),
        policy: Some(&team.policy),
        since: team.stamps.created_at,
    }));
    let Some(user) = &standing.user else {
        return levels;
    };
    levels.extend(standing.team.as_ref().map(|team| {
        Below {
            level: Level::Member,
            scope: SpendScope::member(team.id.as_str(), user.id.as_str()),
            policy: standing.team_member_policy(),
            since: standing
                .team_member
                .as_ref()
                .map_or(team.stamps.created_at, |member| member.stamps.created_at),
        }
    }));
    let member = standing.organization_member.as_ref();
    let organization = &standing.organization;
    levels.push(Below {
        level: Level::Member,
        scope: SpendScope::member(organization.id.as_str(), user.id.as_str()),
        policy: member.map(|member| &member.policy),
        since: member.map_or(organization.stamps.created_at, |member| {
            member.stamps.created_at
        }),
    });
    levels.push(Below {
        level: Level::User,
        scope: SpendScope::new(ScopeKind::User, user.id.as_str()),
        policy: Some(&user.policy),
        since: user.stamps.created_at,
    });
    levels
}
