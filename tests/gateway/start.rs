//! One command, with a file or without.

use harness::answer::Answer;
use harness::events;
use serde_json::json;

use crate::setup::{
    CHAT, PROVIDER_KEY, ask, ask_streamed, ask_with, gateway, models, openai, start_with_gpt_4o,
};

#[tokio::test]
async fn without_a_file_the_first_question_is_answered_by_the_echo_model() {
    let gateway = gateway().start().await;
    let caller = gateway.anonymous();
    let reply = caller.post(CHAT, &ask("headgate/echo")).await;
    assert!(
        reply.content().contains("Why use a gateway?"),
        "{}",
        reply.text()
    );
    let usage = &reply.json()["usage"];
    assert!(usage["prompt_tokens"].as_u64() > Some(0), "{usage}");
    assert_eq!(
        usage["total_tokens"].as_u64(),
        Some(
            usage["prompt_tokens"].as_u64().unwrap() + usage["completion_tokens"].as_u64().unwrap()
        )
    );
}

#[tokio::test]
async fn without_a_file_and_a_key_the_first_lines_say_what_to_set() {
    let gateway = gateway().start().await;
    let said = gateway.output();
    assert!(said.contains("No provider was found."), "{said}");
    assert!(said.contains("OPENAI_API_KEY") && said.contains("OLLAMA_HOST"));
    let found = start_with_gpt_4o().await.output();
    assert!(!found.contains("No provider was found."), "{found}");
}

#[tokio::test]
async fn the_echo_model_streams_with_usage() {
    let gateway = gateway().start().await;
    let body = ask_with(
        "headgate/echo",
        json!({"stream": true, "stream_options": {"include_usage": true}}),
    );
    let reply = gateway.anonymous().post(CHAT, &body).await;
    assert!(
        events::text(&reply.body).contains("Why use a gateway?"),
        "{}",
        reply.text()
    );
    assert_eq!(events::finish_reasons(&reply.body), ["stop"]);
    assert_eq!(reply.events().last().unwrap(), "[DONE]");
    let chunks = events::chunks(&reply.body);
    assert!(chunks.last().unwrap()["usage"]["total_tokens"].as_u64() > Some(0));
}

#[tokio::test]
async fn without_a_file_every_provider_whose_key_is_set_is_offered_as_a_wildcard() {
    let gateway = gateway()
        .variable("OPENAI_API_KEY", "sk-from-environment")
        .variable("OPENAI_BASE_URL", "UPSTREAM/openai/v1")
        .start()
        .await;
    let reply = gateway
        .anonymous()
        .post(CHAT, &ask("openai/gpt-4o-mini"))
        .await;
    assert_eq!(reply.content(), "Hello from openai");
    let request = gateway.upstream("openai").last();
    assert_eq!(request.json()["model"], "gpt-4o-mini");
    assert_eq!(
        request.header("authorization"),
        Some("Bearer sk-from-environment")
    );
    assert!(
        gateway.output().contains("openai/*"),
        "{}",
        gateway.output()
    );
    assert!(!gateway.output().contains("sk-from-environment"));
}

#[tokio::test]
async fn the_first_lines_say_the_address_the_models_and_what_to_try() {
    let gateway = start_with_gpt_4o().await;
    gateway.printed("curl").await;
    let output = gateway.output();
    for words in [gateway.url().as_str(), "gpt-4o", "chat/completions"] {
        assert!(output.contains(words), "`{words}` is missing in:\n{output}");
    }
    assert!(!output.contains("SECRETSECRET"), "{output}");
}

#[tokio::test]
async fn serve_is_what_it_does_without_a_command() {
    let yaml = models(&[openai("gpt-4o", "openai", "")]);
    let gateway = gateway().argument("serve").config(&yaml).start().await;
    let reply = gateway.anonymous().post(CHAT, &ask("gpt-4o")).await;
    assert_eq!(reply.content(), "Hello from openai");
}

#[tokio::test]
async fn a_file_that_means_nothing_ends_it_with_78_and_the_place() {
    for yaml in ["model_list: [", "model_list: 7", "- just\n- a list\n"] {
        let exit = gateway().config(yaml).run_to_end().await;
        assert_eq!(exit.code, Some(78), "{yaml}: {}", exit.output);
        assert!(
            exit.output.contains("config.yaml"),
            "{yaml}: {}",
            exit.output
        );
    }
}

#[tokio::test]
async fn a_missing_file_is_said_and_ends_it_with_78() {
    let exit = gateway()
        .argument("--config")
        .argument("/nowhere/config.yaml")
        .run_to_end()
        .await;
    assert_eq!(exit.code, Some(78), "{}", exit.output);
    assert!(
        exit.output.contains("/nowhere/config.yaml"),
        "{}",
        exit.output
    );
}

#[tokio::test]
async fn check_says_what_a_file_means_and_exits_0_1_or_78() {
    let check = |yaml: &str| {
        gateway()
            .variable("KEY", "sk-x")
            .config(yaml)
            .argument("check")
            .argument("CONFIG")
            .run_to_end()
    };
    let good = models(&[openai("gpt-4o", "openai", "")]).replace(PROVIDER_KEY, "os.environ/KEY");
    let exit = check(&good).await;
    assert_eq!(exit.code, Some(0), "{}", exit.output);
    let warned = format!("{good}router_setings: {{num_retries: 1}}\n");
    let exit = check(&warned).await;
    assert_eq!(exit.code, Some(1), "{}", exit.output);
    assert!(
        exit.output.contains("router_settings"),
        "no suggestion in {}",
        exit.output
    );
    assert_eq!(check("model_list: [").await.code, Some(78));
}

#[tokio::test]
async fn a_mocked_deployment_answers_and_its_provider_is_not_called() {
    let yaml = models(&[openai("gpt-4o", "openai", ", mock_response: \"canned\"")]);
    let gateway = gateway().config(&yaml).start().await;
    let caller = gateway.anonymous();
    let reply = caller.post(CHAT, &ask("gpt-4o")).await;
    assert_eq!(reply.content(), "canned");
    // LiteLLM's figures for a mocked answer.
    assert_eq!(reply.json()["usage"]["total_tokens"], 30);
    let reply = caller.post(CHAT, &ask_streamed("gpt-4o")).await;
    assert_eq!(events::text(&reply.body), "canned");
    assert_eq!(gateway.upstream("openai").requests().len(), 0);
}

#[tokio::test]
async fn keys_come_from_the_environment_by_name() {
    let yaml = "
model_list:
  - model_name: gpt-4o
    litellm_params: {model: openai/gpt-4o, api_key: os.environ/MY_KEY, api_base: os.environ/MY_BASE}
";
    let gateway = gateway()
        .config(yaml)
        .variable("MY_KEY", "sk-mine")
        .variable("MY_BASE", "UPSTREAM/openai/v1")
        .start()
        .await;
    gateway.upstream("openai").answers(Answer::text("yes"));
    assert_eq!(
        gateway
            .anonymous()
            .post(CHAT, &ask("gpt-4o"))
            .await
            .content(),
        "yes"
    );
    let request = gateway.upstream("openai").last();
    assert_eq!(request.header("authorization"), Some("Bearer sk-mine"));
}

#[tokio::test]
async fn a_database_in_the_environment_is_accepted_and_said() {
    let yaml = models(&[openai("gpt-4o", "openai", "")]);
    let gateway = gateway()
        .config(&yaml)
        .variable("DATABASE_URL", "postgresql://u:hunter2@db:5432/x")
        .start()
        .await;
    gateway.printed("DATABASE_URL").await;
    assert!(
        !gateway.output().contains("hunter2"),
        "{}",
        gateway.output()
    );
}
