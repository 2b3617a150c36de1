//! One secret of a key as a node holds it, and where the key stands: what is above it, resolved.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use domain::directory::KeyGrant;
use domain::keys::KeyHash;
use domain::members::Member;
use domain::organizations::Organization;
use domain::policies::Policy;
use domain::projects::Project;
use domain::standing::{Above, Level};
use domain::teams::Team;
use domain::time::TimestampMs;
use domain::users::User;

use crate::tenants::payer::KeyPayer;
use crate::tenants::tree::Tree;

/// One secret of a key.
pub struct Held {
    /// The key.
    pub grant: Arc<KeyGrant>,
    /// The secret's hash.
    pub hash: KeyHash,
    /// The end of the grace period, when the secret was replaced.
    pub ends_at: Option<TimestampMs>,
    uses: AtomicU64,
    last_used_ms: AtomicU64,
    /// What was found last; good for one tree only.
    standing: ArcSwapOption<Standing>,
}

/// A key with all that is above it.
pub struct Standing {
    /// The tree's number.
    tree: u64,
    /// The key.
    pub grant: Arc<KeyGrant>,
    /// Its organization.
    pub organization: Arc<Organization>,
    /// Its team.
    pub team: Option<Arc<Team>>,
    /// Its project.
    pub project: Option<Arc<Project>>,
    /// The person it belongs to.
    pub user: Option<Arc<User>>,
    /// That person's membership in the team.
    pub team_member: Option<Arc<Member>>,
    /// That person's membership in the organization.
    pub organization_member: Option<Arc<Member>>,
    /// The level that is blocked, the key before those above it.
    pub blocked: Option<Level>,
    /// When the key ends.
    pub expires_at: Option<TimestampMs>,
    /// Whether any level names models, so that the others need not be asked.
    pub names_models: bool,
    /// Whether any level gives models other names.
    pub renames_models: bool,
    /// Whether any level names routes.
    pub names_routes: bool,
    /// Whether any level names addresses.
    pub names_addresses: bool,
    /// Who pays for its requests.
    pub payer: KeyPayer,
}

impl Held {
    /// The secrets of a key, each to be found by its hash.
    pub fn all(grant: &Arc<KeyGrant>) -> impl Iterator<Item = Arc<Self>> {
        grant.secrets.iter().map(|(hash, ends_at)| {
            Arc::new(Self {
                grant: Arc::clone(grant),
                hash: *hash,
                ends_at: *ends_at,
                uses: AtomicU64::new(0),
                last_used_ms: AtomicU64::new(0),
                standing: ArcSwapOption::empty(),
            })
        })
    }

    /// Where the key stands in this tree; none when the tree lacks something that the key names.
    /// Resolved once for each tree: the second time costs no look-up.
    #[must_use]
    pub fn standing(&self, tree: &Tree) -> Option<Arc<Standing>> {
        let resolved = self.standing.load();
        if let Some(resolved) = resolved.as_ref().filter(|found| found.tree == tree.number) {
            return Some(Arc::clone(resolved));
        }
        let standing = Arc::new(Standing::resolve(&self.grant, tree)?);
        self.standing.store(Some(Arc::clone(&standing)));
        Some(standing)
    }

    /// Counts one use; true when it is the first since the counts were taken.
    pub(super) fn count_use(&self, now: TimestampMs) -> bool {
        self.last_used_ms.fetch_max(now.0, Ordering::Relaxed);
        self.uses.fetch_add(1, Ordering::AcqRel) == 0
    }

    /// Takes the count, and the time of the last use.
    pub(super) fn take_uses(&self) -> (u64, TimestampMs) {
        let uses = self.uses.swap(0, Ordering::AcqRel);
        (uses, TimestampMs(self.last_used_ms.load(Ordering::Relaxed)))
    }

    /// Gives a count back that could not be told; true when none has begun since.
    pub(super) fn give_back_uses(&self, uses: u64) -> bool {
        self.uses.fetch_add(uses, Ordering::AcqRel) == 0
    }
}

/// Finds what an id names: nothing for no id, and no answer when the tree lacks it.
fn resolved<'a, I, T: 'a>(
    id: Option<&I>,
    find: impl Fn(&I) -> Option<&'a Arc<T>>,
) -> Option<Option<Arc<T>>> {
    match id {
        None => Some(None),
        Some(id) => find(id).map(|found| Some(Arc::clone(found))),
    }
}

impl Standing {
    fn resolve(grant: &Arc<KeyGrant>, tree: &Tree) -> Option<Self> {
        let organization = Arc::clone(tree.organization(&grant.organization_id)?);
        let member = |team| {
            let user = grant.user_id.as_ref()?;
            tree.member(user, &organization.id, team).map(Arc::clone)
        };
        let team_id = grant.team_id.as_ref();
        let mut standing = Self {
            tree: tree.number,
            grant: Arc::clone(grant),
            team: resolved(team_id, |id| tree.team(id))?,
            project: resolved(grant.project_id.as_ref(), |id| tree.project(id))?,
            user: resolved(grant.user_id.as_ref(), |id| tree.user(id))?,
            team_member: team_id.and_then(|team| member(Some(team))),
            organization_member: member(None),
            organization,
            blocked: None,
            expires_at: grant.expires_at,
            names_models: false,
            renames_models: false,
            names_routes: false,
            names_addresses: false,
            payer: KeyPayer::default(),
        };
        standing.blocked = standing.above().blocked();
        let any = |test: fn(&Policy) -> bool| standing.policies().any(|(_, policy)| test(policy));
        let names_models = any(|policy| !policy.models.is_empty());
        let renames_models = any(|policy| !policy.model_aliases.is_empty());
        let names_routes = any(|policy| !policy.allowed_routes.is_empty());
        let names_addresses = any(|policy| !policy.allowed_addresses.is_empty());
        standing.names_models = names_models;
        standing.renames_models = renames_models;
        standing.names_routes = names_routes;
        standing.names_addresses = names_addresses;
        standing.payer = KeyPayer::of(&standing, tree);
        Some(standing)
    }

    /// The key's policy and all that is above it.
    #[must_use]
    pub fn above(&self) -> Above<'_> {
        Above {
            key: Some((&*self.grant.policy, self.grant.blocked)),
            project: self.project.as_deref(),
            team: self.team.as_deref(),
            user: self.user.as_deref(),
            team_member: self.team_member.as_deref(),
            organization_member: self.organization_member.as_deref(),
            organization: Some(&*self.organization),
        }
    }

    /// The policies that hold together, the key's first.
    pub fn policies(&self) -> impl Iterator<Item = (Level, &Policy)> {
        self.above().policies()
    }

    /// What the key's owner may do in the key's team.
    #[must_use]
    pub fn team_member_policy(&self) -> Option<&Policy> {
        self.above().team_member_policy()
    }
}
