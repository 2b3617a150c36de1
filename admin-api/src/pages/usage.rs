//! `/ui/usage`: usage and spend by team, model, key, person, tag, end user, environment, provider.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::money::NanoUsd;
use domain::permissions::Action;
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
use crate::pages::daily::Daily;
use crate::pages::labels::Labels;
use crate::pages::measures::{Measure, tokens};
use crate::pages::ranges::Range;
use crate::pages::side_by_side::both;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, usage_pivot};
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
    from: String,
    until: String,
    by: String,
    by2: String,
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
#[derive(Clone, Copy)]
struct Addresses<'a> {
    base: &'a str,
    /// The word of the range, or the first and the last day.
    range: (&'a str, &'a str, &'a str),
    by: &'a str,
    by2: &'a str,
    measure: &'a str,
}

impl Addresses<'_> {
    fn text(self, after: &str) -> String {
        let (r, from, until) = self.range;
        let members = [
            ("r", r),
            ("from", from),
            ("until", until),
            ("by", self.by),
            ("by2", self.by2),
            ("m", self.measure),
            ("after", after),
        ];
        format!("{}{}", self.base, query(&members))
    }

    /// What a form of other days keeps.
    fn kept(self) -> Vec<(&'static str, String)> {
        let kept = [("by", self.by), ("by2", self.by2), ("m", self.measure)];
        kept.map(|(name, value)| (name, value.to_owned())).into()
    }

    /// The same of a range by its word.
    fn of_range(self, word: &str) -> String {
        let range = (word, "", "");
        Addresses { range, ..self }.text("")
    }

    fn measures(self, words: Words, chosen: Measure) -> Vec<Choice> {
        let each = Measure::ALL.into_iter().map(|one| {
            let measure = one.word();
            let address = Addresses { measure, ..self }.text("");
            Choice::of(address, words.t(one.text()), one == chosen)
        });
        each.collect()
    }

    fn groups(self, words: Words, chosen: Dimension) -> Vec<Choice> {
        let each = GROUPS.iter().map(|(one, text)| {
            let by = one.as_str();
            let address = Addresses { by, ..self }.text("");
            Choice::of(address, words.t(text), *one == chosen)
        });
        each.collect()
    }

    /// By what each group is split again: nothing, or another dimension.
    fn pivots(self, words: Words, by: Dimension, chosen: Option<Dimension>) -> Vec<Choice> {
        let none = Choice::of("", words.t("pivot-none"), chosen.is_none());
        let others = GROUPS.iter().filter(|(one, _text)| *one != by);
        let others =
            others.map(|(one, text)| Choice::of(one.as_str(), words.t(text), Some(*one) == chosen));
        std::iter::once(none).chain(others).collect()
    }
}

/// A dimension by its word, of those that the page offers.
fn known(word: &str) -> Option<(Dimension, &'static str)> {
    GROUPS
        .into_iter()
        .find(|(dimension, _text)| dimension.as_str() == word)
}

async fn show(visit: Reading, asked: web::Query<Asked>) -> Result<HttpResponse, PageFault> {
    let words = visit.words();
    let range = Range::of_report(&asked.r, (&asked.from, &asked.until), &visit.clock);
    let (dimension, text) = known(&asked.by).unwrap_or(GROUPS[0]);
    let second = known(&asked.by2).map(|(second, _text)| second);
    let second = second.filter(|second| *second != dimension);
    let measure = Measure::of(&asked.m);
    let days = match range.word {
        "" => (asked.from.as_str(), asked.until.as_str()),
        _ => ("", ""),
    };
    let base = visit.frame.to("/usage");
    let at = Addresses {
        base: &base,
        range: (range.word, days.0, days.1),
        by: dimension.as_str(),
        by2: second.map_or("", Dimension::as_str),
        measure: measure.word(),
    };
    let asked_for = wanted(range, dimension, measure, &asked.after);
    let report = usage::report(&visit.acting, asked_for).await?;
    let total = report.total.unwrap_or_default();
    // The chart's days are those of the usual range: its groups are the first of the first page then.
    let is_usual = range.word == "30d" && asked.after.is_empty();
    let known = is_usual.then(|| firsts(&report.rows).collect());
    let lines = lines(&visit, range, dimension, (&report.rows, &total));
    let (mut rows, chart) = both(lines, chart(&visit, dimension, measure, known)).await?;
    let columns = match second {
        Some(second) => {
            let asked = (range, dimension, second, measure);
            usage_pivot::fill(&visit, asked, &report.rows, &mut rows).await?
        }
        None => Vec::new(),
    };
    let group = words.t(text);
    let place = (asked.after.as_str(), report.next);
    let page = Usage {
        sub: sub(&visit, range),
        ranges: range.choices(&visit.clock, |word| at.of_range(word)),
        days: (days.0.to_owned(), days.1.to_owned()),
        kept: at.kept(),
        csv: csv(&visit, range, (dimension, second)),
        monthly: monthly(&visit),
        chart_title: title(words, measure, &group),
        measures: at.measures(words, measure),
        chart,
        groups: at.groups(words, dimension),
        pivots: at.pivots(words, dimension, second),
        columns,
        total: (!rows.is_empty()).then(|| together(words, &total)),
        pager: pager(words, (rows.len(), None), |after| at.text(after), place),
        group,
        rows,
        frame: visit.frame,
    };
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// The words of the outermost group.
fn firsts(rows: &[StoredRow]) -> impl Iterator<Item = String> {
    rows.iter().filter_map(|row| row.groups.first().cloned())
}

fn title(words: Words, measure: Measure, group: &str) -> String {
    let said = [
        ("measure", words.t(measure.text()).into()),
        ("group", words.within(group).into()),
    ];
    words.with("chart-measure-by", &said)
}

/// From when to when, on whose clock.
fn sub(visit: &Reading, range: Range) -> String {
    let told = [
        ("from", visit.clock.exact(range.from).into()),
        ("to", visit.clock.exact(range.to).into()),
        ("zone", visit.clock.zone.name().into()),
    ];
    visit.words().with("usage-sub", &told)
}

/// The groups of a page, with their names and what they cost in the range before.
async fn lines(
    visit: &Reading,
    range: Range,
    dimension: Dimension,
    (rows, total): (&[StoredRow], &UsageSums),
) -> Result<Vec<UsageRow>, ActionError> {
    let listed: BTreeSet<String> = firsts(rows).collect();
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
            Measure::Requests | Measure::Latency => UsageOrder::Requests,
            Measure::Tokens => UsageOrder::Tokens,
        },
        limit: SHOWN,
        after: Some(after.to_owned()).filter(|after| !after.is_empty()),
        total: true,
        ..UsageQuery::sum(Default::default(), range.from, range.to)
    }
}

/// Where it is said who hears what each month came to, for who may say it.
fn monthly(visit: &Reading) -> String {
    match visit.may(Action::WriteAlerts) {
        true => visit.frame.to("/budgets/alerts"),
        false => String::new(),
    }
}

/// The same as a table: the API's, for the same range.
fn csv(
    visit: &Reading,
    range: Range,
    (dimension, second): (Dimension, Option<Dimension>),
) -> String {
    let (from, until) = (range.from.to_rfc3339(), range.to.to_rfc3339());
    let words: Vec<&str> = std::iter::once(dimension)
        .chain(second)
        .map(Dimension::as_str)
        .collect();
    let group_by = words.join(",");
    let members = [
        ("format", "csv"),
        ("group_by", group_by.as_str()),
        ("order", "charge"),
        ("from", from.as_str()),
        ("until", until.as_str()),
        ("organization", visit.frame.organization.as_str()),
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
        exact: sums.charge_nanousd.to_string(),
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
        word: word.to_owned(),
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
    known: Option<Vec<String>>,
) -> Result<Markup, ActionError> {
    let daily = Daily {
        id: "usage",
        group: dimension,
        filters: Vec::new(),
        measure,
        size: "mid",
        cap: None,
        caption: visit.words().t(measure.text()),
    };
    let read = daily.read(&visit.acting, &visit.clock, known).await?;
    let labels = read.labels(visit.acting.store()).await?;
    Ok(read.draw(&visit.clock, |word| labels.name(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_keeps_what_else_was_chosen() {
        let at = Addresses {
            base: "/ui/usage",
            range: ("7d", "", ""),
            by: "tag",
            by2: "",
            measure: "spend",
        };
        assert_eq!(at.text(""), "/ui/usage?r=7d&by=tag&m=spend");
        let range = ("", "2026-03-28", "2026-03-30");
        let at = Addresses { range, ..at };
        assert_eq!(
            at.text(""),
            "/ui/usage?from=2026-03-28&until=2026-03-30&by=tag&m=spend"
        );
        assert_eq!(whole(NanoUsd(-5)), 0);
    }
}
