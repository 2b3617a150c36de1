//! The list of requests.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::permissions::{Place, authorize};
use domain::windows::Day;
use serde::Deserialize;
use store::page::{Listed, Page};
use store::requests::{RequestFilter, RequestRow};
use web_ui::figures::{count, duration, price};
use web_ui::frame::Frame;
use web_ui::markup::{Markup, code};
use web_ui::pages::parts::Choice;
use web_ui::pages::requests::{Chip, RequestLine, Requests};
use web_ui::words::Words;

use super::chart;
use super::tail;
use super::terms::{self, Typed};
use super::totals;
use crate::acting::may;
use crate::actions::requests;
use crate::error::ActionError;
use crate::live::news::{Ended, named};
use crate::pages::addresses::{pager, query};
use crate::pages::clock::Clock;
use crate::pages::ranges::Range;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, lists};

/// How many a page shows.
const SHOWN: i64 = 50;

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    r: String,
    after: String,
    key: String,
    team: String,
    status: String,
    /// Whether all that match are added up, however many there are.
    sums: bool,
}

impl Asked {
    /// Links of other pages name one thing; here that is a term as any other.
    fn text(&self) -> String {
        let linked = [
            ("key", &self.key),
            ("team", &self.team),
            ("status", &self.status),
        ];
        let linked = linked
            .into_iter()
            .filter(|(_name, value)| !value.is_empty());
        let words = linked.map(|(name, value)| format!("{name}:{value}"));
        let words: Vec<String> = words.chain([self.q.trim().to_owned()]).collect();
        words.join(" ").trim().to_owned()
    }
}

pub(super) type Reading = Visit<may::ReadSpend>;

pub(super) async fn show(
    visit: Reading,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let text = asked.text();
    if text.starts_with("req_") && !text.contains([' ', ':']) {
        return Ok(answers::see(&visit.frame.to(&format!("/requests/{text}"))));
    }
    let words = visit.words();
    let range = Range::of_requests(&asked.r, &visit.clock);
    let mut typed = Typed::read(&text);
    let filter = terms::filter(&visit.acting, &mut typed).await?;
    let filter = RequestFilter {
        from: Some(range.from),
        // What ends while the page is made is of it too.
        until: range.days.map(|_days| range.to),
        ..filter
    };
    let Found {
        listed,
        totals,
        chart,
        is_wide,
    } = found(&visit, &asked, (range, &filter)).await?;
    let next = lists::next(&listed, |one| one.id.clone());
    let base = visit.frame.to("/requests");
    let address = |q: &str, r: &str, after: &str| {
        format!("{base}{}", query(&[("q", q), ("r", r), ("after", after)]))
    };
    let place = (asked.after.as_str(), next);
    let pager = pager(
        words,
        (listed.items.len(), None),
        |after| address(&text, &range.text(), after),
        place,
    );
    let chips = chips(words, &typed, |q| address(q, &range.text(), ""));
    let is_first = asked.after.is_empty();
    let page = Requests {
        sub: sub(&visit),
        ranges: range.choices(&visit.clock, |word| address(&text, word, "")),
        range: range.text(),
        csv: csv(&visit, &filter),
        totals,
        add_up: is_wide.then(|| format!("{}&sums=true", address(&text, &range.text(), ""))),
        chart,
        nearest: match listed.items.is_empty() && is_first {
            true => nearest(&visit, range, &filter, |days| address(&text, days, "")).await?,
            false => None,
        },
        rows: rows(&visit, listed.items).await?,
        tail: (is_first && range.days.is_none()).then(|| tail::address(&visit, &text, "")),
        q: text,
        fault: unread(words, &typed),
        chips,
        pager,
        frame: visit.frame,
    };
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// What a page shows of the requests that match.
struct Found {
    listed: Listed<RequestRow>,
    totals: String,
    chart: Option<Markup>,
    /// Whether all of them are added up only when that is asked.
    is_wide: bool,
}

async fn found(
    visit: &Reading,
    asked: &Asked,
    (range, filter): (Range, &RequestFilter),
) -> Result<Found, ActionError> {
    let page = Page {
        after: Some(asked.after.clone()).filter(|after| !after.is_empty()),
        ..Page::first(SHOWN)
    };
    let is_wide = !asked.sums && visit.acting.store().is_wide(filter).await?;
    // All to their end: a query that is given up harms its connection.
    let (listed, sums, chart) = tokio::join!(
        requests::list(&visit.acting, filter.clone(), &page),
        totals::all(visit, range, (filter, is_wide)),
        chart::outcomes(visit, range, (filter, is_wide)),
    );
    let (listed, sums, chart) = (listed?, sums?, chart?);
    let totals = match is_wide && listed.more {
        true => totals::more_than(visit.words(), listed.items.len()),
        false => sums,
    };
    Ok(Found {
        listed,
        totals,
        chart,
        is_wide,
    })
}

/// Where there is something when a range has nothing: the day of the newest request before it, else of
/// the newest of all. Not for what roll-ups do not know, which would be looked for in every row.
async fn nearest(
    visit: &Reading,
    range: Range,
    filter: &RequestFilter,
    address: impl Fn(&str) -> String,
) -> Result<Option<Choice>, ActionError> {
    let (_known, others) = terms::dimensions(filter);
    if others || filter.asked_model.is_some() {
        return Ok(None);
    }
    for until in [Some(range.from), None] {
        let before = RequestFilter {
            from: None,
            until,
            ..filter.clone()
        };
        let found = requests::list(&visit.acting, before, &Page::first(1)).await?;
        if let Some(one) = found.items.first() {
            let day = Day::at(one.at, &visit.clock.zone);
            let told = [("day", visit.clock.date(one.at).into())];
            let label = visit.words().with("requests-nearest", &told);
            return Ok(Some(Choice::of(
                address(&format!("{day}..{day}")),
                label,
                false,
            )));
        }
    }
    Ok(None)
}

fn sub(visit: &Reading) -> String {
    let zone = [("zone", visit.clock.told_in().name().into())];
    visit.words().with("requests-sub", &zone)
}

/// What of the box means nothing.
fn unread(words: Words, typed: &Typed) -> Option<String> {
    let said = typed.unread.join(" ");
    (!said.is_empty()).then(|| words.with("requests-unread", &[("words", said.into())]))
}

fn chips(words: Words, typed: &Typed, address: impl Fn(&str) -> String) -> Vec<Chip> {
    let each = typed.terms.iter().enumerate().map(|(place, term)| Chip {
        name: term.name.clone(),
        value: term.value.clone(),
        href: address(&typed.without(place)),
        remove: words.with("chip-remove", &[("name", (&term.name).into())]),
    });
    each.collect()
}

/// The same requests as a table: the API's, with the same conditions.
fn csv(visit: &Reading, filter: &RequestFilter) -> String {
    let from = filter
        .from
        .map(domain::time::TimestampMs::to_rfc3339)
        .unwrap_or_default();
    let status = filter
        .status
        .map(|status| status.to_string())
        .unwrap_or_default();
    let id = |id: Option<String>| id.unwrap_or_default();
    let failed = filter
        .failed
        .map(|failed| failed.to_string())
        .unwrap_or_default();
    let least = filter
        .least_charge
        .map(|least| least.to_string())
        .unwrap_or_default();
    let until = filter
        .until
        .map(domain::time::TimestampMs::to_rfc3339)
        .unwrap_or_default();
    let members = [
        ("format", "csv".to_owned()),
        ("from", from),
        ("until", until),
        ("team", id(filter.team_id.as_ref().map(ToString::to_string))),
        ("key", id(filter.key_id.as_ref().map(ToString::to_string))),
        ("user", id(filter.user_id.as_ref().map(ToString::to_string))),
        (
            "project",
            id(filter.project_id.as_ref().map(ToString::to_string)),
        ),
        ("model_group", id(filter.group.clone())),
        ("provider", id(filter.provider.clone())),
        ("deployment", id(filter.deployment_id.clone())),
        ("environment", id(filter.environment.clone())),
        ("tag", id(filter.tag.clone())),
        ("end_user", id(filter.end_user.clone())),
        ("code", id(filter.code.clone())),
        ("call_id", id(filter.call_id.clone())),
        ("status", status),
        ("failed", failed),
        ("least_charge_usd", least),
        ("organization", visit.frame.organization.clone()),
    ];
    let members: Vec<(&str, &str)> = members
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    format!("{}/api/v1/requests{}", visit.frame.base, query(&members))
}

async fn rows(visit: &Reading, listed: Vec<RequestRow>) -> Result<Vec<RequestLine>, ActionError> {
    let (frame, clock) = (&visit.frame, &visit.clock);
    let named = named(visit.acting.store(), listed).await?;
    let line = |one: &Arc<Ended>| {
        let key = one.key.clone();
        let key = key.unwrap_or_else(|| frame.t("master-key"));
        line(frame, clock, one.row.clone(), (key, one.team.clone()))
    };
    Ok(named.iter().map(line).collect())
}

/// A request as a row, with the names of its key and its team.
pub(super) fn line(
    frame: &Frame,
    clock: &Clock,
    one: RequestRow,
    (key, team): (String, String),
) -> RequestLine {
    let words = frame.words;
    let time = clock.precise(one.at);
    let tokens = |tokens: u64| {
        if tokens == 0 {
            "—".to_owned()
        } else {
            count(words, tokens)
        }
    };
    let told = [("key", (&key).into()), ("time", (&time).into())];
    RequestLine {
        exact: clock.exact(one.at),
        status: code(one.status),
        deployment: one.provider.clone(),
        href: frame.to(&format!("/requests/{}", one.id)),
        open: words.with("open-request", &told),
        tokens_in: tokens(one.prompt_tokens),
        tokens_out: tokens(one.completion_tokens),
        first: one
            .first_byte_ms
            .map_or_else(|| "—".to_owned(), |ms| duration(words, ms)),
        total: duration(words, one.duration_ms),
        cost: price(words, one.charge_nanousd),
        note: one.code.clone().unwrap_or_default(),
        tags: tags(words, &one),
        model: one.asked_model,
        time,
        key,
        team,
    }
}

/// What is special of a request.
pub(super) fn tags(words: Words, one: &RequestRow) -> Vec<String> {
    let mut tags = Vec::new();
    if one.fallbacks > 0 {
        tags.push(words.with("fallbacks", &[("count", u64::from(one.fallbacks).into())]));
    } else if one.attempts > 1 {
        tags.push(words.with(
            "attempts-many",
            &[("count", u64::from(one.attempts).into())],
        ));
    }
    if one.stream {
        tags.push(words.t("stream"));
    }
    tags
}

/// Whether one may see a key's own page.
pub(super) fn sees_key(visit: &Reading, one: &RequestRow) -> bool {
    let place = Place {
        organization_id: Some(domain::ids::OrganizationId::new(&one.payer.organization_id)),
        team_id: one.payer.team_id.clone().map(domain::ids::TeamId::new),
        owner_id: one.payer.user_id.clone().map(domain::ids::UserId::new),
    };
    authorize(
        &visit.acting.actor.rights,
        domain::permissions::Action::ReadKeys,
        &place,
    )
    .is_ok()
}
