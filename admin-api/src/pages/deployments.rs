//! `/ui/models`: every name for which callers ask, what answers, and how it went in the last day.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::permissions::Action;
use domain::routing::Origin;
use domain::time::TimestampMs;
use serde::Deserialize;
use store::page::Page;
use store::usage::{Dimension, UsageQuery, UsageSums};
use web_ui::figures::{basis_points, count, duration, money, percent};
use web_ui::markup::{Markup, Tone, badge};
use web_ui::pages::deployments::{DeploymentRow, ModelGroup, Models};

use crate::acting::may;
use crate::actions::deployments::{self, KnownDeployment, Listing, Written};
use crate::actions::health::{self, Health};
use crate::actions::usage;
use crate::error::ActionError;
use crate::pages::form::Form;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/models" => show, ReadDeployments, "Models and their deployments."),
    unshaped_route!(POST "/ui/models/check" => check, CheckHealth, "Asks providers whether they answer."),
];

const DAY_MS: u64 = 86_400_000;
/// From this share on, in hundredths of a percent, failures are many.
const MANY_FAILURES: u64 = 100;
/// How many deployments of the store a page shows.
const SHOWN: i64 = 200;

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
}

type Reading = Visit<may::ReadDeployments>;
/// What a check found, by the deployments' ids.
type Found = BTreeMap<String, Health>;

async fn show(visit: Reading, asked: web::Query<Asked>) -> Result<HttpResponse, PageFault> {
    let page = page(visit, &asked.q, &Found::new()).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

async fn check(
    visit: Visit<may::CheckHealth>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let asked = health::Asked {
        model: None,
        deployment_id: typed.given("deployment"),
    };
    let checked = health::check(&visit.acting, &asked).await?.into_iter();
    let found = checked
        .map(|one| (one.deployment.id.to_string(), one.health))
        .collect();
    let page = page(visit.to()?, "", &found).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

async fn page(visit: Reading, q: &str, found: &Found) -> Result<Models, PageFault> {
    let words = visit.words();
    let search = Some(q.trim().to_owned()).filter(|q| !q.is_empty());
    let listing = Listing {
        search,
        ..Listing::default()
    };
    let listed = deployments::list(&visit.acting, &listing, &Page::first(SHOWN))
        .await?
        .items;
    let traffic = traffic(&visit).await?;
    let number = listed.len();
    let mut groups: BTreeMap<String, ModelGroup> = BTreeMap::new();
    for one in listed {
        let group = groups
            .entry(one.model_name.clone())
            .or_insert_with(|| ModelGroup {
                name: one.model_name.clone(),
                aliases: aliases(&visit, &one.model_name),
                price: String::new(),
                deployments: Vec::new(),
            });
        group.deployments.push(row(&visit, one, &traffic, found));
    }
    let told = [
        (
            "names",
            count(words, u64::try_from(groups.len()).unwrap_or(0)).into(),
        ),
        (
            "deployments",
            count(words, u64::try_from(number).unwrap_or(0)).into(),
        ),
    ];
    Ok(Models {
        sub: words.with("models-sub", &told),
        may_check: visit.may(Action::CheckHealth),
        q: q.to_owned(),
        groups: groups.into_values().collect(),
        frame: visit.frame,
    })
}

/// Other names of the file for a model.
fn aliases(visit: &Reading, name: &str) -> Vec<String> {
    let file = visit.acting.api().settings.file.load();
    let all = file.table.aliases.iter();
    all.filter(|(_alias, target)| target.group == name)
        .map(|(alias, _target)| alias.clone())
        .collect()
}

/// The last day, by deployment; nothing for who may not see spend.
async fn traffic(visit: &Reading) -> Result<BTreeMap<String, UsageSums>, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadSpend>() else {
        return Ok(BTreeMap::new());
    };
    let now = visit.clock.now;
    let query = UsageQuery {
        group_by: vec![Dimension::Deployment],
        limit: usage::MOST_ROWS,
        ..UsageQuery::sum(
            reading.scope(),
            TimestampMs(now.0.saturating_sub(DAY_MS)),
            now,
        )
    };
    let rows = usage::rows(&reading, query).await?.into_iter();
    Ok(rows
        .filter_map(|row| Some((row.groups.into_iter().next()?, row.sums)))
        .collect())
}

fn row(
    visit: &Reading,
    one: KnownDeployment,
    traffic: &BTreeMap<String, UsageSums>,
    found: &Found,
) -> DeploymentRow {
    let words = visit.words();
    let id = one.id.to_string();
    let sums = traffic.get(&id).copied().unwrap_or_default();
    let failed = basis_points(sums.failures, sums.requests).unwrap_or(0);
    let model = one
        .params
        .get("model")
        .and_then(|model| model.as_str())
        .unwrap_or_default();
    let name = if model.is_empty() {
        one.model_name.clone()
    } else {
        model.to_owned()
    };
    let (status, why) = state(visit, &one, found.get(&id), failed);
    let average = sums.duration_ms.checked_div(sums.requests);
    DeploymentRow {
        status,
        why,
        requests: count(words, sums.requests),
        latency: average.map_or_else(|| "—".to_owned(), |ms| duration(words, ms)),
        errors: percent(words, failed),
        failing: failed >= MANY_FAILURES,
        spend: money(words, sums.charge_nanousd, 2),
        origin: words.t(if one.origin == Origin::File {
            "origin-file"
        } else {
            "origin-store"
        }),
        test: words.with("test-one", &[("name", (&name).into())]),
        name,
        id,
    }
}

/// What one knows of it: that it is blocked or means nothing, what a check found, or how it went.
fn state(
    visit: &Reading,
    one: &KnownDeployment,
    found: Option<&Health>,
    failed: u64,
) -> (Markup, String) {
    let words = visit.words();
    let shown = |tone, id: &str, why: String| (badge(tone, &words.t(id)), why);
    match (&one.meaning, found) {
        _ if one.blocked => shown(Tone::Danger, "state-blocked", String::new()),
        (Written::Nothing(why), _) => shown(Tone::Danger, "state-unusable", why.clone()),
        (_, Some(Health::Healthy)) => shown(Tone::Ok, "state-answers", String::new()),
        (_, Some(Health::Unhealthy(why))) => shown(Tone::Danger, "state-silent", why.clone()),
        (_, None) if failed >= MANY_FAILURES => shown(Tone::Warn, "state-degraded", String::new()),
        (_, None) => shown(Tone::Ok, "state-active", String::new()),
    }
}
