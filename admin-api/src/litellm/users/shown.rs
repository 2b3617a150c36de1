//! A person as LiteLLM shows them.

use domain::members::Member;
use domain::spend::ScopeKind;
use domain::users::User;
use serde_json::{Value, json};

use super::roles;
use crate::acting::{Acting, Permission};
use crate::actions::spend::Spender;
use crate::actions::users;
use crate::error::ActionError;
use crate::litellm::member_fields::organization_word;
use crate::litellm::names::{Names, known, scope};
use crate::litellm::policy;

/// What is shown of people beside themselves: places that the actor may see, spend.
pub struct Around {
    names: Names,
    memberships: Vec<Member>,
}

impl Around {
    /// Reads what is shown of people.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn of<P: Permission>(
        acting: &Acting<P>,
        people: &[User],
    ) -> Result<Self, ActionError> {
        let memberships = users::visible_memberships(acting, people).await?;
        let mut names = Names::default();
        let teams = memberships
            .iter()
            .filter_map(|member| member.team_id.as_ref());
        names.read_teams(acting, teams).await?;
        let organizations = memberships.iter().map(|member| &member.organization_id);
        names.read_organizations(acting, organizations).await?;
        names
            .read_spend(acting, people.iter().map(Spender::from))
            .await?;
        Ok(Self { names, memberships })
    }

    /// A person.
    #[must_use]
    pub fn shown(&self, user: &User) -> Value {
        let theirs = self.memberships.iter().filter(|one| one.user_id == user.id);
        let theirs: Vec<&Member> = theirs.collect();
        let id = known(user.external_id.as_ref(), user.id.as_str());
        let teams = theirs.iter().filter_map(|member| member.team_id.as_ref());
        let teams: Vec<String> = teams.map(|team| self.names.team(team)).collect();
        let organizations = theirs.iter().filter(|member| member.team_id.is_none());
        let organizations = organizations.map(|member| {
            json!({
                "user_id": id,
                "organization_id": self.names.organization(&member.organization_id),
                "user_role": organization_word(member.role),
                "created_at": member.stamps.created_at.to_rfc3339(),
                "updated_at": member.stamps.updated_at.to_rfc3339(),
            })
        });
        let own = json!({
            "user_id": id,
            "user_email": user.email,
            "user_alias": user.name,
            "user_role": roles::word(user, &theirs),
            "teams": teams,
            "organization_memberships": organizations.collect::<Vec<_>>(),
            "blocked": user.blocked,
            "spend": self.names.spend(&scope(ScopeKind::User, user.id.as_str())),
            "budget_reset_at": self.names.resets_at(&scope(ScopeKind::User, user.id.as_str())),
            "created_at": user.stamps.created_at.to_rfc3339(),
            "updated_at": user.stamps.updated_at.to_rfc3339(),
        });
        let mut all = policy::shown(&user.policy);
        if let Value::Object(own) = own {
            all.extend(own);
        }
        Value::Object(all)
    }
}
