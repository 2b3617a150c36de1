//! An organization as LiteLLM shows it.

use std::collections::BTreeMap;

use domain::ids::OrganizationId;
use domain::members::Member;
use domain::organizations::Organization;
use domain::permissions::{Action, Place};
use domain::policies::Policy;
use domain::spend::ScopeKind;
use domain::users::User;
use serde_json::{Value, json};

use crate::acting::{Acting, Permission};
use crate::actions::spend::Spender;
use crate::error::ActionError;
use crate::litellm::member_fields::{organization_word, shown_budget};
use crate::litellm::names::{Names, known, scope};
use crate::litellm::policy;

/// Organizations' members, as far as the actor may see them, and spend.
pub struct Around {
    names: Names,
    members: BTreeMap<OrganizationId, Vec<Member>>,
}

impl Around {
    /// Reads what is shown of organizations beside themselves.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn of<P: Permission>(
        acting: &Acting<P>,
        all: &[Organization],
    ) -> Result<Self, ActionError> {
        let seen = acting.actor.rights.scope(Action::ReadMembers);
        let mut names = Names::default();
        let mut members = BTreeMap::new();
        for organization in all {
            let place = Place {
                organization_id: Some(organization.id.clone()),
                ..Place::default()
            };
            if seen.contains(&place) {
                let theirs = acting
                    .store()
                    .organization_members(&organization.id)
                    .await?;
                names.read_members(acting, &theirs, &[]).await?;
                members.insert(organization.id.clone(), theirs);
            }
        }
        names
            .read_spend(acting, all.iter().map(Spender::from))
            .await?;
        Ok(Self { names, members })
    }

    /// For the answer to a change of members.
    pub(super) fn of_people(people: impl IntoIterator<Item = User>) -> Self {
        let mut names = Names::default();
        names.add_people(people);
        Self {
            names,
            members: BTreeMap::new(),
        }
    }

    /// An organization.
    #[must_use]
    pub fn shown(&self, organization: &Organization) -> Value {
        let members = self
            .members
            .get(&organization.id)
            .map_or(&[][..], Vec::as_slice);
        let members = members
            .iter()
            .map(|member| self.member(organization, member));
        let own_scope = scope(ScopeKind::Organization, organization.id.as_str());
        let mut all = policy::shown(&organization.policy);
        let own = json!({
            "organization_id": known(organization.external_id.as_ref(), organization.id.as_str()),
            "organization_alias": organization.name,
            "time_zone": organization.time_zone,
            "blocked": organization.blocked,
            "spend": self.names.spend(&own_scope),
            "budget_reset_at": self.names.resets_at(&own_scope),
            "members": members.collect::<Vec<_>>(),
            "litellm_budget_table": shown_budget(&organization.policy),
            "created_at": organization.stamps.created_at.to_rfc3339(),
            "created_by": organization.stamps.created_by,
            "updated_at": organization.stamps.updated_at.to_rfc3339(),
            "updated_by": organization.stamps.updated_by,
        });
        if let Value::Object(own) = own {
            all.extend(own);
        }
        Value::Object(all)
    }

    /// A membership.
    #[must_use]
    pub fn member(&self, organization: &Organization, member: &Member) -> Value {
        let own = (member.policy != Policy::default()).then(|| shown_budget(&member.policy));
        let id = self.names.user(&member.user_id);
        json!({
            "user_id": id,
            "organization_id": known(organization.external_id.as_ref(), organization.id.as_str()),
            "user_role": organization_word(member.role),
            "user_email": self.names.email(&member.user_id),
            "budget_id": member.policy.budget_id,
            "spend": self.names.spend_of_member(member),
            "litellm_budget_table": own,
            "created_at": member.stamps.created_at.to_rfc3339(),
            "updated_at": member.stamps.updated_at.to_rfc3339(),
            "user": {"user_id": id, "user_email": self.names.email(&member.user_id)},
        })
    }
}
