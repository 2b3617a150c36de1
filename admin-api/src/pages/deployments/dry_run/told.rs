//! What was found, in words: where a request goes, why, and who takes over.

use domain::routing::RetryPolicy;
use domain::routing::names::FoundBy;
use domain::standing::Level;
use web_ui::figures::{basis_points, count, percent, price as price_text};
use web_ui::markup::{Markup, Tone, badge};
use web_ui::pages::dry_run::{CandidateRow, Chain, Found, TakeoverRow};
use web_ui::pages::parts::Fact;
use web_ui::words::Words;

use crate::actions::dry_run::{Answering, DryRun, OutOfService, Refusal, Route, Takeover};
use crate::pages::deployments::rows::{MANY_FAILURES, strategy};

pub(super) fn told(words: Words, walked: DryRun) -> Found {
    let facts = facts(words, &walked);
    let group = walked.route.as_ref().map(|route| route.group.clone());
    let (title, text) = match walked.refusal {
        None => {
            let group = group.unwrap_or_default();
            let title = words.with("dry-run-goes", &[("group", group.into())]);
            (title, words.t("dry-run-goes-text"))
        }
        Some(refusal) => {
            let title = words.with("dry-run-refused", &[("code", refusal.code().into())]);
            (title, why(words, refusal))
        }
    };
    let (candidates, chains, unused) = match walked.route {
        Some(route) => (
            rows(words, &route.candidates),
            chains(words, &route),
            route
                .out_of_service
                .into_iter()
                .map(|one| unused(words, one))
                .collect(),
        ),
        None => Default::default(),
    };
    Found {
        sent: walked.refusal.is_none(),
        title,
        text,
        facts,
        candidates,
        chains,
        unused,
    }
}

fn why(words: Words, refusal: Refusal) -> String {
    let level = refusal.level().map(|level| words.t(level_word(level)));
    let told = [("level", level.unwrap_or_default().into())];
    match refusal {
        Refusal::Blocked(_) => words.with("dry-run-blocked", &told),
        Refusal::Expired => words.t("dry-run-expired"),
        Refusal::NotAllowed(_) => words.with("dry-run-not-allowed", &told),
        Refusal::Unknown => words.t("dry-run-unknown"),
        Refusal::PriceUnknown => words.t("dry-run-price-unknown"),
    }
}

const fn level_word(level: Level) -> &'static str {
    match level {
        Level::Key => "level-key",
        Level::Project => "level-project",
        Level::Team => "level-team",
        Level::Organization => "level-organization",
        Level::User => "level-user",
        Level::Member => "level-member",
        Level::EndUser => "level-end-user",
        Level::Tag => "level-tag",
    }
}

fn facts(words: Words, walked: &DryRun) -> Vec<Fact> {
    let fact = |id: &str, value: String| Fact {
        name: words.t(id),
        value,
    };
    let mut facts = vec![
        fact("dry-run-asked", walked.asked.clone()),
        fact("level-organization", walked.organization_id.clone()),
    ];
    if walked.model != walked.asked {
        facts.push(fact("dry-run-means", walked.model.clone()));
    }
    let budget = match walked.has_budget {
        true => "dry-run-budget-holds",
        false => "dry-run-budget-none",
    };
    facts.push(fact("dry-run-budget", words.t(budget)));
    let Some(route) = &walked.route else {
        return facts;
    };
    if let Some(name) = &route.alias_of {
        facts.push(fact("dry-run-alias-of", name.clone()));
    }
    facts.push(fact("dry-run-found", found_by(words, route)));
    let strategy = words.t(strategy(route.strategy));
    facts.push(fact("dry-run-strategy", strategy));
    let retries = retries(&route.retry_policy);
    if !retries.is_empty() {
        facts.push(fact("dry-run-retry-policy", retries));
    }
    facts
}

fn found_by(words: Words, route: &Route) -> String {
    match route.by {
        FoundBy::Name => words.t("dry-run-by-name"),
        FoundBy::Id => words.t("dry-run-by-id"),
        FoundBy::Pattern => {
            let taken = route.wildcard.clone().unwrap_or_default();
            let told = [
                ("pattern", route.group.as_str().into()),
                ("taken", taken.into()),
            ];
            words.with("dry-run-by-pattern", &told)
        }
    }
}

/// The retries by kind, as the file calls them.
fn retries(policy: &RetryPolicy) -> String {
    let kinds = [
        ("BadRequestErrorRetries", policy.bad_request),
        ("AuthenticationErrorRetries", policy.authentication),
        ("TimeoutErrorRetries", policy.timeout),
        ("RateLimitErrorRetries", policy.rate_limit),
        ("ContentPolicyViolationErrorRetries", policy.content_policy),
        ("InternalServerErrorRetries", policy.server),
        ("DefaultRetries", policy.default),
    ];
    let set = kinds
        .into_iter()
        .filter_map(|(name, retries)| Some(format!("{name} {}", retries?)));
    set.collect::<Vec<_>>().join(", ")
}

fn rows(words: Words, candidates: &[Answering]) -> Vec<CandidateRow> {
    let each = candidates.iter().map(|one| CandidateRow {
        name: format!("{}/{}", one.provider, one.model),
        id: one.id.clone(),
        order: match one.order {
            // The file's reader puts what has no order behind siblings that have one.
            u64::MAX => words.t("dry-run-last"),
            order => count(words, order),
        },
        weight: count(words, one.weight),
        share: share(words, one),
        retries: count(words, u64::from(one.retries)),
        price: price(words, one),
        state: state(words, one),
        left_out: match one.is_left_out {
            true => words.t("dry-run-left-out"),
            false => String::new(),
        },
    });
    each.collect()
}

fn share(words: Words, one: &Answering) -> String {
    let measured = || words.t("dry-run-measured");
    one.share_basis_points
        .map_or_else(measured, |points| percent(words, points))
}

fn price(words: Words, one: &Answering) -> String {
    match (one.per_million(), &one.price) {
        ((Some(input), Some(output)), _) => {
            let told = [
                ("input", price_text(words, input).into()),
                ("output", price_text(words, output).into()),
            ];
            words.with("price-per-million", &told)
        }
        (_, Some(_not_per_token)) => String::new(),
        (_, None) => words.t("dry-run-no-price"),
    }
}

fn state(words: Words, one: &Answering) -> Markup {
    let Some((attempts, failures)) = one.last_hour else {
        return Markup::default();
    };
    let failed = basis_points(failures, attempts).unwrap_or(0);
    let tone = match failed >= MANY_FAILURES {
        true => Tone::Warn,
        false => Tone::Ok,
    };
    if attempts == 0 {
        return badge(Tone::Plain, &words.t("dry-run-quiet"));
    }
    let told = [
        ("attempts", count(words, attempts).into()),
        ("failures", count(words, failures).into()),
    ];
    badge(tone, &words.with("dry-run-hour", &told))
}

fn unused(words: Words, one: OutOfService) -> Fact {
    Fact {
        name: one.id,
        value: one.fault.unwrap_or_else(|| words.t("state-drained")),
    }
}

/// Who takes over after each kind of failure; kinds without a list of their own are not told twice.
fn chains(words: Words, route: &Route) -> Vec<Chain> {
    let chain = |id: &'static str, title: &str, steps: &[Takeover]| Chain {
        id,
        title: words.t(title),
        text: words.t("dry-run-nobody"),
        rows: steps.iter().map(|step| takeover(words, step)).collect(),
    };
    let mut chains = vec![chain("h-any", "dry-run-after-any", &route.fallbacks)];
    if let Some(steps) = &route.context_window_fallbacks {
        chains.push(chain("h-long", "dry-run-after-long", steps));
    }
    if let Some(steps) = &route.content_policy_fallbacks {
        chains.push(chain("h-content", "dry-run-after-content", steps));
    }
    chains
}

fn takeover(words: Words, step: &Takeover) -> TakeoverRow {
    let names = step.candidates.iter().map(|one| {
        let name = format!("{}/{}", one.provider, one.model);
        match one.is_left_out || one.share_basis_points.is_none() {
            true => name,
            false => format!("{name} ({})", share(words, one)),
        }
    });
    let names: Vec<String> = names.collect();
    let is_missing = names.is_empty();
    TakeoverRow {
        group: step.group.clone(),
        text: match is_missing {
            true => words.t("dry-run-missing"),
            false => names.join(", "),
        },
        state: match is_missing {
            true => badge(Tone::Danger, &words.t("dry-run-passed-over")),
            false => Markup::default(),
        },
    }
}
