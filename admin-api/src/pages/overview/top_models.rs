//! The dearest models of a range.

use store::usage::{Dimension, UsageOrder, UsageQuery};
use web_ui::chart;
use web_ui::figures::{basis_points, duration, money, percent, short};
use web_ui::pages::overview::TopModel;

use super::Reading;
use crate::actions::usage;
use crate::error::ActionError;
use crate::pages::measures::Measure;
use crate::pages::ranges::Range;

/// How many are shown.
const SHOWN: i64 = 6;
/// From this share on, in hundredths of a percent, failures are many.
const MANY_FAILURES: u64 = 100;

/// The dearest first.
pub(super) async fn of(visit: &Reading, range: Range) -> Result<Vec<TopModel>, ActionError> {
    let query = UsageQuery {
        group_by: vec![Dimension::Group],
        order: UsageOrder::Charge,
        limit: SHOWN,
        ..UsageQuery::sum(visit.acting.scope(), range.from, range.to)
    };
    let rows = usage::report(&visit.acting, query).await?.rows;
    let most = rows
        .iter()
        .map(|row| Measure::Spend.value(&row.sums))
        .max()
        .unwrap_or(0);
    let words = visit.words();
    let named = rows
        .into_iter()
        .filter(|row| row.groups.first().is_some_and(|name| !name.is_empty()));
    let each = named.map(|row| {
        let (sums, spend) = (row.sums, Measure::Spend.value(&row.sums));
        let share = basis_points(spend, most).unwrap_or(0);
        let failed = basis_points(sums.failures, sums.requests).unwrap_or(0);
        let told = [
            ("count", sums.requests.into()),
            ("shown", short(words, sums.requests).into()),
        ];
        let bar = words.with("share-of-top", &[("share", percent(words, share).into())]);
        TopModel {
            name: row.groups.into_iter().next().unwrap_or_default(),
            note: words.with("requests-count", &told),
            spend: money(words, sums.charge_nanousd, 2),
            bar: chart::share(share, &bar),
            latency: duration(
                words,
                sums.duration_ms.checked_div(sums.requests).unwrap_or(0),
            ),
            errors: percent(words, failed),
            failing: failed >= MANY_FAILURES,
        }
    });
    Ok(each.collect())
}
