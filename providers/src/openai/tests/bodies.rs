//! What the gateway reads of a caller's body, and what it refuses.

use bytes::Bytes;

use super::read;
use crate::chat::{MediaSource, Part, Role, Thinking, ToolChoice};
use crate::openai::bad_body::{BadBody, BadBodyKind};
use crate::openai::body::{BodyKind, CallerBody, MAX_MEMBERS};
use crate::openai::completions::as_chat;

fn refused(json: &str) -> BadBody {
    read(json).map(|_| json).unwrap_err()
}

fn with(member: &str) -> String {
    format!(r#"{{"model":"m","messages":[{{"role":"user","content":"x"}}],{member}}}"#)
}

#[test]
fn what_the_gateway_needs_is_read_whatever_the_spelling() {
    let body = read(
        " {\"mod\\u0065l\" : \"g\\u0070t\" ,\n\t\"stream\":true, \"n\": 2.0,
        \"max_tokens\":1e2,\"user\":null, \"stream_options\": {\"include_usage\" : true},
        \"messages\" : [ {\"role\":\"user\",\"content\":\"]}\"} ] , \"tools\":[{}] } ",
    )
    .unwrap();
    assert_eq!(body.model.as_deref(), Some("gpt"));
    assert!(body.stream && body.include_usage && body.has_tools);
    assert_eq!((body.n, body.max_output_tokens), (2, Some(100)));
    assert_eq!(body.user, None);
}

#[test]
fn max_completion_tokens_comes_before_max_tokens() {
    let body = read(&with(r#""max_completion_tokens":7,"max_tokens":9"#)).unwrap();
    assert_eq!(body.max_output_tokens, Some(7));
    let body = read(&with(r#""max_tokens":9,"max_completion_tokens":null"#)).unwrap();
    assert_eq!(body.max_output_tokens, Some(9));
}

#[test]
fn bytes_that_are_no_json_object_are_refused_with_the_place() {
    for (json, kind) in [
        ("", BadBodyKind::NotJson),
        (r#"{"model": "#, BadBodyKind::NotJson),
        (r#"{"model":"m",}"#, BadBodyKind::NotJson),
        (r#"{"messages":[{}]} x"#, BadBodyKind::NotJson),
        (r#"{"messages":[{]}"#, BadBodyKind::NotJson),
        (
            r#"{"model":"\ud800","messages":[{}]}"#,
            BadBodyKind::NotJson,
        ),
        ("[]", BadBodyKind::NotAnObject),
        ("[1", BadBodyKind::NotAnObject),
        ("\"x\"", BadBodyKind::NotAnObject),
        ("5", BadBodyKind::NotAnObject),
        ("null", BadBodyKind::NotAnObject),
        ("true", BadBodyKind::NotAnObject),
    ] {
        assert_eq!(refused(json).kind, kind, "{json}");
    }
    assert!(refused("{\n  x").message.contains("line 2 column 3"));
}

#[test]
fn invalid_utf_8_is_refused_wherever_it_stands() {
    for bytes in [
        b"{\"model\":\"\xff\",\"messages\":[{}]}".as_slice(),
        b"{\"a\":\"\xc3\",\"messages\":[{}]}",
        b"{\"\xff\":1,\"messages\":[{}]}",
        b"{\"messages\":[{\"content\":\"\xed\xa0\x80\"}]}",
    ] {
        let error = CallerBody::read(Bytes::from_static(bytes), BodyKind::Chat).unwrap_err();
        assert_eq!(error.kind, BadBodyKind::NotJson);
    }
}

#[test]
fn deep_nesting_is_refused_and_wide_nesting_is_not() {
    let nested = |depth: usize| {
        with(&format!(
            r#""a":{}1{}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        ))
    };
    assert!(read(&nested(127)).is_ok());
    assert_eq!(refused(&nested(128)).kind, BadBodyKind::TooComplex);
    assert_eq!(refused(&nested(100_000)).kind, BadBodyKind::TooComplex);
    assert!(read(&nested(127)).unwrap().chat_call().is_ok());
    assert!(read(&with(&format!(r#""a":[{}1]"#, "[],".repeat(1000)))).is_ok());
}

#[test]
fn members_that_are_read_may_stand_there_once_and_others_twice() {
    for (member, name) in [
        (r#""model":"x""#, "model"),
        (r#""stream":true,"stream":true"#, "stream"),
        (r#""n":1,"\u006e":1"#, "n"),
        (r#""messages":[{}]"#, "messages"),
        (r#""max_tokens":1,"max_tokens":2"#, "max_tokens"),
        (r#""user":"a","user":"a""#, "user"),
        (
            r#""stream_options":{},"stream_options":{}"#,
            "stream_options",
        ),
    ] {
        let error = refused(&with(member));
        assert_eq!(error.kind, BadBodyKind::Duplicate, "{member}");
        assert_eq!(error.param.as_deref(), Some(name));
    }
    assert!(read(&with(r#""a":1,"a":2"#)).is_ok());
}

#[test]
fn wrong_types_name_the_member() {
    for (json, param) in [
        (r#"{"model":5,"messages":[{}]}"#, "model"),
        (r#"{"model":["m"],"messages":[]}"#, "model"),
        (r#"{"model":"m"}"#, "messages"),
        (r#"{"model":"m","messages":null}"#, "messages"),
        (r#"{"model":"m","messages":"hi"}"#, "messages"),
        (r#"{"model":"m","messages":{"a":1}}"#, "messages"),
        (r#"{"model":"m","messages":[]}"#, "messages"),
        (r#"{"model":"m","messages":[{},1]}"#, "messages[1]"),
        (&with(r#""stream":1"#), "stream"),
        (&with(r#""stream":"true""#), "stream"),
        (&with(r#""n":"1""#), "n"),
        (&with(r#""max_tokens":-1"#), "max_tokens"),
        (&with(r#""max_tokens":1.5"#), "max_tokens"),
        (&with(r#""user":{}"#), "user"),
        (&with(r#""stream_options":true"#), "stream_options"),
        (
            &with(r#""stream_options":{"include_usage":1}"#),
            "stream_options.include_usage",
        ),
        (&with(r#""num_retries":"x""#), "num_retries"),
        (&with(r#""tags":[1]"#), "tags"),
    ] {
        assert_eq!(refused(json).param.as_deref(), Some(param), "{json}");
    }
}

#[test]
fn what_redirects_a_call_or_changes_its_credential_is_for_the_operator() {
    for name in [
        "api_base",
        "base_url",
        "api_key",
        "api_version",
        "organization",
        "custom_llm_provider",
        "litellm_params",
        "user_config",
        "model_list",
        "extra_headers",
        "aws_access_key_id",
        "vertex_project",
        "api_b\\u0061se",
    ] {
        let error = refused(&with(&format!(r#""{name}":"x""#)));
        assert_eq!(error.kind, BadBodyKind::Forbidden, "{name}");
        assert!(error.message.contains("a caller may not set"), "{name}");
    }
}

#[test]
fn a_flood_of_members_is_refused() {
    let members: Vec<String> = (0..=MAX_MEMBERS).map(|i| format!(r#""a{i}":1"#)).collect();
    assert_eq!(
        refused(&with(&members.join(","))).kind,
        BadBodyKind::TooComplex
    );
}

#[test]
fn embeddings_need_an_input_and_completions_no_prompt() {
    let read = |json: &str, kind| CallerBody::read(Bytes::copy_from_slice(json.as_bytes()), kind);
    let embed = |json| read(json, BodyKind::Embedding);
    assert_eq!(
        embed(r#"{"model":"m"}"#).unwrap_err().param.unwrap(),
        "input"
    );
    assert_eq!(embed(r#"{"input":["a","b"]}"#).unwrap().prompts, 2);
    assert_eq!(embed(r#"{"input":[1,2,3]}"#).unwrap().prompts, 1);
    assert_eq!(embed(r#"{"input":[[1],[2]]}"#).unwrap().prompts, 2);
    for bad in [
        r#"{"input":[]}"#,
        r#"{"input":5}"#,
        r#"{"input":[1,"a"]}"#,
        r#"{"input":[{}]}"#,
    ] {
        assert_eq!(embed(bad).unwrap_err().param.unwrap(), "input", "{bad}");
    }
    let complete = |json| read(json, BodyKind::Completion).unwrap();
    assert_eq!(complete(r#"{"model":"m"}"#).prompts, 1);
    assert_eq!(complete(r#"{"prompt":["a","b"],"messages":5}"#).prompts, 2);
}

#[test]
fn every_form_of_a_message_is_understood() {
    let call = read(
        r#"{"messages":[
            {"role":"user","content":[{"type":"text","text":"a"},
                {"type":"image_url","image_url":"data:image/png;base64,AA=="},
                {"type":"image_url","image_url":{"url":"https://x.invalid/i","detail":"low"}},
                {"type":"video_url","video_url":{}}]},
            {"role":"assistant","content":"","reasoning_content":"r","thinking_blocks":[
                {"type":"thinking","thinking":"r","signature":"s"},
                {"type":"redacted_thinking","data":"d"}],
             "tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"},
                "provider_specific_fields":{"thought_signature":"sig"}},
                {"id":"e","type":"function","function":{"name":"f","arguments":"{}"},
                "extra_content":{"google":{"thought_signature":"gig"}}}]},
            {"role":"tool","tool_call_id":"c","content":[{"type":"text","text":"ok"}],"odd":1}],
            "tool_choice":"none","top_k":1}"#,
    )
    .unwrap()
    .chat_call()
    .unwrap();
    let [user, assistant, tool] = call.messages.as_slice() else {
        panic!("three messages");
    };
    assert!(
        matches!(&user.content[1], Part::Image { source: MediaSource::Base64 { media_type, .. }, .. } if media_type == "image/png")
    );
    assert!(matches!(
        &user.content[2],
        Part::Image {
            source: MediaSource::Url(_),
            detail: Some(_),
            ..
        }
    ));
    assert!(matches!(&user.content[3], Part::Other(_)));
    assert_eq!(assistant.thinking.len(), 2);
    assert!(
        matches!(&assistant.thinking[0], Thinking::Signed { signature, .. } if signature == "s")
    );
    let signatures: Vec<_> = assistant
        .tool_calls
        .iter()
        .map(|c| c.signature.as_deref())
        .collect();
    assert_eq!(signatures, [Some("sig"), Some("gig")]);
    assert_eq!(
        (tool.role, tool.extra["odd"].as_u64()),
        (Role::Tool, Some(1))
    );
    assert_eq!(call.tool_choice, Some(ToolChoice::None));
    assert_eq!(call.extra["top_k"], 1);
}

#[test]
fn mistakes_inside_messages_name_their_path() {
    for (message, param) in [
        (r#"{"content":"x"}"#, "messages[0].role"),
        (r#"{"role":"robot","content":"x"}"#, "messages[0].role"),
        (r#"{"role":"user"}"#, "messages[0].content"),
        (r#"{"role":"user","content":null}"#, "messages[0].content"),
        (r#"{"role":"user","content":5}"#, "messages[0].content"),
        (r#"{"role":"user","content":[5]}"#, "messages[0].content[0]"),
        (
            r#"{"role":"user","content":[{"type":"text"}]}"#,
            "messages[0].content[0].text",
        ),
        (
            r#"{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}]}"#,
            "messages[0].content[0].image_url",
        ),
        (
            r#"{"role":"assistant","tool_calls":[{"id":"a"}]}"#,
            "messages[0].tool_calls[0].function",
        ),
        (
            r#"{"role":"assistant","tool_calls":{}}"#,
            "messages[0].tool_calls",
        ),
    ] {
        let body = read(&format!(r#"{{"messages":[{message}]}}"#)).unwrap();
        let error = body.chat_call().unwrap_err();
        assert_eq!(error.param.as_deref(), Some(param), "{message}");
    }
}

#[test]
fn requests_to_the_gateway_and_defaults_do_not_reach_other_vendors() {
    let call = read(&with(
        r#""num_retries":3,"timeout":1.5,"mock_response":"x","logprobs":false,"n":1,
        "frequency_penalty":0,"stream_options":{"include_usage":true},"parallel_tool_calls":true,
        "prompt_cache_key":"k","presence_penalty":0.5"#,
    ))
    .unwrap()
    .chat_call()
    .unwrap();
    assert!(call.extra.is_empty());
    let names: Vec<_> = call.openai_parameters.keys().collect();
    assert_eq!(names, ["presence_penalty"]);
    assert_eq!((call.n, call.parallel_tool_calls), (None, None));
}

#[test]
fn a_text_completion_can_be_asked_as_a_chat() {
    let call = |json: &str| {
        let bytes = Bytes::copy_from_slice(json.as_bytes());
        let body = CallerBody::read(bytes, BodyKind::Completion).unwrap();
        as_chat(body.completion_call().unwrap(), "vendor")
    };
    let chat = call(
        r#"{"model":"m","prompt":"say","max_tokens":5,"temperature":0.5,"echo":false,"stop":"x",
        "user":"u","n":2,"presence_penalty":1,"top_k":3,"stream":true}"#,
    )
    .unwrap();
    assert_eq!(
        (chat.messages.len(), chat.messages[0].role),
        (1, Role::User)
    );
    assert_eq!(
        (chat.max_tokens, chat.n, chat.stream),
        (Some(5), Some(2), true)
    );
    assert_eq!(
        (chat.user.as_deref(), chat.stop.as_slice()),
        (Some("u"), &["x".to_owned()][..])
    );
    assert_eq!(chat.temperature.unwrap().as_f64(), Some(0.5));
    assert_eq!(chat.openai_parameters["presence_penalty"], 1);
    assert_eq!(chat.extra["top_k"], 3);
    for (json, named) in [
        (r#"{"prompt":["a","b"]}"#, "prompt"),
        (r#"{"prompt":"a","suffix":"b"}"#, "suffix"),
        (r#"{"prompt":"a","echo":true}"#, "echo"),
        (r#"{"prompt":"a","temperature":"hot"}"#, "temperature"),
    ] {
        let message = call(json).unwrap_err().to_string();
        assert!(message.contains(named), "{message}");
    }
}
