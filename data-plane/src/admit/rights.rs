//! Which models may a caller ask? The key, its project, its team, its organization, its owner and
//! the end user all have to allow it.

use domain::end_users::EndUser;
use domain::policies::Policy;
use domain::routing::FallbackTarget;
use domain::routing::rights::Asked;
use domain::standing::Level;
use providers::openai::controls::CallerFallbacks;

use crate::authenticate::Caller;
use crate::call::Call;
use crate::error::GatewayError;
use crate::node::State;
use crate::route::named;
use crate::route::table::Table;
use crate::tenants::standing::Standing;

/// What one caller may ask.
pub struct Rights<'a> {
    table: &'a Table,
    organization_id: &'a str,
    standing: Option<&'a Standing>,
    end_user: Option<&'a EndUser>,
}

/// Gives the asked model the name that the key or its team has for it, and checks that the caller
/// may ask it, and every fallback that the caller names.
///
/// # Errors
/// [`GatewayError::ModelNotAllowed`], before anybody looks whether there is such a model, and
/// [`GatewayError::EndUserBlocked`].
pub fn check(state: &State, caller: &Caller, call: &mut Call) -> Result<(), GatewayError> {
    let tree = state.known.tree();
    let named = call.body.user.as_deref().filter(|_| tree.has_end_users());
    let end_user = named.and_then(|name| tree.end_user(caller.organization_id(), name));
    if end_user.is_some_and(|end_user| end_user.blocked) {
        return Err(GatewayError::EndUserBlocked);
    }
    if let Some(standing) = caller.standing().filter(|standing| standing.renames_models) {
        let real = standing.above().real_name(&call.asked_model).to_owned();
        call.asked_model = real;
    }
    let rights = Rights {
        end_user: end_user.map(|end_user| &**end_user),
        ..Rights::of(&state.table, caller)
    };
    if rights.are_unlimited() {
        return Ok(());
    }
    let controls = &call.body.controls;
    let fallbacks = [
        &controls.fallbacks,
        &controls.context_window_fallbacks,
        &controls.content_policy_fallbacks,
    ];
    let targets = fallbacks.into_iter().flatten().flat_map(targets);
    rights.demand(&call.asked_model)?;
    for target in targets {
        rights.demand(&target.group)?;
    }
    Ok(())
}

fn targets(fallbacks: &CallerFallbacks) -> impl Iterator<Item = &FallbackTarget> {
    let by_group = fallbacks.lists.values().flatten();
    fallbacks.targets.iter().chain(by_group)
}

impl<'a> Rights<'a> {
    /// The rights of a caller, whatever end user it serves.
    #[must_use]
    pub fn of(table: &'a Table, caller: &'a Caller) -> Self {
        Self {
            table,
            organization_id: caller.organization_id(),
            standing: caller.standing(),
            end_user: None,
        }
    }

    /// Whether a model is there, may be asked, and is to be listed. An alias of a model that a list
    /// allows may be asked; it is listed where the list has it too.
    #[must_use]
    pub fn shows(&self, model: &str) -> bool {
        let Some(hit) = self.table.hit(model, self.organization_id) else {
            return false;
        };
        let is_alias = hit.group.name != model && !hit.group.name.contains('*');
        let is_hidden = is_alias && !self.are_unlimited() && !self.is_listed(model);
        !is_hidden && self.refusing(model).is_none()
    }

    fn is_listed(&self, model: &str) -> bool {
        self.policies()
            .any(|(_level, policy)| policy.models.iter().any(|entry| entry == model))
    }

    fn are_unlimited(&self) -> bool {
        let is_limited = |standing: &Standing| standing.names_models;
        !self.standing.is_some_and(is_limited)
            && self
                .end_user
                .is_none_or(|end_user| end_user.policy.models.is_empty())
    }

    fn demand(&self, model: &str) -> Result<(), GatewayError> {
        match self.refusing(model) {
            Some(level) => Err(GatewayError::ModelNotAllowed {
                model: named(model),
                level: level.as_str(),
            }),
            None => Ok(()),
        }
    }

    /// The first level that does not allow a model.
    #[must_use]
    pub fn refusing(&self, model: &str) -> Option<Level> {
        if self.are_unlimited() {
            return None;
        }
        let hit = self.table.hit(model, self.organization_id);
        let asked = Asked {
            model,
            hit: hit.as_ref(),
            organization_id: self.organization_id,
            has_team: self
                .standing
                .is_some_and(|standing| standing.team.is_some()),
        };
        let of_end_user = self
            .end_user
            .map(|end_user| (Level::EndUser, &end_user.policy));
        asked.refusing(self.policies().chain(of_end_user))
    }

    fn policies(&self) -> impl Iterator<Item = (Level, &'a Policy)> {
        let above = self.standing.map(Standing::above);
        above.into_iter().flat_map(|above| above.policies())
    }
}
