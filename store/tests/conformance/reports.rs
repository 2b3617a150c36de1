//! Reports leave connections to everything else, however many of them are asked for at once.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;

use domain::time::TimestampMs;
use store::page::Page;
use store::requests::RequestFilter;
use store::usage::{Dimension, UsageQuery};

use crate::changes::everything;
use crate::entries::{append, entry};
use crate::setup::on_both;

/// More than either database has connections.
const AT_ONCE: i64 = 40;

/// The most connections that were taken or waited for while `work` was done.
async fn most_wanted(store: &store::Store, work: impl Future<Output = ()>) -> usize {
    let mut work = pin!(work);
    let mut most = 0;
    std::future::poll_fn(|context| {
        let done = work.as_mut().poll(context);
        let now = store.connections();
        most = most.max(now.open - now.idle + now.waiting);
        done
    })
    .await;
    most
}

/// Something to do beside other things.
type Work<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Does all of them at once.
async fn side_by_side(mut work: Vec<Work<'_>>) {
    std::future::poll_fn(move |context| {
        work.retain_mut(|one| one.as_mut().poll(context).is_pending());
        match work.is_empty() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
}

on_both! {
    async fn many_reports_at_once_all_answer_and_take_no_more_than_half_of_the_connections(store) {
        let now = TimestampMs::now();
        append(store, "strand", vec![entry("key_a", now.0, 5)]).await;
        let query = UsageQuery {
            group_by: vec![Dimension::Key],
            ..UsageQuery::sum(everything(), TimestampMs(0), TimestampMs(now.0 + 1))
        };
        let filter = RequestFilter { scope: everything(), ..RequestFilter::default() };
        let counting = Page { count: true, ..Page::first(1) };
        let report = async || {
            assert_eq!(store.usage(&query).await.unwrap().rows.len(), 1);
        };
        let list = async || {
            let listed = store.requests(&filter, &counting).await.unwrap();
            assert_eq!(listed.total, Some(1));
        };
        let mut work: Vec<Work<'_>> = Vec::new();
        for _one in 0..AT_ONCE {
            work.push(Box::pin(report()));
            work.push(Box::pin(list()));
        }
        let most = most_wanted(store, side_by_side(work)).await;
        assert!((1..=store.connections().most / 2).contains(&most), "{most}");
    }
}
