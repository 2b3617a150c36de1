//! The words in which the tests speak: models, questions, the line that settles a request.

use harness::gateway::{Builder, TestGateway};
use serde_json::{Value, json};

/// Where most questions go.
pub const CHAT: &str = "/v1/chat/completions";

/// The binary under test.
pub fn gateway() -> Builder {
    Builder::of(env!("CARGO_BIN_EXE_headgate"))
}

/// A gateway with this file.
pub async fn start(yaml: &str) -> TestGateway {
    gateway().config(yaml).start().await
}

/// A gateway with one model, `gpt-4o`, at the lane `openai`.
pub async fn start_with_gpt_4o() -> TestGateway {
    start(&models(&[openai("gpt-4o", "openai", "")])).await
}

/// A file of these entries and nothing else.
pub fn models(entries: &[String]) -> String {
    format!("model_list:\n{}", entries.concat())
}

/// An entry of `model_list` that calls `openai/gpt-4o` at a lane; `more` are further
/// `litellm_params`, beginning with a comma.
pub fn openai(group: &str, lane: &str, more: &str) -> String {
    entry(group, "openai/gpt-4o", &format!("UPSTREAM/{lane}/v1"), more)
}

/// An entry that calls Anthropic's Messages API at a lane.
pub fn anthropic(group: &str, lane: &str, more: &str) -> String {
    let model = "anthropic/claude-3-5-sonnet-20240620";
    entry(group, model, &format!("UPSTREAM/{lane}"), more)
}

/// An entry that calls Google's API at a lane.
pub fn gemini(group: &str, lane: &str, more: &str) -> String {
    entry(
        group,
        "gemini/gemini-2.5-flash",
        &format!("UPSTREAM/{lane}/v1beta"),
        more,
    )
}

/// An entry that calls Ollama's native API at a lane.
pub fn ollama(group: &str, lane: &str, more: &str) -> String {
    entry(
        group,
        "ollama_chat/llama3",
        &format!("UPSTREAM/{lane}"),
        more,
    )
}

/// Any entry.
pub fn entry(group: &str, model: &str, api_base: &str, more: &str) -> String {
    format!(
        "  - model_name: \"{group}\"\n    litellm_params: {{model: \"{model}\", api_key: {PROVIDER_KEY}, api_base: \"{api_base}\"{more}}}\n"
    )
}

/// The credential of every provider in these files. It may never be seen by a caller or in a log.
pub const PROVIDER_KEY: &str = "sk-provider-SECRETSECRET";

/// A question.
pub fn ask(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "Why use a gateway?"}]})
}

/// A question whose answer is streamed.
pub fn ask_streamed(model: &str) -> Value {
    let mut body = ask(model);
    body["stream"] = true.into();
    body
}

/// A question with these further members.
pub fn ask_with(model: &str, more: Value) -> Value {
    let mut body = ask(model);
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    body
}

/// The log lines that settle requests: exactly one for each.
pub fn settlements(log: &[Value]) -> Vec<Value> {
    log.iter()
        .filter(|line| is_settlement(line))
        .cloned()
        .collect()
}

/// Whether a log line settles a request.
pub fn is_settlement(line: &Value) -> bool {
    line["message"] == "request finished"
}

/// The settlement of one request, awaited.
pub async fn settlement(gateway: &TestGateway, request_id: &str) -> Value {
    let what = format!("the settlement of {request_id}");
    gateway
        .log_line(&what, |line| {
            is_settlement(line) && line["request.id"] == request_id
        })
        .await
}

/// The usage of a settled request's last attempt: `gen_ai.usage.input_tokens` and its kin.
pub fn usage(settlement: &Value) -> Value {
    let attempts = settlement["attempts"].as_array();
    match attempts.and_then(|attempts| attempts.last()) {
        Some(attempt) => attempt["usage"].clone(),
        None => panic!("no attempt in {settlement}"),
    }
}

/// An amount in dollars, as decimal text, in nano-dollars. Exact.
pub fn nanousd(text: &str) -> u64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    assert!(part.len() <= 9, "`{text}` is finer than a nano-dollar");
    let digits = format!("{whole}{part:0<9}");
    match digits.parse() {
        Ok(amount) => amount,
        Err(error) => panic!("`{text}` is no amount: {error}"),
    }
}
