//! Requests, parameter by parameter; whole ones are in `cases/`.

use domain::keys::Secret;
use domain::routing::ParameterPolicy;
use serde_json::{Number, json};

use super::*;
use crate::chat::{Message, Part, ResponseFormat, Role, Thinking, Tool, ToolCall, ToolChoice};

mod random;

const OLD: &str = "claude-3-5-sonnet-20240620";
const BUDGET: &str = "claude-sonnet-4-5";
const ADAPTIVE: &str = "claude-opus-4-8";
const NEWEST: &str = "claude-opus-5-5";

struct Setup {
    model: &'static str,
    policy: ParameterPolicy,
    extra_body: Value,
    key: &'static str,
}

fn on(model: &'static str) -> Setup {
    Setup {
        model,
        policy: ParameterPolicy::default(),
        extra_body: json!({}),
        key: "sk-ant-api03-x",
    }
}

impl Setup {
    fn dropping(mut self) -> Self {
        self.policy.drop_unsupported = true;
        self
    }

    fn send(&self, call: &ChatCall) -> Result<(Value, WireBody), Untranslatable> {
        let target = Target {
            model: self.model,
            base_url: "http://h",
            api_key: Some(&Secret::new(self.key)),
            api_version: None,
            organization: None,
            max_output_tokens: None,
            reasons: false,
            parameters: &self.policy,
            extra_body: self.extra_body.as_object().unwrap(),
        };
        let wire = encode(call, &target)?;
        Ok((serde_json::from_slice(&wire.bytes).unwrap(), wire))
    }

    fn body(&self, call: &ChatCall) -> Value {
        self.send(call).unwrap().0
    }

    fn dropped(&self, call: &ChatCall) -> Vec<&'static str> {
        self.send(call).unwrap().1.dropped
    }

    fn refused(&self, call: &ChatCall) -> String {
        match self.send(call) {
            Err(
                Untranslatable::UnsupportedParameter { param, .. }
                | Untranslatable::InvalidValue { param, .. },
            ) => param,
            other => panic!("not refused: {:?}", other.map(|(body, _)| body)),
        }
    }
}

fn message(role: Role, text: &str) -> Message {
    Message {
        role,
        content: vec![Part::Text {
            text: text.to_owned(),
            cache_control: None,
        }],
        name: None,
        tool_calls: Vec::new(),
        tool_call_id: None,
        refusal: None,
        thinking: Vec::new(),
        cache_control: None,
        extra: Map::new(),
    }
}

fn tool_call(id: &str, name: &str, arguments: &str) -> ToolCall {
    ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
        signature: None,
    }
}

fn calling(calls: Vec<ToolCall>) -> Message {
    Message {
        content: Vec::new(),
        tool_calls: calls,
        ..message(Role::Assistant, "")
    }
}

fn result(id: &str, text: &str) -> Message {
    Message {
        tool_call_id: Some(id.to_owned()),
        ..message(Role::Tool, text)
    }
}

fn tool(name: &str) -> Tool {
    Tool {
        name: name.to_owned(),
        description: None,
        parameters: Some(json!({"type": "object", "properties": {"city": {"type": "string"}}})),
        strict: None,
        cache_control: None,
        native: None,
    }
}

fn call(messages: Vec<Message>) -> ChatCall {
    ChatCall {
        messages,
        ..ChatCall::default()
    }
}

fn hello() -> ChatCall {
    call(vec![message(Role::User, "hi")])
}

fn float(number: f64) -> Option<Number> {
    Number::from_f64(number)
}

fn openai(name: &str, value: Value) -> ChatCall {
    let mut call = hello();
    call.openai_parameters.insert(name.to_owned(), value);
    call
}

#[test]
fn a_plain_call_asks_for_nothing_that_the_caller_did_not() {
    assert_eq!(
        on(OLD).body(&hello()),
        json!({"model": OLD, "max_tokens": 4096,
            "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]})
    );
}

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
fn sampling_is_sent_within_what_the_model_takes() {
    let with = |temperature: Option<f64>, top_p: Option<f64>| ChatCall {
        temperature: temperature.and_then(Number::from_f64),
        top_p: top_p.and_then(Number::from_f64),
        ..hello()
    };
    let both = on(OLD).body(&with(Some(0.2), Some(0.9)));
    assert_eq!(
        (&both["temperature"], &both["top_p"]),
        (&json!(0.2), &json!(0.9))
    );
    assert_eq!(on(OLD).refused(&with(Some(1.5), None)), "temperature");
    let clamped = on(OLD).dropping();
    assert_eq!(clamped.body(&with(Some(1.5), None))["temperature"], 1);
    assert_eq!(clamped.dropped(&with(Some(1.5), None)), ["temperature"]);
    assert_eq!(on(BUDGET).refused(&with(Some(0.2), Some(0.9))), "top_p");
    let usual = on(BUDGET).body(&with(Some(0.2), Some(1.0)));
    assert_eq!(
        (usual["temperature"].as_f64(), usual.get("top_p")),
        (Some(0.2), None)
    );
    let usual = on(BUDGET).body(&with(Some(1.0), Some(0.9)));
    assert_eq!(
        (usual.get("temperature"), usual["top_p"].as_f64()),
        (None, Some(0.9))
    );
    assert_eq!(on(ADAPTIVE).refused(&with(Some(0.0), None)), "temperature");
    assert_eq!(on(ADAPTIVE).refused(&with(None, Some(0.5))), "top_p");
    let defaults = on(ADAPTIVE).body(&with(Some(1.0), Some(1.0)));
    assert_eq!(
        (defaults.get("temperature"), defaults.get("top_p")),
        (None, None)
    );
}

#[test]
fn what_anthropic_does_not_have_is_refused_by_name() {
    for (name, value) in [
        ("frequency_penalty", json!(0.5)),
        ("presence_penalty", json!(-1)),
        ("logit_bias", json!({"1": 1})),
        ("logprobs", json!(true)),
        ("top_logprobs", json!(3)),
        ("prediction", json!({"type": "content", "content": "x"})),
        ("modalities", json!(["text", "audio"])),
        ("store", json!(true)),
        ("verbosity", json!("low")),
        ("web_search_options", json!({})),
        ("service_tier", json!("flex")),
    ] {
        let call = openai(name, value);
        assert_eq!(on(OLD).refused(&call), name);
        assert_eq!(on(OLD).dropping().dropped(&call), [name]);
        assert_eq!(on(OLD).dropping().body(&call).get(name), None);
    }
    let seed = ChatCall {
        seed: Some(Number::from(5)),
        ..hello()
    };
    assert_eq!(on(OLD).refused(&seed), "seed");
    let two = ChatCall {
        n: Some(2),
        ..hello()
    };
    assert_eq!(on(OLD).refused(&two), "n");
}

#[test]
fn defaults_and_hints_are_no_wishes() {
    for (name, value) in [
        ("frequency_penalty", json!(0)),
        ("presence_penalty", json!(0.0)),
        ("logit_bias", json!({})),
        ("logprobs", json!(false)),
        ("top_logprobs", Value::Null),
        ("modalities", json!(["text"])),
        ("store", json!(false)),
        ("stream_options", json!({"include_usage": true})),
        ("prompt_cache_key", json!("k")),
    ] {
        let (body, wire) = on(OLD).send(&openai(name, value)).unwrap();
        assert_eq!((body.get(name), wire.dropped.len()), (None, 0), "{name}");
    }
    let one = ChatCall {
        n: Some(1),
        ..hello()
    };
    assert_eq!(on(OLD).body(&one).get("n"), None);
}

#[test]
fn the_operator_decides_what_is_always_left_out_and_always_sent() {
    let mut setup = on(OLD);
    setup.policy.drop_always = vec!["temperature".to_owned(), "top_k".to_owned()];
    setup.policy.allow_always = vec!["seed".to_owned(), "logprobs".to_owned()];
    let mut call = openai("logprobs", json!(true));
    call.temperature = float(0.5);
    call.seed = Some(Number::from(5));
    call.extra.insert("top_k".to_owned(), json!(7));
    let (body, wire) = setup.send(&call).unwrap();
    assert_eq!(
        (&body["seed"], &body["logprobs"]),
        (&json!(5), &json!(true))
    );
    assert_eq!((body.get("temperature"), body.get("top_k")), (None, None));
    assert_eq!(wire.dropped, ["temperature"]);
}

#[test]
fn stops_of_white_space_are_refused() {
    let with = |stop: &[&str]| ChatCall {
        stop: stop.iter().map(|&text| text.to_owned()).collect(),
        ..hello()
    };
    assert_eq!(
        on(OLD).body(&with(&["A", "B "]))["stop_sequences"],
        json!(["A", "B "])
    );
    assert_eq!(on(OLD).refused(&with(&["\n"])), "stop");
    let setup = on(OLD).dropping();
    assert_eq!(
        setup.body(&with(&["\n", "A"]))["stop_sequences"],
        json!(["A"])
    );
    assert_eq!(setup.dropped(&with(&["\n", "A"])), ["stop"]);
}

#[test]
fn the_end_user_is_named_and_labels_stay_here() {
    let mut call = ChatCall {
        user: Some("u-7".to_owned()),
        ..hello()
    };
    assert_eq!(on(OLD).body(&call)["metadata"], json!({"user_id": "u-7"}));
    call.metadata = json!({"user_id": "u-8", "team": "x"}).as_object().cloned();
    assert_eq!(on(OLD).body(&call)["metadata"], json!({"user_id": "u-8"}));
    let labels = ChatCall {
        metadata: json!({"team": "x"}).as_object().cloned(),
        ..hello()
    };
    assert_eq!(on(OLD).body(&labels).get("metadata"), None);
}

#[test]
fn efforts_become_what_the_model_takes() {
    let with = |effort: &str, max_tokens: Option<u64>| ChatCall {
        reasoning_effort: Some(effort.to_owned()),
        max_tokens,
        ..hello()
    };
    let thinking =
        |model: &'static str, effort: &str| on(model).body(&with(effort, None))["thinking"].clone();
    let effort = |model: &'static str, effort: &str| {
        on(model).body(&with(effort, None))["output_config"]["effort"].clone()
    };
    assert_eq!(
        thinking(BUDGET, "minimal"),
        json!({"type": "enabled", "budget_tokens": 1024})
    );
    assert_eq!(thinking(BUDGET, "none"), json!({"type": "disabled"}));
    let high = on(BUDGET).body(&with("high", None));
    assert_eq!(high["thinking"]["budget_tokens"], 4096);
    assert_eq!(high["max_tokens"], 8192);
    let tight = on(BUDGET).body(&with("high", Some(3000)));
    assert_eq!(
        (&tight["max_tokens"], &tight["thinking"]["budget_tokens"]),
        (&json!(3000), &json!(1500))
    );
    assert_eq!(on(BUDGET).refused(&with("low", Some(1024))), "max_tokens");
    assert_eq!(
        on(BUDGET).dropping().dropped(&with("low", Some(500))),
        ["reasoning_effort"]
    );
    assert_eq!(thinking(ADAPTIVE, "low")["type"], "adaptive");
    assert_eq!(effort(ADAPTIVE, "xhigh"), "xhigh");
    assert_eq!(effort("claude-opus-4-6", "xhigh"), "max");
    assert_eq!(
        thinking("claude-sonnet-5-5", "none"),
        json!({"type": "between_tools"})
    );
    assert_eq!(on(NEWEST).refused(&with("none", None)), "reasoning_effort");
    assert_eq!(on(OLD).refused(&with("low", None)), "reasoning_effort");
    assert_eq!(on(OLD).body(&with("none", None)).get("thinking"), None);
    assert_eq!(
        on(ADAPTIVE).refused(&with("much", None)),
        "reasoning_effort"
    );
}

#[test]
fn thinking_yields_where_anthropic_refuses_it() {
    let effort = Some("low".to_owned());
    let forced = ChatCall {
        reasoning_effort: effort.clone(),
        tools: vec![tool("f")],
        tool_choice: Some(ToolChoice::Required),
        ..hello()
    };
    let (body, wire) = on(BUDGET).send(&forced).unwrap();
    assert_eq!(
        (body.get("thinking"), wire.dropped),
        (None, vec!["reasoning_effort"])
    );
    let (body, wire) = on(ADAPTIVE).send(&forced).unwrap();
    assert_eq!(
        (body.get("thinking"), wire.dropped),
        (None, vec!["thinking"])
    );
    assert_eq!(body["output_config"]["effort"], "low");

    let step = |thinking: Vec<Thinking>| ChatCall {
        reasoning_effort: effort.clone(),
        ..call(vec![
            message(Role::User, "go"),
            Message {
                thinking,
                ..calling(vec![tool_call("c", "f", "{}")])
            },
            result("c", "x"),
        ])
    };
    assert_eq!(on(BUDGET).dropped(&step(vec![])), ["reasoning_effort"]);
    assert!(on(ADAPTIVE).dropped(&step(vec![])).is_empty());
    let signed = step(vec![
        Thinking::Signed {
            text: "t".to_owned(),
            signature: "s".to_owned(),
        },
        Thinking::Redacted {
            data: "d".to_owned(),
        },
    ]);
    let body = on(BUDGET).body(&signed);
    assert_eq!(body["thinking"]["type"], "enabled");
    assert_eq!(
        body["messages"][1]["content"][0],
        json!({"type": "thinking", "thinking": "t", "signature": "s"})
    );
    assert_eq!(
        body["messages"][1]["content"][1],
        json!({"type": "redacted_thinking", "data": "d"})
    );
    let hot = ChatCall {
        reasoning_effort: effort,
        temperature: float(0.3),
        ..hello()
    };
    assert_eq!(on(BUDGET).refused(&hot), "temperature");
}

#[test]
fn the_callers_own_thinking_goes_as_it_is() {
    let own = ChatCall {
        thinking: Some(json!({"type": "enabled", "budget_tokens": 10000, "new": 1})),
        ..hello()
    };
    let body = on(BUDGET).body(&own);
    assert_eq!(
        body["thinking"],
        json!({"type": "enabled", "budget_tokens": 10000, "new": 1})
    );
    assert_eq!(body["max_tokens"], 14096);
}

fn person() -> Value {
    json!({"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name", "age"], "additionalProperties": false})
}

fn of_schema(schema: Value) -> ChatCall {
    ChatCall {
        response_format: Some(ResponseFormat::JsonSchema {
            name: "person".to_owned(),
            schema,
            strict: Some(true),
            description: None,
        }),
        ..hello()
    }
}

#[test]
fn a_schema_is_enforced_where_the_model_can() {
    let body = on(BUDGET).body(&of_schema(person()));
    assert_eq!(
        body["output_config"]["format"],
        json!({"type": "json_schema", "schema": person()})
    );
    assert_eq!(body.get("tools"), None);
}

#[test]
fn older_models_answer_in_json_through_a_tool() {
    let body = on(OLD).body(&of_schema(person()));
    assert_eq!(body["tools"][0]["name"], "headgate_json_answer");
    assert_eq!(body["tools"][0]["input_schema"], person());
    assert_eq!(
        body["tool_choice"],
        json!({"type": "tool", "name": "headgate_json_answer", "disable_parallel_tool_use": true})
    );
    let with_tools = ChatCall {
        tools: vec![tool("f")],
        ..of_schema(person())
    };
    let body = on(OLD).body(&with_tools);
    assert_eq!(body["tool_choice"], json!({"type": "any"}));
    assert_eq!(body["tools"].as_array().unwrap().len(), 2);
    let forbidden = ChatCall {
        tool_choice: Some(ToolChoice::None),
        ..with_tools.clone()
    };
    assert_eq!(
        on(OLD).body(&forbidden)["tool_choice"]["name"],
        "headgate_json_answer"
    );
    let own = ChatCall {
        tool_choice: Some(ToolChoice::Function("f".to_owned())),
        ..with_tools
    };
    assert_eq!(
        on(OLD).body(&own)["tool_choice"],
        json!({"type": "tool", "name": "f"})
    );
}

#[test]
fn a_schema_that_cannot_be_enforced_is_asked_for_otherwise() {
    let map = json!({"type": "object", "additionalProperties": {"type": "string"}});
    assert_eq!(
        on(BUDGET).body(&of_schema(map.clone()))["tool_choice"]["name"],
        "headgate_json_answer"
    );
    let body = on(NEWEST).body(&of_schema(map.clone()));
    assert_eq!(body.get("tools"), None);
    assert!(body["system"].as_str().unwrap().contains(&map.to_string()));
}

#[test]
fn any_json_object_is_asked_for_by_a_rule() {
    let call = ChatCall {
        response_format: Some(ResponseFormat::JsonObject),
        ..call(vec![
            message(Role::System, "rule"),
            message(Role::User, "hi"),
        ])
    };
    let body = on(OLD).body(&call);
    assert_eq!(body["system"][0]["text"], "rule");
    assert!(
        body["system"][1]["text"]
            .as_str()
            .unwrap()
            .contains("JSON object")
    );
}

#[test]
fn unknown_members_travel_and_collisions_are_named() {
    let mut call = hello();
    call.extra = json!({"top_k": 5, "cache_control": {"type": "ephemeral"}, "output_config": {"effort": "low"},
        "anthropic_beta": ["x-1"], "betas": "y-2, x-1"})
    .as_object()
    .cloned()
    .unwrap();
    let mut setup = on(BUDGET);
    setup.extra_body = json!({"top_k": 9, "inference_geo": "eu", "max_tokens": 77, "output_config": {"effort": "high"}});
    setup.key = "sk-ant-oat01-x";
    let (body, wire) = setup.send(&call).unwrap();
    assert_eq!(
        (&body["top_k"], &body["inference_geo"]),
        (&json!(5), &json!("eu"))
    );
    assert_eq!(body["cache_control"], json!({"type": "ephemeral"}));
    assert_eq!(
        (&body["max_tokens"], &body["output_config"]["effort"]),
        (&json!(77), &json!("low"))
    );
    assert_eq!(
        wire.headers,
        [("anthropic-beta", "oauth-2025-04-20,x-1,y-2".to_owned())]
    );
    let mut twice = ChatCall {
        stop: vec!["A".to_owned()],
        ..hello()
    };
    twice
        .extra
        .insert("stop_sequences".to_owned(), json!(["B"]));
    assert_eq!(on(OLD).refused(&twice), "stop_sequences");
}

fn with_part(part: Part) -> ChatCall {
    call(vec![Message {
        content: vec![part],
        ..message(Role::User, "")
    }])
}

fn file(members: &Value) -> ChatCall {
    with_part(Part::File {
        file: members.as_object().cloned().unwrap(),
        cache_control: Some(json!({"type": "ephemeral"})),
    })
}

#[test]
fn files_become_documents() {
    let block = |members: Value| on(OLD).body(&file(&members))["messages"][0]["content"][0].clone();
    assert_eq!(
        block(json!({"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "a.pdf"})),
        json!({"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="},
            "title": "a.pdf", "cache_control": {"type": "ephemeral"}})
    );
    assert_eq!(
        block(json!({"file_data": "data:text/plain;charset=utf-8;base64,aGVsbG8"}))["source"],
        json!({"type": "text", "media_type": "text/plain", "data": "hello"})
    );
    assert_eq!(
        block(json!({"file_id": "https://h/a.pdf"}))["source"],
        json!({"type": "url", "url": "https://h/a.pdf"})
    );
    let (body, wire) = on(OLD).send(&file(&json!({"file_id": "file_1"}))).unwrap();
    assert_eq!(
        body["messages"][0]["content"][0]["source"],
        json!({"type": "file", "file_id": "file_1"})
    );
    assert_eq!(
        wire.headers,
        [("anthropic-beta", "files-api-2025-04-14".to_owned())]
    );
    for members in [
        json!({}),
        json!({"file_data": "data:application/zip;base64,AA=="}),
        json!({"file_data": "data:text/plain,hello"}),
    ] {
        assert_eq!(on(OLD).refused(&file(&members)), "messages[0].content");
    }
}

#[test]
fn sound_is_refused_by_name() {
    let sound = with_part(Part::Audio {
        data: "AA==".to_owned(),
        format: "wav".to_owned(),
    });
    assert_eq!(on(OLD).refused(&sound), "input_audio");
    assert_eq!(on(OLD).dropping().dropped(&sound), ["input_audio"]);
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
