//! Virtual keys in the whole gateway: what an administrator does counts for the next request, what the
//! database does is no caller's business.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use harness::answer::Answer;
use harness::caller::Caller;
use harness::events;
use harness::gate::Gate;
use harness::gateway::{Builder, TestGateway};
use harness::postgres::{Database, Postgres};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::setup::{CHAT, ask, ask_streamed, gateway, models, openai};

const MASTER_KEY: &str = "sk-master-0123456789-0123456789";

/// With two models and a master key.
fn keyed() -> Builder {
    let entries = [
        openai("gpt-4o", "openai", ""),
        openai("other", "openai", ""),
    ];
    gateway()
        .config(&models(&entries))
        .variable("HEADGATE_MASTER_KEY", MASTER_KEY)
}

fn keyed_in(folder: &Path) -> Builder {
    keyed().variable("HEADGATE_DATA_DIR", &folder.to_string_lossy())
}

fn master(gateway: &TestGateway) -> Caller {
    gateway.with_key(MASTER_KEY)
}

async fn generate(gateway: &TestGateway, body: Value) -> String {
    let made = master(gateway).post("/key/generate", &body).await;
    assert_eq!(made.status, 200, "{}", made.text());
    made.json()["key"].as_str().unwrap().to_owned()
}

/// The status of a question with this key.
async fn asked(gateway: &TestGateway, key: &str, model: &str) -> u16 {
    gateway.with_key(key).post(CHAT, &ask(model)).await.status
}

#[tokio::test]
async fn what_an_administrator_changes_counts_for_the_very_next_request() {
    let gateway = keyed().start().await;
    let admin = master(&gateway);
    for _round in 0..20 {
        let key = generate(&gateway, json!({"models": ["gpt-4o"]})).await;
        assert_eq!(asked(&gateway, &key, "gpt-4o").await, 200);
        assert_eq!(asked(&gateway, &key, "other").await, 403);
        let update = json!({"key": key, "models": ["other"]});
        assert_eq!(admin.post("/key/update", &update).await.status, 200);
        assert_eq!(asked(&gateway, &key, "other").await, 200);
        assert_eq!(asked(&gateway, &key, "gpt-4o").await, 403);
        admin.post("/key/block", &json!({"key": key})).await;
        assert_eq!(asked(&gateway, &key, "other").await, 401);
        admin.post("/key/unblock", &json!({"key": key})).await;
        assert_eq!(asked(&gateway, &key, "other").await, 200);
        let row = admin.get(&format!("/key/info?key={key}")).await.json();
        let restore = format!(
            "/api/v1/keys/{}/restore",
            row["info"]["id"].as_str().unwrap()
        );
        admin.post("/key/delete", &json!({"keys": [key]})).await;
        assert_eq!(asked(&gateway, &key, "other").await, 401);
        assert_eq!(admin.post(&restore, &json!({})).await.status, 200);
        assert_eq!(asked(&gateway, &key, "other").await, 200);
        assert_eq!(asked(&gateway, &key, "gpt-4o").await, 403);
    }
}

#[tokio::test]
async fn a_rotated_key_serves_with_both_secrets_until_the_grace_ends_and_shows_their_use() {
    let gateway = keyed().start().await;
    let old = generate(&gateway, json!({"key_alias": "rotated"})).await;
    let rotate = json!({"key": old, "grace_period": "1h"});
    let rotated = master(&gateway).post("/key/regenerate", &rotate).await;
    assert_eq!(rotated.status, 200, "{}", rotated.text());
    let new = rotated.json()["key"].as_str().unwrap().to_owned();
    assert_ne!(old, new);
    assert_eq!(asked(&gateway, &old, "gpt-4o").await, 200);
    assert_eq!(asked(&gateway, &new, "gpt-4o").await, 200);
    let rotate = json!({"key": new});
    let rotated = master(&gateway).post("/key/regenerate", &rotate).await;
    let newest = rotated.json()["key"].as_str().unwrap().to_owned();
    assert_eq!(asked(&gateway, &newest, "gpt-4o").await, 200);
    assert_eq!(asked(&gateway, &new, "gpt-4o").await, 401);
}

/// Asks with the newest of the keys 200 times a second until told to stop; every answer but 200 is
/// returned.
fn steadily(gateway: &TestGateway, key: &str, stop: &Arc<AtomicBool>) -> JoinSet<Vec<String>> {
    let mut callers = JoinSet::new();
    for _caller in 0..10 {
        let (caller, stop) = (gateway.with_key(key), Arc::clone(stop));
        callers.spawn(async move {
            let mut refused = Vec::new();
            let mut pace = tokio::time::interval(Duration::from_millis(50));
            while !stop.load(Ordering::Relaxed) {
                pace.tick().await;
                let reply = caller.post(CHAT, &ask("gpt-4o")).await;
                if reply.status != 200 {
                    refused.push(format!("{}: {}", reply.status, reply.text()));
                }
            }
            refused
        });
    }
    callers
}

async fn none_refused(mut callers: JoinSet<Vec<String>>) {
    while let Some(refused) = callers.join_next().await {
        assert_eq!(refused.unwrap(), Vec::<String>::new());
    }
}

/// How long the gateway is watched: 30 seconds, or longer by hand.
fn watch() -> Duration {
    let seconds = std::env::var("HEADGATE_TEST_OUTAGE_S").ok();
    Duration::from_secs(seconds.and_then(|text| text.parse().ok()).unwrap_or(30))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rotating_every_five_seconds_under_load_refuses_no_request_with_a_live_secret() {
    let gateway = keyed().start().await;
    let mut key = generate(&gateway, json!({})).await;
    for _rotation in 0..watch().as_secs() / 5 {
        let stop = Arc::new(AtomicBool::new(false));
        let callers = steadily(&gateway, &key, &stop);
        // Callers ask steadily meanwhile: time under load is what is tested.
        tokio::time::sleep(Duration::from_secs(4)).await;
        let rotate = json!({"key": key, "grace_period": "10s"});
        let rotated = master(&gateway).post("/key/regenerate", &rotate).await;
        let next = rotated.json()["key"].as_str().unwrap().to_owned();
        let callers_with_next = steadily(&gateway, &next, &stop);
        // And now with both secrets.
        tokio::time::sleep(Duration::from_secs(1)).await;
        stop.store(true, Ordering::Relaxed);
        none_refused(callers).await;
        none_refused(callers_with_next).await;
        key = next;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_database_away_known_keys_are_served_and_unknown_ones_are_503() {
    let postgres = Postgres::own().await;
    let database = postgres.database().await;
    let folder = TempDir::new().unwrap();
    let gateway = keyed_in(folder.path())
        .variable("DATABASE_URL", &database.url())
        .start()
        .await;
    let key = generate(&gateway, json!({})).await;
    let unknown = "sk-somebody-elses-0123456789";
    assert_eq!(asked(&gateway, &key, "gpt-4o").await, 200);
    assert_eq!(asked(&gateway, unknown, "gpt-4o").await, 401);
    let stop = Arc::new(AtomicBool::new(false));
    let callers = steadily(&gateway, &key, &stop);
    postgres.stop().await;
    // The database stays away for as long as the test watches.
    tokio::time::sleep(watch()).await;
    let stranger = gateway.with_key("sk-another-0123456789-012345");
    let refused = stranger.post(CHAT, &ask("gpt-4o")).await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    let made = master(&gateway).post("/key/generate", &json!({})).await;
    assert_eq!(made.status, 503, "{}", made.text());
    stop.store(true, Ordering::Relaxed);
    none_refused(callers).await;
    let provider = gateway.upstream("openai");
    // A node that starts now serves by the snapshot on its disk.
    assert_eq!(gateway.stop().await.code, Some(0));
    let again = keyed_in(folder.path())
        .variable("DATABASE_URL", &database.url())
        .start()
        .await;
    assert_eq!(asked(&again, &key, "gpt-4o").await, 200);
    assert_eq!(asked(&again, unknown, "gpt-4o").await, 503);
    postgres.start().await;
    let recovered = async {
        while asked(&again, unknown, "gpt-4o").await != 401 {
            // Asked again until the deadline below.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    harness::deadline::within("the store is asked again", recovered).await;
    let fresh = generate(&again, json!({})).await;
    assert_eq!(asked(&again, &fresh, "gpt-4o").await, 200);
    let answers = provider.bill().answers + again.upstream("openai").bill().answers;
    every_answer_has_a_row(&database, answers).await;
}

/// Whatever the providers answered while the database was away is in it, once.
async fn every_answer_has_a_row(database: &Database, answers: u64) {
    let count = "SELECT count(*) FROM attempts WHERE outcome = 'ok'";
    let shipped = async {
        loop {
            let rows = database.rows(count).await;
            let rows: u64 = rows[0][0].parse().unwrap();
            assert!(rows <= answers, "{rows} rows of {answers} answers");
            if rows == answers {
                return;
            }
            // The journal is shipped in the background.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    harness::deadline::within("every answer has a row", shipped).await;
}

#[tokio::test]
async fn a_drained_deployment_gets_no_new_requests_and_ends_those_under_way() {
    let gateway = keyed().start().await;
    let model = json!({"model_name": "newest", "model_info": {"id": "mine"},
        "litellm_params": {"model": "openai/newest", "api_key": "sk-of-the-newest",
            "api_base": format!("{}/openai/v1", gateway.provider_url())}});
    let added = master(&gateway).post("/model/new", &model).await;
    assert_eq!(added.status, 200, "{}", added.text());
    let key = generate(&gateway, json!({})).await;
    assert_eq!(asked(&gateway, &key, "newest").await, 200);
    let gate = Gate::closed();
    gateway
        .upstream("openai")
        .answers_once(Answer::text("abcd").pause_after(3, &gate));
    let mut stream = gateway
        .with_key(&key)
        .stream(CHAT, &ask_streamed("newest"))
        .await;
    stream.read_until(r#""b""#).await;
    let drained = master(&gateway)
        .post("/api/v1/deployments/mine/block", &json!({}))
        .await;
    assert_eq!(drained.status, 200, "{}", drained.text());
    let refused = async { while asked(&gateway, &key, "newest").await == 200 {} };
    harness::deadline::within("no new request goes there", refused).await;
    gate.open();
    let reply = stream.whole().await;
    assert_eq!(events::text(&reply.body), "abcd");
}

#[tokio::test]
async fn an_access_group_of_a_model_that_was_added_at_run_time_opens_it_to_keys() {
    let gateway = keyed().start().await;
    let model = json!({"model_name": "newest", "model_info": {"access_groups": ["beta"]},
        "litellm_params": {"model": "openai/newest", "api_key": "sk-of-the-newest",
            "api_base": format!("{}/openai/v1", gateway.provider_url())}});
    let added = master(&gateway).post("/model/new", &model).await;
    assert_eq!(added.status, 200, "{}", added.text());
    let key = generate(&gateway, json!({"models": ["beta"]})).await;
    assert_eq!(asked(&gateway, &key, "newest").await, 200);
    assert_eq!(asked(&gateway, &key, "gpt-4o").await, 403);
    let team = json!({"team_id": "t", "models": ["beta"]});
    assert_eq!(master(&gateway).post("/team/new", &team).await.status, 200);
    let of_team = generate(&gateway, json!({"team_id": "t"})).await;
    assert_eq!(asked(&gateway, &of_team, "newest").await, 200);
    assert_eq!(asked(&gateway, &of_team, "other").await, 403);
}
