//! A changed file is taken whole or not at all, and nobody notices.

use harness::answer::Answer;
use harness::deadline::within;
use harness::events;
use harness::gate::Gate;
use harness::gateway::TestGateway;

use crate::setup::{CHAT, ask, ask_streamed, models, openai, start};

const MASTER: &str = "sk-master-2b7d90c4e8a15f63d0";

fn one(name: &str) -> String {
    models(&[openai(name, "openai", "")])
}

/// Waits until the gateway lists this model. The file is read by the gateway in its own time, so
/// asking again is the only way to see it from outside.
async fn listed(gateway: &TestGateway, model: &str) {
    let wanted = format!("\"{model}\"");
    let asking = async {
        while !gateway
            .anonymous()
            .get("/v1/models")
            .await
            .text()
            .contains(&wanted)
        {
            tokio::task::yield_now().await;
        }
    };
    within(&format!("`{model}` is listed"), asking).await;
}

#[tokio::test]
async fn a_changed_file_is_taken_without_being_told() {
    let gateway = start(&one("before")).await;
    gateway.write_config(&one("after"));
    listed(&gateway, "after").await;
    assert_eq!(
        gateway.anonymous().post(CHAT, &ask("after")).await.status,
        200
    );
    assert_eq!(
        gateway.anonymous().post(CHAT, &ask("before")).await.status,
        404
    );
}

#[tokio::test]
async fn sighup_takes_the_file() {
    let gateway = start(&one("before")).await;
    gateway.write_config(&one("after"));
    gateway.signal("HUP");
    listed(&gateway, "after").await;
}

#[tokio::test]
async fn a_file_that_means_nothing_changes_nothing_and_is_said() {
    let gateway = start(&one("before")).await;
    gateway.write_config("model_list: [{model_name: half");
    gateway.signal("HUP");
    gateway.printed("config.yaml").await;
    gateway
        .log_line("the file was refused", |line| line["level"] == "ERROR")
        .await;
    assert_eq!(
        gateway.anonymous().post(CHAT, &ask("before")).await.status,
        200
    );
    gateway.write_config(&one("mended"));
    listed(&gateway, "mended").await;
}

#[tokio::test]
async fn a_running_stream_is_not_touched_by_a_reload() {
    let gateway = start(&one("before")).await;
    let gate = Gate::closed();
    gateway
        .upstream("openai")
        .answers(Answer::text("abcd").pause_after(3, &gate));
    let mut stream = gateway
        .anonymous()
        .stream(CHAT, &ask_streamed("before"))
        .await;
    stream.read_until(r#""b""#).await;
    gateway.write_config(&one("after"));
    listed(&gateway, "after").await;
    gate.open();
    let reply = stream.whole().await;
    assert_eq!(events::text(&reply.body), "abcd");
    assert_eq!(reply.events().last().unwrap(), "[DONE]");
}

#[tokio::test]
async fn no_request_is_lost_while_files_change() {
    let gateway = start(&models(&[openai("steady", "openai", "")])).await;
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let caller = gateway.anonymous();
        callers.spawn(async move {
            let mut statuses = Vec::new();
            for _ in 0..40 {
                statuses.push(caller.post(CHAT, &ask("steady")).await.status);
            }
            statuses
        });
    }
    for number in 0..5 {
        let name = format!("extra-{number}");
        gateway.write_config(&models(&[
            openai("steady", "openai", ""),
            openai(&name, "openai", ""),
        ]));
        gateway.signal("HUP");
        listed(&gateway, &name).await;
    }
    for statuses in callers.join_all().await {
        assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    }
}

#[tokio::test]
async fn defaults_of_new_keys_follow_the_file() {
    let file = |dollars: u32| {
        let models = one("gpt-4o");
        format!(
            "{models}general_settings: {{master_key: {MASTER}}}\nlitellm_settings:\n  \
             default_key_generate_params: {{max_budget: {dollars}}}\n"
        )
    };
    let gateway = start(&file(5)).await;
    let made = async || {
        let admin = gateway.with_key(MASTER);
        let made = admin.post("/key/generate", &serde_json::json!({})).await;
        made.json()["max_budget"].as_f64().unwrap()
    };
    assert!((made().await - 5.0).abs() < f64::EPSILON);
    gateway.write_config(&file(7));
    gateway.signal("HUP");
    let asking = async { while (made().await - 7.0).abs() > f64::EPSILON {} };
    within("a new key has the new budget", asking).await;
}
