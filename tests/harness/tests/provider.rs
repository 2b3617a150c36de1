//! The scripted provider does what its script says, so that tests may trust it.

use harness::answer::{Answer, LineEnds};
use harness::caller::Caller;
use harness::events;
use harness::gate::Gate;
use harness::ledger::Tokens;
use harness::provider::{Ending, RefusingAddress, ScriptedProvider};
use serde_json::{Value, json};

async fn start() -> (ScriptedProvider, Caller) {
    let provider = ScriptedProvider::start().await;
    let address = provider.url().trim_start_matches("http://").parse();
    let caller = Caller::anonymous(address.expect("the address is one"));
    (provider, caller)
}

fn chat(stream: bool) -> Value {
    json!({"model": "m", "stream": stream, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": "hi"}]})
}

#[tokio::test]
async fn answers_wait_in_line_and_then_the_usual_one_comes() {
    let (provider, caller) = start().await;
    let lane = provider.lane("oa");
    lane.answers(Answer::echo());
    lane.answers_once(Answer::error(500, "broken"));
    let reply = caller.post("/oa/v1/chat/completions", &chat(false)).await;
    assert_eq!((reply.status, reply.error().2.as_str()), (500, "broken"));
    let reply = caller.post("/oa/v1/chat/completions", &chat(false)).await;
    assert_eq!(reply.content(), "hi");
    assert_eq!(lane.requests().len(), 2);
    assert_eq!(lane.last().json()["model"], "m");
    assert_eq!(lane.bill().tokens, Tokens::new(11, 7));
}

#[tokio::test]
async fn every_vendors_stream_says_the_same_words() {
    let (provider, caller) = start().await;
    for (path, words) in [
        ("/a/v1/chat/completions", "[DONE]"),
        ("/a/v1/messages", "message_stop"),
        (
            "/a/v1beta/models/m:streamGenerateContent?alt=sse",
            "finishReason",
        ),
        ("/a/api/chat", r#""done":true"#),
    ] {
        provider
            .lane("a")
            .answers(Answer::text("one two three").pieces(3));
        let reply = caller.post(path, &chat(true)).await;
        assert!(reply.is_whole, "{path}");
        assert!(
            reply.text().contains("one t") && reply.text().contains(words),
            "{path}: {}",
            reply.text()
        );
    }
}

#[tokio::test]
async fn a_cut_stream_does_not_look_whole_and_is_billed_in_part() {
    let (provider, caller) = start().await;
    let lane = provider.lane("a");
    lane.answers(
        Answer::text(&"x".repeat(100))
            .tokens(Tokens::new(5, 1000))
            .pieces(50)
            .cut_after_bytes(5000),
    );
    let reply = caller.post("/a/v1/chat/completions", &chat(true)).await;
    assert_eq!((reply.is_whole, reply.body.len()), (false, 5000));
    let billed = lane.bill().tokens;
    assert_eq!(billed.input, 5);
    assert!(billed.output > 0 && billed.output < 1000, "{billed:?}");
}

#[tokio::test]
async fn a_gate_holds_a_stream_until_it_is_opened() {
    let (provider, caller) = start().await;
    let gate = Gate::closed();
    provider
        .lane("a")
        .answers(Answer::text("abcd").pieces(4).pause_after(3, &gate));
    let mut stream = caller.stream("/a/v1/chat/completions", &chat(true)).await;
    gate.reached().await;
    stream.read_until(r#""b""#).await;
    gate.open();
    assert_eq!(events::text(&stream.whole().await.body), "abcd");
}

#[tokio::test]
async fn a_caller_who_leaves_is_noticed() {
    let (provider, caller) = start().await;
    let gate = Gate::closed();
    let lane = provider.lane("a");
    lane.answers(Answer::text("abcd").pause_after(2, &gate));
    let stream = caller.stream("/a/v1/chat/completions", &chat(true)).await;
    gate.reached().await;
    drop(stream);
    assert_eq!(lane.last().ended().await, Ending::PeerGone);
}

#[tokio::test]
async fn mixed_line_ends_are_mixed() {
    let (provider, caller) = start().await;
    provider
        .lane("a")
        .answers(Answer::text("abcd").line_ends(LineEnds::Mixed));
    let reply = caller.post("/a/v1/chat/completions", &chat(true)).await;
    for end in ["}\n\n", "}\r\n\r\n", "}\r\r"] {
        assert!(reply.text().contains(end), "{end:?} in {:?}", reply.text());
    }
    assert_eq!(events::text(&reply.body), "abcd");
}

#[tokio::test]
async fn a_refusing_address_refuses() {
    let refusing = RefusingAddress::take();
    let address = refusing.url().trim_start_matches("http://").to_owned();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
