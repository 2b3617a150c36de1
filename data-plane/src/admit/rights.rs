//! Which models may a caller ask? The key, its project, its team, its organization, its owner and
//! the end user all have to allow it.

use domain::end_users::EndUser;
use domain::policies::Policy;
use domain::routing::FallbackTarget;
use providers::openai::controls::CallerFallbacks;

use crate::authenticate::Caller;
use crate::call::Call;
use crate::error::GatewayError;
use crate::node::State;
use crate::route::named;
use crate::route::pattern;
use crate::route::table::{Found, Table};
use crate::tenants::standing::{Level, Standing};

/// LiteLLM's words for all models, here and above.
const EVERYTHING: [&str; 3] = ["*", "all-proxy-models", "all-team-models"];

/// LiteLLM's word for no models but those that a team has.
const NOTHING: &str = "no-default-models";

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
        rename(standing, &mut call.asked_model);
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

/// The key's name for it first, then the team's for that.
fn rename(standing: &Standing, asked_model: &mut String) {
    let team = standing.team.as_ref().map(|team| &team.policy);
    for policy in [Some(&*standing.grant.policy), team].into_iter().flatten() {
        if let Some(real) = policy.model_aliases.get(asked_model.as_str()) {
            asked_model.clone_from(real);
        }
    }
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
        let Some(found) = self.table.find(model, self.organization_id) else {
            return false;
        };
        let is_alias = found.group.name != model && !found.group.name.contains('*');
        let is_hidden = is_alias && !self.are_unlimited() && !self.is_listed(model);
        !is_hidden && self.refusing(model).is_none()
    }

    fn is_listed(&self, model: &str) -> bool {
        let mut policies = self.standing.into_iter().flat_map(Standing::policies);
        policies.any(|(_level, policy)| policy.models.iter().any(|entry| entry == model))
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
        let found = self.table.find(model, self.organization_id);
        let of_key = self.standing.into_iter().flat_map(Standing::policies);
        let of_end_user = self
            .end_user
            .map(|end_user| (Level::EndUser, &end_user.policy));
        of_key
            .chain(of_end_user)
            .find(|(level, policy)| !self.allows(*level, policy, (model, found.as_ref())))
            .map(|(level, _)| level)
    }

    fn allows(&self, level: Level, policy: &Policy, asked: (&str, Option<&Found>)) -> bool {
        let has_team = self
            .standing
            .is_some_and(|standing| standing.team.is_some());
        policy.models.is_empty()
            || policy.models.iter().any(|entry| match entry.as_str() {
                // Of a person it means: no models outside of teams.
                NOTHING => level == Level::User && has_team,
                entry if EVERYTHING.contains(&entry) => true,
                entry => self.covers(entry, asked),
            })
    }

    /// Whether an entry of a list means a model: its name, its group's, a pattern, or the name of an
    /// access group.
    fn covers(&self, entry: &str, (model, found): (&str, Option<&Found>)) -> bool {
        if entry == model || (entry.contains('*') && pattern::capture(entry, model).is_some()) {
            return true;
        }
        let Some(Found { group, .. }) = found else {
            return false;
        };
        if entry == group.name {
            return true;
        }
        let mut candidates = group
            .candidates
            .iter()
            .filter(|candidate| candidate.is_for(self.organization_id));
        candidates.any(|candidate| {
            // `openai/*` means `gpt-4o` as well, where that is OpenAI's own name for it.
            let is_vendors_own = || {
                let vendors = format!("{}/{model}", candidate.provider_name);
                candidate.model == model && pattern::capture(entry, &vendors).is_some()
            };
            candidate.access_groups.iter().any(|name| name == entry)
                || (entry.contains('*') && is_vendors_own())
        })
    }
}
