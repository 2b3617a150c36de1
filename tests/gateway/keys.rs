//! Who may call.

use harness::gateway::{Builder, TestGateway};
use http::Method;

use crate::setup::{CHAT, ask, gateway, models, openai, start_with_gpt_4o};

const MASTER: &str = "sk-master-5f0c2a77d1e94b3c8a6d";

fn with_master_key() -> Builder {
    let yaml = models(&[openai("gpt-4o", "openai", "")]);
    gateway().config(&format!(
        "{yaml}general_settings: {{master_key: {MASTER}}}\n"
    ))
}

async fn status(gateway: &TestGateway, name: &str, value: &str) -> u16 {
    let caller = gateway.anonymous().with_header(name, value);
    caller.post(CHAT, &ask("gpt-4o")).await.status
}

#[tokio::test]
async fn the_master_key_is_taken_from_all_four_headers() {
    let gateway = with_master_key().start().await;
    let bearer = format!("Bearer {MASTER}");
    for (name, value) in [
        ("authorization", bearer.as_str()),
        ("x-api-key", MASTER),
        ("api-key", MASTER),
        ("x-goog-api-key", MASTER),
    ] {
        assert_eq!(status(&gateway, name, value).await, 200, "{name}");
    }
}

#[tokio::test]
async fn the_master_key_comes_from_the_environment_too() {
    let yaml = models(&[openai("gpt-4o", "openai", "")]);
    for variable in ["HEADGATE_MASTER_KEY", "LITELLM_MASTER_KEY"] {
        let gateway = gateway()
            .config(&yaml)
            .variable(variable, MASTER)
            .start()
            .await;
        assert_eq!(
            gateway.anonymous().post(CHAT, &ask("gpt-4o")).await.status,
            401,
            "{variable}"
        );
        assert_eq!(
            gateway
                .with_key(MASTER)
                .post(CHAT, &ask("gpt-4o"))
                .await
                .status,
            200,
            "{variable}"
        );
        assert!(!gateway.output().contains(MASTER), "{}", gateway.output());
    }
}

#[tokio::test]
async fn without_a_key_the_answer_is_401_and_says_what_to_do() {
    let gateway = with_master_key().start().await;
    let reply = gateway.anonymous().post(CHAT, &ask("gpt-4o")).await;
    let (kind, code, message) = reply.error();
    assert_eq!(
        (reply.status, kind.as_str(), code.as_str()),
        (401, "authentication_error", "missing_key")
    );
    assert!(
        message.to_lowercase().contains("authorization"),
        "{message}"
    );
    assert_eq!(gateway.upstream("openai").requests().len(), 0);
}

#[tokio::test]
async fn a_key_that_is_nearly_right_is_wrong_and_never_repeated() {
    let gateway = with_master_key().start().await;
    let longer = format!("{MASTER}x");
    let inside = MASTER.replacen('-', "- ", 1);
    for near in [
        &MASTER.to_uppercase(),
        &MASTER[..MASTER.len() - 1],
        &longer,
        &inside,
        "sk-1234",
        "' OR 1=1 --",
    ] {
        let reply = gateway.with_key(near).post(CHAT, &ask("gpt-4o")).await;
        let (kind, code, _) = reply.error();
        assert_eq!(
            (reply.status, kind.as_str(), code.as_str()),
            (401, "authentication_error", "invalid_key"),
            "{near}"
        );
        assert!(!reply.text().contains(near), "{}", reply.text());
    }
    for odd in ["Basic c2s6c2s=", "Bearer", "Bearer  ", "Token x", ""] {
        assert_eq!(status(&gateway, "authorization", odd).await, 401, "{odd:?}");
    }
}

#[tokio::test]
async fn every_path_that_answers_for_models_asks_for_the_key() {
    let gateway = with_master_key().start().await;
    for path in ["/v1/models", "/models", "/v1/models/gpt-4o"] {
        assert_eq!(gateway.anonymous().get(path).await.status, 401, "{path}");
        assert_eq!(
            gateway.with_key(MASTER).get(path).await.status,
            200,
            "{path}"
        );
    }
    for path in [
        "/chat/completions",
        "/v1/completions",
        "/v1/embeddings",
        "/openai/deployments/gpt-4o/chat/completions",
        "/engines/gpt-4o/completions",
    ] {
        assert_eq!(
            gateway.anonymous().post(path, &ask("gpt-4o")).await.status,
            401,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_path_or_host_that_is_spelt_oddly_does_not_pass_the_key() {
    let gateway = with_master_key().start().await;
    for path in [
        "/v1/models?key=x",
        "/v1/models/",
        "//v1/models",
        "/V1/MODELS",
        "/v1/models/../models",
        "/v1/%6dodels",
        "/health/../v1/models",
    ] {
        let reply = gateway.anonymous().get(path).await;
        assert!(
            matches!(reply.status, 400 | 401 | 404),
            "{path}: {}",
            reply.status
        );
    }
}

#[tokio::test]
async fn without_a_master_key_anybody_on_this_machine_may_call() {
    let gateway = start_with_gpt_4o().await;
    for caller in [gateway.anonymous(), gateway.with_key("sk-anything")] {
        assert_eq!(caller.post(CHAT, &ask("gpt-4o")).await.status, 200);
    }
    for host in ["localhost", "localhost:4000", "127.0.0.1", "[::1]:4000"] {
        assert_eq!(status(&gateway, "host", host).await, 200, "{host}");
    }
}

#[tokio::test]
async fn a_request_that_came_from_elsewhere_is_not_from_this_machine() {
    let gateway = start_with_gpt_4o().await;
    for (name, value) in [
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=203.0.113.9"),
        ("x-real-ip", "203.0.113.9"),
        ("host", "attacker.example"),
        ("host", "localhost.attacker.example"),
        ("host", "127.0.0.1.attacker.example"),
        ("origin", "https://attacker.example"),
        ("origin", "http://localhost.attacker.example"),
        ("origin", "null"),
    ] {
        let caller = gateway.anonymous().with_header(name, value);
        let reply = caller.post(CHAT, &ask("gpt-4o")).await;
        assert_eq!(reply.status, 401, "{name}: {value}: {}", reply.text());
        let (_, _, message) = reply.error();
        assert!(
            message.contains("HEADGATE_ALLOW_ANONYMOUS"),
            "the refusal names the setting: {message}"
        );
    }
    assert_eq!(gateway.upstream("openai").requests().len(), 0);
}

#[tokio::test]
async fn anonymous_callers_from_elsewhere_are_let_in_when_a_setting_says_so() {
    let yaml = models(&[openai("gpt-4o", "openai", "")]);
    let gateway = gateway()
        .config(&yaml)
        .variable("HEADGATE_ALLOW_ANONYMOUS", "true")
        .start()
        .await;
    assert_eq!(
        status(&gateway, "x-forwarded-for", "203.0.113.9").await,
        200
    );
}

#[tokio::test]
async fn a_weak_or_published_master_key_passes_on_this_machine_only() {
    let yaml = models(&[openai("gpt-4o", "openai", "")]);
    for weak in ["sk-1234", "sk-12345678", "password", "changeme"] {
        let yaml = format!("{yaml}general_settings: {{master_key: {weak}}}\n");
        let gateway = gateway().config(&yaml).start().await;
        gateway.printed("master_key").await;
        let caller = gateway.with_key(weak);
        assert_eq!(
            caller.post(CHAT, &ask("gpt-4o")).await.status,
            200,
            "{weak}"
        );
        let elsewhere = caller.with_header("x-forwarded-for", "203.0.113.9");
        let reply = elsewhere.post(CHAT, &ask("gpt-4o")).await;
        assert_eq!(reply.status, 401, "{weak}");
        assert!(
            reply.error().2.contains("HEADGATE_MASTER_KEY"),
            "{}",
            reply.text()
        );
        assert_eq!(
            gateway
                .with_key("wrong")
                .post(CHAT, &ask("gpt-4o"))
                .await
                .status,
            401
        );
    }
}

#[tokio::test]
async fn an_empty_master_key_is_not_one_that_everybody_has() {
    let yaml = models(&[openai("gpt-4o", "openai", "")]);
    let yaml = format!("{yaml}general_settings: {{master_key: \"\"}}\n");
    let exit_or_open = gateway().config(&yaml).host("0.0.0.0").start().await;
    // No key is set, so only this machine may call.
    assert_eq!(
        status(&exit_or_open, "x-forwarded-for", "203.0.113.9").await,
        401
    );
}

#[tokio::test]
async fn keys_in_the_query_are_not_taken_and_not_logged() {
    let gateway = with_master_key().start().await;
    let path = format!("/v1/models?key={MASTER}&api_key={MASTER}");
    assert_eq!(gateway.anonymous().get(&path).await.status, 401);
    let reply = gateway
        .anonymous()
        .call(Method::GET, &format!("/nowhere?key={MASTER}"), "".into())
        .await;
    assert!(matches!(reply.status, 401 | 404));
    let exit = gateway.stop().await;
    assert!(!exit.output.contains(MASTER), "{}", exit.output);
}
