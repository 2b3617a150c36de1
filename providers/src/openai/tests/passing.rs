//! Answers that pass unchanged while a tap reads them.

use bytes::Bytes;
use proptest::prelude::*;

use crate::chat::FinishReason;
use crate::openai::tap::{MAX_KEPT_TEXT_BYTES, StreamEnd, StreamTap, Tapped};

const TEXT: &str = "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Thr\u{e9}e \"}}]}\n\n";
const CALL: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}}]}}]}\r\n\r\n";
const FINISH: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}],\"usage\":null}\n\n";
const USAGE: &str = "data: {\"choices\":[],\"service_tier\":\"flex\",\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15,\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\n";
const PING: &str = ": ping\n\n";
const DONE: &str = "data: [DONE]\n\n";

struct Passed {
    text: String,
    end: StreamEnd,
    tapped: Tapped,
    before_done: Option<String>,
}

fn pass(pieces: &[&[u8]], hide_usage: bool) -> Passed {
    let (mut tap, mut out, mut before_done) = (StreamTap::new(hide_usage), Vec::new(), None);
    for piece in pieces {
        let done_at = tap.push(Bytes::copy_from_slice(piece), &mut out).unwrap();
        if let Some(at) = done_at {
            before_done = Some(String::from_utf8(out[..at].concat()).unwrap());
        }
    }
    let end = tap.end(&mut out);
    Passed {
        text: String::from_utf8(out.concat()).unwrap(),
        end,
        tapped: tap.tapped().clone(),
        before_done,
    }
}

#[test]
fn every_byte_passes_and_everything_is_read() {
    let stream = [PING, TEXT, CALL, FINISH, USAGE, DONE].concat();
    let passed = pass(&[stream.as_bytes()], false);
    assert_eq!(
        (passed.text.as_str(), passed.end),
        (stream.as_str(), StreamEnd::Complete)
    );
    let tapped = passed.tapped;
    let usage = tapped.usage.unwrap();
    assert_eq!(
        (
            usage.input_tokens,
            usage.cache_read_tokens,
            usage.output_tokens
        ),
        (6, 4, 5)
    );
    assert_eq!(tapped.output_text, "Thr\u{e9}e f{\"a\":1}");
    assert_eq!(tapped.finish, Some(FinishReason::ToolCalls));
    assert_eq!(tapped.model.as_deref(), Some("m"));
    assert_eq!(
        passed.before_done.unwrap(),
        stream.strip_suffix(DONE).unwrap()
    );
}

#[test]
fn a_frame_of_whole_events_passes_as_one_piece_without_a_copy() {
    let frame = Bytes::from([TEXT, CALL, FINISH].concat());
    let (mut tap, mut out) = (StreamTap::new(true), Vec::new());
    tap.push(frame.clone(), &mut out).unwrap();
    assert_eq!(out.len(), 1);
    assert_eq!(out[0].as_ptr_range(), frame.as_ptr_range());
}

#[test]
fn the_usage_that_nobody_asked_for_is_kept_back_and_nothing_else() {
    let filter = "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n";
    let stream = [filter, TEXT, FINISH, USAGE, PING, DONE].concat();
    let passed = pass(&[stream.as_bytes()], true);
    assert_eq!(passed.text, [filter, TEXT, FINISH, PING, DONE].concat());
    assert!(passed.tapped.usage.is_some());
}

#[test]
fn a_stream_without_done_is_complete_when_every_choice_is_finished() {
    let passed = pass(&[[TEXT, FINISH, USAGE].concat().as_bytes()], false);
    assert_eq!(passed.end, StreamEnd::CompleteWithoutDone);
    let two = "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}}]}\n\n";
    let passed = pass(&[[TEXT, two, FINISH].concat().as_bytes()], false);
    assert_eq!(passed.end, StreamEnd::Truncated);
    assert_eq!(pass(&[], false).end, StreamEnd::Truncated);
}

#[test]
fn a_last_event_without_its_blank_line_still_counts() {
    let passed = pass(&[[TEXT, "data: [DONE]\n"].concat().as_bytes()], false);
    assert_eq!(
        (passed.text.as_str(), passed.end),
        (TEXT, StreamEnd::CompleteWithoutDone)
    );
    let passed = pass(&[[TEXT, FINISH.trim_end()].concat().as_bytes()], false);
    assert_eq!(passed.end, StreamEnd::CompleteWithoutDone);
    assert_eq!(passed.text, [TEXT, FINISH].concat());
}

#[test]
fn nothing_follows_a_providers_error() {
    let error = "data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}\n\n";
    let passed = pass(&[[TEXT, error, DONE].concat().as_bytes()], false);
    assert_eq!(
        (passed.text.as_str(), passed.end),
        ([TEXT, error].concat().as_str(), StreamEnd::Errored)
    );
    assert_eq!(passed.tapped.error.as_deref(), Some("overloaded"));
}

#[test]
fn events_that_make_no_sense_pass_and_are_counted() {
    let stream = [TEXT, "data: {oops\n\n", "data: 5\n\n", FINISH, DONE].concat();
    let passed = pass(&[stream.as_bytes()], false);
    assert_eq!(
        (passed.text.as_str(), passed.end),
        (stream.as_str(), StreamEnd::Complete)
    );
    assert_eq!(passed.tapped.malformed_events, 2);
}

#[test]
fn the_kept_text_is_bounded_and_the_rest_is_counted() {
    let long = "z".repeat(100_000);
    let event = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{long}\"}}}}]}}\n\n");
    let tapped = pass(&[event.repeat(4).as_bytes()], false).tapped;
    assert!(tapped.output_text.len() <= MAX_KEPT_TEXT_BYTES);
    let kept = u64::try_from(tapped.output_text.len()).unwrap();
    assert_eq!(kept + tapped.output_text_beyond_bytes, 400_000);
}

#[test]
fn a_whole_answer_tells_its_usage_or_its_text() {
    let counted = Tapped::whole(
        br#"{"model":"m","choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"length"}],
        "usage":{"prompt_tokens":3,"completion_tokens":2},"service_tier":"priority"}"#,
    );
    assert!(counted.valid && counted.output_text.is_empty());
    assert!(counted.has_choices && !counted.has_data);
    assert_eq!(counted.usage.unwrap().total_tokens(), 5);
    let uncounted = Tapped::whole(br#"{"choices":[{"message":{"content":"a\nb"}}],"usage":null}"#);
    assert!(uncounted.valid && uncounted.usage.is_none());
    assert_eq!(uncounted.output_text, "a\nb");
    let absurd = Tapped::whole(
        br#"{"usage":{"prompt_tokens":3,"completion_tokens":1e30,"total_tokens":-1,
        "prompt_tokens_details":{"cached_tokens":9},"completion_tokens_details":null}}"#,
    );
    assert_eq!(absurd.usage.unwrap().cache_read_tokens, 3);
    let odd = Tapped::whole(br#"{"choices":{"odd":1}}"#);
    assert!(odd.valid && !odd.has_choices);
    let counted = Tapped::whole(br#"{"choices":5,"usage":{"prompt_tokens":7}}"#);
    assert_eq!(counted.usage.unwrap().total_tokens(), 7);
    let embedded = Tapped::whole(br#"{"data":[],"\u0064":1,"usage":{"prompt_tokens":7}}"#);
    assert!(embedded.has_data && !embedded.has_choices && embedded.usage.is_some());
    assert!(Tapped::whole(b"{\"choices\":[\"\xff\"]}").has_choices);
}

#[test]
fn an_answer_that_is_no_answer_is_told_apart() {
    for body in [
        "",
        "<html>",
        "[]",
        "5",
        "{\"choices\":[",
        "{\"error\":{\"message\":\"no\"}}",
    ] {
        assert!(!Tapped::whole(body.as_bytes()).valid, "{body}");
    }
    assert_eq!(
        Tapped::whole(br#"{"error":"no"}"#).error.as_deref(),
        Some("no")
    );
}

#[test]
fn every_cut_of_a_stream_passes_and_reads_alike() {
    let stream = [PING, TEXT, CALL, FINISH, USAGE, DONE].concat();
    let bytes = stream.as_bytes();
    let whole = pass(&[bytes], true);
    for cut in 0..=bytes.len() {
        let (head, tail) = bytes.split_at(cut);
        let passed = pass(&[head, tail], true);
        assert_eq!(
            (&passed.text, passed.end),
            (&whole.text, whole.end),
            "cut at {cut}"
        );
        assert_eq!(passed.tapped.usage, whole.tapped.usage);
        assert_eq!(passed.tapped.output_text, whole.tapped.output_text);
        let ended = pass(&[head], true).end;
        let finished = cut + 4 >= stream.find(USAGE).unwrap();
        assert!(
            finished || ended == StreamEnd::Truncated,
            "ended at {cut}: {ended:?}"
        );
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(pass(&single, true).text, whole.text);
}

proptest! {
    #[test]
    fn no_bytes_whatever_break_the_tap(
        pieces in prop::collection::vec(
            prop::sample::select(vec![TEXT, FINISH, USAGE, DONE, "data:", "{}", "\n\n", "\r", "{\"choices\":[{}]}", "[1]"]),
            0..12,
        ),
    ) {
        let stream = pieces.concat();
        let single: Vec<&[u8]> = stream.as_bytes().chunks(3).collect();
        let (whole, cut) = (pass(&[stream.as_bytes()], false), pass(&single, false));
        prop_assert_eq!(whole.text, cut.text);
        prop_assert_eq!(whole.end, cut.end);
    }
}
