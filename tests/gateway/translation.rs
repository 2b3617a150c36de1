//! OpenAI's dialect to providers that speak another: nothing is lost on the way there or back.
//!
//! The translators' own tests are in the providers crate; these go through the whole gateway.

use harness::answer::Answer;
use harness::gateway::TestGateway;
use serde_json::{Value, json};

use crate::setup::{CHAT, anthropic, ask, ask_with, gemini, models, ollama, openai, start};

const ALL: [&str; 3] = ["anthropic", "gemini", "ollama"];

async fn start_all() -> TestGateway {
    let entries = [
        anthropic("anthropic", "anthropic", ""),
        gemini("gemini", "gemini", ""),
        ollama("ollama", "ollama", ""),
    ];
    start(&models(&entries)).await
}

async fn sent(gateway: &TestGateway, model: &str, body: Value) -> Value {
    let reply = gateway.anonymous().post(CHAT, &body).await;
    assert_eq!(reply.status, 200, "{model}: {}", reply.text());
    gateway.upstream(model).last().json()
}

fn weather() -> Value {
    json!({"type": "function", "function": {"name": "get_weather", "description": "The weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}})
}

#[tokio::test]
async fn each_provider_is_called_at_its_own_path_with_its_own_credential() {
    let gateway = start_all().await;
    for (model, target, header) in [
        ("anthropic", "/anthropic/v1/messages", "x-api-key"),
        (
            "gemini",
            "/gemini/v1beta/models/gemini-2.5-flash:generateContent",
            "x-goog-api-key",
        ),
        ("ollama", "/ollama/api/chat", "authorization"),
    ] {
        let reply = gateway.anonymous().post(CHAT, &ask(model)).await;
        assert_eq!(reply.content(), format!("Hello from {model}"));
        let request = gateway.upstream(model).last();
        assert_eq!(request.target, target);
        let credential = request.header(header).unwrap_or_default();
        assert!(
            credential.ends_with(crate::setup::PROVIDER_KEY),
            "{model}: {:?}",
            request.headers
        );
        assert_eq!(request.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn an_answer_has_openais_shape_whoever_gave_it() {
    let gateway = start_all().await;
    for model in ALL {
        let reply = gateway.anonymous().post(CHAT, &ask(model)).await;
        let json = reply.json();
        assert_eq!(json["object"], "chat.completion", "{model}");
        assert!(
            json["id"].is_string() && json["created"].is_u64() && json["model"].is_string(),
            "{model}: {json}"
        );
        assert_eq!(json["choices"][0]["index"], 0);
        assert_eq!(json["choices"][0]["finish_reason"], "stop");
        assert_eq!(json["choices"][0]["message"]["role"], "assistant");
        assert_eq!(json["usage"]["prompt_tokens"], 11, "{model}: {json}");
        assert_eq!(json["usage"]["completion_tokens"], 7, "{model}: {json}");
        assert_eq!(json["usage"]["total_tokens"], 18, "{model}: {json}");
    }
}

#[tokio::test]
async fn system_words_turns_and_limits_arrive() {
    let gateway = start_all().await;
    let body = |model: &str| {
        json!({"model": model, "max_tokens": 99, "temperature": 0.5, "stop": ["END"], "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "One."},
            {"role": "assistant", "content": "Two."},
            {"role": "user", "content": [{"type": "text", "text": "Three."}]},
        ]})
    };
    let anthropic = sent(&gateway, "anthropic", body("anthropic")).await;
    assert!(
        anthropic["system"].to_string().contains("Be brief."),
        "{anthropic}"
    );
    assert_eq!(
        (&anthropic["max_tokens"], &anthropic["stop_sequences"]),
        (&json!(99), &json!(["END"]))
    );
    let gemini = sent(&gateway, "gemini", body("gemini")).await;
    assert!(
        gemini["systemInstruction"]
            .to_string()
            .contains("Be brief."),
        "{gemini}"
    );
    assert_eq!(gemini["generationConfig"]["maxOutputTokens"], 99);
    assert_eq!(gemini["contents"][1]["role"], "model");
    let ollama = sent(&gateway, "ollama", body("ollama")).await;
    assert_eq!(
        (
            &ollama["options"]["num_predict"],
            &ollama["options"]["stop"]
        ),
        (&json!(99), &json!(["END"]))
    );
    assert_eq!(
        ollama["messages"][0],
        json!({"role": "system", "content": "Be brief."})
    );
    for sent in [anthropic, gemini, ollama] {
        for words in ["One.", "Two.", "Three."] {
            assert!(
                sent.to_string().contains(words),
                "`{words}` is lost in {sent}"
            );
        }
    }
}

#[tokio::test]
async fn a_tool_call_and_its_result_make_the_round_trip() {
    let gateway = start_all().await;
    for model in ALL {
        gateway
            .upstream(model)
            .answers_once(Answer::tool_call("get_weather", json!({"city": "Paris"})));
        let question = ask_with(model, json!({"tools": [weather()]}));
        let reply = gateway.anonymous().post(CHAT, &question).await;
        let choice = reply.json()["choices"][0].clone();
        assert_eq!(choice["finish_reason"], "tool_calls", "{model}: {choice}");
        let call = &choice["message"]["tool_calls"][0];
        assert_eq!(
            (&call["type"], &call["function"]["name"]),
            (&json!("function"), &json!("get_weather")),
            "{model}"
        );
        let arguments: Value =
            serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
        assert_eq!(arguments, json!({"city": "Paris"}), "{model}");
        let result = json!({"role": "tool", "tool_call_id": call["id"], "content": "sunny"});
        let next = json!({"model": model, "tools": [weather()], "messages": [
            {"role": "user", "content": "Weather?"}, choice["message"], result]});
        let sent = sent(&gateway, model, next).await.to_string();
        assert!(
            sent.contains("sunny") && sent.contains("Paris"),
            "{model}: {sent}"
        );
    }
}

#[tokio::test]
async fn a_parameter_that_a_provider_cannot_honour_is_refused_by_name_or_dropped_when_told() {
    let gateway = start_all().await;
    let odd = json!({"logit_bias": {"50256": -100}});
    let reply = gateway
        .anonymous()
        .post(CHAT, &ask_with("anthropic", odd.clone()))
        .await;
    let (kind, _, message) = reply.error();
    assert_eq!(
        (reply.status, kind.as_str()),
        (400, "invalid_request_error")
    );
    assert!(message.contains("logit_bias"), "{message}");
    assert_eq!(gateway.upstream("anthropic").requests().len(), 0);
    let told = ask_with(
        "anthropic",
        json!({"logit_bias": {"50256": -100}, "drop_params": true}),
    );
    let reply = gateway.anonymous().post(CHAT, &told).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let sent = gateway.upstream("anthropic").last().json();
    assert!(
        sent.get("logit_bias").is_none() && sent.get("drop_params").is_none(),
        "{sent}"
    );
}

#[tokio::test]
async fn drop_params_may_stand_in_the_file() {
    for settings in ["litellm_settings: {drop_params: true}\n", ""] {
        let local = if settings.is_empty() {
            ", drop_params: true"
        } else {
            ""
        };
        let yaml = models(&[anthropic("anthropic", "anthropic", local)]) + settings;
        let gateway = start(&yaml).await;
        let odd = ask_with("anthropic", json!({"logit_bias": {"50256": -100}}));
        assert_eq!(
            gateway.anonymous().post(CHAT, &odd).await.status,
            200,
            "{yaml}"
        );
    }
}

#[tokio::test]
async fn what_the_file_adds_goes_to_the_provider() {
    let more = ", my_knob: 40, extra_headers: {x-team: research}, extra_body: {min_p: 0.05}";
    let gateway = start(&models(&[openai("gpt-4o", "openai", more)])).await;
    let reply = gateway.anonymous().post(CHAT, &ask("gpt-4o")).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let request = gateway.upstream("openai").last();
    assert_eq!(
        (&request.json()["my_knob"], &request.json()["min_p"]),
        (&json!(40), &json!(0.05))
    );
    assert_eq!(request.header("x-team"), Some("research"));
    gateway.printed("my_knob").await;
}

#[tokio::test]
async fn a_providers_error_has_openais_shape_and_its_words() {
    let gateway = start_all().await;
    for model in ALL {
        gateway
            .upstream(model)
            .answers(Answer::error(400, "zork is wrong"));
        let reply = gateway.anonymous().post(CHAT, &ask(model)).await;
        let (_, _, message) = reply.error();
        assert_eq!(reply.status, 400, "{model}");
        assert!(message.contains("zork is wrong"), "{model}: {message}");
        assert_eq!(
            gateway.upstream(model).requests().len(),
            1,
            "{model}: a 400 is not retried"
        );
    }
}

#[tokio::test]
async fn thoughts_come_apart_from_the_words() {
    let gateway = start_all().await;
    for model in ALL {
        gateway
            .upstream(model)
            .answers(Answer::text("42").reasoning("because"));
        let reply = gateway.anonymous().post(CHAT, &ask(model)).await;
        assert_eq!(reply.content(), "42", "{model}");
        let message = &reply.json()["choices"][0]["message"];
        assert_eq!(
            message["reasoning_content"], "because",
            "{model}: {message}"
        );
    }
}

#[tokio::test]
async fn what_is_left_out_is_said() {
    let entries = [anthropic("claude", "anthropic", ", drop_params: true")];
    let gateway = start(&models(&entries)).await;
    let caller = gateway.anonymous();
    let reply = caller
        .post(
            CHAT,
            &ask_with("claude", json!({"seed": 7, "logit_bias": {"1": 1}})),
        )
        .await;
    assert_eq!(reply.status, 200);
    let mut dropped: Vec<&str> = reply.header("x-headgate-dropped").split(',').collect();
    dropped.sort_unstable();
    assert_eq!(dropped, ["logit_bias", "seed"]);
    let reply = caller.post(CHAT, &ask("claude")).await;
    assert_eq!(reply.header("x-headgate-dropped"), "");
}

#[tokio::test]
async fn another_vendors_errors_have_openais_type_and_its_own_code() {
    let gateway = start(&models(&[gemini("flash", "gemini", "")])).await;
    gateway
        .upstream("gemini")
        .answers(Answer::error(400, "zork"));
    let reply = gateway.anonymous().post(CHAT, &ask("flash")).await;
    let (kind, code, message) = reply.error();
    assert_eq!(
        (kind.as_str(), code.as_str()),
        ("invalid_request_error", "invalid_argument")
    );
    assert!(message.contains("zork"));
}
