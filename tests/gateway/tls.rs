//! TLS by two files, in HTTP/1.1 and HTTP/2.

use std::time::Duration;

use harness::answer::Answer;
use harness::caller::Caller;
use harness::events;
use harness::gate::Gate;
use harness::gateway::TestGateway;
use harness::ledger::Tokens;
use harness::multiplexed::Multiplexed;
use harness::provider::Ending;
use harness::tls::Certificate;
use serde_json::{Value, json};

use crate::setup::{CHAT, ask, ask_streamed, gateway, models, openai};

const MASTER_KEY: &str = "sk-master-0123456789-0123456789";

/// A thousandth of a dollar for a token that is written.
const PRICES: &str = ", input_cost_per_token: 0, output_cost_per_token: 0.001";

async fn start(certificate_flag: &str, key_flag: &str) -> (TestGateway, Caller, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let certificate = Certificate::make_in(directory.path());
    let gateway = gateway()
        .config(&models(&[openai("gpt-4o", "openai", "")]))
        .argument(certificate_flag)
        .argument(certificate.certificate_path.to_string_lossy())
        .argument(key_flag)
        .argument(certificate.key_path.to_string_lossy())
        .start()
        .await;
    let caller = gateway.anonymous().over_tls(&certificate);
    (gateway, caller, directory)
}

/// Waits until this is what a key is said to have spent.
async fn spends(caller: &Caller, key: &str, wanted: Value) {
    let shown = async {
        loop {
            let info = caller.get(&format!("/key/info?key={key}")).await;
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
async fn who_cancels_one_answer_over_http_2_pays_for_what_was_written_and_the_others_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let certificate = Certificate::make_in(directory.path());
    let gateway = gateway()
        .config(&models(&[openai("gpt-4o", "openai", PRICES)]))
        .variable("HEADGATE_MASTER_KEY", MASTER_KEY)
        .argument("--ssl-certfile")
        .argument(certificate.certificate_path.to_string_lossy())
        .argument("--ssl-keyfile")
        .argument(certificate.key_path.to_string_lossy())
        .start()
        .await;
    let admin = gateway.with_key(MASTER_KEY).over_tls(&certificate);
    let made = admin
        .post("/key/generate", &json!({"max_budget": 100}))
        .await;
    let key = made.json()["key"].as_str().unwrap().to_owned();
    let gate = Gate::closed();
    let answer = Answer::text(&" word".repeat(40))
        .pieces(40)
        .billed_by_text();
    let answer = answer.tokens(Tokens::new(11, 40)).pause_after(11, &gate);
    gateway.upstream("openai").answers(answer);
    let caller = gateway.with_key(&key).over_tls(&certificate);
    let connection = Multiplexed::of(&caller).await;

    let mut cancelled = connection.stream(CHAT, &ask_streamed("gpt-4o")).await;
    cancelled.read_until("word").await;
    gate.reached().await;
    let [asked] = gateway.upstream("openai").requests().try_into().unwrap();
    let kept = connection.stream(CHAT, &ask_streamed("gpt-4o")).await;
    gate.reached_by(2).await;
    drop(cancelled);
    assert_eq!(asked.ended().await, Ending::PeerGone);
    let written = gateway.upstream("openai").bill().tokens.completion();
    assert!((1..40).contains(&written), "{written}");
    gate.open();
    let kept = kept.whole().await;
    assert_eq!(events::text(&kept.body), " word".repeat(40));
    assert_eq!(kept.events().last().unwrap(), "[DONE]");
    let thousandths = written + 40;
    spends(&admin, &key, format!("0.{thousandths:03}").parse().unwrap()).await;
}

#[tokio::test]
async fn a_certificate_makes_it_speak_tls_in_http_1_and_http_2() {
    let (gateway, caller, _directory) = start("--ssl-certfile", "--ssl-keyfile").await;
    assert!(
        gateway.url().starts_with("https://"),
        "{}",
        gateway.output()
    );
    for caller in [caller.clone(), caller.over_http2()] {
        assert_eq!(
            caller.post(CHAT, &ask("gpt-4o")).await.content(),
            "Hello from openai"
        );
        let reply = caller.post(CHAT, &ask_streamed("gpt-4o")).await;
        assert_eq!(events::text(&reply.body), "Hello from openai");
    }
}

#[tokio::test]
async fn litellms_spelling_of_the_flags_is_accepted() {
    let (_gateway, caller, _directory) = start("--ssl_certfile_path", "--ssl_keyfile_path").await;
    assert_eq!(
        caller.post(CHAT, &ask("gpt-4o")).await.content(),
        "Hello from openai"
    );
}

#[tokio::test]
async fn plain_http_on_a_tls_port_is_closed_and_harms_nobody() {
    let (gateway, caller, _directory) = start("--ssl-certfile", "--ssl-keyfile").await;
    let mut raw = gateway.raw().await;
    raw.send("GET /health/liveliness HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    let answer = raw.read_to_end().await;
    assert!(!answer.contains("200"), "{answer}");
    assert_eq!(
        caller.post(CHAT, &ask("gpt-4o")).await.content(),
        "Hello from openai"
    );
}

#[tokio::test]
async fn a_certificate_that_is_none_ends_it_with_78() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("none.pem");
    std::fs::write(&path, "this is no certificate").unwrap();
    let exit = gateway()
        .argument("--ssl-certfile")
        .argument(path.to_string_lossy())
        .argument("--ssl-keyfile")
        .argument(path.to_string_lossy())
        .run_to_end()
        .await;
    assert_eq!(exit.code, Some(78), "{}", exit.output);
    assert!(exit.output.contains("none.pem"), "{}", exit.output);
}
