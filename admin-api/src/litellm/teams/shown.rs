//! A team as LiteLLM shows it.

use std::collections::BTreeMap;

use domain::ids::TeamId;
use domain::members::Member;
use domain::permissions::Role;
use domain::policies::Policy;
use domain::spend::ScopeKind;
use domain::teams::Team;
use serde_json::{Map, Value, json};

use crate::acting::{Acting, Permission};
use crate::actions::spend::Spender;
use crate::error::ActionError;
use crate::litellm::member_fields::{shown_budget, team_word};
use crate::litellm::names::{Names, known, scope};
use crate::litellm::policy;

/// Teams' members, and the names of what they belong to.
pub struct Around {
    /// Names and spend.
    pub names: Names,
    members: BTreeMap<TeamId, Vec<Member>>,
}

impl Around {
    /// Reads what is shown of teams beside themselves.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn of<P: Permission>(
        acting: &Acting<P>,
        teams: &[Team],
    ) -> Result<Self, ActionError> {
        let ids: Vec<TeamId> = teams.iter().map(|team| team.id.clone()).collect();
        let all = acting.store().members_of_teams(&ids).await?;
        let mut names = Names::default();
        names
            .read_organizations(acting, teams.iter().map(|team| &team.organization_id))
            .await?;
        names.read_members(acting, &all, teams).await?;
        names
            .read_spend(acting, teams.iter().map(Spender::from))
            .await?;
        let mut members: BTreeMap<TeamId, Vec<Member>> = BTreeMap::new();
        for member in all {
            if let Some(team) = &member.team_id {
                members.entry(team.clone()).or_default().push(member);
            }
        }
        Ok(Self { names, members })
    }

    /// A team's members.
    #[must_use]
    pub fn members(&self, team: &Team) -> &[Member] {
        self.members.get(&team.id).map_or(&[], Vec::as_slice)
    }

    /// A team.
    #[must_use]
    pub fn shown(&self, team: &Team) -> Value {
        let members = self.members(team);
        let of_role = |admin: bool| -> Vec<String> {
            let those = members
                .iter()
                .filter(|one| (one.role == Role::TeamAdmin) == admin);
            those.map(|one| self.names.user(&one.user_id)).collect()
        };
        let mut all = policy::shown(&team.policy);
        all.extend(member_policy(&team.member_policy));
        let own = json!({
            "team_id": known(team.external_id.as_ref(), team.id.as_str()),
            "team_alias": team.name,
            "organization_id": self.names.organization(&team.organization_id),
            "model_aliases": team.policy.model_aliases,
            "blocked": team.blocked,
            "spend": self.names.spend(&scope(ScopeKind::Team, team.id.as_str())),
            "budget_reset_at": self.names.resets_at(&scope(ScopeKind::Team, team.id.as_str())),
            "admins": of_role(true),
            "members": of_role(false),
            "members_with_roles": members.iter().map(|one| self.with_role(one)).collect::<Vec<_>>(),
            "created_at": team.stamps.created_at.to_rfc3339(),
            "created_by": team.stamps.created_by,
            "updated_at": team.stamps.updated_at.to_rfc3339(),
        });
        if let Value::Object(own) = own {
            all.extend(own);
        }
        Value::Object(all)
    }

    fn with_role(&self, member: &Member) -> Value {
        json!({
            "user_id": self.names.user(&member.user_id),
            "user_email": self.names.email(&member.user_id),
            "role": team_word(member.role),
        })
    }

    /// A membership: what somebody may spend in a team, and has spent.
    #[must_use]
    pub fn membership(&self, team: &Team, member: &Member) -> Value {
        let own = (member.policy != Policy::default()).then(|| shown_budget(&member.policy));
        json!({
            "user_id": self.names.user(&member.user_id),
            "team_id": known(team.external_id.as_ref(), team.id.as_str()),
            "budget_id": member.policy.budget_id,
            "spend": self.names.spend_of_member(member),
            "litellm_budget_table": own,
        })
    }
}

/// What each member gets, under LiteLLM's names.
fn member_policy(policy: &Policy) -> Map<String, Value> {
    const NAMES: [(&str, &str); 6] = [
        ("max_budget", "team_member_budget"),
        ("budget_duration", "team_member_budget_duration"),
        ("rpm_limit", "team_member_rpm_limit"),
        ("tpm_limit", "team_member_tpm_limit"),
        ("model_max_budget", "team_member_model_max_budget"),
        ("models", "default_team_member_models"),
    ];
    let mut shown = policy::shown(policy);
    let named = NAMES.into_iter().filter_map(|(ours, theirs)| {
        let value = shown.remove(ours)?;
        Some((theirs.to_owned(), value))
    });
    named.collect()
}

/// One team.
///
/// # Errors
/// When the store does not answer.
pub async fn shown<P: Permission>(acting: &Acting<P>, team: Team) -> Result<Value, ActionError> {
    let around = Around::of(acting, std::slice::from_ref(&team)).await?;
    Ok(around.shown(&team))
}
