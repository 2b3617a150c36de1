//! Every request is settled once, with what the provider bills.

use harness::answer::Answer;
use harness::gate::Gate;
use harness::gateway::TestGateway;
use harness::ledger::Tokens;
use serde_json::{Value, json};

use crate::setup::{
    CHAT, anthropic, ask, ask_streamed, ask_with, gemini, is_settlement, models, ollama, openai,
    settlement, settlements, start, usage,
};

async fn start_all() -> TestGateway {
    let entries = [
        openai("openai", "openai", ", num_retries: 0"),
        anthropic("anthropic", "anthropic", ", num_retries: 0"),
        gemini("gemini", "gemini", ", num_retries: 0"),
        ollama("ollama", "ollama", ", num_retries: 0"),
    ];
    start(&models(&entries)).await
}

/// One kind of token over all attempts at a model group.
fn total(lines: &[Value], group: &str, kind: &str) -> u64 {
    let attempts = lines.iter().filter_map(|line| line["attempts"].as_array());
    let of_group = attempts
        .flatten()
        .filter(|attempt| attempt["group"] == group);
    // A kind that was not counted is left out of the line.
    let count = |attempt: &Value| attempt["usage"][kind].as_u64().unwrap_or(0);
    of_group.map(count).sum()
}

#[tokio::test]
async fn what_is_settled_is_what_each_provider_bills() {
    let gateway = start_all().await;
    let caller = gateway.anonymous();
    for model in ["openai", "anthropic", "gemini", "ollama"] {
        let cache_write = if model == "anthropic" { 9 } else { 0 };
        let cache_read = if model == "ollama" { 0 } else { 17 };
        for number in 0..6_u64 {
            let tokens = Tokens {
                cache_read,
                cache_write,
                ..Tokens::new(100 + number, 10 * number)
            };
            gateway
                .upstream(model)
                .answers(Answer::text("some words").tokens(tokens));
            let body = if number % 2 == 0 {
                ask(model)
            } else {
                ask_streamed(model)
            };
            assert_eq!(caller.post(CHAT, &body).await.status, 200, "{model}");
        }
    }
    let bills = ["openai", "anthropic", "gemini", "ollama"]
        .map(|lane| (lane, gateway.upstream(lane).bill()));
    let exit = gateway.stop().await;
    let lines = settlements(&exit.log);
    for (model, bill) in bills {
        assert_eq!(bill.answers, 6, "{model}");
        for (kind, billed) in [
            ("gen_ai.usage.input_tokens", bill.tokens.prompt()),
            ("gen_ai.usage.output_tokens", bill.tokens.completion()),
            ("cache_read_tokens", bill.tokens.cache_read),
            ("cache_write_tokens", bill.tokens.cache_write),
        ] {
            let settled = total(&lines, model, kind);
            assert_eq!(settled, billed, "{kind} of {model}: {lines:#?}");
        }
    }
}

#[tokio::test]
async fn every_request_has_exactly_one_settlement_however_it_ended() {
    let gateway = start_all().await;
    let caller = gateway.anonymous();
    let lane = gateway.upstream("openai");
    let mut asked = 0;
    for answer in [
        Answer::text("fine"),
        Answer::error(400, "zork"),
        Answer::error(500, "broken"),
        Answer::close(),
        Answer::text(&"word ".repeat(40))
            .pieces(40)
            .cut_after_bytes(900),
        Answer::body(200, "text/html", "<html>"),
    ] {
        lane.answers(answer);
        for body in [ask("openai"), ask_streamed("openai")] {
            caller.post(CHAT, &body).await;
            asked += 1;
        }
    }
    // A caller who leaves.
    let gate = Gate::closed();
    lane.answers(Answer::text("abcd").pause_after(3, &gate));
    let mut stream = caller.stream(CHAT, &ask_streamed("openai")).await;
    stream.read_until(r#""b""#).await;
    drop(stream);
    lane.last().ended().await;
    asked += 1;
    let exit = gateway.stop().await;
    let lines = settlements(&exit.log);
    let endings: Vec<_> = lines
        .iter()
        .map(|line| (&line["status"], &line["code"]))
        .collect();
    assert_eq!(lines.len(), asked, "{endings:?}");
    let mut ids: Vec<String> = lines
        .iter()
        .map(|line| line["request.id"].to_string())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), asked);
}

#[tokio::test]
async fn a_refused_request_is_settled_at_nothing() {
    let gateway = start_all().await;
    let reply = gateway.anonymous().post(CHAT, &ask("nope")).await;
    assert_eq!(reply.status, 404);
    let line = settlement(&gateway, reply.header("x-request-id")).await;
    assert_eq!(
        (&line["charge_nanousd"], &line["status"]),
        (&json!(0), &json!(404)),
        "{line}"
    );
}

#[tokio::test]
async fn usage_that_a_provider_does_not_say_is_counted_and_marked() {
    let gateway = start_all().await;
    for model in ["openai", "anthropic"] {
        gateway
            .upstream(model)
            .answers(Answer::text("Because one address is easier than many.").without_usage());
        for body in [ask(model), ask_streamed(model)] {
            let reply = gateway.anonymous().post(CHAT, &body).await;
            assert_eq!(reply.status, 200, "{model}: {}", reply.text());
            let line = settlement(&gateway, reply.header("x-request-id")).await;
            assert_eq!(usage(&line)["estimated"], true, "{model}: {line}");
            // Five words and some framing in, seven words out; no tokenizer is far from that.
            let (input, output) = (
                usage(&line)["gen_ai.usage.input_tokens"].as_u64().unwrap(),
                usage(&line)["gen_ai.usage.output_tokens"].as_u64().unwrap(),
            );
            assert!(
                (4..=20).contains(&input) && (6..=12).contains(&output),
                "{model}: {line}"
            );
        }
    }
}

#[tokio::test]
async fn a_caller_who_leaves_pays_for_what_was_made() {
    let gateway = start_all().await;
    for model in ["openai", "anthropic"] {
        let gate = Gate::closed();
        let lane = gateway.upstream(model);
        lane.answers(
            Answer::text(&"word ".repeat(80))
                .pieces(80)
                .pause_after(40, &gate),
        );
        let mut stream = gateway.anonymous().stream(CHAT, &ask_streamed(model)).await;
        let request_id = stream.headers["x-request-id"].to_str().unwrap().to_owned();
        stream.read_until("word").await;
        gate.reached().await;
        drop(stream);
        lane.last().ended().await;
        let line = settlement(&gateway, &request_id).await;
        assert_eq!(usage(&line)["estimated"], true, "{model}: {line}");
        assert!(
            usage(&line)["gen_ai.usage.input_tokens"].as_u64() > Some(0),
            "{model}: {line}"
        );
        assert!(
            usage(&line)["gen_ai.usage.output_tokens"].as_u64() > Some(0),
            "{model}: {line}"
        );
        assert!(line["charge_nanousd"].as_u64() > Some(0), "{model}: {line}");
    }
}

#[tokio::test]
async fn a_provider_that_answered_an_error_is_paid_nothing() {
    let gateway = start_all().await;
    gateway
        .upstream("openai")
        .answers(Answer::error(500, "broken"));
    let reply = gateway.anonymous().post(CHAT, &ask("openai")).await;
    let line = settlement(&gateway, reply.header("x-request-id")).await;
    assert_eq!(line["charge_nanousd"], 0, "{line}");
    assert_eq!(gateway.upstream("openai").bill().answers, 0);
}

#[tokio::test]
async fn no_prompt_no_answer_and_no_key_stands_in_the_log() {
    let gateway = start_all().await;
    let caller = gateway.with_key("sk-callers-PLAINKEY");
    let body = ask_with(
        "openai",
        json!({"messages": [{"role": "user", "content": "PROMPTWORD"}], "user": "USERWORD"}),
    );
    gateway
        .upstream("openai")
        .answers_once(Answer::text("ANSWERWORD"));
    caller.post(CHAT, &body).await;
    gateway
        .upstream("openai")
        .answers_once(Answer::error(500, "ERRORWORD sk-provider-SECRETSECRET"));
    caller.post(CHAT, &body).await;
    gateway.upstream("openai").answers_once(Answer::body(
        200,
        "text/html",
        "<html>sk-provider-SECRETSECRET",
    ));
    caller.post(CHAT, &body).await;
    caller
        .post(CHAT, &ask("openai/PLAINKEY?key=sk-callers-PLAINKEY"))
        .await;
    let exit = gateway.stop().await;
    assert!(exit.log.iter().any(is_settlement));
    for word in ["PROMPTWORD", "ANSWERWORD", "SECRETSECRET"] {
        assert!(
            !exit.output.contains(word),
            "`{word}` stands in the log:\n{}",
            exit.output
        );
    }
}

#[tokio::test]
async fn the_last_event_of_a_stream_says_what_it_cost() {
    let rates = ", input_cost_per_token: 0.01, output_cost_per_token: 0.02";
    let gateway = start(&models(&[
        openai("openai", "openai", rates),
        anthropic("anthropic", "anthropic", rates),
    ]))
    .await;
    for model in ["openai", "anthropic"] {
        gateway
            .upstream(model)
            .answers(Answer::text("hi").tokens(Tokens::new(10, 5)));
        let body = ask_with(
            model,
            json!({"stream": true, "stream_options": {"include_usage": true}}),
        );
        let reply = gateway.anonymous().post(CHAT, &body).await;
        let text = reply.text();
        let comment = text
            .lines()
            .find(|line| line.starts_with(':') && line.contains("cost"));
        assert!(
            comment.is_some_and(|line| line.contains("0.2")),
            "{model}: {text}"
        );
    }
}
