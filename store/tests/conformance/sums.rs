//! Reports, budgets and rows agree to the nano-dollar, over any range, in any zone.

use domain::ids::OrganizationId;
use domain::ledger::{Ledger, ORPHANED, QUARTER_MS, RequestEntry, Wanted};
use domain::money::NanoUsd;
use domain::organizations::Organization;
use domain::policies::Policy;
use domain::spend::{Adjustment, ScopeKind, SpendScope};
use domain::stamps::Stamps;
use domain::time::TimestampMs;
use domain::windows::{TimeZone, Window};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use store::page::Page;
use store::requests::RequestFilter;
use store::usage::{Bucket, Dimension, UsageOrder, UsageQuery};

use crate::changes::{change, everything};
use crate::entries::{append, attempt, entry, folded};
use crate::setup::on_both;

/// 2026-03-20T00:00:00Z: clocks change in the ten days after it. Longer than three weeks, so that ranges
/// have whole ones in them.
const BEGIN: u64 = 1_773_964_800_000;
const LENGTH: u64 = 25 * 86_400_000;

const ZONES: [&str; 6] = [
    "UTC",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Kiritimati",
    "Australia/Lord_Howe",
];

const DIMENSIONS: [Dimension; 12] = [
    Dimension::Organization,
    Dimension::Team,
    Dimension::Project,
    Dimension::Key,
    Dimension::User,
    Dimension::EndUser,
    Dimension::Environment,
    Dimension::Group,
    Dimension::Provider,
    Dimension::Deployment,
    Dimension::Operation,
    Dimension::Status,
];

fn moments() -> impl Strategy<Value = u64> {
    let near = (0..LENGTH / QUARTER_MS, 0_u64..3).prop_map(|(q, off)| q * QUARTER_MS + off);
    prop_oneof![0..LENGTH, near.prop_map(|at| at.saturating_sub(1))].prop_map(|at| BEGIN + at)
}

fn some(words: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    proptest::option::of(select(words).prop_map(str::to_owned))
}

fn requests() -> impl Strategy<Value = RequestEntry> {
    let payer = (
        select(&["org_a", "org_b"][..]),
        some(&["key_a", "key_b", "key_c"]),
        some(&["team_a", "team_b"]),
        some(&["user_a", "user_b"]),
        some(&["ann", "a/b"]),
        subsequence(&["batch", "night", "x"][..], 0..3),
    );
    let attempts = vec(
        (0_u64..3_000_000, 0_i64..1_000_000_000, any::<bool>()),
        0..4,
    );
    let about = (select(&[200_u16, 429, 499, 0][..]), any::<u128>());
    (moments(), payer, attempts, about).prop_map(|(at, payer, attempts, (status, random))| {
        let mut entry = entry("", at, 0);
        entry.id = domain::ids::RequestId::new(TimestampMs(at), random).to_string();
        entry.status = status;
        (entry.payer.key_id, entry.payer.team_id) = (payer.1, payer.2);
        (entry.payer.user_id, entry.payer.end_user) = (payer.3, payer.4);
        payer.0.clone_into(&mut entry.payer.organization_id);
        entry.payer.tags = payer.5.into_iter().map(str::to_owned).collect();
        entry.attempts.clear();
        for (number, (after, charge, odd)) in (1..).zip(attempts) {
            let mut one = attempt(number, at + after, charge);
            one.usage.estimated = odd;
            if odd && number == 2 {
                one.outcome = ORPHANED.to_owned();
            }
            one.group = format!("group-{}", charge % 2);
            entry.attempts.push(one);
        }
        entry
    })
}

/// What one case asks.
type Case = (
    Vec<RequestEntry>,
    (u64, u64),
    &'static str,
    Option<Bucket>,
    Vec<Dimension>,
);

fn cases() -> impl Strategy<Value = Case> {
    let bucket = select(vec![
        None,
        Some(Bucket::Hour),
        Some(Bucket::Day),
        Some(Bucket::Week),
        Some(Bucket::Month),
    ]);
    let range = (moments(), moments()).prop_map(|(one, two)| (one.min(two), one.max(two)));
    let groups = subsequence(&DIMENSIONS[..], 0..4);
    (
        vec(requests(), 1..60),
        range,
        select(&ZONES[..]),
        bucket,
        groups,
    )
}

fn rand_seed() -> [u8; 32] {
    domain::randomness::random_bytes().unwrap()
}

fn drawn<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, count: usize) -> Vec<T> {
    // Shown when a promise is broken: put it here to play the same again.
    let seed: [u8; 32] = rand_seed();
    println!("drawn from {seed:?}");
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let draw = |_number| strategy.new_tree(&mut runner).unwrap().current();
    (0..count).map(draw).collect()
}

async fn organizations(store: &store::Store, zone: &str) {
    for (id, zone) in [("org_a", zone), ("org_b", "UTC")] {
        let organization = Organization {
            id: OrganizationId::new(id),
            external_id: None,
            name: id.to_owned(),
            time_zone: zone.to_owned(),
            policy: Policy::default(),
            blocked: false,
            stamps: Stamps::now("test"),
        };
        if change!(store, insert_organization(&organization)).is_err() {
            change!(store, update_organization(&organization)).unwrap();
        }
    }
}

async fn report_equals_a_fold(store: &store::Store, all: &[RequestEntry], case: &Case) {
    let (_new, (from, to), zone, bucket, groups) = case;
    let zone: TimeZone = zone.parse().unwrap();
    let (first, last) = (
        from - from % QUARTER_MS,
        to.div_ceil(QUARTER_MS) * QUARTER_MS,
    );
    let window: Option<Window> = bucket.map(|bucket| {
        match bucket {
            Bucket::Hour => "1h",
            Bucket::Day => "1d",
            Bucket::Week => "1w",
            Bucket::Month => "1mo",
        }
        .parse()
        .unwrap()
    });
    let in_bucket = |at: TimestampMs| {
        let starts_at = window.map_or(0, |one| one.bounds(at, &zone, TimestampMs(0)).starts_at.0);
        (first <= at.0 && at.0 < last).then_some(starts_at)
    };
    let expected = folded(all, groups, in_bucket);
    let mut query = UsageQuery {
        zone: zone.clone(),
        group_by: groups.clone(),
        bucket: *bucket,
        order: UsageOrder::Charge,
        limit: 7,
        total: true,
        ..UsageQuery::sum(everything(), TimestampMs(*from), TimestampMs(*to))
    };
    let mut found = Vec::new();
    let total = loop {
        let page = store.usage(&query).await.unwrap();
        found.extend(page.rows);
        query.after = page.next;
        if query.after.is_none() {
            break page.total.unwrap();
        }
    };
    assert!(found.is_sorted_by_key(|row| std::cmp::Reverse(row.sums.charge_nanousd)));
    let count = found.len();
    let found: std::collections::BTreeMap<_, _> = found
        .into_iter()
        .map(|row| {
            (
                (row.bucket_starts_at.unwrap_or_default().0, row.groups),
                row.sums,
            )
        })
        .collect();
    assert_eq!(found.len(), count, "a row came twice");
    assert_eq!(found, expected);
    let whole = folded(all, &[], |at| (first <= at.0 && at.0 < last).then_some(0));
    assert_eq!(total, whole.into_values().next().unwrap_or_default());
}

/// Sums of random windows, by a plain fold over the attempts.
async fn sums_equal_a_fold(
    store: &store::Store,
    all: &[RequestEntry],
    booked: &[Adjustment],
    (from, to): (u64, u64),
) {
    let mut scopes: Vec<SpendScope> = all.iter().flat_map(|entry| entry.payer.scopes()).collect();
    scopes.sort();
    scopes.dedup();
    let except: Vec<String> = all
        .iter()
        .step_by(5)
        .map(|entry| format!("{}.1", entry.id))
        .collect();
    let mut wanted = Vec::new();
    for scope in scopes {
        for (from, to) in [(from, to), (0, u64::MAX)] {
            for model in [None, Some("group-1".to_owned())] {
                wanted.push(Wanted {
                    scope: scope.clone(),
                    model,
                    window: None,
                    from: TimestampMs(from),
                    to: TimestampMs(to),
                    except: except.clone(),
                });
            }
        }
    }
    let sums = store.sums(wanted.clone()).await.unwrap();
    for (one, sum) in wanted.iter().zip(sums.nanousd) {
        let mine = all
            .iter()
            .filter(|entry| entry.payer.scopes().contains(&one.scope));
        let attempts =
            mine.flat_map(|entry| entry.attempts.iter().map(move |attempt| (entry, attempt)));
        let charged: i64 = attempts
            .filter(|(entry, attempt)| {
                !except.contains(&format!("{}.{}", entry.id, attempt.number))
            })
            .filter(|(_, attempt)| one.from <= attempt.reserved_at && attempt.reserved_at < one.to)
            .filter(|(_, attempt)| {
                one.model
                    .as_ref()
                    .is_none_or(|model| *model == attempt.group)
            })
            .map(|(_, attempt)| attempt.charge_nanousd.0)
            .sum();
        let corrected: i64 = booked
            .iter()
            .filter(|row| row.scope == one.scope && row.model == one.model)
            .filter(|row| one.from <= row.at && row.at < one.to)
            .map(|row| row.amount_nanousd.0)
            .sum();
        assert_eq!(sum, NanoUsd(charged + corrected), "{one:?}");
    }
}

/// Lists hold exactly what a filter says, newest first, over pages.
async fn lists_equal_a_filter(store: &store::Store, all: &[RequestEntry], (from, to): (u64, u64)) {
    let filter = RequestFilter {
        scope: everything(),
        tag: Some("batch".to_owned()),
        failed: Some(true),
        from: Some(TimestampMs(from)),
        until: Some(TimestampMs(to)),
        ..RequestFilter::default()
    };
    for (filter, narrow) in [
        (filter, true),
        (
            RequestFilter {
                scope: everything(),
                ..RequestFilter::default()
            },
            false,
        ),
    ] {
        let mut expected: Vec<&str> = all
            .iter()
            .filter(|one| !narrow || (from <= one.at.0 && one.at.0 < to))
            .filter(|one| !narrow || one.payer.tags.iter().any(|tag| tag == "batch"))
            .filter(|one| !narrow || one.status == 0 || one.status >= 400)
            .map(|one| one.id.as_str())
            .collect();
        expected.sort_unstable_by(|one, two| two.cmp(one));
        let mut page = Page::first(4);
        let mut found = Vec::new();
        loop {
            let listed = store.requests(&filter, &page).await.unwrap();
            found.extend(listed.items.into_iter().map(|row| row.id));
            page.after = found.last().cloned();
            if !listed.more {
                break;
            }
        }
        assert_eq!(found, expected);
    }
}

on_both! {
    async fn reports_sums_and_lists_equal_a_plain_fold_over_what_was_settled(store) {
        let mut all: Vec<RequestEntry> = Vec::new();
        let mut booked = Vec::new();
        for (number, case) in drawn(cases(), 24).into_iter().enumerate() {
            organizations(store, ZONES[number % ZONES.len()]).await;
            append(store, &format!("strand-{number}"), case.0.clone()).await;
            all.extend(case.0.iter().cloned());
            let adjustment = Adjustment {
                id: domain::ids::AdjustmentId::generate(),
                scope: SpendScope::new(ScopeKind::Key, "key_a"),
                model: None,
                window: None,
                amount_nanousd: NanoUsd(-7),
                kind: "reset".to_owned(),
                reason: "test".to_owned(),
                actor: "test".to_owned(),
                at: TimestampMs(case.1.0),
            };
            change!(store, adjust(&adjustment)).unwrap();
            booked.push(adjustment);
            report_equals_a_fold(store, &all, &case).await;
            let by = [Dimension::Key, Dimension::User, Dimension::EndUser][number % 3];
            let ranked = (Vec::new(), case.1, case.2, None, vec![by]);
            report_equals_a_fold(store, &all, &ranked).await;
            sums_equal_a_fold(store, &all, &booked, case.1).await;
            lists_equal_a_filter(store, &all, case.1).await;
        }
    }

    async fn a_request_counts_for_each_of_its_tags_and_once_in_the_total(store) {
        let mut tagged = entry("key_a", BEGIN, 5);
        tagged.payer.tags = vec!["night".to_owned(), "batch".to_owned()];
        append(store, "strand", vec![tagged, entry("key_a", BEGIN, 6)]).await;
        let query = UsageQuery {
            group_by: vec![Dimension::Tag],
            limit: 9,
            total: true,
            ..UsageQuery::sum(everything(), TimestampMs(0), TimestampMs(u64::MAX))
        };
        let report = store.usage(&query).await.unwrap();
        let rows: Vec<(&str, i64)> = report.rows.iter()
            .map(|row| (row.groups[0].as_str(), row.sums.charge_nanousd.0)).collect();
        assert_eq!(rows, [("batch", 5), ("night", 5)]);
        assert_eq!(report.total.unwrap().charge_nanousd, NanoUsd(11));
    }

    async fn nobody_sees_what_is_not_theirs(store) {
        append(store, "strand", vec![entry("key_a", BEGIN, 5)]).await;
        let query = UsageQuery::sum(domain::permissions::Scope::default(), TimestampMs(0), TimestampMs(u64::MAX));
        assert!(store.usage(&query).await.unwrap().rows.is_empty());
        let other = crate::changes::within(&OrganizationId::new("org_b"));
        let filter = |scope| RequestFilter { scope, ..RequestFilter::default() };
        assert!(store.requests(&filter(other), &Page::first(5)).await.unwrap().items.is_empty());
        let own = crate::changes::within(&OrganizationId::new("org_a"));
        assert_eq!(store.requests(&filter(own), &Page::first(5)).await.unwrap().items.len(), 1);
    }
}
