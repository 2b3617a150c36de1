//! Usage by two dimensions: what is spent by each group on the greatest of another dimension.

use std::collections::{BTreeMap, BTreeSet};

use store::usage::{Dimension, UsageOrder, UsageQuery, UsageRow as StoredRow};
use web_ui::pages::usage::UsageRow;

use crate::acting::may;
use crate::actions::usage;
use crate::error::ActionError;
use crate::pages::labels::Labels;
use crate::pages::measures::Measure;
use crate::pages::ranges::Range;
use crate::pages::visit::Visit;

/// How many columns there are.
const COLUMNS: i64 = 6;

/// Fills the cells of the rows, and gives the heads of their columns.
///
/// # Errors
/// When the store does not answer.
pub async fn fill(
    visit: &Visit<may::ReadSpend>,
    (range, by, second, measure): (Range, Dimension, Dimension, Measure),
    listed: &[StoredRow],
    rows: &mut [UsageRow],
) -> Result<Vec<String>, ActionError> {
    let columns = greatest(visit, (range, second, measure)).await?;
    if columns.is_empty() || rows.is_empty() {
        return Ok(Vec::new());
    }
    let words = listed.iter().filter_map(|row| row.groups.first().cloned());
    let query = UsageQuery {
        group_by: vec![by, second],
        filters: vec![(by, words.collect()), (second, columns.clone())],
        limit: usage::MOST_ROWS,
        ..UsageQuery::sum(Default::default(), range.from, range.to)
    };
    let found = usage::rows(&visit.acting, query).await?.into_iter();
    let cells: BTreeMap<(String, String), u64> = found
        .filter_map(|row| {
            let value = measure.value(&row.sums);
            let mut groups = row.groups.into_iter();
            Some(((groups.next()?, groups.next()?), value))
        })
        .collect();
    let (words, shown) = (visit.words(), measure.full());
    for row in rows {
        let cell = |column: &String| {
            let found = cells.get(&(row.word.clone(), column.clone()));
            found.map_or_else(|| "—".to_owned(), |value| shown(words, *value))
        };
        row.cells = columns.iter().map(cell).collect();
    }
    let names: BTreeSet<String> = columns.iter().cloned().collect();
    let labels = Labels::of_words(visit.acting.store(), second, names).await?;
    let each = columns.iter().map(|word| match word.is_empty() {
        true => words.t("without"),
        false => labels.name(word),
    });
    Ok(each.collect())
}

/// The greatest of a dimension in the range.
async fn greatest(
    visit: &Visit<may::ReadSpend>,
    (range, second, measure): (Range, Dimension, Measure),
) -> Result<Vec<String>, ActionError> {
    let query = UsageQuery {
        group_by: vec![second],
        order: match measure {
            Measure::Spend => UsageOrder::Charge,
            Measure::Requests | Measure::Latency => UsageOrder::Requests,
            Measure::Tokens => UsageOrder::Tokens,
        },
        limit: COLUMNS,
        ..UsageQuery::sum(Default::default(), range.from, range.to)
    };
    let rows = usage::report(&visit.acting, query).await?.rows.into_iter();
    Ok(rows
        .filter_map(|row| row.groups.into_iter().next())
        .collect())
}
