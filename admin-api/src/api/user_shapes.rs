//! A person as `/api/v1` takes and shows them.

use std::collections::BTreeMap;

use domain::ids::UserId;
use domain::members::Member;
use domain::money::NanoUsd;
use domain::permissions::PlatformRole;
use domain::spend::{ScopeKind, SpendScope};
use domain::users::User;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::presence::Presence;

use crate::acting::{Acting, Permission};
use crate::actions::spend;
use crate::actions::users::{self, SignInMethod};
use crate::api::members::RoleBody;
use crate::api::policy::PolicyBody;
use crate::error::ActionError;

/// A role over the whole platform.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlatformRoleBody {
    /// Everything but reading what tenants say.
    PlatformAdmin,
    /// Reads everything, the audit trail above all.
    PlatformAuditor,
}

impl From<PlatformRole> for PlatformRoleBody {
    fn from(role: PlatformRole) -> Self {
        match role {
            PlatformRole::PlatformAdmin => Self::PlatformAdmin,
            PlatformRole::PlatformAuditor => Self::PlatformAuditor,
        }
    }
}

impl From<PlatformRoleBody> for PlatformRole {
    fn from(role: PlatformRoleBody) -> Self {
        match role {
            PlatformRoleBody::PlatformAdmin => Self::PlatformAdmin,
            PlatformRoleBody::PlatformAuditor => Self::PlatformAuditor,
        }
    }
}

/// What may be written of a person. Roles in organizations and teams are given there.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UserWrite {
    /// Their address; unique, in any case.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// A role over the whole platform.
    pub platform_role: Option<PlatformRoleBody>,
    /// What their own keys may do, all together.
    pub policy: PolicyBody,
    /// Whether they may do nothing.
    pub blocked: bool,
}

/// A person.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UserBody {
    /// `user_…`.
    pub id: String,
    /// The id that their maker chose; they are found by either.
    pub external_id: Option<String>,
    /// Their address.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// A role over the whole platform.
    pub platform_role: Option<PlatformRoleBody>,
    /// Their roles in organizations and teams, as far as you may see them.
    pub roles: Vec<PlaceBody>,
    /// What their own keys may do, all together.
    pub policy: PolicyBody,
    /// Whether they may do nothing.
    pub blocked: bool,
    /// When they last used the console or one of their own keys, RFC 3339; null when they never did.
    pub last_active_at: Option<String>,
    /// How they can sign in; empty for who has keys alone.
    pub sign_in_methods: Vec<SignInMethodBody>,
    /// Dollars as decimal text, from the beginning.
    pub spend_usd: String,
    /// When they were made, RFC 3339.
    pub created_at: String,
    /// By whom.
    pub created_by: String,
    /// When they were last changed, RFC 3339.
    pub updated_at: String,
}

/// A way to sign in.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SignInMethodBody {
    /// Which.
    pub method: SignInMethodName,
    /// The issuer of the identity provider, where it is one.
    pub issuer: Option<String>,
}

/// What a way to sign in is called.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignInMethodName {
    /// With a password.
    Password,
    /// By an identity provider.
    Provider,
    /// Not yet: a link is out with which they can.
    Invited,
}

impl From<SignInMethod> for SignInMethodBody {
    fn from(method: SignInMethod) -> Self {
        let (method, issuer) = match method {
            SignInMethod::Password => (SignInMethodName::Password, None),
            SignInMethod::Provider(issuer) => (SignInMethodName::Provider, Some(issuer)),
            SignInMethod::Invited => (SignInMethodName::Invited, None),
        };
        Self { method, issuer }
    }
}

/// A role, and where it holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlaceBody {
    /// In which organization.
    pub organization_id: String,
    /// In which team; null for the organization itself.
    pub team_id: Option<String>,
    /// As what.
    pub role: RoleBody,
}

impl From<&Member> for PlaceBody {
    fn from(member: &Member) -> Self {
        Self {
            organization_id: member.organization_id.to_string(),
            team_id: member.team_id.as_ref().map(ToString::to_string),
            role: member.role.into(),
        }
    }
}

/// What is shown of people beside themselves.
pub(super) struct Around {
    memberships: Vec<Member>,
    spend: BTreeMap<SpendScope, NanoUsd>,
    presence: BTreeMap<UserId, Presence>,
}

impl Around {
    pub(super) async fn of<P: Permission>(
        acting: &Acting<P>,
        people: &[User],
    ) -> Result<Self, ActionError> {
        Ok(Self {
            memberships: users::visible_memberships(acting, people).await?,
            spend: spend::shown(acting.store(), people).await?,
            presence: users::presence(acting, people).await?,
        })
    }

    pub(super) fn shown(&self, user: User) -> UserBody {
        let roles = self.memberships.iter().filter(|one| one.user_id == user.id);
        let spend = self
            .spend
            .get(&scope(&user.id))
            .copied()
            .unwrap_or_default();
        let unknown = Presence::default();
        let presence = self.presence.get(&user.id).unwrap_or(&unknown);
        let methods = users::sign_in_methods(presence).into_iter();
        UserBody {
            roles: roles.map(PlaceBody::from).collect(),
            id: user.id.to_string(),
            external_id: user.external_id,
            email: user.email,
            name: user.name,
            platform_role: user.platform_role.map(PlatformRoleBody::from),
            policy: PolicyBody::from(&user.policy),
            blocked: user.blocked,
            last_active_at: presence.last_active_at.map(|at| at.to_rfc3339()),
            sign_in_methods: methods.map(SignInMethodBody::from).collect(),
            spend_usd: spend.to_string(),
            created_at: user.stamps.created_at.to_rfc3339(),
            created_by: user.stamps.created_by,
            updated_at: user.stamps.updated_at.to_rfc3339(),
        }
    }
}

fn scope(id: &UserId) -> SpendScope {
    SpendScope {
        kind: ScopeKind::User,
        id: id.to_string(),
    }
}

/// A person as the actor may see them.
///
/// # Errors
/// When the store does not answer.
pub async fn shown<P: Permission>(acting: &Acting<P>, user: User) -> Result<UserBody, ActionError> {
    let around = Around::of(acting, std::slice::from_ref(&user)).await?;
    Ok(around.shown(user))
}
