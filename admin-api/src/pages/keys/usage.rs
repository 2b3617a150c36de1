//! A key's usage by model and day, its latest requests and its budgets.

use domain::permissions::Action;
use domain::spend::ScopeKind;
use domain::virtual_keys::VirtualKey;
use store::page::Page;
use store::requests::RequestFilter;
use store::usage::Dimension;
use web_ui::markup::Markup;
use web_ui::pages::parts::{BudgetLine, Choice, LatestRow};

use super::rows::name;
use crate::acting::may;
use crate::actions::forecasts::{self, Forecast, ForecastFilter};
use crate::actions::requests;
use crate::error::ActionError;
use crate::pages::budget_lines;
use crate::pages::daily::Daily;
use crate::pages::latest;
use crate::pages::measures::Measure;
use crate::pages::visit::Visit;

/// How many of the latest requests are shown.
const LATEST: i64 = 8;

/// The choices of what is measured.
pub(super) fn measures(
    visit: &Visit<may::ReadKeys>,
    key: &VirtualKey,
    chosen: Measure,
) -> Vec<Choice> {
    if !visit.may(Action::ReadSpend) {
        return Vec::new();
    }
    let address = visit.frame.to(&format!("/keys/{}", key.id));
    let each = Measure::OF_A_KEY.into_iter().map(|one| {
        let href = format!("{address}?m={}", one.word());
        Choice::of(href, visit.words().t(one.text()), one == chosen)
    });
    each.collect()
}

/// 30 days by model.
pub(super) async fn chart(
    visit: &Visit<may::ReadKeys>,
    key: &VirtualKey,
    measure: Measure,
) -> Result<Markup, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadSpend>() else {
        return Ok(Markup::default());
    };
    let daily = Daily {
        id: "kuse",
        group: Dimension::Group,
        filters: vec![(Dimension::Key, vec![key.id.to_string()])],
        measure,
        size: "mid",
        cap: None,
        caption: visit
            .words()
            .with("key-chart", &[("name", name(key).into())]),
    };
    daily
        .draw(&reading, &visit.clock, |word| word.to_owned())
        .await
}

/// The latest requests; none for who may not see them.
pub(super) async fn latest(
    visit: &Visit<may::ReadKeys>,
    key: &VirtualKey,
) -> Result<Option<Vec<LatestRow>>, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadSpend>() else {
        return Ok(None);
    };
    let filter = RequestFilter {
        key_id: Some(key.id.clone()),
        ..RequestFilter::default()
    };
    let listed = requests::list(&reading, filter, &Page::first(LATEST)).await?;
    let rows = listed.items.into_iter().map(|one| {
        let label = shortened(&one.id);
        latest::row(&visit.frame, &visit.clock, one, label)
    });
    Ok(Some(rows.collect()))
}

/// The key's own budgets, and that one will run out.
pub(super) async fn budgets(
    visit: &Visit<may::ReadKeys>,
    key: &VirtualKey,
) -> Result<(Vec<BudgetLine>, Option<String>), ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadSpend>() else {
        return Ok((Vec::new(), None));
    };
    let filter = ForecastFilter {
        kinds: vec![ScopeKind::Key],
        only: vec![key.id.to_string()],
        ..ForecastFilter::default()
    };
    let (found, _next) = forecasts::list(&reading, &filter, (None, 20)).await?;
    let first = found.iter().filter(|one| one.runs_out_at.is_some());
    let note = first
        .min_by_key(|one| one.runs_out_at)
        .map(|one| note(visit, one));
    let lines = found
        .iter()
        .map(|one| budget_lines::own(&visit.frame, &visit.clock, one));
    Ok((lines.collect(), note))
}

/// The end of a request's id: the beginning is the time, which stands beside it.
fn shortened(id: &str) -> String {
    let end: String = id
        .chars()
        .skip(id.chars().count().saturating_sub(8))
        .collect();
    format!("req_…{end}")
}

fn note(visit: &Visit<may::ReadKeys>, one: &Forecast) -> String {
    let words = visit.words();
    match one.runs_out_at {
        Some(at) if one.left.0 > 0 => {
            words.with("key-runs-out", &[("day", visit.clock.weekday(at).into())])
        }
        _ => words.t("key-ran-out"),
    }
}
