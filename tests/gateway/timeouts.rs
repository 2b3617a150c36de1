//! A provider that takes too long.

use harness::answer::Answer;
use harness::gate::Gate;
use harness::provider::Ending;

use crate::setup::{CHAT, ask, ask_streamed, models, openai, start};

#[tokio::test]
async fn a_provider_that_never_answers_is_a_504_and_its_connection_is_closed() {
    let entries = [openai("m", "slow", ", timeout: 1, num_retries: 0")];
    let gateway = start(&models(&entries)).await;
    gateway.upstream("slow").answers(Answer::hang());
    let reply = gateway.anonymous().post(CHAT, &ask("m")).await;
    let (kind, code, _) = reply.error();
    assert_eq!(
        (reply.status, kind.as_str(), code.as_str()),
        (504, "upstream_error", "upstream_timeout")
    );
    assert_eq!(
        gateway.upstream("slow").last().ended().await,
        Ending::PeerGone
    );
}

#[tokio::test]
async fn a_timeout_goes_on_to_the_next_deployment_and_the_fallback() {
    let entries = [
        openai("m", "slow", ", timeout: 1, order: 1"),
        openai("m", "good", ", order: 2"),
        openai("lone", "slow", ", timeout: 1, num_retries: 0"),
    ];
    let gateway =
        start(&(models(&entries) + "router_settings: {fallbacks: [{lone: [m]}]}\n")).await;
    gateway.upstream("slow").answers(Answer::hang());
    for model in ["m", "lone"] {
        assert_eq!(
            gateway.anonymous().post(CHAT, &ask(model)).await.content(),
            "Hello from good",
            "{model}"
        );
    }
}

#[tokio::test]
async fn the_stream_timeout_counts_to_the_first_event_only() {
    let entries = [
        openai(
            "m",
            "slow",
            ", timeout: 60, stream_timeout: 1, num_retries: 0",
        ),
        openai("spare", "spare", ""),
    ];
    let gateway =
        start(&(models(&entries) + "router_settings: {fallbacks: [{m: [spare]}]}\n")).await;
    let gate = Gate::closed();
    let lane = gateway.upstream("slow");
    lane.answers(Answer::text("abcd").pause_after(0, &gate));
    let reply = gateway.anonymous().post(CHAT, &ask_streamed("m")).await;
    assert_eq!(harness::events::text(&reply.body), "Hello from spare");
    // The second stream is held for longer than the stream timeout, after its first event.
    let gate = Gate::closed();
    lane.answers(Answer::text("abcd").pause_after(3, &gate));
    let mut stream = gateway.anonymous().stream(CHAT, &ask_streamed("m")).await;
    stream.read_until(r#""b""#).await;
    // The time itself is what must not matter.
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    gate.open();
    assert_eq!(harness::events::text(&stream.whole().await.body), "abcd");
}

#[tokio::test]
async fn litellm_settings_may_hold_the_timeout() {
    let yaml = models(&[openai("m", "slow", "")])
        + "litellm_settings: {request_timeout: 1, num_retries: 0}\n";
    let gateway = start(&yaml).await;
    gateway.upstream("slow").answers(Answer::hang());
    let reply = gateway.anonymous().post(CHAT, &ask("m")).await;
    assert_eq!(
        (reply.status, gateway.upstream("slow").requests().len()),
        (504, 1),
        "{}",
        reply.text()
    );
}
