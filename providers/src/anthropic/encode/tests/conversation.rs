//! Turns, rules, results.

use super::*;

#[test]
fn rules_leave_the_conversation_in_order() {
    let body = on(OLD).body(&call(vec![
        message(Role::System, "first"),
        message(Role::User, "hi"),
        message(Role::Developer, "second"),
        message(Role::User, "there"),
    ]));
    assert_eq!(
        body["system"],
        json!([{"type": "text", "text": "first"}, {"type": "text", "text": "second"}])
    );
    assert_eq!(
        body["messages"],
        json!([{"role": "user", "content": [{"type": "text", "text": "hi"}, {"type": "text", "text": "there"}]}])
    );
    let one = on(OLD).body(&call(vec![
        message(Role::System, "one"),
        message(Role::User, "x"),
    ]));
    assert_eq!(one["system"], "one");
}

#[test]
fn somebody_always_speaks_to_the_model() {
    let roles = |messages: Vec<Message>| -> Vec<String> {
        on(OLD).body(&call(messages))["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|turn| turn["role"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(roles(vec![message(Role::System, "rule")]), ["user"]);
    assert_eq!(roles(vec![]), ["user"]);
    let begins = vec![message(Role::Assistant, "Hi!"), message(Role::User, "yo")];
    assert_eq!(roles(begins), ["user", "assistant", "user"]);
    let rule_last = vec![
        message(Role::User, "yo"),
        message(Role::Assistant, "Hi!"),
        message(Role::System, "Be brief."),
    ];
    assert_eq!(roles(rule_last), ["user", "assistant", "user"]);
}

#[test]
fn empty_texts_and_trailing_space_are_not_sent() {
    let body = on(OLD).body(&call(vec![
        message(Role::User, "  "),
        message(Role::User, "hi"),
        message(Role::Assistant, ""),
        message(Role::Assistant, "So, \n"),
    ]));
    assert_eq!(
        body["messages"],
        json!([
            {"role": "user", "content": [{"type": "text", "text": "hi"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "So,"}]}
        ])
    );
}

#[test]
fn results_follow_their_calls_before_other_words() {
    let body = on(OLD).body(&ChatCall {
        tools: vec![tool("f")],
        ..call(vec![
            message(Role::User, "go"),
            calling(vec![
                tool_call("a.b", "f", r#"{"n": 1.10}"#),
                tool_call("c2", "f", ""),
            ]),
            message(Role::User, "and?"),
            result("c2", "two"),
            result("a.b", ""),
        ])
    });
    assert_eq!(
        body["messages"][1]["content"],
        json!([
            {"type": "tool_use", "id": "a_2eb", "name": "f", "input": {"n": 1.10}},
            {"type": "tool_use", "id": "c2", "name": "f", "input": {}}
        ])
    );
    assert_eq!(
        body["messages"][2]["content"],
        json!([
            {"type": "tool_result", "tool_use_id": "c2", "content": [{"type": "text", "text": "two"}]},
            {"type": "tool_result", "tool_use_id": "a_2eb"},
            {"type": "text", "text": "and?"}
        ])
    );
}

#[test]
fn arguments_are_sent_as_they_are_written_and_broken_ones_kept() {
    let send = |arguments: &str| {
        let messages = vec![
            message(Role::User, "go"),
            calling(vec![tool_call("c", "f", arguments)]),
            result("c", "x"),
        ];
        let (_, wire) = on(OLD).send(&call(messages)).unwrap();
        String::from_utf8(wire.bytes).unwrap()
    };
    assert!(
        send(r#"{"n": 1.10, "big":12345678901234567890123}"#)
            .contains(r#""input":{"n": 1.10, "big":12345678901234567890123}"#)
    );
    assert!(send("[1]").contains(r#""input":{"arguments":"[1]"}"#));
    assert!(send("{\"cut").contains(r#""input":{"arguments":"{\"cut"}"#));
}

#[test]
fn a_result_of_no_call_is_refused_by_its_place() {
    let stray = call(vec![message(Role::User, "hi"), result("c9", "x")]);
    assert_eq!(on(OLD).refused(&stray), "messages[1].tool_call_id");
}

#[test]
fn results_without_an_id_answer_the_open_calls_in_turn() {
    let nameless = |text: &str| Message {
        tool_call_id: None,
        ..message(Role::Tool, text)
    };
    let body = on(OLD).body(&call(vec![
        message(Role::User, "go"),
        calling(vec![tool_call("", "f", "{}"), tool_call("", "g", "{}")]),
        Message {
            name: Some("g".to_owned()),
            ..nameless("G")
        },
        nameless("F"),
    ]));
    let used = &body["messages"][1]["content"];
    let results = &body["messages"][2]["content"];
    assert_eq!(results[0]["tool_use_id"], used[1]["id"]);
    assert_eq!(results[1]["tool_use_id"], used[0]["id"]);
}

#[test]
fn names_and_details_that_get_lost_are_listed() {
    let mut named = message(Role::User, "hi");
    named.name = Some("ann".to_owned());
    named.content.push(Part::Image {
        source: crate::chat::MediaSource::Url("https://h/a.png".to_owned()),
        detail: Some("low".to_owned()),
        cache_control: None,
    });
    assert_eq!(
        on(OLD).dropped(&call(vec![named])),
        ["messages.name", "image_url.detail"]
    );
}
