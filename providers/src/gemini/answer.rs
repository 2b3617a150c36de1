//! Gemini's answers as they come, and what their parts mean.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::usage::UsageMetadata;
use crate::chat::FinishReason;

/// `GenerateContentResponse`: a whole answer, or one event of a stream.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Answer {
    pub(super) candidates: Option<Vec<Candidate>>,
    pub(super) prompt_feedback: Option<PromptFeedback>,
    pub(super) usage_metadata: Option<UsageMetadata>,
    pub(super) model_version: Option<String>,
    pub(super) response_id: Option<String>,
    pub(super) error: Option<Value>,
}

impl Answer {
    /// Whether Google refused the prompt, and so gave no candidate.
    pub(super) fn is_blocked(&self) -> bool {
        let feedback = self.prompt_feedback.as_ref();
        feedback.is_some_and(|feedback| feedback.block_reason.is_some())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PromptFeedback {
    block_reason: Option<String>,
}

/// One of several answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Candidate {
    pub(super) index: Option<u32>,
    content: Option<Content>,
    pub(super) finish_reason: Option<String>,
    pub(super) logprobs_result: Option<LogprobsResult>,
}

impl Candidate {
    /// What the candidate says, in order.
    pub(super) fn pieces(&mut self) -> Vec<Piece> {
        let content = self.content.take().unwrap_or_default();
        let parts = content.parts.unwrap_or_default();
        parts.into_iter().filter_map(Piece::of).collect()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Content {
    parts: Option<Vec<Part>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Part {
    text: Option<String>,
    thought: Option<bool>,
    thought_signature: Option<String>,
    function_call: Option<FunctionCall>,
    inline_data: Option<Blob>,
    file_data: Option<FileData>,
    executable_code: Option<Code>,
    code_execution_result: Option<CodeResult>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FunctionCall {
    id: Option<String>,
    name: String,
    args: Option<Map<String, Value>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Blob {
    mime_type: String,
    data: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct FileData {
    file_uri: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Code {
    language: String,
    code: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CodeResult {
    output: Option<String>,
}

/// What a part means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    /// Text that the caller sees. Images and files that the model made stand in it as Markdown
    /// (`![image/png](data:…)`), and so do code that Google ran and its output.
    Text(String),
    /// Thinking that may be shown.
    Thought(String),
    /// A call of a function.
    Call {
        /// Google's id, when it gave one.
        id: Option<String>,
        /// The function.
        name: String,
        /// JSON text.
        arguments: String,
        /// To be sent back with the call.
        signature: Option<String>,
    },
}

impl Piece {
    fn of(part: Part) -> Option<Self> {
        if let Some(FunctionCall { id, name, args }) = part.function_call {
            return Some(Self::Call {
                id,
                name,
                arguments: Value::Object(args.unwrap_or_default()).to_string(),
                signature: part.thought_signature,
            });
        }
        if part.thought == Some(true) {
            return part.text.filter(|text| !text.is_empty()).map(Self::Thought);
        }
        let text = if let Some(Blob { mime_type, data }) = part.inline_data {
            let mark = if mime_type.starts_with("image/") {
                "!"
            } else {
                ""
            };
            format!("{mark}[{mime_type}](data:{mime_type};base64,{data})")
        } else if let Some(FileData { file_uri }) = part.file_data {
            format!("[file]({file_uri})")
        } else if let Some(Code { language, code }) = part.executable_code {
            let language = language.to_ascii_lowercase();
            format!("\n```{language}\n{code}\n```\n")
        } else if let Some(CodeResult { output }) = part.code_execution_result {
            format!("\n```\n{}\n```\n", output.unwrap_or_default())
        } else {
            part.text.unwrap_or_default()
        };
        (!text.is_empty()).then_some(Self::Text(text))
    }
}

/// Google's reason in our words. Reasons that OpenAI has no word for (`OTHER`, and answers that
/// the model spoilt, such as `MALFORMED_FUNCTION_CALL`) are an end like any other.
pub(super) fn finish_reason(word: &str, has_calls: bool) -> FinishReason {
    match word {
        "MAX_TOKENS" => FinishReason::Length,
        "SAFETY"
        | "RECITATION"
        | "LANGUAGE"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "ESCALATION"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION" => FinishReason::ContentFilter,
        _ if has_calls => FinishReason::ToolCalls,
        _ => FinishReason::Stop,
    }
}

/// Log probabilities as Google gives them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct LogprobsResult {
    top_candidates: Vec<TopCandidates>,
    chosen_candidates: Vec<Token>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TopCandidates {
    candidates: Vec<Token>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Token {
    token: String,
    log_probability: Value,
}

impl Token {
    fn into_openai(self) -> Map<String, Value> {
        let Self {
            token,
            log_probability,
        } = self;
        Map::from_iter([
            ("bytes".to_owned(), json!(token.as_bytes())),
            ("token".to_owned(), token.into()),
            ("logprob".to_owned(), log_probability),
        ])
    }
}

impl LogprobsResult {
    /// OpenAI's `logprobs`.
    pub(super) fn into_openai(self) -> Value {
        let Self {
            top_candidates,
            chosen_candidates,
        } = self;
        let mut tops = top_candidates.into_iter();
        let content: Vec<Value> = chosen_candidates
            .into_iter()
            .map(|chosen| {
                let top = tops.next().unwrap_or_default().candidates;
                let top: Vec<Value> = top
                    .into_iter()
                    .map(|token| Value::Object(token.into_openai()))
                    .collect();
                let mut token = chosen.into_openai();
                token.insert("top_logprobs".to_owned(), top.into());
                Value::Object(token)
            })
            .collect();
        json!({"content": content, "refusal": null})
    }
}
