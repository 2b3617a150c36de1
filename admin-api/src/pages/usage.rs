//! `/ui/usage`: usage and spend by team, model, key, person, tag, end user, environment, provider.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::money::NanoUsd;
use serde::Deserialize;
use store::usage::{Dimension, UsageOrder, UsageQuery, UsageRow as StoredRow, UsageSums};
use web_ui::figures::{basis_points, count, money, percent, short};
use web_ui::markup::Markup;
use web_ui::pages::parts::Choice;
use web_ui::pages::usage::{Usage, UsageRow};
use web_ui::words::Words;

use crate::acting::may;
use crate::actions::usage;
use crate::error::ActionError;
use crate::pages::addresses::{pager, query};
use crate::pages::daily::{Daily, Measure, tokens};
use crate::pages::labels::Labels;
use crate::pages::ranges::Range;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] =
    &[unshaped_route!(GET "/ui/usage" => show, ReadSpend, "Usage and spend, split by anything.")];

/// How many groups a page shows.
const SHOWN: i64 = 50;

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    r: String,
    by: String,
    m: String,
    after: String,
}

const GROUPS: [(Dimension, &str); 9] = [
    (Dimension::Team, "group-team"),
    (Dimension::Group, "group-model"),
    (Dimension::Key, "group-key"),
    (Dimension::User, "person"),
    (Dimension::Environment, "environment"),
    (Dimension::Tag, "tag"),
    (Dimension::EndUser, "end-user"),
    (Dimension::Provider, "provider"),
    (Dimension::Status, "status"),
];

type Reading = Visit<may::ReadSpend>;

/// What of the address is kept by every link of the page.
struct Addresses<'a> {
    base: String,
    range: &'a str,
    by: &'a str,
    measure: &'a str,
}

impl Addresses<'_> {
    fn of(&self, r: &str, by: &str, m: &str, after: &str) -> String {
        let members = [("r", r), ("by", by), ("m", m), ("after", after)];
        format!("{}{}", self.base, query(&members))
    }

    fn measures(&self, words: Words, chosen: Measure) -> Vec<Choice> {
        let each = Measure::ALL.into_iter().map(|one| {
            let address = self.of(self.range, self.by, one.word(), "");
            Choice::of(address, words.t(one.text()), one == chosen)
        });
        each.collect()
    }

    fn groups(&self, words: Words, chosen: Dimension) -> Vec<Choice> {
        let each = GROUPS.iter().map(|(one, text)| {
            let address = self.of(self.range, one.as_str(), self.measure, "");
            Choice::of(address, words.t(text), *one == chosen)
        });
        each.collect()
    }
}

async fn show(visit: Reading, asked: web::Query<Asked>) -> Result<HttpResponse, PageFault> {
    let words = visit.words();
    let range = Range::of(&asked.r, "30d", &visit.clock);
    let found = GROUPS
        .into_iter()
        .find(|(dimension, _text)| dimension.as_str() == asked.by);
    let (dimension, text) = found.unwrap_or(GROUPS[0]);
    let measure = Measure::of(&asked.m);
    let at = Addresses {
        base: visit.frame.to("/usage"),
        range: range.word,
        by: dimension.as_str(),
        measure: measure.word(),
    };
    let asked_for = wanted(range, dimension, measure, &asked.after);
    let report = usage::report(&visit.acting, asked_for).await?;
    let total = report.total.unwrap_or_default();
    let rows = lines(&visit, range, dimension, (&report.rows, &total)).await?;
    let told = [
        ("from", visit.clock.exact(range.from).into()),
        ("to", visit.clock.exact(range.to).into()),
        ("zone", visit.clock.zone.name().into()),
    ];
    let group = words.t(text);
    let said = [
        ("measure", words.t(measure.text()).into()),
        ("group", words.within(&group).into()),
    ];
    let place = (asked.after.as_str(), report.next);
    let on = |after: &str| at.of(at.range, at.by, at.measure, after);
    let page = Usage {
        sub: words.with("usage-sub", &told),
        ranges: range.choices(&visit.clock, |word| at.of(word, at.by, at.measure, "")),
        csv: csv(&visit, range, dimension),
        chart_title: words.with("chart-measure-by", &said),
        measures: at.measures(words, measure),
        chart: chart(&visit, dimension, measure).await?,
        groups: at.groups(words, dimension),
        total: (!rows.is_empty()).then(|| together(visit.words(), &total)),
        pager: pager(words, (rows.len(), None), on, place),
        group,
        rows,
        frame: visit.frame,
    };
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// The groups of a page, with their names and what they cost in the range before.
async fn lines(
    visit: &Reading,
    range: Range,
    dimension: Dimension,
    (rows, total): (&[StoredRow], &UsageSums),
) -> Result<Vec<UsageRow>, ActionError> {
    let listed = rows.iter().filter_map(|row| row.groups.first().cloned());
    let listed: BTreeSet<String> = listed.collect();
    let store = visit.acting.store();
    let labels = Labels::of_words(store, dimension, listed.clone()).await?;
    let before = before(visit, range, dimension, listed).await?;
    let each = rows.iter();
    let each = each.map(|row| line(visit, (dimension, &labels), row, (&before, total)));
    Ok(each.collect())
}

fn wanted(range: Range, dimension: Dimension, measure: Measure, after: &str) -> UsageQuery {
    UsageQuery {
        group_by: vec![dimension],
        order: match measure {
            Measure::Spend => UsageOrder::Charge,
            Measure::Requests => UsageOrder::Requests,
            Measure::Tokens => UsageOrder::Tokens,
        },
        limit: SHOWN,
        after: Some(after.to_owned()).filter(|after| !after.is_empty()),
        total: true,
        ..UsageQuery::sum(Default::default(), range.from, range.to)
    }
}

/// The same as a table: the API's, for the same range.
fn csv(visit: &Reading, range: Range, dimension: Dimension) -> String {
    let (from, until) = (range.from.to_rfc3339(), range.to.to_rfc3339());
    let members = [
        ("format", "csv"),
        ("group_by", dimension.as_str()),
        ("order", "charge"),
        ("from", from.as_str()),
        ("until", until.as_str()),
    ];
    format!("{}/api/v1/usage{}", visit.frame.base, query(&members))
}

/// What the groups of this page cost in the range before.
async fn before(
    visit: &Reading,
    range: Range,
    dimension: Dimension,
    listed: BTreeSet<String>,
) -> Result<BTreeMap<String, NanoUsd>, ActionError> {
    if listed.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (from, to) = range.before();
    let query = UsageQuery {
        group_by: vec![dimension],
        filters: vec![(dimension, listed.into_iter().collect())],
        limit: SHOWN,
        ..UsageQuery::sum(Default::default(), from, to)
    };
    let rows = usage::report(&visit.acting, query).await?.rows.into_iter();
    Ok(rows
        .filter_map(|row| Some((row.groups.into_iter().next()?, row.sums.charge_nanousd)))
        .collect())
}

fn whole(amount: NanoUsd) -> u64 {
    u64::try_from(amount.0).unwrap_or(0)
}

fn together(words: Words, sums: &UsageSums) -> UsageRow {
    let output = [
        sums.output_tokens,
        sums.reasoning_tokens,
        sums.audio_output_tokens,
    ];
    let output = output.into_iter().fold(0, u64::saturating_add);
    UsageRow {
        spend: money(words, sums.charge_nanousd, 2),
        requests: count(words, sums.requests),
        tokens_in: short(words, tokens(sums).saturating_sub(output)),
        tokens_out: short(words, output),
        errors: percent(
            words,
            basis_points(sums.failures, sums.requests).unwrap_or(0),
        ),
        ..UsageRow::default()
    }
}

fn line(
    visit: &Reading,
    (dimension, labels): (Dimension, &Labels),
    row: &StoredRow,
    (before, total): (&BTreeMap<String, NanoUsd>, &UsageSums),
) -> UsageRow {
    let words = visit.words();
    let word = row.groups.first().map_or("", String::as_str);
    let charge = row.sums.charge_nanousd;
    let share = basis_points(whole(charge), whole(total.charge_nanousd)).unwrap_or(0);
    let earlier = before.get(word).copied().unwrap_or_default();
    UsageRow {
        name: if word.is_empty() {
            visit.words().t("without")
        } else {
            labels.name(word)
        },
        href: href(visit, dimension, word),
        share: percent(words, share),
        change: if earlier.0 > 0 {
            visit.frame.delta(whole(charge), whole(earlier), true)
        } else {
            Markup::default()
        },
        ..together(words, &row.sums)
    }
}

fn href(visit: &Reading, dimension: Dimension, word: &str) -> String {
    match dimension {
        _ if word.is_empty() => String::new(),
        Dimension::Team => visit.frame.to(&format!("/teams/{word}")),
        Dimension::Key => visit.frame.to(&format!("/keys/{word}")),
        _ => String::new(),
    }
}

async fn chart(
    visit: &Reading,
    dimension: Dimension,
    measure: Measure,
) -> Result<Markup, ActionError> {
    let labels = Labels::of(visit.acting.store(), dimension).await?;
    let daily = Daily {
        id: "usage",
        group: dimension,
        filters: Vec::new(),
        measure,
        size: "mid",
        cap: None,
        caption: visit.words().t(measure.text()),
    };
    daily
        .draw(&visit.acting, &visit.clock, |word| labels.name(word))
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_keeps_what_else_was_chosen() {
        let at = Addresses {
            base: "/ui/usage".to_owned(),
            range: "7d",
            by: "team",
            measure: "spend",
        };
        assert_eq!(
            at.of(at.range, "tag", at.measure, ""),
            "/ui/usage?r=7d&by=tag&m=spend"
        );
        assert_eq!(whole(NanoUsd(-5)), 0);
    }
}
