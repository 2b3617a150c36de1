//! Every path, its spellings, and what it answers.

use harness::answer::Answer;
use harness::gateway::TestGateway;
use http::Method;
use serde_json::json;

use crate::setup::{CHAT, ask, models, ollama, openai, start, start_with_gpt_4o};

#[tokio::test]
async fn chat_is_answered_at_every_spelling_of_its_path() {
    let gateway = start_with_gpt_4o().await;
    for path in [
        "/v1/chat/completions",
        "/chat/completions",
        "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
        "/engines/gpt-4o/chat/completions",
        "/v1/chat/completions?unknown=1",
    ] {
        let reply = gateway.anonymous().post(path, &ask("gpt-4o")).await;
        assert_eq!(reply.content(), "Hello from openai", "{path}");
        assert_eq!(
            gateway.upstream("openai").last().target,
            "/openai/v1/chat/completions"
        );
    }
}

#[tokio::test]
async fn a_model_in_the_path_stands_for_one_in_the_body() {
    let gateway = start_with_gpt_4o().await;
    let body = json!({"messages": [{"role": "user", "content": "hi"}]});
    for path in [
        "/openai/deployments/gpt-4o/chat/completions",
        "/engines/gpt-4o/chat/completions",
    ] {
        let reply = gateway.anonymous().post(path, &body).await;
        assert_eq!(reply.content(), "Hello from openai", "{path}");
        assert_eq!(gateway.upstream("openai").last().json()["model"], "gpt-4o");
    }
}

#[tokio::test]
async fn legacy_completions_are_answered() {
    let gateway = start_with_gpt_4o().await;
    for path in [
        "/v1/completions",
        "/completions",
        "/engines/gpt-4o/completions",
    ] {
        let body = json!({"model": "gpt-4o", "prompt": "say", "max_tokens": 5});
        let reply = gateway.anonymous().post(path, &body).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        assert_eq!(reply.json()["object"], "text_completion");
        assert_eq!(reply.json()["choices"][0]["text"], "Hello from openai");
    }
}

#[tokio::test]
async fn a_legacy_completion_of_a_chat_only_provider_is_asked_as_a_chat() {
    let gateway = start(&models(&[crate::setup::anthropic(
        "claude",
        "anthropic",
        "",
    )]))
    .await;
    let body = json!({"model": "claude", "prompt": "say", "max_tokens": 5});
    let reply = gateway.anonymous().post("/v1/completions", &body).await;
    assert_eq!(
        reply.json()["choices"][0]["text"],
        "Hello from anthropic",
        "{}",
        reply.text()
    );
    assert_eq!(
        gateway.upstream("anthropic").last().path(),
        "/anthropic/v1/messages"
    );
}

async fn with_embedders() -> TestGateway {
    let gemini = crate::setup::entry(
        "gemini-embed",
        "gemini/text-embedding-004",
        "UPSTREAM/gemini/v1beta",
        "",
    );
    let ollama = crate::setup::entry(
        "ollama-embed",
        "ollama/nomic-embed-text",
        "UPSTREAM/ollama",
        "",
    );
    start(&models(&[openai("embed", "openai", ""), gemini, ollama])).await
}

#[tokio::test]
async fn embeddings_come_from_every_provider_as_numbers() {
    let gateway = with_embedders().await;
    for model in ["embed", "gemini-embed", "ollama-embed"] {
        let body = json!({"model": model, "input": ["a", "b"], "encoding_format": "float"});
        let reply = gateway.anonymous().post("/v1/embeddings", &body).await;
        assert_eq!(reply.status, 200, "{model}: {}", reply.text());
        let data = reply.json()["data"].as_array().unwrap().clone();
        assert_eq!(data.len(), 2, "{model}");
        for (index, item) in data.iter().enumerate() {
            assert_eq!(item["index"], index);
            assert_eq!(
                item["embedding"].as_array().map(Vec::len),
                Some(4),
                "{model}: {item}"
            );
        }
    }
}

/// Gemini counts no tokens of embeddings, and callers add up what they are told.
#[tokio::test]
async fn embeddings_that_the_provider_did_not_count_are_counted_for_the_caller() {
    let gateway = with_embedders().await;
    let body = json!({"model": "gemini-embed", "input": ["hello", "hello world"]});
    let reply = gateway.anonymous().post("/v1/embeddings", &body).await;
    assert_eq!(reply.json()["usage"]["prompt_tokens"], 3);
    assert_eq!(reply.json()["usage"]["total_tokens"], 3);
    assert_eq!(reply.json()["data"].as_array().map(Vec::len), Some(2));
}

/// The official SDKs ask for base64 unless they are told otherwise.
#[tokio::test]
async fn embeddings_come_from_every_provider_as_base64() {
    let gateway = with_embedders().await;
    for model in ["embed", "gemini-embed", "ollama-embed"] {
        let body = json!({"model": model, "input": "a", "encoding_format": "base64"});
        let reply = gateway.anonymous().post("/embeddings", &body).await;
        // Four 32-bit floats are 16 bytes, 24 characters of base64.
        let embedding = reply.json()["data"][0]["embedding"].as_str().map(str::len);
        assert_eq!(embedding, Some(24), "{model}: {}", reply.text());
    }
}

#[tokio::test]
async fn models_are_listed_once_each_and_found_by_name() {
    let entries = [
        openai("gpt-4o", "a", ""),
        openai("gpt-4o", "b", ""),
        ollama("local", "c", ""),
    ];
    let gateway = start(&models(&entries)).await;
    for path in ["/v1/models", "/models"] {
        let reply = gateway.anonymous().get(path).await;
        assert_eq!(reply.json()["object"], "list");
        let data = reply.json()["data"].as_array().unwrap().clone();
        let ids: Vec<_> = data
            .iter()
            .map(|model| model["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, ["gpt-4o", "local"]);
        assert!(data.iter().all(|model| model["object"] == "model"));
    }
    let reply = gateway.anonymous().get("/v1/models/gpt-4o").await;
    assert_eq!((reply.status, &reply.json()["id"]), (200, &json!("gpt-4o")));
    let reply = gateway.anonymous().get("/v1/models/nope").await;
    let (kind, code, message) = reply.error();
    assert_eq!(
        (reply.status, kind.as_str(), code.as_str()),
        (404, "invalid_request_error", "model_not_found")
    );
    assert!(message.contains("nope"), "{message}");
}

#[tokio::test]
async fn health_needs_no_key_and_asks_no_provider() {
    let yaml = models(&[openai("gpt-4o", "openai", "")]);
    let gateway = start(&format!(
        "{yaml}general_settings: {{master_key: sk-a-long-master-key-0123456789}}\n"
    ))
    .await;
    for path in [
        "/health/liveliness",
        "/health/liveness",
        "/health/readiness",
    ] {
        let reply = gateway.anonymous().get(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    }
    assert_eq!(gateway.upstream("openai").requests().len(), 0);
}

#[tokio::test]
async fn an_unknown_path_is_a_404_and_a_wrong_method_a_405_in_openais_shape() {
    let gateway = start_with_gpt_4o().await;
    for path in [
        "/v1/no/such/path",
        "/v2/chat/completions",
        "/v1//chat/completions",
    ] {
        let reply = gateway.anonymous().post(path, &ask("gpt-4o")).await;
        assert_eq!(
            (reply.status, reply.error().0.as_str()),
            (404, "invalid_request_error"),
            "{path}"
        );
    }
    for (method, path) in [
        (Method::GET, CHAT),
        (Method::DELETE, CHAT),
        (Method::PUT, "/v1/models"),
    ] {
        let call = gateway
            .anonymous()
            .call(method.clone(), path, "".into())
            .await;
        let reply = call.whole().await;
        assert_eq!(reply.status, 405, "{method} {path}: {}", reply.text());
        assert_eq!(reply.error().0, "invalid_request_error");
        assert!(!reply.header("allow").is_empty(), "{method} {path}");
    }
}

#[tokio::test]
async fn every_answer_says_what_it_was() {
    let gateway = start_with_gpt_4o().await;
    let reply = gateway.anonymous().post(CHAT, &ask("gpt-4o")).await;
    for name in [
        "x-request-id",
        "x-headgate-model",
        "x-headgate-deployment",
        "x-headgate-attempts",
        "x-headgate-cost-usd",
        "x-headgate-overhead-ms",
    ] {
        assert!(
            !reply.header(name).is_empty(),
            "`{name}` is missing in {:?}",
            reply.headers
        );
    }
    assert_eq!(reply.header("x-headgate-model"), "gpt-4o");
    assert_eq!(reply.header("x-headgate-attempts"), "1");
    let other = gateway.anonymous().post(CHAT, &ask("nope")).await;
    assert!(!other.header("x-request-id").is_empty());
    assert_ne!(other.header("x-request-id"), reply.header("x-request-id"));
}

#[tokio::test]
async fn litellms_headers_come_beside_ours_when_they_are_asked_for() {
    let yaml = models(&[openai("gpt-4o", "openai", "")]);
    let plain = start(&yaml)
        .await
        .anonymous()
        .post(CHAT, &ask("gpt-4o"))
        .await;
    assert!(
        plain
            .headers
            .keys()
            .all(|name| !name.as_str().starts_with("x-litellm"))
    );
    let gateway = start(&format!("{yaml}headgate: {{litellm_headers: true}}\n")).await;
    let reply = gateway.anonymous().post(CHAT, &ask("gpt-4o")).await;
    for name in [
        "x-litellm-call-id",
        "x-litellm-model-id",
        "x-litellm-response-cost",
        "x-headgate-cost-usd",
    ] {
        assert!(
            !reply.header(name).is_empty(),
            "`{name}` is missing in {:?}",
            reply.headers
        );
    }
    // LiteLLM tells tenants where the provider is; we do not.
    assert!(
        reply
            .headers
            .values()
            .all(|value| !value.to_str().unwrap_or_default().contains("127.0.0.1"))
    );
}

#[tokio::test]
async fn browsers_are_not_let_in_unless_a_setting_says_so() {
    let gateway = start_with_gpt_4o().await;
    let caller = gateway.anonymous().with_header("origin", &gateway.url());
    let reply = caller.get("/health/liveliness").await;
    assert!(
        reply
            .headers
            .keys()
            .all(|name| !name.as_str().starts_with("access-control")),
        "{:?}",
        reply.headers
    );
}

#[tokio::test]
async fn nothing_of_the_callers_but_the_body_reaches_the_provider() {
    let gateway = start_with_gpt_4o().await;
    let caller = gateway
        .with_key("sk-callers-own")
        .with_header("cookie", "session=secret")
        .with_header("x-api-key", "sk-callers-own")
        .with_header("x-custom", "tracking")
        .with_header("openai-organization", "org-callers");
    assert_eq!(caller.post(CHAT, &ask("gpt-4o")).await.status, 200);
    let request = gateway.upstream("openai").last();
    for (name, value) in &request.headers {
        let foreign = [
            "sk-callers-own",
            "session=secret",
            "tracking",
            "org-callers",
        ];
        assert!(!foreign.contains(&value.as_str()), "{name}: {value}");
    }
    assert_eq!(
        request.header("authorization"),
        Some("Bearer sk-provider-SECRETSECRET")
    );
}

#[tokio::test]
async fn nothing_of_the_providers_that_is_not_for_callers_reaches_them() {
    let gateway = start_with_gpt_4o().await;
    let answer = Answer::text("hi")
        .header("set-cookie", "__cf_bm=x")
        .header("openai-organization", "org-ours")
        .header("server", "cloudflare")
        .header("alt-svc", "h3=\":443\"");
    gateway.upstream("openai").answers(answer);
    let reply = gateway.anonymous().post(CHAT, &ask("gpt-4o")).await;
    for name in ["set-cookie", "openai-organization", "alt-svc"] {
        assert_eq!(reply.header(name), "", "{name}");
    }
    assert_ne!(reply.header("server"), "cloudflare");
}

#[tokio::test]
async fn many_callers_at_once_each_get_their_own_answer() {
    let gateway = start_with_gpt_4o().await;
    gateway.upstream("openai").answers(Answer::echo());
    let mut callers = tokio::task::JoinSet::new();
    for number in 0..60 {
        let caller = gateway.anonymous();
        callers.spawn(async move {
            let words = format!("my number is {number}");
            let body = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": words}]});
            (words, caller.post(CHAT, &body).await.content())
        });
    }
    for (asked, answered) in callers.join_all().await {
        assert_eq!(asked, answered);
    }
}
