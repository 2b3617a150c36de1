//! Every conversation keeps its words and its order.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{chat, encoded, message, result, tool_call};
use crate::chat::{Message, Part, Role, ToolCall};

/// One message of a conversation in which every tool's result follows its call.
fn turns() -> impl Strategy<Value = Vec<Message>> {
    let text = "[a-z]{1,8}";
    let turn = prop_oneof![
        text.prop_map(|text| vec![message(Role::User, &text)]),
        text.prop_map(|text| vec![message(Role::System, &text)]),
        text.prop_map(|text| vec![message(Role::Developer, &text)]),
        text.prop_map(|text| vec![message(Role::Assistant, &text)]),
        (text, 1..4_usize).prop_map(|(text, count)| {
            let mut asked = message(Role::Assistant, &text);
            asked.content.clear();
            let ids: Vec<String> = (0..count).map(|n| format!("{text}{n}")).collect();
            asked.tool_calls = ids
                .iter()
                .map(|id| tool_call(id, &format!("fn_{id}"), &format!("{{\"v\":\"{id}\"}}")))
                .collect();
            let results = ids.iter().map(|id| result(id, &format!("out-{id}")));
            std::iter::once(asked).chain(results).collect()
        }),
    ];
    prop::collection::vec(turn, 0..8).prop_map(|turns| turns.concat())
}

proptest! {
    #[test]
    fn roles_alternate_from_the_user_on_and_nothing_is_lost(messages in turns()) {
        let body = encoded(&chat(messages.clone()));
        let contents = body["contents"].as_array().unwrap();
        for (turn, role) in contents.iter().zip(["user", "model"].iter().cycle()) {
            prop_assert_eq!(turn["role"].as_str(), Some(*role));
            prop_assert!(!turn["parts"].as_array().unwrap().is_empty());
        }
        let parts: Vec<&Value> = contents.iter().flat_map(|turn| turn["parts"].as_array().unwrap()).collect();
        let system: Vec<&Value> = body["systemInstruction"]["parts"].as_array().into_iter().flatten().collect();
        let texts = |parts: &[&Value]| -> Vec<String> {
            parts.iter().filter_map(|part| part["text"].as_str()).filter(|text| *text != " ").map(str::to_owned).collect()
        };
        let said = |is_meant: &dyn Fn(Role) -> bool| -> Vec<String> {
            messages.iter().filter(|message| is_meant(message.role)).flat_map(|message| &message.content).map(|part| match part {
                Part::Text { text, .. } => text.clone(),
                _ => unreachable!(),
            }).collect()
        };
        prop_assert_eq!(texts(&parts), said(&|role| matches!(role, Role::User | Role::Assistant)));
        prop_assert_eq!(texts(&system), said(&|role| matches!(role, Role::System | Role::Developer)));
        let calls: Vec<Value> = parts.iter().map(|part| part["functionCall"].clone()).filter(Value::is_object).collect();
        let results: Vec<Value> = parts.iter().map(|part| part["functionResponse"].clone()).filter(Value::is_object).collect();
        let asked: Vec<&ToolCall> = messages.iter().flat_map(|message| &message.tool_calls).collect();
        prop_assert_eq!(calls.len(), asked.len());
        prop_assert_eq!(results.len(), asked.len());
        for ((call, result), asked) in calls.iter().zip(&results).zip(asked) {
            let id = &asked.id;
            let expected = json!({"id": id, "name": asked.name, "args": {"v": id}});
            prop_assert_eq!(call, &expected);
            let expected = json!({"id": id, "name": asked.name, "response": {"result": format!("out-{id}")}});
            prop_assert_eq!(result, &expected);
        }
    }
}
