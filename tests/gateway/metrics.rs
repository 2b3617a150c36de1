//! What Prometheus reads.

use harness::answer::Answer;
use harness::gateway::TestGateway;

use crate::setup::{CHAT, PROVIDER_KEY, ask, start_with_gpt_4o};

/// The sum of a metric's samples whose labels contain all of these words.
async fn sample(gateway: &TestGateway, name: &str, labels: &[&str]) -> f64 {
    let text = gateway.anonymous().get("/metrics").await.text();
    let matching = text.lines().filter(|line| {
        let head = line.split(' ').next().unwrap_or_default();
        head.split('{').next() == Some(name) && labels.iter().all(|label| head.contains(label))
    });
    matching
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

#[tokio::test]
async fn requests_and_tokens_are_counted() {
    let gateway = start_with_gpt_4o().await;
    for _ in 0..3 {
        gateway.anonymous().post(CHAT, &ask("gpt-4o")).await;
    }
    gateway
        .upstream("openai")
        .answers(Answer::error(400, "zork"));
    gateway.anonymous().post(CHAT, &ask("gpt-4o")).await;
    assert_eq!(
        sample(&gateway, "headgate_requests_total", &["200"]).await,
        3.0
    );
    assert_eq!(
        sample(&gateway, "headgate_requests_total", &["400"]).await,
        1.0
    );
    assert_eq!(
        sample(&gateway, "headgate_tokens_total", &["input"]).await,
        33.0
    );
    assert_eq!(
        sample(&gateway, "headgate_tokens_total", &["output"]).await,
        21.0
    );
}

#[tokio::test]
async fn the_text_is_prometheus_own_and_holds_no_secret() {
    let gateway = start_with_gpt_4o().await;
    gateway
        .with_key("sk-callers-own")
        .post(CHAT, &ask("gpt-4o"))
        .await;
    let reply = gateway.anonymous().get("/metrics").await;
    assert_eq!(reply.status, 200);
    let kind = reply.header("content-type");
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    assert!(
        reply
            .text()
            .contains("# TYPE headgate_requests_total counter"),
        "{}",
        reply.text()
    );
    assert!(!reply.text().contains(PROVIDER_KEY) && !reply.text().contains("sk-callers-own"));
}

#[tokio::test]
async fn a_callers_invention_makes_no_label() {
    let gateway = start_with_gpt_4o().await;
    for number in 0..50 {
        gateway
            .anonymous()
            .post(CHAT, &ask(&format!("invented-{number}")))
            .await;
    }
    assert!(
        !gateway
            .anonymous()
            .get("/metrics")
            .await
            .text()
            .contains("invented")
    );
}
