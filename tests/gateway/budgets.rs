//! Budgets in the whole gateway: nothing is paid past a limit, what can be paid is answered, and a
//! kill changes neither.

use std::time::Duration;

use harness::answer::Answer;
use harness::caller::{Caller, Reply};
use harness::events;
use harness::gate::Gate;
use harness::gateway::{Builder, TestGateway};
use harness::ledger::Tokens;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::setup::{CHAT, ask, ask_streamed, ask_with, entry, gateway, models, openai};

const MASTER_KEY: &str = "sk-master-0123456789-0123456789";

/// A thousandth of a dollar for a token, in or out.
const PRICES: &str = ", input_cost_per_token: 0.001, output_cost_per_token: 0.001";

fn priced() -> Builder {
    let unknown = entry(
        "unpriced",
        "openai/model-nobody-knows",
        "UPSTREAM/openai/v1",
        "",
    );
    gateway()
        .config(&models(&[openai("priced", "openai", PRICES), unknown]))
        .variable("HEADGATE_MASTER_KEY", MASTER_KEY)
}

fn master(gateway: &TestGateway) -> Caller {
    gateway.with_key(MASTER_KEY)
}

async fn made(gateway: &TestGateway, path: &str, body: Value) -> Value {
    let made = master(gateway).post(path, &body).await;
    assert_eq!(made.status, 200, "{}", made.text());
    made.json()
}

async fn key(gateway: &TestGateway, body: Value) -> String {
    let made = made(gateway, "/key/generate", body).await;
    made["key"].as_str().unwrap().to_owned()
}

/// The provider counts 11 tokens of input and 7 of output, heeds limits, and writes one token for a
/// word: 18 tokens, 0.018 dollars.
fn answers(gateway: &TestGateway, pieces: usize, output: u64) {
    let text = "word ".repeat(usize::try_from(output).unwrap());
    gateway.upstream("openai").answers(
        Answer::text(&text)
            .pieces(pieces)
            .tokens(Tokens::new(11, output))
            .heeding_limits(),
    );
}

/// What the provider would bill, in thousandths of a dollar.
fn billed(gateway: &TestGateway) -> u64 {
    let tokens = gateway.upstream("openai").bill().tokens;
    tokens.prompt() + tokens.completion()
}

async fn asked(gateway: &TestGateway, key: &str) -> Reply {
    gateway.with_key(key).post(CHAT, &ask("priced")).await
}

/// Waits until this is what the key is said to have spent, in thousandths of a dollar.
async fn spends(gateway: &TestGateway, key: &str, thousandths: u64) {
    let wanted: Value = format!("0.{thousandths:03}").parse().unwrap();
    let shown = async {
        loop {
            let info = master(gateway).get(&format!("/key/info?key={key}")).await;
            if info.json()["info"]["spend"] == wanted {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    let shown = tokio::time::timeout(Duration::from_secs(20), shown).await;
    assert!(shown.is_ok(), "{wanted} was not shown");
}

#[tokio::test]
async fn a_runaway_loop_is_refused_from_the_request_on_that_would_pass_its_budget() {
    let gateway = priced().start().await;
    answers(&gateway, 1, 7);
    let looping = key(&gateway, json!({"max_budget": 0.1})).await;
    let other = key(&gateway, json!({"max_budget": 1})).await;
    let mut answered = 0;
    let refused = loop {
        let reply = asked(&gateway, &looping).await;
        if reply.status != 200 {
            break reply;
        }
        answered += 1;
        assert!(billed(&gateway) <= 100, "{answered} answers cost too much");
    };
    assert!(answered >= 4, "only {answered} were answered");
    assert_eq!(refused.status, 429);
    assert_eq!(refused.error().0, "budget_exceeded");
    assert_eq!(refused.error().1, "insufficient_quota");
    assert_eq!(refused.header("x-should-retry"), "false");
    assert!(refused.error().2.contains("this key"), "{}", refused.text());
    assert_eq!(asked(&gateway, &looping).await.status, 429);
    assert_eq!(asked(&gateway, &other).await.status, 200);
}

#[tokio::test]
async fn a_budget_that_pays_for_fifty_requests_answers_fifty_sent_at_once() {
    let gateway = priced().start().await;
    answers(&gateway, 1, 7);
    let shared = key(&gateway, json!({"max_budget": 0.9})).await;
    let mut callers = JoinSet::new();
    for _ in 0..60 {
        let caller = gateway.with_key(&shared);
        callers.spawn(async move { caller.post(CHAT, &ask("priced")).await.status });
    }
    let statuses = callers.join_all().await;
    let answered = statuses.iter().filter(|status| **status == 200).count();
    assert!(answered >= 49, "{answered} of 50 were answered");
    assert!(billed(&gateway) <= 900, "{} is too much", billed(&gateway));
}

#[tokio::test]
async fn a_teams_budget_holds_for_all_its_keys_together_and_for_no_other() {
    let gateway = priced().start().await;
    answers(&gateway, 1, 7);
    let team = made(&gateway, "/team/new", json!({"max_budget": 0.2})).await;
    let mut keys = Vec::new();
    for _ in 0..4 {
        keys.push(key(&gateway, json!({"team_id": team["team_id"]})).await);
    }
    let other = key(&gateway, json!({})).await;
    let mut callers = JoinSet::new();
    for key in keys.iter().cycle().take(40) {
        let caller = gateway.with_key(key);
        callers.spawn(async move { caller.post(CHAT, &ask("priced")).await.status });
    }
    let statuses = callers.join_all().await;
    assert!(statuses.contains(&200) && statuses.contains(&429));
    assert!(billed(&gateway) <= 200, "{} is too much", billed(&gateway));
    assert_eq!(asked(&gateway, &keys[0]).await.status, 429);
    assert_eq!(asked(&gateway, &other).await.status, 200);
}

#[tokio::test]
async fn what_was_spent_still_counts_after_a_kill_and_what_was_under_way_counts_as_held() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().to_string_lossy().into_owned();
    let started = || priced().variable("HEADGATE_DATA_DIR", &data_dir).start();
    let first = started().await;
    answers(&first, 1, 7);
    let spent = key(&first, json!({"max_budget": 0.1})).await;
    let orphaned = key(&first, json!({"max_budget": 0.08})).await;
    while asked(&first, &spent).await.status == 200 {}
    first.upstream("openai").answers(Answer::hang());
    let caller = first.with_key(&orphaned);
    let before = first.upstream("openai").requests().len();
    let mut hanging = JoinSet::new();
    hanging.spawn(async move {
        let body = ask_with("priced", json!({"max_tokens": 50}));
        let body = serde_json::to_vec(&body).unwrap();
        caller
            .try_call(http::Method::POST, CHAT, body.into())
            .await
            .is_ok()
    });
    first.upstream("openai").arrived(before + 1).await;
    first.signal("KILL");
    first.ended().await;
    assert_eq!(hanging.join_all().await, [false], "nobody could answer");

    let second = started().await;
    answers(&second, 1, 7);
    assert_eq!(asked(&second, &spent).await.status, 429);
    let refused = asked(&second, &orphaned).await;
    assert_eq!(refused.status, 429, "{}", refused.text());
}

#[tokio::test]
async fn a_model_without_a_price_is_refused_under_a_budget_and_served_without_one() {
    let gateway = priced().start().await;
    let limited = key(&gateway, json!({"max_budget": 1})).await;
    let free = key(&gateway, json!({})).await;
    let refused = gateway.with_key(&limited);
    let refused = refused.post(CHAT, &ask("unpriced")).await;
    assert_eq!(
        (refused.status, refused.error().1.as_str()),
        (400, "price_unknown")
    );
    let served = gateway.with_key(&free).post(CHAT, &ask("unpriced")).await;
    assert_eq!(served.status, 200);
}

#[tokio::test]
async fn near_the_limit_the_answer_is_limited_to_what_is_left_and_the_caller_is_told() {
    let gateway = priced().start().await;
    answers(&gateway, 1, 400);
    let near = key(&gateway, json!({"max_budget": 0.15})).await;
    let reply = asked(&gateway, &near).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let limit: u64 = reply
        .header("x-headgate-output-limit-tokens")
        .parse()
        .unwrap();
    assert_eq!(
        gateway.upstream("openai").last().json()["max_completion_tokens"],
        limit
    );
    assert_eq!(reply.json()["choices"][0]["finish_reason"], "length");
    assert!(billed(&gateway) <= 150, "{} is too much", billed(&gateway));
}

#[tokio::test]
async fn a_stream_goes_on_while_there_is_money_and_ends_as_a_limit_ends_it() {
    let gateway = priced().start().await;
    answers(&gateway, 400, 2_000);
    let rich = key(&gateway, json!({"max_budget": 3})).await;
    let streamed = ask_streamed("priced");
    let whole = gateway.with_key(&rich).post(CHAT, &streamed).await;
    let text = whole.text();
    assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
    assert!(text.contains(r#""finish_reason":"stop""#), "money was left");
    assert_eq!(billed(&gateway), 2_011);
}

#[tokio::test]
async fn a_stream_whose_money_goes_to_others_is_ended_and_charged_for_all_that_was_written() {
    let gateway = gateway()
        .config(&models(&[
            openai("priced", "openai", PRICES),
            openai("other", "other", PRICES),
        ]))
        .variable("HEADGATE_MASTER_KEY", MASTER_KEY)
        .start()
        .await;
    let gate = Gate::closed();
    let answer = Answer::text(&" word".repeat(900));
    let answer = answer.pieces(90).billed_by_text();
    gateway.upstream("openai").answers(
        answer
            .tokens(Tokens::new(11, 900))
            .pause_after(10, &gate)
            .paced(Duration::from_millis(5)),
    );
    let expensive = Answer::text("much").tokens(Tokens::new(11, 700));
    gateway
        .upstream("other")
        .answers(expensive.heeding_limits());
    let shared = key(&gateway, json!({"max_budget": 1})).await;
    let caller = gateway.with_key(&shared);

    let streamed = json!({"stream": true, "stream_options": {"include_usage": true}});
    let streamed = ask_with("priced", streamed);
    let spending = async {
        gate.reached().await;
        let limited = ask_with("other", json!({"max_tokens": 700}));
        let reply = gateway.with_key(&shared).post(CHAT, &limited).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        gate.open();
    };
    let (ended, ()) = tokio::join!(caller.post(CHAT, &streamed), spending);
    let text = ended.text();
    assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
    assert_eq!(events::finish_reasons(&ended.body), ["length"]);
    let mut lines = text.lines();
    let usage = lines.rfind(|line| line.contains("\"usage\":{"));
    let usage: Value = serde_json::from_str(usage.unwrap().trim_start_matches("data: ")).unwrap();
    let tokens = |kind: &str| usage["usage"][kind].as_u64().unwrap();
    let written = gateway.upstream("openai").bill().tokens.completion();
    assert!(written < 900, "the provider was not hung up on");
    assert_eq!(tokens("completion_tokens"), written);
    spends(&gateway, &shared, tokens("total_tokens") + 711).await;
}

#[tokio::test]
async fn a_budget_in_shadow_refuses_nothing_and_is_counted() {
    let gateway = priced().start().await;
    answers(&gateway, 1, 7);
    let shadow = json!({"alias": "shadow", "policy": {"budgets": [{"limit_usd": "0.001", "mode": "shadow"}]}});
    let made = master(&gateway).post("/api/v1/keys", &shadow).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let secret = made.json()["key"].as_str().unwrap().to_owned();
    assert_eq!(asked(&gateway, &secret).await.status, 200);
    let metrics = master(&gateway).get("/metrics").await.text();
    assert!(
        metrics.contains("headgate_budget_shadow_refusals_total 1"),
        "{metrics}"
    );
}

#[tokio::test]
async fn spend_is_what_the_provider_would_bill_to_the_nano_dollar() {
    let gateway = priced().start().await;
    answers(&gateway, 1, 7);
    let counted = key(&gateway, json!({})).await;
    for _ in 0..5 {
        assert_eq!(asked(&gateway, &counted).await.status, 200);
    }
    // Five times 18 tokens.
    spends(&gateway, &counted, 90).await;
}

#[tokio::test]
async fn the_gateways_own_answers_keep_to_budgets_too() {
    let words = "word ".repeat(30);
    let mock = format!("{PRICES}, mock_response: \"{words}\"");
    let gateway = gateway()
        .config(&models(&[openai("priced", "openai", &mock)]))
        .variable("HEADGATE_MASTER_KEY", MASTER_KEY)
        .start()
        .await;
    // A whole answer costs 0.03: the fourth may have 10 of its 20 tokens less than nothing.
    let key = key(&gateway, json!({"max_budget": 0.1})).await;
    let caller = gateway.with_key(&key);
    let short = ask_with("priced", json!({"max_tokens": 2}));
    let reply = caller.post(CHAT, &short).await.json();
    assert_eq!(reply["usage"]["completion_tokens"], 2, "{reply}");
    assert_eq!(reply["choices"][0]["finish_reason"], "length", "{reply}");
    assert_eq!(reply["choices"][0]["message"]["content"], "word word");
    let mut tokens = reply["usage"]["total_tokens"].as_u64().unwrap();
    while let reply = asked(&gateway, &key).await
        && reply.status == 200
    {
        tokens += reply.json()["usage"]["total_tokens"].as_u64().unwrap();
    }
    assert!((80..=100).contains(&tokens), "{tokens} thousandths of 100");
}
