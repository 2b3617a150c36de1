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
    say(&format!(
        "{:>8.1} ms  {what}",
        slowest.as_secs_f64() * 1_000.0
    ));
}

fn all() -> Scope {
    Scope {
        everything: true,
        ..Scope::default()
    }
}

async fn lists(store: &Store) -> Outcome {
    let everything = || RequestFilter {
        scope: all(),
        ..RequestFilter::default()
    };
    let noon = TimestampMs(NOON);
    let of_key = || RequestFilter {
        key_id: Some(KeyId::new(KEY)),
        ..everything()
    };
    let of_organization = || RequestFilter {
        scope: Scope {
            organizations: [OrganizationId::new(ORGANIZATION)].into(),
            ..Scope::default()
        },
        ..RequestFilter::default()
    };
    let failed = || RequestFilter {
        failed: Some(true),
        ..everything()
    };
    let cases = [
        ("list: newest", everything()),
        ("list: of a key", of_key()),
        ("list: of an organization's scope", of_organization()),
        ("list: that failed", failed()),
        (
            "list: of a key, that failed",
            RequestFilter {
                failed: Some(true),
                ..of_key()
            },
        ),
        (
            "list: with a status",
            RequestFilter {
                status: Some(502),
                ..everything()
            },
        ),
        (
            "list: with a tag",
            RequestFilter {
                tag: Some("batch".to_owned()),
                ..everything()
            },
        ),
        (
            "list: of nobody",
            RequestFilter {
                end_user: Some("nobody".to_owned()),
                ..everything()
            },
        ),
        (
            "list: before a day",
            RequestFilter {
                until: Some(TimestampMs(FIRST + 5 * DAY_MS)),
                ..of_key()
            },
        ),
        (
            "list: of a day",
            RequestFilter {
                from: Some(TimestampMs(noon.0 - DAY_MS)),
                until: Some(noon),
                ..of_organization()
            },
        ),
        (
            "list: with a code",
            RequestFilter {
                code: Some("upstream_unavailable".to_owned()),
                ..everything()
            },
        ),
        (
            "list: of a call",
            RequestFilter {
                call_id: Some("x".to_owned()),
                ..everything()
            },
        ),
    ];
    let newest = store.requests(&everything(), &Page::first(1)).await?;
    let id = newest
        .items
        .first()
        .map(|row| row.id.clone())
        .unwrap_or_default();
    for (what, filter) in &cases {
        let page = Page {
            count: true,
            ..Page::first(50)
        };
        let found = store.requests(filter, &page).await?;
        let what = format!("{what} ({} of {:?})", found.items.len(), found.total);
        timed(&what, || store.requests(filter, &page)).await;
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

async fn reports(store: &Store) -> Outcome {
    let end = NOON / DAY_MS * DAY_MS + DAY_MS;
    let over = |days: u64| UsageQuery {
        limit: 1_000,
        total: true,
        ..UsageQuery::sum(all(), TimestampMs(end - days * DAY_MS), TimestampMs(end))
    };
    let by = |group: &[Dimension], bucket, days| UsageQuery {
        group_by: group.to_vec(),
        bucket,
        order: UsageOrder::Charge,
        ..over(days)
    };
    let berlin = |query: UsageQuery| UsageQuery {
        zone: "Europe/Berlin".parse().unwrap_or_default(),
        ..query
    };
    let cases = [
        ("report: 30 days", over(30)),
        ("report: 30 days by day", by(&[], Some(Bucket::Day), 30)),
        (
            "report: 30 days by day and model",
            by(&[Dimension::Model], Some(Bucket::Day), 30),
        ),
        ("report: 30 days by key", by(&[Dimension::Key], None, 30)),
        (
            "report: 30 days by day and key",
            by(&[Dimension::Key], Some(Bucket::Day), 30),
        ),
        ("report: 30 days by tag", by(&[Dimension::Tag], None, 30)),
        (
            "report: 7 days by day, another zone",
            berlin(by(&[], Some(Bucket::Day), 7)),
        ),
        (
            "report: 30 days by day, another zone",
            berlin(by(&[], Some(Bucket::Day), 30)),
        ),
        (
            "report: 30 days by week, another zone",
            berlin(by(&[Dimension::Team], Some(Bucket::Week), 30)),
        ),
        ("report: 1 day by hour", by(&[], Some(Bucket::Hour), 1)),
        ("report: 7 days by hour", by(&[], Some(Bucket::Hour), 7)),
        (
            "report: 30 days of a key by day",
            UsageQuery {
                filters: vec![(Dimension::Key, vec![KEY.to_owned()])],
                ..by(&[Dimension::Model], Some(Bucket::Day), 30)
            },
        ),
    ];
    for (what, query) in &cases {
        let found = store.usage(query).await?;
        timed(&format!("{what} ({} rows)", found.rows.len()), || {
            store.usage(query)
        })
        .await;
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
