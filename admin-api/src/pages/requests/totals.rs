//! What all that match add up to, beside the list.

use domain::permissions::Scope;
use store::requests::RequestFilter;
use store::usage::UsageQuery;
use web_ui::figures::{basis_points, count, money, percent};
use web_ui::words::Words;

use super::list::Reading;
use super::terms;
use crate::actions::usage;
use crate::error::ActionError;
use crate::pages::ranges::Range;

/// The sum of all, where roll-ups can tell and the list need not wait for it.
pub(super) async fn all(
    visit: &Reading,
    range: Range,
    (filter, is_wide): (&RequestFilter, bool),
) -> Result<String, ActionError> {
    let (filters, others) = terms::dimensions(filter);
    if others || is_wide {
        return Ok(String::new());
    }
    let query = UsageQuery {
        filters,
        ..UsageQuery::sum(Scope::default(), range.from, range.to)
    };
    let rows = usage::report(&visit.acting, query).await?.rows;
    let sums = rows.into_iter().next().map(|row| row.sums);
    let sums = sums.unwrap_or_default();
    let words = visit.words();
    let share = basis_points(sums.failures, sums.requests).unwrap_or(0);
    let told = [
        ("count", count(words, sums.requests).into()),
        ("spend", money(words, sums.charge_nanousd, 2).into()),
        ("share", percent(words, share).into()),
    ];
    Ok(words.with("requests-totals", &told))
}

/// That there are more than those that are shown.
pub(super) fn more_than(words: Words, shown: usize) -> String {
    let shown = u64::try_from(shown).unwrap_or(0);
    words.with("requests-more", &[("count", count(words, shown).into())])
}
