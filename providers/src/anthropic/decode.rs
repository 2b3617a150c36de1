//! A whole answer of the Messages API into our words.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::JSON_ANSWER_TOOL;
use super::usage::Counted;
use crate::chat::{ChatAnswer, Choice, FinishReason, Thinking, ToolCall};
use crate::wire::{Malformed, Stamp};

#[derive(Deserialize)]
struct Answer<'a> {
    id: Option<String>,
    model: Option<String>,
    #[serde(borrow)]
    content: Option<Vec<&'a RawValue>>,
    stop_reason: Option<String>,
    stop_details: Option<StopDetails>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    error: Option<ErrorWords>,
}

/// Why an answer was refused.
#[derive(Deserialize)]
pub(super) struct StopDetails {
    explanation: Option<String>,
}

impl StopDetails {
    /// The explanation, if the answer was refused and one was given.
    pub(super) fn refusal(self, stop_reason: Option<&str>) -> Option<String> {
        self.explanation
            .filter(|text| stop_reason == Some("refusal") && !text.is_empty())
    }
}

#[derive(Deserialize)]
struct ErrorWords {
    message: Option<String>,
}

/// The type of a block, a delta or an event.
#[derive(Deserialize)]
pub(super) struct Kind {
    #[serde(rename = "type", default)]
    pub name: String,
}

#[derive(Deserialize)]
pub(super) struct TextBlock {
    #[serde(default)]
    pub text: String,
}

#[derive(Deserialize)]
pub(super) struct ThinkingBlock {
    #[serde(default)]
    pub thinking: String,
    #[serde(default)]
    pub signature: String,
}

#[derive(Deserialize)]
pub(super) struct RedactedBlock {
    #[serde(default)]
    pub data: String,
}

#[derive(Deserialize)]
pub(super) struct ToolUseBlock {
    #[serde(default)]
    pub id: String,
    pub name: String,
    pub input: Option<Box<RawValue>>,
}

impl ToolUseBlock {
    /// The input as the model wrote it; none when there is none or it is empty.
    pub(super) fn input_text(&self) -> Option<&str> {
        let text = self.input.as_deref()?.get();
        let empty = text == "null" || text.bytes().all(|byte| b"{} \t\r\n".contains(&byte));
        (!empty).then_some(text)
    }
}

/// Reads one piece of JSON of a known shape.
pub(super) fn shape<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, Malformed> {
    serde_json::from_str(json).map_err(|error| Malformed::Answer(error.to_string()))
}

/// An id for a call that has none.
pub(super) fn call_id(id: String, stamp: &Stamp, index: usize) -> String {
    if id.is_empty() {
        format!("call_{}_{index}", stamp.request_id)
    } else {
        id
    }
}

/// OpenAI's reason. `calls` says whether the caller's own tools were called: the tool that
/// stands for a JSON answer does not count.
pub(super) fn finish_reason(stop_reason: Option<&str>, calls: bool) -> FinishReason {
    match stop_reason {
        Some("max_tokens" | "model_context_window_exceeded") => FinishReason::Length,
        Some("refusal") => FinishReason::ContentFilter,
        Some("stop_sequence" | "pause_turn") => FinishReason::Stop,
        // Servers that imitate the API end a turn of calls with `end_turn`.
        _ if calls => FinishReason::ToolCalls,
        _ => FinishReason::Stop,
    }
}

/// Reads a whole answer.
///
/// # Errors
/// When it has no `content`, or a block of a known type is not of its shape.
pub(super) fn decode(body: &[u8], stamp: &Stamp) -> Result<ChatAnswer, Malformed> {
    let answer: Answer<'_> =
        serde_json::from_slice(body).map_err(|error| Malformed::Answer(error.to_string()))?;
    let Some(content) = answer.content else {
        let words = answer.error.and_then(|error| error.message);
        return Err(Malformed::Answer(
            words.unwrap_or_else(|| "there is no `content`".to_owned()),
        ));
    };
    let mut read = Blocks::default();
    for block in content {
        read.take(block.get(), stamp)?;
    }
    let stop_reason = answer.stop_reason.as_deref();
    let finish = finish_reason(stop_reason, !read.tool_calls.is_empty());
    let refusal = answer
        .stop_details
        .and_then(|details| details.refusal(stop_reason));
    let counted = answer.usage.and_then(Counted::read);
    Ok(ChatAnswer {
        id: answer.id.unwrap_or_else(|| stamp.request_id.clone()),
        model: answer.model.unwrap_or_else(|| stamp.model.clone()),
        created_s: stamp.created_s,
        choices: vec![read.choice(finish, refusal)],
        usage: counted.as_ref().and_then(Counted::usage),
        service_tier: counted.as_ref().and_then(Counted::service_tier),
        system_fingerprint: None,
    })
}

#[derive(Default)]
struct Blocks {
    text: String,
    json: Option<String>,
    reasoning: String,
    thinking: Vec<Thinking>,
    tool_calls: Vec<ToolCall>,
}

impl Blocks {
    /// Takes one block. Those of the provider's own tools, and of types that we do not know, are
    /// no part of the answer's text.
    fn take(&mut self, json: &str, stamp: &Stamp) -> Result<(), Malformed> {
        match shape::<Kind>(json)?.name.as_str() {
            "text" => self.text.push_str(&shape::<TextBlock>(json)?.text),
            "thinking" => {
                let ThinkingBlock {
                    thinking,
                    signature,
                } = shape(json)?;
                self.reasoning.push_str(&thinking);
                self.thinking.push(Thinking::Signed {
                    text: thinking,
                    signature,
                });
            }
            "redacted_thinking" => {
                let RedactedBlock { data } = shape(json)?;
                self.thinking.push(Thinking::Redacted { data });
            }
            "tool_use" => self.tool_use(shape(json)?, stamp),
            _ => {}
        }
        Ok(())
    }

    fn tool_use(&mut self, block: ToolUseBlock, stamp: &Stamp) {
        let arguments = block.input_text().unwrap_or("{}").to_owned();
        let ToolUseBlock { id, name, input: _ } = block;
        if name == JSON_ANSWER_TOOL {
            self.json = Some(arguments);
            return;
        }
        self.tool_calls.push(ToolCall {
            id: call_id(id, stamp, self.tool_calls.len()),
            name,
            arguments,
            signature: None,
        });
    }

    fn choice(self, finish: FinishReason, refusal: Option<String>) -> Choice {
        let filled = |text: String| (!text.is_empty()).then_some(text);
        Choice {
            // Words before the JSON would make it unreadable.
            text: self.json.or_else(|| filled(self.text)),
            reasoning: filled(self.reasoning),
            thinking: self.thinking,
            tool_calls: self.tool_calls,
            refusal,
            finish,
            logprobs: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stamp() -> Stamp {
        Stamp {
            request_id: "req-1".to_owned(),
            created_s: 7,
            model: "asked".to_owned(),
        }
    }

    fn read(answer: &serde_json::Value) -> ChatAnswer {
        decode(answer.to_string().as_bytes(), &stamp()).unwrap()
    }

    #[test]
    fn blocks_of_unknown_types_never_fail_an_answer() {
        let answer = read(
            &json!({"id": "msg_1", "model": "m", "stop_reason": "end_turn", "content": [
                {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}},
                {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [{"type": "web_search_result", "text": {}}]},
                {"type": "text", "text": "It is ", "citations": null},
                {"type": "text", "text": "blue.", "citations": [{"type": "char_location", "cited_text": "blue"}]},
                {"type": "from_the_future", "text": {"a": 1}},
                {"no type": true}
            ]}),
        );
        assert_eq!(answer.choices[0].text.as_deref(), Some("It is blue."));
        assert_eq!(answer.choices[0].finish, FinishReason::Stop);
        assert_eq!((answer.created_s, answer.usage), (7, None));
    }

    #[test]
    fn arguments_keep_the_models_spelling() {
        let body = br#"{"content":[{"type":"tool_use","id":"t","name":"f","input":{"n": 1.10, "big":12345678901234567890123}}],"stop_reason":"tool_use"}"#;
        let answer = decode(body, &stamp()).unwrap();
        assert_eq!(
            answer.choices[0].tool_calls[0].arguments,
            r#"{"n": 1.10, "big":12345678901234567890123}"#
        );
        assert_eq!(
            (answer.id.as_str(), answer.model.as_str()),
            ("req-1", "asked")
        );
    }

    #[test]
    fn calls_without_input_or_id_are_whole_calls() {
        let answer = read(&json!({"content": [
            {"type": "tool_use", "name": "a", "input": {}},
            {"type": "tool_use", "name": "b"}
        ], "stop_reason": "tool_use"}));
        let calls = &answer.choices[0].tool_calls;
        assert_eq!(calls[0].arguments, "{}");
        assert_eq!(calls[1].arguments, "{}");
        assert_ne!(calls[0].id, calls[1].id);
        assert_eq!(answer.choices[0].finish, FinishReason::ToolCalls);
    }

    #[test]
    fn the_tool_of_a_json_answer_is_its_text() {
        let answer = read(&json!({"content": [
            {"type": "text", "text": "Here you are:"},
            {"type": "tool_use", "id": "t", "name": "headgate_json_answer", "input": {"a": 1}}
        ], "stop_reason": "tool_use"}));
        let choice = &answer.choices[0];
        assert_eq!(choice.text.as_deref(), Some(r#"{"a":1}"#));
        assert_eq!(choice.finish, FinishReason::Stop);
        assert!(choice.tool_calls.is_empty());
    }

    #[test]
    fn a_refusal_says_why() {
        let answer = read(&json!({"content": [], "stop_reason": "refusal",
            "stop_details": {"type": "refusal", "category": "bio", "explanation": "Not this."}}));
        let choice = &answer.choices[0];
        assert_eq!(choice.finish, FinishReason::ContentFilter);
        assert_eq!(
            (choice.refusal.as_deref(), choice.text.as_deref()),
            (Some("Not this."), None)
        );
    }

    #[test]
    fn what_is_no_message_is_malformed() {
        for body in [
            "<html>",
            "[]",
            "{}",
            r#"{"type":"error","error":{"type":"x","message":"zork"}}"#,
            r#"{"content":[{"type":"text","text":7}]}"#,
            r#"{"content":[{"type":"tool_use"}]}"#,
        ] {
            let read = decode(body.as_bytes(), &stamp());
            assert!(matches!(read, Err(Malformed::Answer(_))), "{body}");
        }
    }
}
