//! Rate and parallel limits in the whole gateway.

use harness::answer::Answer;
use harness::caller::Caller;
use harness::gate::Gate;
use harness::gateway::{Builder, TestGateway};
use harness::ledger::Tokens;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::setup::{CHAT, ask, ask_with, gateway, models, openai};

const MASTER_KEY: &str = "sk-master-0123456789-0123456789";

fn keyed() -> Builder {
    gateway()
        .config(&models(&[openai("gpt-4o", "openai", "")]))
        .variable("HEADGATE_MASTER_KEY", MASTER_KEY)
}

async fn with_key(gateway: &TestGateway, body: Value) -> Caller {
    let admin = gateway.with_key(MASTER_KEY);
    let made = admin.post("/key/generate", &body).await;
    assert_eq!(made.status, 200, "{}", made.text());
    gateway.with_key(made.json()["key"].as_str().unwrap())
}

#[tokio::test]
async fn requests_past_the_limit_of_a_minute_are_told_when_to_come_again() {
    let gateway = keyed().start().await;
    let caller = with_key(&gateway, json!({"rpm_limit": 3})).await;
    for left in ["2", "1", "0"] {
        let reply = caller.post(CHAT, &ask("gpt-4o")).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("x-ratelimit-limit-requests"), "3");
        assert_eq!(reply.header("x-ratelimit-remaining-requests"), left);
    }
    let refused = caller.post(CHAT, &ask("gpt-4o")).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.error().1, "rate_limit_exceeded");
    let wait_s: u64 = refused.header("retry-after").parse().unwrap();
    assert!(
        (1..=20).contains(&wait_s),
        "one comes in 20 seconds: {wait_s}"
    );
    assert_eq!(gateway.upstream("openai").requests().len(), 3);
}

#[tokio::test]
async fn tokens_are_corrected_to_what_was_billed() {
    let gateway = keyed().start().await;
    let answer = Answer::text("ok").tokens(Tokens::new(60, 60));
    gateway.upstream("openai").answers(answer);
    let caller = with_key(&gateway, json!({"tpm_limit": 200})).await;
    let short = ask_with("gpt-4o", json!({"max_tokens": 10}));
    let mut answered = 0;
    while caller.post(CHAT, &short).await.status == 200 {
        answered += 1;
    }
    assert_eq!(answered, 2, "120 tokens fit, 240 do not");
}

#[tokio::test]
async fn parallel_requests_past_the_limit_are_refused_and_places_become_free_again() {
    let gateway = keyed().start().await;
    let gate = Gate::default();
    let held = Answer::text("ok").after(&gate);
    gateway.upstream("openai").answers(held);
    let caller = with_key(&gateway, json!({"max_parallel_requests": 2})).await;
    let mut under_way = JoinSet::new();
    for _ in 0..2 {
        let caller = caller.clone();
        under_way.spawn(async move { caller.post(CHAT, &ask("gpt-4o")).await.status });
    }
    gateway.upstream("openai").arrived(2).await;
    let refused = caller.post(CHAT, &ask("gpt-4o")).await;
    assert_eq!(refused.error().1, "parallel_limit_exceeded");
    gate.open();
    assert_eq!(under_way.join_all().await, [200, 200]);
    for _ in 0..3 {
        assert_eq!(caller.post(CHAT, &ask("gpt-4o")).await.status, 200);
    }
}

#[tokio::test]
async fn limits_of_one_key_are_no_limits_of_another() {
    let gateway = keyed().start().await;
    for _ in 0..2 {
        let caller = with_key(&gateway, json!({"rpm_limit": 1})).await;
        assert_eq!(caller.post(CHAT, &ask("gpt-4o")).await.status, 200);
        assert_eq!(caller.post(CHAT, &ask("gpt-4o")).await.status, 429);
    }
}
