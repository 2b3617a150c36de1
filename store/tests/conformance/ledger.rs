//! What is settled is counted once, whatever is lost or comes twice; what is corrected is told.

use domain::directory::Revision;
use domain::ledger::{Appended, Ledger, ORPHANED, Position, Wanted};
use domain::money::{NanoUsd, PicoUsd};
use domain::permissions::Scope;
use domain::prices::{Price, TieredRates, TokenRates};
use domain::spend::{REWRITTEN, ScopeKind, SpendScope};
use domain::time::TimestampMs;
use store::orphans::{OrphanFilter, SettledByHand};
use store::page::Page;
use store::repricing::Repricing;
use store::usage::{Dimension, UsageQuery};

use crate::changes::everything;
use crate::entries::{append, attempt, batch, entry};
use crate::setup::{commit, on_both};

/// 2026-11-22T12:00:00Z.
const NOON: u64 = 1_795_348_800_000;

fn all(scope: SpendScope) -> Wanted {
    Wanted {
        scope,
        model: None,
        window: None,
        from: TimestampMs(0),
        to: TimestampMs(u64::MAX),
        except: Vec::new(),
    }
}

fn key(id: &str) -> SpendScope {
    SpendScope::new(ScopeKind::Key, id)
}

async fn charged(store: &store::Store, scope: Scope) -> NanoUsd {
    let query = UsageQuery::sum(scope, TimestampMs(0), TimestampMs(u64::MAX));
    let report = store.usage(&query).await.unwrap();
    report
        .rows
        .first()
        .map(|row| row.sums.charge_nanousd)
        .unwrap_or_default()
}

on_both! {
    async fn a_batch_is_taken_once_and_the_answer_to_a_second_one_says_where_to_go_on(store) {
        let part = || batch("strand", 0, vec![entry("key_a", NOON, 5)]);
        assert_eq!(store.position("strand".to_owned()).await.unwrap(), Position::default());
        assert_eq!(store.append(part()).await.unwrap(), Appended::Taken);
        let stands = Position { segment: 0, offset_bytes: 1 };
        assert_eq!(store.append(part()).await.unwrap(), Appended::StandsAt(stands));
        assert_eq!(store.position("strand".to_owned()).await.unwrap(), stands);
        let gap = batch("strand", 7, vec![entry("key_a", NOON, 5)]);
        assert_eq!(store.append(gap).await.unwrap(), Appended::StandsAt(stands));
        assert_eq!(charged(store, everything()).await, NanoUsd(5));
        let requests = store.requests(&filter(), &Page::first(9)).await.unwrap();
        assert_eq!(requests.items.len(), 1);
    }

    async fn an_empty_batch_moves_the_position(store) {
        assert_eq!(store.append(batch("strand", 0, Vec::new())).await.unwrap(), Appended::Taken);
        let stands = store.position("strand".to_owned()).await.unwrap();
        assert_eq!(stands.offset_bytes, 1);
    }

    async fn a_name_that_no_database_takes_does_not_stop_the_ledger(store) {
        let mut strange = entry("key_a", NOON, 5);
        strange.payer.end_user = Some("a\0b'\"\\{}".to_owned());
        strange.payer.tags = vec!["\0".to_owned(), "\u{1f600}".to_owned()];
        strange.attempts[0].charge_nanousd = NanoUsd(i64::MAX);
        strange.attempts[0].usage.input_tokens = u64::MAX;
        let mut again = strange.clone();
        again.id.replace_range(29.., "0");
        let late = entry("key_b", u64::MAX, 7);
        append(store, "strand", vec![strange, again, late]).await;
        assert_eq!(charged(store, everything()).await, NanoUsd(2 * 9_000_000_000_000_000 + 7));
    }

    async fn known_requests_are_told_from_others(store) {
        let (here, there) = (entry("key_a", NOON, 5), entry("key_b", NOON + 1, 5));
        append(store, "strand", vec![here.clone()]).await;
        let ids = vec![here.id.clone(), there.id];
        assert_eq!(store.known_requests(ids).await.unwrap(), [here.id]);
    }

    async fn sums_leave_out_what_is_counted_elsewhere(store) {
        let (one, two) = (entry("key_a", NOON, 5), entry("key_a", NOON + 9, 70));
        append(store, "strand", vec![one.clone(), two.clone()]).await;
        let except = Wanted { except: vec![format!("{}.1", two.id)], ..all(key("key_a")) };
        let other = Wanted { model: Some("other".to_owned()), ..all(key("key_a")) };
        let sums = store.sums(vec![all(key("key_a")), except, other, all(key("key_b"))]).await.unwrap();
        assert_eq!(sums.nanousd, [75, 5, 0, 0].map(NanoUsd));
    }

    async fn names_past_the_bound_count_as_other(store) {
        let mut many = Vec::new();
        for number in 0..10_010 {
            let mut one = entry("key_a", NOON + number, 1);
            one.payer.end_user = Some(format!("{number:05}"));
            many.push(one);
        }
        append(store, "strand", many).await;
        let query = UsageQuery {
            group_by: vec![Dimension::EndUser],
            filters: vec![(Dimension::EndUser, vec!["other".to_owned(), "00001".to_owned()])],
            limit: 9,
            ..UsageQuery::sum(everything(), TimestampMs(0), TimestampMs(u64::MAX))
        };
        let rows = store.usage(&query).await.unwrap().rows;
        let rows: Vec<(&str, u64)> = rows.iter().map(|row| (row.groups[0].as_str(), row.sums.requests)).collect();
        assert_eq!(rows, [("00001", 1), ("other", 10)]);
    }

    async fn an_orphan_is_listed_until_it_is_settled_by_hand_and_both_figures_stay(store) {
        let mut lost = entry("key_a", NOON, 500);
        lost.status = 0;
        lost.attempts[0].outcome = ORPHANED.to_owned();
        append(store, "strand", vec![lost.clone(), entry("key_a", NOON, 1)]).await;
        let listed = store.orphans(&OrphanFilter { scope: everything(), ..OrphanFilter::default() }, &Page::first(9)).await.unwrap();
        assert_eq!((listed.items.len(), listed.items[0].held_nanousd), (1, NanoUsd(500)));
        let settled = SettledByHand {
            request_id: lost.id.clone(),
            number: 1,
            charge_nanousd: NanoUsd(20),
            actor: "somebody".to_owned(),
            reason: "the provider's bill".to_owned(),
        };
        let mut change = store.begin().await.unwrap();
        assert!(change.settle_orphan(&settled).await.unwrap().is_some());
        let revision = commit(change).await;
        let mut change = store.begin().await.unwrap();
        assert!(change.settle_orphan(&settled).await.unwrap().is_none());
        drop(change);
        let found = store.request(&lost.id).await.unwrap().unwrap();
        assert_eq!(found.request.charge_nanousd, NanoUsd(20));
        let [attempt] = &found.attempts[..] else { panic!("one attempt") };
        assert_eq!((attempt.corrections[0].old_nanousd, attempt.corrections[0].new_nanousd), (NanoUsd(500), NanoUsd(20)));
        let sums = store.usage(&UsageQuery::sum(everything(), TimestampMs(0), TimestampMs(u64::MAX))).await.unwrap().rows[0].sums;
        assert_eq!((sums.charge_nanousd, sums.orphaned_nanousd), (NanoUsd(21), NanoUsd(0)));
        assert_eq!(store.spend_of(&[key("key_a")]).await.unwrap()[&key("key_a")], NanoUsd(21));
        let told = store.corrections(Revision(revision.0 - 1)).await.unwrap();
        assert_eq!((told[0].revision, told[0].adjustment.kind.as_str()), (revision, REWRITTEN));
        assert_eq!(told[0].adjustment.scope, SpendScope::new(ScopeKind::Organization, "org_a"));
        assert!(store.corrections(revision).await.unwrap().is_empty());
    }

    async fn a_corrected_price_changes_a_range_and_nothing_beside_it(store) {
        let mut refused = entry("key_a", NOON + 4, 0);
        refused.attempts[0].usage.input_tokens = 0;
        refused.attempts[0].usage.output_tokens = 0;
        let mut twice = entry("key_a", NOON + 5, 7);
        twice.attempts.push(attempt(2, NOON + 60_000, 8));
        let mut other = entry("key_a", NOON + 6, 9);
        other.attempts[0].model = "gpt-4".to_owned();
        let early = entry("key_a", NOON - 2, 1);
        append(store, "strand", vec![refused, twice.clone(), other, early.clone()]).await;
        // Twice the input at a thousandth of a nano-dollar each: 100 tokens are 200 nano-dollars.
        let base = TokenRates { input: Some(PicoUsd(2_000)), output: Some(PicoUsd(0)), ..TokenRates::default() };
        let repricing = Repricing {
            from: TimestampMs(NOON),
            to: TimestampMs(NOON + 3_600_000),
            organization_id: None,
            provider: "openai".to_owned(),
            model: "gpt-5".to_owned(),
            price: Price { standard: TieredRates { base, tiers: Vec::new() }, ..Price::default() },
            actor: "somebody".to_owned(),
            reason: "the price list was wrong".to_owned(),
        };
        let mut change = store.begin().await.unwrap();
        let repriced = change.reprice(&repricing).await.unwrap();
        commit(change).await;
        assert_eq!((repriced.attempts, repriced.old_nanousd, repriced.new_nanousd), (2, NanoUsd(15), NanoUsd(400)));
        let found = store.request(&twice.id).await.unwrap().unwrap();
        assert_eq!(found.request.charge_nanousd, NanoUsd(400));
        assert_eq!(found.attempts[1].corrections[0].old_nanousd, NanoUsd(8));
        let before = store.request(&early.id).await.unwrap().unwrap();
        assert!(before.attempts[0].corrections.is_empty());
        assert_eq!(charged(store, everything()).await, NanoUsd(410));
        let whole = store.sums(vec![all(key("key_a"))]).await.unwrap();
        assert_eq!(whole.nanousd, [NanoUsd(410)]);
        assert_eq!(store.total_spend(ScopeKind::Organization).await.unwrap(), NanoUsd(410));
        assert_eq!(store.top_spend(ScopeKind::Key, 5).await.unwrap(), [("key_a".to_owned(), NanoUsd(410))]);
    }

    async fn rows_that_are_too_old_go_and_sums_stay(store) {
        let (old, new) = (entry("key_a", NOON - 3 * 86_400_000, 5), entry("key_a", NOON, 6));
        append(store, "strand", vec![old.clone(), new.clone()]).await;
        store.prepare_days(TimestampMs(NOON), 3).await.unwrap();
        assert!(store.drop_rows_before(TimestampMs(NOON)).await.unwrap() > 0);
        assert!(store.request(&old.id).await.unwrap().is_none());
        assert!(store.request(&new.id).await.unwrap().is_some());
        assert_eq!(charged(store, everything()).await, NanoUsd(11));
        append(store, "again", vec![old.clone()]).await;
        assert!(store.request(&old.id).await.unwrap().is_some());
    }
}

fn filter() -> store::requests::RequestFilter {
    store::requests::RequestFilter {
        scope: everything(),
        ..store::requests::RequestFilter::default()
    }
}
