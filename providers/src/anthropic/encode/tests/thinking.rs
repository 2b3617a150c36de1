//! Efforts, budgets, and what they cannot stand beside.

use super::*;

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
}

#[test]
fn calls_made_without_thinking_go_on_without_it() {
    let effort = Some("low".to_owned());
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
    let mut answered = step(vec![]);
    answered.messages.push(message(Role::User, "Hurry."));
    assert_eq!(on(BUDGET).dropped(&answered), ["reasoning_effort"]);
    answered.messages.push(message(Role::Assistant, "Done."));
    answered.messages.push(message(Role::User, "Next?"));
    assert_eq!(on(BUDGET).body(&answered)["thinking"]["type"], "enabled");
}

#[test]
fn thinking_stands_beside_no_temperature() {
    let hot = ChatCall {
        reasoning_effort: Some("low".to_owned()),
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
