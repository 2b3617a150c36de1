//! Which deployment answers, and which when it does not.

use harness::answer::Answer;
use harness::events;
use harness::gate::Gate;
use harness::gateway::TestGateway;
use harness::provider::RefusingAddress;
use serde_json::json;

use crate::setup::{
    CHAT, PROVIDER_KEY, anthropic, ask, ask_streamed, entry, models, openai, start,
};

/// How many requests have come to a lane.
fn count(gateway: &TestGateway, lane: &str) -> usize {
    gateway.upstream(lane).requests().len()
}

/// A group of one, with no retries, that falls back to `spare`.
fn with_fallback(settings: &str) -> String {
    let entries = [openai("main", "main", ""), anthropic("spare", "spare", "")];
    format!(
        "{}router_settings: {{num_retries: 0, {settings}}}\n",
        models(&entries)
    )
}

#[tokio::test]
async fn a_wildcard_takes_what_its_star_took_and_the_longest_pattern_wins() {
    let entries = [
        entry("*", "openai/*", "UPSTREAM/any/v1", ""),
        entry("openai/*", "openai/*", "UPSTREAM/openai/v1", ""),
        entry("openai/gpt-4*", "openai/gpt-4*", "UPSTREAM/four/v1", ""),
        entry("openai/gpt-4o", "openai/exact", "UPSTREAM/exact/v1", ""),
    ];
    let gateway = start(&models(&entries)).await;
    for (model, lane, asked) in [
        ("mistral-x", "any", "mistral-x"),
        ("openai/o3", "openai", "o3"),
        ("openai/gpt-4.1", "four", "gpt-4.1"),
        ("openai/gpt-4o", "exact", "exact"),
    ] {
        let reply = gateway.anonymous().post(CHAT, &ask(model)).await;
        assert_eq!(reply.content(), format!("Hello from {lane}"), "{model}");
        assert_eq!(
            gateway.upstream(lane).last().json()["model"],
            asked,
            "{model}"
        );
    }
}

#[tokio::test]
async fn an_alias_stands_for_its_group_and_a_hidden_one_is_not_listed() {
    let settings = "router_settings: {model_group_alias: {gpt-4: gpt-4o, secret: {model: gpt-4o, hidden: true}}}\n";
    let gateway = start(&(models(&[openai("gpt-4o", "openai", "")]) + settings)).await;
    for alias in ["gpt-4", "secret"] {
        let reply = gateway.anonymous().post(CHAT, &ask(alias)).await;
        assert_eq!(reply.content(), "Hello from openai", "{alias}");
        assert_eq!(gateway.upstream("openai").last().json()["model"], "gpt-4o");
    }
    let listed = gateway.anonymous().get("/v1/models").await.text();
    assert!(
        listed.contains("gpt-4\"") && !listed.contains("secret"),
        "{listed}"
    );
}

#[tokio::test]
async fn an_unknown_model_is_a_404_that_names_it() {
    let gateway = start(&models(&[openai("gpt-4o", "openai", "")])).await;
    let reply = gateway.anonymous().post(CHAT, &ask("gpt-4oo")).await;
    let (kind, code, message) = reply.error();
    assert_eq!(
        (reply.status, kind.as_str(), code.as_str()),
        (404, "invalid_request_error", "model_not_found")
    );
    assert!(message.contains("gpt-4oo"), "{message}");
}

#[tokio::test]
async fn weights_share_the_traffic_and_a_weight_of_none_gets_none() {
    let entries = [
        openai("m", "heavy", ", weight: 9"),
        openai("m", "light", ", weight: 3"),
        openai("m", "starved", ""),
    ];
    let gateway = start(&models(&entries)).await;
    for _ in 0..120 {
        assert_eq!(gateway.anonymous().post(CHAT, &ask("m")).await.status, 200);
    }
    let (heavy, light) = (count(&gateway, "heavy"), count(&gateway, "light"));
    assert_eq!((heavy + light, count(&gateway, "starved")), (120, 0));
    // 30 are expected; fewer than 8 or more than 60 would happen once in a million runs.
    assert!((8..=60).contains(&light), "{heavy} and {light}");
    gateway.printed("weight").await;
}

#[tokio::test]
async fn a_lower_order_is_tried_first_and_the_next_when_it_fails() {
    let entries = [
        openai("m", "second", ", order: 2"),
        openai("m", "first", ", order: 1"),
    ];
    let gateway = start(&models(&entries)).await;
    for _ in 0..10 {
        assert_eq!(
            gateway.anonymous().post(CHAT, &ask("m")).await.content(),
            "Hello from first"
        );
    }
    gateway
        .upstream("first")
        .answers(Answer::error(500, "broken"));
    assert_eq!(
        gateway.anonymous().post(CHAT, &ask("m")).await.content(),
        "Hello from second"
    );
}

#[tokio::test]
async fn a_failing_deployment_is_tried_again_as_often_as_the_file_says() {
    let yaml = models(&[openai("m", "main", "")]) + "router_settings: {num_retries: 2}\n";
    let gateway = start(&yaml).await;
    let lane = gateway.upstream("main");
    lane.answers_once(Answer::error(500, "broken"));
    lane.answers_once(Answer::close());
    lane.answers(Answer::text("third"));
    let reply = gateway.anonymous().post(CHAT, &ask("m")).await;
    assert_eq!(
        (reply.content().as_str(), lane.requests().len()),
        ("third", 3)
    );
    assert_eq!(reply.header("x-headgate-attempts"), "3");
}

#[tokio::test]
async fn what_another_try_cannot_mend_is_not_tried_again() {
    let yaml = models(&[openai("m", "main", "")]) + "router_settings: {num_retries: 2}\n";
    let gateway = start(&yaml).await;
    for (number, status) in [400, 404, 413, 422].into_iter().enumerate() {
        gateway
            .upstream("main")
            .answers(Answer::error(status, "zork"));
        let reply = gateway.anonymous().post(CHAT, &ask("m")).await;
        assert_eq!(
            (reply.status, count(&gateway, "main")),
            (status, number + 1),
            "{}",
            reply.text()
        );
        assert!(reply.error().2.contains("zork"), "{}", reply.text());
    }
}

#[tokio::test]
async fn a_failing_deployment_is_replaced_by_its_sibling_at_once() {
    let failures = [
        Answer::error(500, "broken"),
        Answer::error(429, "too many"),
        Answer::error(401, "bad key"),
        Answer::error(529, "overloaded"),
        Answer::close(),
        Answer::body(200, "text/html", "<html>"),
        Answer::body(200, "application/json", "{\"choices\": ["),
    ];
    for failure in failures {
        let entries = [
            openai("m", "bad", ", order: 1"),
            openai("m", "good", ", order: 2"),
        ];
        let gateway = start(&models(&entries)).await;
        gateway.upstream("bad").answers(failure.clone());
        let reply = gateway.anonymous().post(CHAT, &ask("m")).await;
        assert_eq!(reply.content(), "Hello from good", "{failure:?}");
        let reply = gateway.anonymous().post(CHAT, &ask_streamed("m")).await;
        assert_eq!(events::text(&reply.body), "Hello from good", "{failure:?}");
    }
}

#[tokio::test]
async fn a_fallback_answers_when_the_group_has_failed() {
    let refusing = RefusingAddress::take();
    let dead = format!(
        "  - {{model_name: dead, litellm_params: {{model: openai/x, api_key: k, api_base: \"{}/v1\"}}}}\n",
        refusing.url()
    );
    let yaml = with_fallback("fallbacks: [{main: [spare]}, {dead: [spare]}]")
        .replace("router_settings", &format!("{dead}router_settings"));
    let gateway = start(&yaml).await;
    gateway
        .upstream("main")
        .answers(Answer::error(500, "broken"));
    for model in ["main", "dead"] {
        let reply = gateway.anonymous().post(CHAT, &ask(model)).await;
        assert_eq!(reply.content(), "Hello from spare", "{model}");
        assert_eq!(reply.header("x-headgate-model"), "spare", "{model}");
        let reply = gateway.anonymous().post(CHAT, &ask_streamed(model)).await;
        assert_eq!(events::text(&reply.body), "Hello from spare", "{model}");
    }
}

#[tokio::test]
async fn default_fallbacks_hold_for_groups_without_their_own() {
    let gateway = start(&with_fallback("default_fallbacks: [spare]")).await;
    gateway.upstream("main").answers(Answer::error(503, "down"));
    assert_eq!(
        gateway.anonymous().post(CHAT, &ask("main")).await.content(),
        "Hello from spare"
    );
}

#[tokio::test]
async fn too_long_a_prompt_goes_to_the_group_that_reads_more() {
    let gateway = start(&with_fallback(
        "context_window_fallbacks: [{main: [spare]}]",
    ))
    .await;
    let long = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.";
    gateway
        .upstream("main")
        .answers(Answer::error(400, long).code("context_length_exceeded"));
    assert_eq!(
        gateway.anonymous().post(CHAT, &ask("main")).await.content(),
        "Hello from spare"
    );
    gateway.upstream("main").answers(Answer::error(400, "zork"));
    let reply = gateway.anonymous().post(CHAT, &ask("main")).await;
    assert_eq!(
        reply.status,
        400,
        "another 400 is the caller's: {}",
        reply.text()
    );
}

#[tokio::test]
async fn nothing_is_tried_again_once_a_byte_has_reached_the_caller() {
    let entries = [
        openai("m", "bad", ", order: 1"),
        openai("m", "good", ", order: 2"),
    ];
    let yaml = models(&entries) + "router_settings: {num_retries: 2, default_fallbacks: [m]}\n";
    let gateway = start(&yaml).await;
    let gate = Gate::closed();
    let answer = Answer::text(&"word ".repeat(40))
        .pieces(40)
        .pause_after(3, &gate)
        .cut_after_bytes(2000);
    gateway.upstream("bad").answers(answer);
    let mut stream = gateway.anonymous().stream(CHAT, &ask_streamed("m")).await;
    stream.read_until("word").await;
    gate.open();
    let reply = stream.whole().await;
    assert!(
        !reply.events().contains(&"[DONE]".to_owned()),
        "{}",
        reply.text()
    );
    assert_eq!((count(&gateway, "bad"), count(&gateway, "good")), (1, 0));
}

#[tokio::test]
async fn when_everything_fails_the_caller_learns_it_once_and_no_address() {
    let entries = [openai("m", "a", ""), openai("m", "b", "")];
    let gateway = start(&(models(&entries) + "router_settings: {num_retries: 1}\n")).await;
    for lane in ["a", "b"] {
        gateway
            .upstream(lane)
            .answers(Answer::error(500, "stack trace at 10.0.0.7"));
    }
    let reply = gateway.anonymous().post(CHAT, &ask("m")).await;
    let (kind, code, _) = reply.error();
    assert_eq!(
        (reply.status, kind.as_str(), code.as_str()),
        (502, "upstream_error", "upstream_unavailable")
    );
    assert!(
        !reply.text().contains("127.0.0.1") && !reply.text().contains(PROVIDER_KEY),
        "{}",
        reply.text()
    );
}

#[tokio::test]
async fn when_every_provider_is_asked_too_often_the_smallest_wait_is_passed_on() {
    let entries = [openai("m", "a", ""), openai("m", "b", "")];
    let gateway = start(&(models(&entries) + "router_settings: {num_retries: 1}\n")).await;
    gateway
        .upstream("a")
        .answers(Answer::error(429, "too many").header("retry-after", "40"));
    gateway
        .upstream("b")
        .answers(Answer::error(429, "too many").header("retry-after", "9"));
    // Chance decides which is asked first; in eight rounds each will have been.
    for _ in 0..8 {
        let reply = gateway.anonymous().post(CHAT, &ask("m")).await;
        let (kind, code, _) = reply.error();
        let answered = (reply.status, kind.as_str(), code.as_str());
        assert_eq!(answered, (429, "rate_limit_error", "upstream_rate_limited"));
        assert_eq!(reply.header("retry-after"), "9", "{:?}", reply.headers);
    }
}

#[tokio::test]
async fn latency_based_routing_prefers_the_deployment_that_answers_sooner() {
    let entries = [openai("m", "slow", ""), openai("m", "quick", "")];
    let gateway =
        start(&(models(&entries) + "router_settings: {routing_strategy: latency-based-routing}\n"))
            .await;
    let gate = Gate::closed();
    gateway
        .upstream("slow")
        .answers(Answer::text("slow").after(&gate));
    let opened = gate.clone();
    let opening = tokio::task::LocalSet::new();
    opening.spawn_local(async move {
        opened.reached().await;
        // The time itself is what the strategy goes by.
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        opened.open();
    });
    let asking = async {
        // What nobody has asked yet is asked first, so that both become known.
        while count(&gateway, "slow") == 0 || count(&gateway, "quick") == 0 {
            assert_eq!(gateway.anonymous().post(CHAT, &ask("m")).await.status, 200);
        }
    };
    opening.run_until(asking).await;
    let before = count(&gateway, "slow");
    for _ in 0..10 {
        gateway.anonymous().post(CHAT, &ask("m")).await;
    }
    let more = count(&gateway, "slow") - before;
    assert!(more <= 1, "{more} of 10 went to the slow one");
}

#[tokio::test]
async fn a_caller_may_not_say_where_the_call_goes() {
    let gateway = start(&models(&[openai("gpt-4o", "openai", "")])).await;
    let evil = format!("{}/evil/v1", gateway.provider_url());
    for more in [
        json!({"api_base": evil}),
        json!({"base_url": evil}),
        json!({"litellm_params": {"api_base": evil}}),
        json!({"custom_llm_provider": "openai", "api_base": evil, "api_key": "x"}),
    ] {
        gateway
            .anonymous()
            .post(CHAT, &crate::setup::ask_with("gpt-4o", more))
            .await;
    }
    assert_eq!(count(&gateway, "evil"), 0);
}

#[tokio::test]
async fn litellms_headers_ask_for_retries_and_time() {
    let gateway = start(&models(&[openai("gpt-4o", "openai", "")])).await;
    let lane = gateway.upstream("openai");
    lane.answers(Answer::error(500, "broken"));
    let caller = gateway
        .anonymous()
        .with_header("x-litellm-num-retries", "0");
    assert_eq!(caller.post(CHAT, &ask("gpt-4o")).await.status, 502);
    assert_eq!(count(&gateway, "openai"), 1);
    let gate = Gate::closed();
    lane.answers(Answer::text("late").after(&gate));
    let caller = caller.with_header("x-litellm-timeout", "0.2");
    assert_eq!(caller.post(CHAT, &ask("gpt-4o")).await.status, 504);
}
