//! Where would a request go? A request for a model walked through rights and routing, not sent.
//!
//! All of it is said by the functions by which data planes admit and route (`domain::standing`,
//! `domain::routing`, `providers::destination`); what only a running node knows (which deployment
//! rests just now, how quick each is) is not in it.

mod caller;
mod table;
mod walked;

pub use self::caller::For;
pub use self::table::OutOfService;
pub use self::walked::{Answering, DryRun, Refusal, Route, Takeover};

use std::collections::BTreeMap;

use domain::routing::explanation::{Candidate, Explainer, Explanation, Step};
use domain::routing::rights::Asked;
use domain::standing::Level;
use domain::time::TimestampMs;
use providers::destination::{Destination, Known};

use self::caller::Caller;
use crate::acting::{Acting, may};
use crate::actions::pulse::{self, Pulse};
use crate::error::ActionError;

/// Walks a request through.
///
/// # Errors
/// [`ActionError::NotFound`] when there is no such key, team or organization, or the actor may not
/// see it.
pub async fn dry_run(
    acting: &Acting<may::ReadDeployments>,
    model: &str,
    asks: &For,
) -> Result<DryRun, ActionError> {
    let caller = Caller::find(acting, asks).await?;
    let organization_id = caller.organization.id.as_str();
    let (table, unused) = table::merged(acting, &caller.organization.id).await?;
    let now = TimestampMs::now();
    let pulses = match acting.also::<may::ReadSpend>() {
        Ok(reading) => Some(pulse::last_hour(&reading, now).await?),
        Err(_not_permitted) => None,
    };
    let above = caller.above();
    let model = model.trim();
    let real = above.real_name(model);
    let explainer = Explainer::of(&table);
    let explained = explainer.explain(real, organization_id);
    let group = explained.as_ref().map(|found| found.group.as_str());
    let has_budget = caller.has_budget(real, group);
    let telling = Telling {
        has_budget,
        pulses: pulses.as_ref(),
    };
    let refusal = (above.blocked().map(Refusal::Blocked))
        .or_else(|| caller.has_ended(now).then_some(Refusal::Expired))
        .or_else(|| not_allowed(&caller, &explainer, real).map(Refusal::NotAllowed));
    let route = explained.map(|found| telling.route(found, unused));
    let refusal = refusal.or(match &route {
        None => Some(Refusal::Unknown),
        Some(route) if has_budget && route.candidates.iter().all(|one| one.price.is_none()) => {
            Some(Refusal::PriceUnknown)
        }
        Some(_) => None,
    });
    Ok(DryRun {
        asked: model.to_owned(),
        model: real.to_owned(),
        organization_id: organization_id.to_owned(),
        refusal,
        has_budget,
        route,
    })
}

/// The first level whose list of models does not have it.
fn not_allowed(caller: &Caller, explainer: &Explainer<'_>, model: &str) -> Option<Level> {
    let organization_id = caller.organization.id.as_str();
    let hit = explainer.find(model, organization_id);
    let asked = Asked {
        model,
        hit: hit.as_ref(),
        organization_id,
        has_team: caller.team.is_some(),
    };
    asked.refusing(caller.above().policies())
}

/// What candidates are told with.
struct Telling<'a> {
    has_budget: bool,
    pulses: Option<&'a BTreeMap<String, Pulse>>,
}

impl Telling<'_> {
    fn route(&self, found: Explanation<'_>, mut unused: Vec<OutOfService>) -> Route {
        unused.retain(|one| one.model_name == found.group);
        let steps = |steps: Vec<Step<'_>>| -> Vec<Takeover> {
            let each = steps.into_iter();
            each.map(|step| self.takeover(step)).collect()
        };
        Route {
            candidates: self.candidates(found.candidates),
            by: found.by,
            alias_of: found.alias_of,
            wildcard: found.wildcard,
            strategy: found.strategy,
            retry_policy: found.retry_policy.clone(),
            fallbacks: steps(found.fallbacks),
            context_window_fallbacks: found.context_window_fallbacks.map(steps),
            content_policy_fallbacks: found.content_policy_fallbacks.map(steps),
            out_of_service: unused,
            group: found.group,
        }
    }

    fn takeover(&self, step: Step<'_>) -> Takeover {
        Takeover {
            group: step.group.to_owned(),
            candidates: self.candidates(step.candidates),
        }
    }

    fn candidates(&self, candidates: Vec<Candidate<'_>>) -> Vec<Answering> {
        let each = candidates.into_iter();
        let mut told: Vec<Answering> = each.map(|one| self.answering(one)).collect();
        let any_priced = told.iter().any(|one| one.price.is_some());
        for one in &mut told {
            one.is_left_out = self.has_budget && any_priced && one.price.is_none();
        }
        told
    }

    fn answering(&self, one: Candidate<'_>) -> Answering {
        let Candidate {
            deployment,
            model,
            weight,
            share_basis_points,
            retries,
        } = one;
        let id = deployment.id.as_str();
        let known = Destination::of(deployment).map(|destination| {
            let known = Known::of(&destination, deployment);
            if model == deployment.model {
                return known;
            }
            known.of_model(&destination, &model, deployment.info.base_model.as_deref())
        });
        let last_hour = self.pulses.map(|pulses| {
            let pulse = pulses.get(id);
            pulse.map_or((0, 0), |pulse| (pulse.attempts, pulse.failures))
        });
        Answering {
            id: id.to_owned(),
            provider: deployment.provider.clone(),
            model,
            order: deployment.order,
            weight,
            share_basis_points,
            retries,
            price: known.and_then(|known| known.price),
            is_left_out: false,
            last_hour,
        }
    }
}
