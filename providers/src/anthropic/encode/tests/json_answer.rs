//! Answers in JSON.

use super::*;

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
