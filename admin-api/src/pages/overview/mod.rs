//! `/ui`: what flows, what it costs, what runs out.

mod tiles;
mod top_models;

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use serde::Deserialize;
use store::page::Page;
use store::requests::{RequestFilter, RequestRow};
use store::usage::Dimension;
use web_ui::pages::overview::Overview;
use web_ui::pages::parts::{BudgetLine, Choice, LatestRow};

use crate::acting::may;
use crate::actions::forecasts::{self, Forecast, ForecastFilter};
use crate::actions::requests;
use crate::error::ActionError;
use crate::pages::addresses::query;
use crate::pages::daily::{self, Daily};
use crate::pages::labels::Labels;
use crate::pages::measures::Measure;
use crate::pages::ranges::Range;
use crate::pages::requests::tail;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, budget_lines, latest};
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui" => show, ReadSpend, "The overview."),
    unshaped_route!(GET "/ui/" => show, ReadSpend, "The overview."),
];

/// How many budgets are looked through for those at risk.
const LOOKED_THROUGH: usize = 100;
/// How many of them are shown.
const RISKS: usize = 5;
/// How many requests are shown.
const LATEST: i64 = 8;

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    r: String,
    by: String,
}

/// By what spend is split, with the text of each.
const GROUPS: [(&str, Dimension, &str); 3] = [
    ("team", Dimension::Team, "group-team"),
    ("model", Dimension::Group, "group-model"),
    ("key", Dimension::Key, "group-key"),
];

type Reading = Visit<may::ReadSpend>;

async fn show(visit: Reading, asked: web::Query<Asked>) -> Result<HttpResponse, PageFault> {
    let words = visit.words();
    let range = Range::of(&asked.r, "30d", &visit.clock);
    let found = GROUPS.into_iter().find(|(word, ..)| *word == asked.by);
    let (by, dimension, group_text) = found.unwrap_or(GROUPS[0]);
    let base = visit.frame.to("");
    let address = |r: &str, by: &str| format!("{base}{}", query(&[("r", r), ("by", by)]));
    let group = words.within(&words.t(group_text));
    let told = [
        ("scope", (&visit.frame.scope).into()),
        ("zone", visit.clock.zone.name().into()),
        ("time", visit.clock.minute(visit.clock.now).into()),
    ];
    // Each is a question of its own to the database, which answers them side by side. All are heard to
    // their end: a query that is given up harms its connection.
    let (budgets, latest, figures, chart, models) = tokio::join!(
        budgets(&visit),
        latest_rows(&visit),
        tiles::read(&visit, range),
        chart(&visit, dimension),
        top_models::of(&visit, range),
    );
    let (budgets, latest, figures, models) = (budgets?, latest?, figures?, models?);
    let (chart, labels) = chart?;
    let month = tiles::monthly(&budgets);
    let pace = month.and_then(|one| u64::try_from(one.limit.0 / 30).ok());
    let chart = chart.capped(pace);
    let chart = chart.draw(&visit.clock, |word| labels.name(word));
    let tiles = tiles::of(&visit, &figures, month);
    let page = Overview {
        sub: words.with("overview-sub", &told),
        is_new: latest.is_empty(),
        ranges: range.choices(&visit.clock, |word| address(word, by)),
        tiles,
        chart_title: words.with("chart-spend-by", &[("group", (&group).into())]),
        groups: GROUPS
            .iter()
            .map(|(word, _one, text)| {
                Choice::of(address(range.word, word), words.t(text), *word == by)
            })
            .collect(),
        chart,
        risks: risks(&visit, &budgets),
        latest,
        tail: tail(&visit, "", "short"),
        models,
        frame: visit.frame,
    };
    answers::page(StatusCode::OK, &page.frame, page.render())
}

async fn budgets(visit: &Reading) -> Result<Vec<Forecast>, ActionError> {
    let filter = ForecastFilter::default();
    let (found, _next) = forecasts::list(&visit.acting, &filter, (None, LOOKED_THROUGH)).await?;
    Ok(found)
}

/// Those that run out, the first to do so first.
fn risks(visit: &Reading, budgets: &[Forecast]) -> Vec<BudgetLine> {
    let mut risky: Vec<&Forecast> = budgets
        .iter()
        .filter(|one| one.runs_out_at.is_some())
        .collect();
    risky.sort_by_key(|one| one.runs_out_at);
    let shown = risky.into_iter().take(RISKS);
    shown
        .map(|one| budget_lines::of_all(&visit.frame, &visit.clock, one))
        .collect()
}

async fn chart(
    visit: &Reading,
    dimension: Dimension,
) -> Result<(daily::Read, Labels), ActionError> {
    let daily = Daily {
        id: "spend",
        group: dimension,
        filters: Vec::new(),
        measure: Measure::Spend,
        size: "tall",
        cap: None,
        caption: visit.words().t("measure-spend"),
    };
    let read = daily.read(&visit.acting, &visit.clock, None).await?;
    let labels = read.labels(visit.acting.store()).await?;
    Ok((read, labels))
}

async fn latest_rows(visit: &Reading) -> Result<Vec<LatestRow>, ActionError> {
    let listed = requests::list(
        &visit.acting,
        RequestFilter::default(),
        &Page::first(LATEST),
    )
    .await?;
    let keys: BTreeSet<String> = listed
        .items
        .iter()
        .filter_map(|one| one.payer.key_id.clone())
        .collect();
    let labels = Labels::of_keys(visit.acting.store(), keys).await?;
    let label = |one: &RequestRow| match &one.payer.key_id {
        Some(key) => labels.name(key),
        None => visit.words().t("master-key"),
    };
    let rows = listed.items.into_iter().map(|one| {
        let label = label(&one);
        latest::row(&visit.frame, &visit.clock, one, label)
    });
    Ok(rows.collect())
}
