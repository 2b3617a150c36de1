//! Failed sign-ins count up, a setup token is taken once, and an answer is told again for a day.

use domain::sealed::Sealed;
use domain::time::TimestampMs;
use store::Store;
use store::idempotency::{Reserved, StoredAnswer};
use store::sign_ins::SignInFailures;

use crate::changes::change;
use crate::setup::on_both;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

fn answer(digest: &str) -> StoredAnswer {
    StoredAnswer {
        request_digest: digest.to_owned(),
        status: 201,
        sealed_body: Sealed::new("sealed"),
    }
}

async fn failures(store: &Store, account: &str, network: &str) -> Option<(u64, u64)> {
    let found = store.sign_in_failures(account, network).await.unwrap();
    found.map(|SignInFailures { failures, last_at }| (failures, last_at.0))
}

on_both! {
    async fn failed_sign_ins_count_up_by_account_and_network(store) {
        assert_eq!(failures(store, "ada", "a").await, None);
        for (account, network, at) in [("ada", "a", 5), ("ada", "a", 6), ("ada", "b", 7), ("bob", "a", 8)] {
            store.note_sign_in_failure(account, network, TimestampMs(at)).await.unwrap();
        }
        assert_eq!(failures(store, "ada", "a").await, Some((2, 6)));
        assert_eq!(failures(store, "ada", "b").await, Some((1, 7)));
        store.clear_sign_in_failures("ada").await.unwrap();
        assert_eq!(failures(store, "ada", "a").await, None);
        assert_eq!(failures(store, "ada", "b").await, None);
        assert_eq!(failures(store, "bob", "a").await, Some((1, 8)));
    }

    async fn failures_are_forgotten_after_a_day_without_one(store) {
        store.note_sign_in_failure("ada", "a", TimestampMs(5)).await.unwrap();
        store.note_sign_in_failure("bob", "a", TimestampMs(5 + DAY_MS)).await.unwrap();
        assert_eq!(failures(store, "ada", "a").await, Some((1, 5)));
        store.note_sign_in_failure("bob", "a", TimestampMs(6 + DAY_MS)).await.unwrap();
        assert_eq!(failures(store, "ada", "a").await, None);
        assert_eq!(failures(store, "bob", "a").await, Some((2, 6 + DAY_MS)));
    }

    async fn a_setup_token_is_taken_once_before_it_ends(store) {
        assert!(!store.has_people().await.unwrap());
        change!(store, put_setup_token("old", TimestampMs(100))).unwrap();
        change!(store, put_setup_token("new", TimestampMs(100))).unwrap();
        assert!(!store.has_setup_token("old", TimestampMs(1)).await.unwrap());
        assert!(store.has_setup_token("new", TimestampMs(99)).await.unwrap());
        assert!(!store.has_setup_token("new", TimestampMs(100)).await.unwrap());
        assert!(!change!(store, take_setup_token("new", TimestampMs(100))).unwrap());
        assert!(!change!(store, take_setup_token("old", TimestampMs(1))).unwrap());
        assert!(change!(store, take_setup_token("new", TimestampMs(99))).unwrap());
        assert!(!change!(store, take_setup_token("new", TimestampMs(99))).unwrap());
    }

    async fn of_all_requests_with_a_key_one_is_the_first_and_the_others_get_its_answer(store) {
        let now = TimestampMs::now();
        let reserve = async |actor, key| store.reserve_answer(actor, key, "one", now).await.unwrap();
        assert_eq!(reserve("user_1", "k").await, Reserved::First);
        let under_way = Reserved::UnderWay { request_digest: "one".to_owned() };
        assert_eq!(reserve("user_1", "k").await, under_way);
        assert_eq!(reserve("user_2", "k").await, Reserved::First);
        assert_eq!(reserve("user_1", "l").await, Reserved::First);
        store.keep_answer("user_1", "k", &answer("one")).await.unwrap();
        assert_eq!(reserve("user_1", "k").await, Reserved::Answered(answer("one")));
        store.give_answer_back("user_2", "k").await.unwrap();
        assert_eq!(reserve("user_2", "k").await, Reserved::First);
    }

    async fn an_answer_is_forgotten_after_a_day(store) {
        let now = TimestampMs::now();
        let old = TimestampMs(now.0 - DAY_MS);
        let reserve = async |at| store.reserve_answer("user_1", "k", "one", at).await.unwrap();
        assert_eq!(reserve(old).await, Reserved::First);
        store.keep_answer("user_1", "k", &answer("one")).await.unwrap();
        assert_eq!(reserve(now).await, Reserved::First);
        store.forget_old_answers(TimestampMs(now.0 + DAY_MS)).await.unwrap();
        assert_eq!(reserve(now).await, Reserved::First);
    }
}
