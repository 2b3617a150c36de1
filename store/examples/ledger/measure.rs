//! How long lists and reports take: the slowest of some runs of each.

use std::future::Future;
use std::time::{Duration, Instant};

use domain::ids::{KeyId, OrganizationId};
use domain::ledger::{Ledger, Wanted};
use domain::permissions::Scope;
use domain::spend::{ScopeKind, SpendScope};
use domain::time::TimestampMs;
use store::Store;
use store::orphans::OrphanFilter;
use store::page::Page;
use store::requests::RequestFilter;
use store::usage::{Bucket, Dimension, UsageOrder, UsageQuery};

use crate::ingest::NOON;
use crate::seed::FIRST;
use crate::{Outcome, say};

const RUNS: u32 = 5;
const DAY_MS: u64 = 86_400_000;
const KEY: &str = "key_01jd0000000000000000000007";
const ORGANIZATION: &str = "org_01jd0000000000000000000001";

/// Measures everything.
pub async fn measure(store: &Store) -> Outcome {
    lists(store).await?;
    reports(store).await?;
    others(store).await
}

async fn timed<Run: Future>(what: &str, mut run: impl FnMut() -> Run) {
    let mut slowest = Duration::ZERO;
    for _run in 0..RUNS {
        let begun = Instant::now();
        drop(run().await);
        slowest = slowest.max(begun.elapsed());
    }
    say(&format!("{:>8} ms  {what}", slowest.as_millis()));
}

fn all() -> Scope {
    Scope {
        everything: true,
        ..Scope::default()
    }
}

type Listed = (&'static str, RequestFilter);

fn everything() -> RequestFilter {
    RequestFilter {
        scope: all(),
        ..RequestFilter::default()
    }
}

fn of_key() -> RequestFilter {
    RequestFilter {
        key_id: Some(KeyId::new(KEY)),
        ..everything()
    }
}

fn of_organization() -> RequestFilter {
    let organizations = [OrganizationId::new(ORGANIZATION)].into();
    let scope = Scope {
        organizations,
        ..Scope::default()
    };
    RequestFilter {
        scope,
        ..RequestFilter::default()
    }
}

fn with(mut filter: RequestFilter, change: impl Fn(&mut RequestFilter)) -> RequestFilter {
    change(&mut filter);
    filter
}

fn filters() -> Vec<Listed> {
    let word = |word: &str| Some(word.to_owned());
    let of = |change: &dyn Fn(&mut RequestFilter)| with(everything(), change);
    let fifth = TimestampMs(FIRST + 5 * DAY_MS);
    vec![
        ("newest", everything()),
        ("of a key", of_key()),
        ("of an organization's scope", of_organization()),
        ("that failed", of(&|all| all.failed = Some(true))),
        (
            "of a key, that failed",
            with(of_key(), |all| all.failed = Some(true)),
        ),
        ("with a status", of(&|all| all.status = Some(502))),
        ("with a tag", of(&|all| all.tag = word("batch"))),
        ("of nobody", of(&|all| all.end_user = word("nobody"))),
        (
            "of a key, before a day",
            with(of_key(), |all| all.until = Some(fifth)),
        ),
        (
            "of an organization's day",
            with(of_organization(), |all| {
                all.from = Some(TimestampMs(NOON - DAY_MS));
                all.until = Some(TimestampMs(NOON));
            }),
        ),
        (
            "with a code",
            of(&|all| all.code = word("upstream_unavailable")),
        ),
        ("of a call", of(&|all| all.call_id = word("x"))),
    ]
}

async fn lists(store: &Store) -> Outcome {
    let newest = store.requests(&everything(), &Page::first(1)).await?;
    let id = newest
        .items
        .first()
        .map(|row| row.id.clone())
        .unwrap_or_default();
    for (what, filter) in &filters() {
        for count in [false, true] {
            let page = Page {
                count,
                ..Page::first(50)
            };
            let found = store.requests(filter, &page).await?;
            let what = format!("list: {what} ({} of {:?})", found.items.len(), found.total);
            timed(&what, || store.requests(filter, &page)).await;
        }
    }
    timed("one request", || store.request(&id)).await;
    let orphans = OrphanFilter {
        scope: all(),
        ..OrphanFilter::default()
    };
    let page = Page::first(50);
    timed("orphans", || store.orphans(&orphans, &page)).await;
    Ok(())
}

fn by(group: &[Dimension], bucket: Option<Bucket>, days: u64) -> UsageQuery {
    let end = NOON / DAY_MS * DAY_MS + DAY_MS;
    UsageQuery {
        group_by: group.to_vec(),
        bucket,
        order: UsageOrder::Charge,
        limit: 1_000,
        total: true,
        ..UsageQuery::sum(all(), TimestampMs(end - days * DAY_MS), TimestampMs(end))
    }
}

fn queries() -> Vec<(&'static str, UsageQuery)> {
    let berlin = |query: UsageQuery| UsageQuery {
        zone: "Europe/Berlin".parse().unwrap_or_default(),
        ..query
    };
    let (day, week, hour) = (Some(Bucket::Day), Some(Bucket::Week), Some(Bucket::Hour));
    let of_a_key = UsageQuery {
        filters: vec![(Dimension::Key, vec![KEY.to_owned()])],
        ..by(&[Dimension::Model], day, 30)
    };
    vec![
        ("30 days", by(&[], None, 30)),
        ("30 days by day", by(&[], day, 30)),
        ("30 days by day and model", by(&[Dimension::Model], day, 30)),
        ("30 days by key", by(&[Dimension::Key], None, 30)),
        ("30 days by day and key", by(&[Dimension::Key], day, 30)),
        ("30 days by tag", by(&[Dimension::Tag], None, 30)),
        ("7 days by day, another zone", berlin(by(&[], day, 7))),
        ("30 days by day, another zone", berlin(by(&[], day, 30))),
        (
            "30 days by week, another zone",
            berlin(by(&[Dimension::Team], week, 30)),
        ),
        ("1 day by hour", by(&[], hour, 1)),
        ("7 days by hour", by(&[], hour, 7)),
        ("30 days of a key by day", of_a_key),
    ]
}

async fn reports(store: &Store) -> Outcome {
    for (what, query) in &queries() {
        let found = store.usage(query).await?;
        let what = format!("report: {what} ({} rows)", found.rows.len());
        timed(&what, || store.usage(query)).await;
    }
    Ok(())
}

async fn others(store: &Store) -> Outcome {
    let keys = || (0..100).map(|key| SpendScope::new(ScopeKind::Key, format!("key_01jd{key:022}")));
    let wanted = |scope: SpendScope, from: u64| Wanted {
        scope,
        model: None,
        window: None,
        from: TimestampMs(from),
        to: TimestampMs(NOON + 3_600_000),
        except: Vec::new(),
    };
    let scopes: Vec<SpendScope> = keys().collect();
    timed("spend of 100 keys", || store.spend_of(&scopes)).await;
    timed("top of keys", || store.top_spend(ScopeKind::Key, 50)).await;
    let organization = SpendScope::new(ScopeKind::Organization, ORGANIZATION);
    let month: Vec<Wanted> = keys()
        .chain([organization])
        .map(|scope| wanted(scope, FIRST))
        .collect();
    timed("month of 100 keys and an organization", || {
        store.sums(month.clone())
    })
    .await;
    let ragged = NOON - 86_400_000 + 1_234;
    let day: Vec<Wanted> = keys().map(|scope| wanted(scope, ragged)).collect();
    timed("24 ragged hours of 100 keys", || store.sums(day.clone())).await;
    Ok(())
}
