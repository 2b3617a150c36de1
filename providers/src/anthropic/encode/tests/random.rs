//! Any conversation that OpenAI takes becomes one that Anthropic takes.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// One step of a conversation.
#[derive(Clone, Debug)]
enum Step {
    Says(Role, String),
    /// An assistant's calls, each with its result, and words of the user among the results.
    Calls {
        text: String,
        ids: Vec<String>,
        reversed: bool,
        between: String,
    },
}

fn words() -> impl Strategy<Value = String> {
    "[ \n]?[a-z]{0,5}[ \n]?"
}

fn step() -> impl Strategy<Value = Step> {
    let role = prop::sample::select(vec![
        Role::System,
        Role::Developer,
        Role::User,
        Role::Assistant,
    ]);
    let ids = prop::collection::btree_set("[a-z.:/é_-]{1,6}", 1..4);
    prop_oneof![
        (role, words()).prop_map(|(role, text)| Step::Says(role, text)),
        (words(), ids, any::<bool>(), words()).prop_map(|(text, ids, reversed, between)| {
            Step::Calls {
                text,
                ids: ids.into_iter().collect(),
                reversed,
                between,
            }
        }),
    ]
}

fn messages(steps: &[Step]) -> Vec<Message> {
    let mut messages = Vec::new();
    for step in steps {
        match step {
            Step::Says(role, text) => messages.push(message(*role, text)),
            Step::Calls {
                text,
                ids,
                reversed,
                between,
            } => {
                messages.push(Message {
                    tool_calls: ids.iter().map(|id| tool_call(id, "f", "{}")).collect(),
                    ..message(Role::Assistant, text)
                });
                let mut results: Vec<Message> = ids
                    .iter()
                    .map(|id| result(id, &format!("result of {id}")))
                    .collect();
                if *reversed {
                    results.reverse();
                }
                results.insert(1, message(Role::User, between));
                messages.extend(results);
            }
        }
    }
    messages
}

fn blocks_of<'a>(turn: &'a Value, kind: &str) -> Vec<&'a Value> {
    let blocks = turn["content"].as_array().unwrap().iter();
    blocks.filter(|block| block["type"] == kind).collect()
}

fn ids<'a>(turn: &'a Value, kind: &str, member: &str) -> BTreeSet<&'a str> {
    let blocks = blocks_of(turn, kind).into_iter();
    blocks
        .map(|block| block[member].as_str().unwrap())
        .collect()
}

proptest! {
    #[test]
    fn roles_alternate_results_follow_calls_and_no_text_is_lost(
        steps in prop::collection::vec(step(), 0..8),
        model in prop::sample::select(vec![OLD, BUDGET, ADAPTIVE, NEWEST]),
    ) {
        let said = messages(&steps);
        let body = on(model).body(&call(said.clone()));
        let turns = body["messages"].as_array().unwrap();
        prop_assert!(!turns.is_empty());
        for (place, turn) in turns.iter().enumerate() {
            let role = if place % 2 == 0 { "user" } else { "assistant" };
            prop_assert_eq!(&turn["role"], role);
            prop_assert!(!turn["content"].as_array().unwrap().is_empty());
            for block in blocks_of(turn, "text") {
                prop_assert!(!block["text"].as_str().unwrap().trim().is_empty());
            }
            let results = ids(turn, "tool_result", "tool_use_id");
            let used = place.checked_sub(1).map(|before| ids(&turns[before], "tool_use", "id"));
            prop_assert_eq!(&results, &used.unwrap_or_default());
            let letter = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
            prop_assert!(results.iter().all(|id| id.chars().all(letter)));
            let count = results.len();
            let head = turn["content"].as_array().unwrap().iter().take(count);
            prop_assert_eq!(head.filter(|block| block["type"] == "tool_result").count(), count);
        }
        let sent = body.to_string();
        for message in &said {
            for part in &message.content {
                let Part::Text { text, .. } = part else { continue };
                let text = text.trim();
                prop_assert!(sent.contains(&Value::from(text).to_string().trim_matches('"').to_owned()));
            }
        }
    }
}
