//! `/api/v1/routing/dry-run`: where a request would go, without sending it.

use actix_web::web;
use domain::routing::Strategy;
use domain::routing::names::FoundBy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::acting::{Acting, may};
use crate::actions::dry_run::{self, Answering, DryRun, For, OutOfService, Takeover};
use crate::error::{ActionError, Problem};
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/routing/dry-run" => show, ReadDeployments,
        "Walks a request for a model through rights and routing, without sending it.",
        query DryRunQuery, answers 200 DryRunBody),
];

/// Which request. Of `key`, `team` and `organization` at most one is said.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DryRunQuery {
    /// The model as the caller would ask for it.
    pub model: String,
    /// With this key: its id or hash, never the key itself.
    pub key: Option<String>,
    /// With a key of this team that says nothing of its own.
    pub team: Option<String>,
    /// Likewise of this organization; yours, else `default`, when nothing is said.
    pub organization: Option<String>,
}

impl DryRunQuery {
    /// For whom; an empty member says nothing.
    ///
    /// # Errors
    /// [`ActionError::Invalid`] when it says two, or a key in the clear.
    pub fn asks(&self) -> Result<For, ActionError> {
        let said = |one: &Option<String>| one.clone().filter(|text| !text.trim().is_empty());
        let (key, team) = (said(&self.key), said(&self.team));
        match (key, team, said(&self.organization)) {
            (None, None, None) => Ok(For::Organization),
            (None, None, Some(id)) => Ok(For::Named(id)),
            (None, Some(id), None) => Ok(For::Team(id)),
            (Some(key), None, None) if key.starts_with("sk-") => Err(ActionError::invalid(
                "key",
                "Name the key by its id or its hash: addresses end up in logs.",
            )),
            (Some(id), None, None) => Ok(For::Key(id)),
            _ => Err(ActionError::invalid(
                "key",
                "Say a key, a team or an organization, not several.",
            )),
        }
    }
}

/// By what a name was found.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// A group has this very name.
    Name,
    /// A deployment has it as its id.
    Id,
    /// A group's name is a pattern that matches.
    Pattern,
}

/// Why a request would be refused.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RefusalBody {
    /// The code that the caller would get.
    pub code: String,
    /// The level that refuses: `this key's team`.
    pub level: Option<String>,
}

/// A deployment that may answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CandidateBody {
    /// Its id.
    pub deployment_id: String,
    /// Its provider's name.
    pub provider: String,
    /// The provider's name for the model.
    pub model: String,
    /// Lower orders are tried first.
    pub order: u64,
    /// By what it is drawn.
    pub weight: u64,
    /// In how many of ten thousand requests it is asked first; null when measured times decide.
    pub share_basis_points: Option<u64>,
    /// Retries after a failure that no policy names.
    pub retries: u32,
    /// Dollars per million input tokens; null when nobody knows.
    pub input_usd_per_million: Option<String>,
    /// Dollars per million output tokens.
    pub output_usd_per_million: Option<String>,
    /// Whether it is left out, because there is a budget and nobody knows what it costs.
    pub left_out: bool,
    /// Attempts of the last hour; null for who may not see requests.
    pub attempts_last_hour: Option<u64>,
    /// How many of them failed.
    pub failures_last_hour: Option<u64>,
}

/// A group that takes over.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TakeoverBody {
    /// Its name.
    pub group: String,
    /// Who may answer; empty when there is no such group, which is then passed over.
    pub candidates: Vec<CandidateBody>,
}

/// A deployment of the group that takes no requests.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OutOfServiceBody {
    /// Its id.
    pub deployment_id: String,
    /// Why it means nothing; null for one that is blocked.
    pub fault: Option<String>,
}

/// Retries by the kind of failure, over a deployment's own number; null takes that.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RetriesBody {
    /// The provider's 400.
    pub bad_request: Option<u32>,
    /// The provider's 401 and 403.
    pub authentication: Option<u32>,
    /// A time-out.
    pub timeout: Option<u32>,
    /// The provider's 429.
    pub rate_limit: Option<u32>,
    /// Refused content.
    pub content_policy: Option<u32>,
    /// The provider's 5xx.
    pub server: Option<u32>,
    /// Any other.
    pub default: Option<u32>,
}

/// Where a request goes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RouteBody {
    /// The group that answers; may be a pattern.
    pub group: String,
    /// By what it was found.
    pub matched_by: MatchedBy,
    /// The name that an alias led to.
    pub alias_of: Option<String>,
    /// What the pattern's star took.
    pub wildcard: Option<String>,
    /// `simple-shuffle` or `latency-based-routing`.
    pub strategy: String,
    /// Whom it may go to, best first while all are well.
    pub candidates: Vec<CandidateBody>,
    /// Retries by the kind of failure.
    pub retry_policy: RetriesBody,
    /// Groups that take over after a failure, in order.
    pub fallbacks: Vec<TakeoverBody>,
    /// Groups for a prompt that is too long; null when they are the usual ones.
    pub context_window_fallbacks: Option<Vec<TakeoverBody>>,
    /// Groups for content that a provider refuses; null when they are the usual ones.
    pub content_policy_fallbacks: Option<Vec<TakeoverBody>>,
    /// Deployments of the group that take no requests.
    pub out_of_service: Vec<OutOfServiceBody>,
}

/// A request walked through.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DryRunBody {
    /// The name behind the key's or its team's own names for models; null when it is the asked one.
    pub means: Option<String>,
    /// Whose request it would be.
    pub organization_id: String,
    /// Why it would be refused; null when it would be sent.
    pub refusal: Option<RefusalBody>,
    /// Whether a budget bounds what it may cost: then a price has to be known.
    pub has_budget: bool,
    /// Where it would go; null when there is no such model.
    pub route: Option<RouteBody>,
}

async fn show(
    acting: Acting<may::ReadDeployments>,
    query: web::Query<DryRunQuery>,
) -> Result<web::Json<DryRunBody>, Problem> {
    if query.model.trim().is_empty() {
        let message = "Say which model: `model` is the name that callers ask for.";
        return Err(ActionError::invalid("model", message).into());
    }
    let walked = dry_run::dry_run(&acting, &query.model, &query.asks()?).await?;
    Ok(web::Json(body(walked)))
}

fn body(walked: DryRun) -> DryRunBody {
    DryRunBody {
        refusal: walked.refusal.map(|refusal| RefusalBody {
            code: refusal.code().to_owned(),
            level: refusal.level().map(|level| level.as_str().to_owned()),
        }),
        means: Some(walked.model).filter(|model| *model != walked.asked),
        organization_id: walked.organization_id,
        has_budget: walked.has_budget,
        route: walked.route.map(route_body),
    }
}

fn route_body(route: dry_run::Route) -> RouteBody {
    let policy = route.retry_policy;
    RouteBody {
        group: route.group,
        matched_by: match route.by {
            FoundBy::Name => MatchedBy::Name,
            FoundBy::Id => MatchedBy::Id,
            FoundBy::Pattern => MatchedBy::Pattern,
        },
        alias_of: route.alias_of,
        wildcard: route.wildcard,
        strategy: match route.strategy {
            Strategy::SimpleShuffle => "simple-shuffle".to_owned(),
            Strategy::Latency => "latency-based-routing".to_owned(),
        },
        candidates: route.candidates.into_iter().map(candidate).collect(),
        retry_policy: RetriesBody {
            bad_request: policy.bad_request,
            authentication: policy.authentication,
            timeout: policy.timeout,
            rate_limit: policy.rate_limit,
            content_policy: policy.content_policy,
            server: policy.server,
            default: policy.default,
        },
        fallbacks: takeovers(route.fallbacks),
        context_window_fallbacks: route.context_window_fallbacks.map(takeovers),
        content_policy_fallbacks: route.content_policy_fallbacks.map(takeovers),
        out_of_service: route.out_of_service.into_iter().map(unused).collect(),
    }
}

fn takeovers(steps: Vec<Takeover>) -> Vec<TakeoverBody> {
    let each = steps.into_iter().map(|step| TakeoverBody {
        group: step.group,
        candidates: step.candidates.into_iter().map(candidate).collect(),
    });
    each.collect()
}

fn unused(one: OutOfService) -> OutOfServiceBody {
    OutOfServiceBody {
        deployment_id: one.id,
        fault: one.fault,
    }
}

fn candidate(one: Answering) -> CandidateBody {
    let (input, output) = one.per_million();
    CandidateBody {
        input_usd_per_million: input.map(|money| money.to_string()),
        output_usd_per_million: output.map(|money| money.to_string()),
        deployment_id: one.id,
        provider: one.provider,
        model: one.model,
        order: one.order,
        weight: one.weight,
        share_basis_points: one.share_basis_points,
        retries: one.retries,
        left_out: one.is_left_out,
        attempts_last_hour: one.last_hour.map(|(attempts, _failures)| attempts),
        failures_last_hour: one.last_hour.map(|(_attempts, failures)| failures),
    }
}
