//! Tools and the choice among them.

use super::*;

#[test]
fn calls_in_a_conversation_without_tools_get_definitions() {
    let messages = vec![
        message(Role::User, "go"),
        calling(vec![tool_call("c", "f", "{}")]),
        result("c", "x"),
    ];
    let body = on(OLD).body(&call(messages));
    assert_eq!(
        body["tools"],
        json!([{"name": "f", "input_schema": {"type": "object", "properties": {}}}])
    );
    assert_eq!(body["tool_choice"], json!({"type": "none"}));
}

#[test]
fn every_choice_of_tools_has_its_word() {
    let send = |choice: Option<ToolChoice>, parallel: Option<bool>| {
        let call = ChatCall {
            tools: vec![tool("f"), tool("g")],
            tool_choice: choice,
            parallel_tool_calls: parallel,
            ..hello()
        };
        let body = on(OLD).body(&call);
        (
            body["tool_choice"].clone(),
            body["tools"].as_array().unwrap().len(),
        )
    };
    assert_eq!(send(None, None), (Value::Null, 2));
    assert_eq!(
        send(None, Some(false)).0,
        json!({"type": "auto", "disable_parallel_tool_use": true})
    );
    assert_eq!(
        send(Some(ToolChoice::Auto), Some(true)).0,
        json!({"type": "auto"})
    );
    assert_eq!(
        send(Some(ToolChoice::None), Some(false)).0,
        json!({"type": "none"})
    );
    assert_eq!(
        send(Some(ToolChoice::Required), Some(false)).0,
        json!({"type": "any", "disable_parallel_tool_use": true})
    );
    assert_eq!(
        send(Some(ToolChoice::Function("g".to_owned())), None).0,
        json!({"type": "tool", "name": "g"})
    );
    let allowed = |required| ToolChoice::Allowed {
        names: vec!["g".to_owned()],
        required,
    };
    assert_eq!(send(Some(allowed(true)), None), (json!({"type": "any"}), 1));
    assert_eq!(
        send(Some(allowed(false)), None),
        (json!({"type": "auto"}), 1)
    );
    let without_tools = ChatCall {
        tool_choice: Some(ToolChoice::Auto),
        parallel_tool_calls: Some(false),
        ..hello()
    };
    assert_eq!(on(OLD).body(&without_tools).get("tool_choice"), None);
}

#[test]
fn newer_models_refuse_forced_tools() {
    let forced = ChatCall {
        tools: vec![tool("f")],
        tool_choice: Some(ToolChoice::Required),
        ..hello()
    };
    assert_eq!(on(NEWEST).refused(&forced), "tool_choice");
    let setup = on(NEWEST).dropping();
    assert_eq!(setup.dropped(&forced), ["tool_choice"]);
    assert_eq!(setup.body(&forced).get("tool_choice"), None);
}

#[test]
fn tools_without_a_schema_get_an_empty_one_and_strict_is_kept_where_it_exists() {
    let strict = |parameters: Value| ChatCall {
        tools: vec![Tool {
            parameters: Some(parameters),
            strict: Some(true),
            ..tool("f")
        }],
        ..hello()
    };
    let bare = ChatCall {
        tools: vec![Tool {
            parameters: None,
            ..tool("f")
        }],
        ..hello()
    };
    assert_eq!(
        on(OLD).body(&bare)["tools"][0]["input_schema"],
        json!({"type": "object", "properties": {}})
    );
    let closed = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": false});
    assert_eq!(
        on(BUDGET).body(&strict(closed.clone()))["tools"][0]["strict"],
        true
    );
    assert_eq!(
        on(OLD).body(&strict(closed.clone()))["tools"][0].get("strict"),
        None
    );
    assert_eq!(on(OLD).dropped(&strict(closed)), ["tools.strict"]);
    let open = json!({"type": "object", "properties": {}, "additionalProperties": true});
    assert_eq!(on(BUDGET).dropped(&strict(open)), ["tools.strict"]);
}

#[test]
fn anthropics_own_tools_pass_and_openais_do_not() {
    let native = |tool: Value| ChatCall {
        tools: vec![Tool {
            name: String::new(),
            native: Some(tool),
            ..self::tool("")
        }],
        ..hello()
    };
    let computer =
        native(json!({"type": "computer_20250124", "name": "computer", "display_width_px": 8}));
    let (body, wire) = on(BUDGET).send(&computer).unwrap();
    assert_eq!(body["tools"][0]["display_width_px"], 8);
    assert_eq!(
        wire.headers,
        [("anthropic-beta", "computer-use-2025-01-24".to_owned())]
    );
    assert_eq!(
        on(BUDGET).refused(&native(json!({"type": "file_search"}))),
        "tools"
    );
}

#[test]
fn strict_tools_beyond_the_limit_are_sent_as_plain_ones() {
    let schema = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let with = |count: usize| ChatCall {
        tools: (0..count)
            .map(|number| Tool {
                parameters: Some(schema.clone()),
                strict: Some(true),
                ..tool(&format!("f{number}"))
            })
            .collect(),
        ..hello()
    };
    assert!(on(BUDGET).dropped(&with(20)).is_empty());
    assert_eq!(on(BUDGET).dropped(&with(21)), ["tools.strict"]);
    let body = on(BUDGET).body(&with(21));
    assert!(
        body["tools"]
            .as_array()
            .unwrap()
            .iter()
            .all(|tool| tool.get("strict").is_none())
    );
}
