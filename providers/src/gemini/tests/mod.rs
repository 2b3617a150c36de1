//! What callers are promised of Gemini, beside the golden cases: requests.

mod answers;
mod conversations;

use domain::keys::Secret;
use domain::routing::ParameterPolicy;
use serde_json::{Map, Value, json};

use super::Gemini;
use crate::Provider;
use crate::chat::{ChatApi, ChatCall, Message, Part, Role, Tool, ToolCall, ToolChoice};
use crate::failure::FailureKind;
use crate::wire::{Operation, Stamp, Target, Untranslatable};

fn stamp() -> Stamp {
    Stamp {
        request_id: "req_1".to_owned(),
        created_s: 7,
        model: "gemini-2.5-flash".to_owned(),
    }
}

fn encoded_for(
    model: &str,
    call: &ChatCall,
    rules: &ParameterPolicy,
) -> Result<(Value, Vec<&'static str>), Untranslatable> {
    let extra_body = Map::new();
    let target = Target {
        model,
        base_url: "https://g.example",
        api_key: None,
        api_version: None,
        organization: None,
        max_output_tokens: None,
        reasons: false,
        parameters: rules,
        extra_body: &extra_body,
    };
    let body = Gemini.encode(call, &target)?;
    Ok((serde_json::from_slice(&body.bytes).unwrap(), body.dropped))
}

fn encoded(call: &ChatCall) -> Value {
    encoded_for("gemini-2.5-flash", call, &ParameterPolicy::default())
        .unwrap()
        .0
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

fn result(id: &str, text: &str) -> Message {
    Message {
        tool_call_id: Some(id.to_owned()),
        ..message(Role::Tool, text)
    }
}

fn function(name: &str) -> Tool {
    Tool {
        name: name.to_owned(),
        description: None,
        parameters: None,
        strict: None,
        cache_control: None,
        native: None,
    }
}

fn chat(messages: Vec<Message>) -> ChatCall {
    ChatCall {
        messages,
        ..ChatCall::default()
    }
}

#[test]
fn the_key_travels_as_a_header_and_never_in_the_address() {
    let (rules, extra_body) = (ParameterPolicy::default(), Map::new());
    let key = Secret::new("AIza-secret");
    let target = Target {
        model: "gemini-2.5-flash",
        base_url: "https://g.example/v1beta",
        api_key: Some(&key),
        api_version: None,
        organization: None,
        max_output_tokens: None,
        reasons: false,
        parameters: &rules,
        extra_body: &extra_body,
    };
    let address = Gemini.address(Operation::ChatStream, &target);
    assert_eq!(
        address.url,
        "https://g.example/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
    );
    assert_eq!(
        address.headers,
        [("x-goog-api-key", "AIza-secret".to_owned())]
    );
}

#[test]
fn a_wrong_key_is_told_from_a_wrong_request() {
    let body = br#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#;
    assert_eq!(Gemini.failure(400, body).kind, FailureKind::Credential);
    let body = br#"{"error":{"code":400,"message":"bad AIzaSyX","status":"INVALID_ARGUMENT"}}"#;
    let failure = Gemini.failure(400, body);
    assert_eq!(failure.kind, FailureKind::BadRequest);
    assert_eq!(failure.message, "bad [key]");
    let body = br#"{"error":{"code":400,"message":"The input token count (9) exceeds the maximum number of tokens allowed (8)."}}"#;
    assert_eq!(Gemini.failure(400, body).kind, FailureKind::ContextWindow);
}

#[test]
fn a_call_of_another_vendor_gets_the_word_that_gemini_3_accepts() {
    let mut asked = message(Role::Assistant, "");
    asked.tool_calls = vec![tool_call("a", "f", "{}"), tool_call("b", "g", "")];
    let call = chat(vec![message(Role::User, "x"), asked.clone()]);
    let signatures = |call: &ChatCall, model: &str| {
        let body = encoded_for(model, call, &ParameterPolicy::default())
            .unwrap()
            .0;
        let parts = body["contents"][1]["parts"].clone();
        [0, 1].map(|n| parts[n]["thoughtSignature"].as_str().map(str::to_owned))
    };
    let dummy = Some("skip_thought_signature_validator".to_owned());
    assert_eq!(signatures(&call, "gemini-3-pro-preview"), [dummy, None]);
    assert_eq!(signatures(&call, "gemini-2.5-pro"), [None, None]);
    asked.tool_calls[0].signature = Some("c2ln".to_owned());
    let call = chat(vec![message(Role::User, "x"), asked]);
    let own = Some("c2ln".to_owned());
    assert_eq!(signatures(&call, "gemini-3-pro-preview"), [own, None]);
}

#[test]
fn a_result_of_an_unknown_call_is_refused_by_its_place() {
    let call = chat(vec![message(Role::User, "x"), result("nobody", "1")]);
    let error = encoded_for("m", &call, &ParameterPolicy::default()).unwrap_err();
    assert!(error.to_string().contains("messages[1].tool_call_id"));
}

#[test]
fn arguments_that_are_no_object_are_refused_by_their_place() {
    let mut asked = message(Role::Assistant, "");
    asked.tool_calls = vec![tool_call("a", "f", "[1]")];
    let call = chat(vec![asked]);
    let error = encoded_for("m", &call, &ParameterPolicy::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("messages[0].tool_calls[0].function.arguments")
    );
}

#[test]
fn one_call_at_a_time_is_refused_unless_it_may_be_dropped() {
    let call = ChatCall {
        tools: vec![function("f")],
        parallel_tool_calls: Some(false),
        ..chat(vec![message(Role::User, "x")])
    };
    let error = encoded_for("m", &call, &ParameterPolicy::default()).unwrap_err();
    assert!(error.to_string().contains("`parallel_tool_calls`"));
    let rules = ParameterPolicy {
        drop_unsupported: true,
        ..ParameterPolicy::default()
    };
    let (_body, dropped) = encoded_for("m", &call, &rules).unwrap();
    assert_eq!(dropped, ["parallel_tool_calls"]);
}

#[test]
fn every_tool_choice_has_its_mode() {
    let config = |choice| {
        let call = ChatCall {
            tools: vec![function("f"), function("g")],
            tool_choice: Some(choice),
            ..chat(vec![message(Role::User, "x")])
        };
        let body = encoded(&call);
        let offered = body["tools"][0]["functionDeclarations"].as_array().unwrap();
        (
            body["toolConfig"]["functionCallingConfig"].clone(),
            offered.len(),
        )
    };
    let allowed = |required| ToolChoice::Allowed {
        names: vec!["g".to_owned()],
        required,
    };
    assert_eq!(config(ToolChoice::Auto), (json!({"mode": "AUTO"}), 2));
    assert_eq!(config(ToolChoice::None), (json!({"mode": "NONE"}), 2));
    assert_eq!(config(ToolChoice::Required), (json!({"mode": "ANY"}), 2));
    let only_g = json!({"mode": "ANY", "allowedFunctionNames": ["g"]});
    assert_eq!(
        config(ToolChoice::Function("g".to_owned())),
        (only_g.clone(), 2)
    );
    assert_eq!(config(allowed(true)), (only_g, 2));
    assert_eq!(config(allowed(false)), (json!({"mode": "AUTO"}), 1));
}
