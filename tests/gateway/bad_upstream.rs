//! Providers that answer what they should not: the failure table of the reliability notes, F1 to F11.

use std::io::Write;

use bytes::Bytes;
use harness::answer::Answer;
use harness::events;
use harness::gateway::TestGateway;

use crate::setup::{
    CHAT, PROVIDER_KEY, anthropic, ask, ask_streamed, gemini, models, ollama, openai, start,
};

const ALL: [&str; 4] = ["openai", "anthropic", "gemini", "ollama"];

async fn start_all() -> TestGateway {
    let entries = [
        openai("openai", "openai", ", num_retries: 0"),
        anthropic("anthropic", "anthropic", ", num_retries: 0"),
        gemini("gemini", "gemini", ", num_retries: 0"),
        ollama("ollama", "ollama", ", num_retries: 0"),
    ];
    start(&models(&entries)).await
}

/// Both kinds of question are answered by this error, whatever the provider's dialect.
async fn is_refused(gateway: &TestGateway, model: &str, answer: &Answer, codes: &[&str]) {
    gateway.upstream(model).answers(answer.clone());
    for body in [ask(model), ask_streamed(model)] {
        let reply = gateway.anonymous().post(CHAT, &body).await;
        assert_eq!(reply.status, 502, "{model} {answer:?}: {}", reply.text());
        let (kind, code, _) = reply.error();
        assert_eq!(kind, "upstream_error", "{model} {answer:?}");
        assert!(codes.contains(&code.as_str()), "{model} {answer:?}: {code}");
        assert!(!reply.text().contains("127.0.0.1"), "{}", reply.text());
    }
}

#[tokio::test]
async fn an_answer_that_is_no_json_of_its_kind_is_a_502() {
    let gateway = start_all().await;
    for model in ALL {
        for body in [
            "",
            "<html>hello</html>",
            "{\"choices\":[",
            "null",
            "[]",
            "7",
            "\u{0}\u{0}",
        ] {
            let answer = Answer::body(200, "application/json", body.to_owned());
            is_refused(
                &gateway,
                model,
                &answer,
                &["upstream_malformed", "upstream_unavailable"],
            )
            .await;
        }
        let page = Answer::body(200, "text/html", "<html>please log in</html>");
        is_refused(
            &gateway,
            model,
            &page,
            &["upstream_malformed", "upstream_unavailable"],
        )
        .await;
    }
}

#[tokio::test]
async fn a_connection_that_ends_before_the_answer_is_a_502() {
    let gateway = start_all().await;
    for model in ALL {
        for answer in [
            Answer::close(),
            Answer::text("hello").cut_after_bytes(0),
            Answer::socket(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{\"choices\"",
            ),
            Answer::socket(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}",
            ),
            Answer::socket("ICY 200 OK\r\n\r\n"),
            Answer::socket("HTTP/1.1 200 OK\r\nbad header line\r\n\r\n{}"),
        ] {
            is_refused(
                &gateway,
                model,
                &answer,
                &[
                    "upstream_malformed",
                    "upstream_truncated",
                    "upstream_unavailable",
                ],
            )
            .await;
        }
    }
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let gateway = start_all().await;
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = format!("{}/elsewhere/v1/chat/completions", gateway.provider_url());
        let answer = Answer::body(status, "text/plain", "moved").header("location", &elsewhere);
        is_refused(
            &gateway,
            "openai",
            &answer,
            &["upstream_malformed", "upstream_unavailable"],
        )
        .await;
    }
    assert_eq!(gateway.upstream("elsewhere").requests().len(), 0);
}

#[tokio::test]
async fn a_refused_credential_is_our_fault_and_the_providers_words_stay_with_us() {
    let gateway = start_all().await;
    for model in ALL {
        for status in [401, 403] {
            let words = format!("Incorrect API key provided: {PROVIDER_KEY}");
            is_refused(
                &gateway,
                model,
                &Answer::error(status, &words),
                &["upstream_auth_failed"],
            )
            .await;
            let reply = gateway.anonymous().post(CHAT, &ask(model)).await;
            assert!(
                !reply.text().contains("SECRETSECRET") && !reply.text().contains("Incorrect"),
                "{}",
                reply.text()
            );
        }
    }
    let exit = gateway.stop().await;
    assert!(!exit.output.contains("SECRETSECRET"), "{}", exit.output);
}

#[tokio::test]
async fn a_credential_in_another_error_is_not_passed_on() {
    let gateway = start_all().await;
    for model in ALL {
        for status in [400, 404, 422] {
            let words = format!("no such thing for key {PROVIDER_KEY}");
            gateway
                .upstream(model)
                .answers(Answer::error(status, &words));
            let reply = gateway.anonymous().post(CHAT, &ask(model)).await;
            assert_eq!(reply.status, status, "{model}");
            assert!(
                !reply.text().contains("SECRETSECRET"),
                "{model}: {}",
                reply.text()
            );
        }
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_and_memory_holds() {
    let gateway = start_all().await;
    gateway.anonymous().post(CHAT, &ask("openai")).await;
    let before = gateway.resident_bytes();
    let block = Bytes::from(vec![b'a'; 64 * 1024]);
    for head in [
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n{\"x\":\"",
        "HTTP/1.1 500 Broken\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n{\"x\":\"",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nx-long: ",
    ] {
        let answer = Answer::endless(head, block.clone());
        is_refused(
            &gateway,
            "openai",
            &answer,
            &[
                "upstream_too_large",
                "upstream_malformed",
                "upstream_unavailable",
            ],
        )
        .await;
    }
    let lines = Answer::endless("HTTP/1.1 200 OK\r\n", "x-more: and more\r\n".repeat(1000));
    is_refused(
        &gateway,
        "openai",
        &lines,
        &[
            "upstream_too_large",
            "upstream_malformed",
            "upstream_unavailable",
        ],
    )
    .await;
    let grown = gateway.resident_bytes().saturating_sub(before);
    assert!(grown < 200 << 20, "{} MiB more", grown >> 20);
}

#[tokio::test]
async fn an_event_without_end_is_cut_and_memory_holds() {
    let gateway = start_all().await;
    gateway
        .anonymous()
        .post(CHAT, &ask_streamed("anthropic"))
        .await;
    let before = gateway.resident_bytes();
    let block = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
    for (model, content_type) in [
        ("openai", "text/event-stream"),
        ("anthropic", "text/event-stream"),
        ("ollama", "application/x-ndjson"),
    ] {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\n\r\n6\r\ndata: \r\n"
        );
        gateway
            .upstream(model)
            .answers(Answer::endless(head, block.clone()));
        let reply = gateway.anonymous().post(CHAT, &ask_streamed(model)).await;
        assert!(!reply.events().contains(&"[DONE]".to_owned()), "{model}");
        assert!(
            reply.status == 502 || reply.text().contains("upstream_error"),
            "{model}: {} {}",
            reply.status,
            reply.body.len()
        );
    }
    let grown = gateway.resident_bytes().saturating_sub(before);
    assert!(grown < 80 << 20, "{} MiB more", grown >> 20);
}

/// Zeros, compressed: a thousand times smaller than what they become.
fn bomb(mebibytes: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let block = vec![b' '; 1 << 20];
    for _ in 0..mebibytes {
        encoder.write_all(&block).unwrap();
    }
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_decompression_bomb_does_not_go_off() {
    let gateway = start_all().await;
    gateway.anonymous().post(CHAT, &ask("anthropic")).await;
    let before = gateway.resident_bytes();
    let bomb = bomb(512);
    for model in ALL {
        let answer =
            Answer::body(200, "application/json", bomb.clone()).header("content-encoding", "gzip");
        gateway.upstream(model).answers(answer);
        let reply = gateway.anonymous().post(CHAT, &ask(model)).await;
        assert_eq!(reply.status, 502, "{model}: {} bytes", reply.body.len());
    }
    let grown = gateway.resident_bytes().saturating_sub(before);
    assert!(grown < 80 << 20, "{} MiB more", grown >> 20);
}

#[tokio::test]
async fn a_stream_cut_at_any_of_many_places_never_looks_complete() {
    let gateway = start_all().await;
    for model in ALL {
        let whole = Answer::text("some words to be cut");
        gateway.upstream(model).answers(whole.clone());
        let complete = gateway.anonymous().post(CHAT, &ask_streamed(model)).await;
        assert_eq!(complete.events().last().unwrap(), "[DONE]");
        // All but the end: OpenAI's last event may be missing, the finish reason may not.
        for bytes in (0..600).step_by(37) {
            gateway
                .upstream(model)
                .answers(whole.clone().cut_after_bytes(bytes));
            let reply = gateway.anonymous().post(CHAT, &ask_streamed(model)).await;
            let text = reply.text();
            assert!(!text.contains("[DONE]"), "{model} cut at {bytes}: {text}");
            assert!(
                reply.status == 502 || text.contains("\"error\""),
                "{model} cut at {bytes}: {text}"
            );
        }
    }
}

#[tokio::test]
async fn an_event_that_is_no_json_does_not_pass_for_an_answer() {
    let gateway = start_all().await;
    for model in ["anthropic", "gemini"] {
        let broken = ["data: {this is not json\n\n", "data: [DONE]\n\n"];
        gateway
            .upstream(model)
            .answers(Answer::stream("text/event-stream", broken));
        let reply = gateway.anonymous().post(CHAT, &ask_streamed(model)).await;
        assert!(
            !reply.text().contains("[DONE]"),
            "{model}: {}",
            reply.text()
        );
        assert!(
            reply.status == 502 || reply.text().contains("upstream_error"),
            "{model}: {}",
            reply.text()
        );
    }
}

#[tokio::test]
async fn comments_of_the_provider_do_no_harm() {
    let gateway = start_all().await;
    let chunk = "data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}\n\n";
    let pieces = [
        ": keep-alive\n\n",
        chunk,
        ": OPENROUTER PROCESSING\n\n",
        "data: [DONE]\n\n",
    ];
    gateway
        .upstream("openai")
        .answers(Answer::stream("text/event-stream", pieces));
    let reply = gateway
        .anonymous()
        .post(CHAT, &ask_streamed("openai"))
        .await;
    assert_eq!(events::text(&reply.body), "hi");
}

#[tokio::test]
async fn a_providers_page_for_a_503_is_not_shown() {
    let gateway = start_all().await;
    for model in ALL {
        let answer = Answer::body(503, "text/html", "<html><h1>nginx at 10.1.2.3</h1></html>");
        is_refused(&gateway, model, &answer, &["upstream_unavailable"]).await;
        let reply = gateway.anonymous().post(CHAT, &ask(model)).await;
        assert!(!reply.text().contains("10.1.2.3"), "{}", reply.text());
    }
}
