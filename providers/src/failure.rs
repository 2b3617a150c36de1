//! What went wrong at a provider, and what may be done about it.

use serde_json::Value;

/// The kind of a failure decides retries and fallbacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The request is wrong for this provider (400, 413, 422 and other 4xx).
    BadRequest,
    /// The prompt is longer than the model reads.
    ContextWindow,
    /// The provider refuses the content.
    ContentPolicy,
    /// The provider refuses our credential (401, 402, 403, 407).
    Credential,
    /// The provider does not know the model (404).
    NotFound,
    /// The provider is asked too often (429).
    RateLimited,
    /// The provider is broken or overloaded (408, 409, 5xx, 529).
    Server,
}

/// An error answer in our own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What may be done about it.
    pub kind: FailureKind,
    /// The provider's status.
    pub status: u16,
    /// The provider's message; empty when it gave none.
    pub message: String,
    /// The provider's type (`invalid_request_error`, `overloaded_error`, `INVALID_ARGUMENT` …).
    pub error_type: Option<String>,
    /// The provider's code.
    pub code: Option<String>,
    /// The parameter that the provider names.
    pub param: Option<String>,
}

impl Failure {
    /// Classifies by status, then by the words that providers use for long prompts and refused
    /// content.
    #[must_use]
    pub fn classify(
        status: u16,
        message: String,
        error_type: Option<String>,
        code: Option<String>,
    ) -> Self {
        let kind = match status {
            401..=403 | 407 => FailureKind::Credential,
            404 => FailureKind::NotFound,
            408 | 409 | 500.. => FailureKind::Server,
            429 => FailureKind::RateLimited,
            _ if is_context_window(&message, code.as_deref()) => FailureKind::ContextWindow,
            _ if is_content_policy(&message, code.as_deref()) => FailureKind::ContentPolicy,
            _ => FailureKind::BadRequest,
        };
        Self {
            kind,
            status,
            message,
            error_type,
            code,
            param: None,
        }
    }

    /// Reads `{"error": {"message", "type", "code", "param"}}`, `{"error": "…"}`,
    /// `{"message": "…"}` and `{"detail": …}`; anything else has no message.
    #[must_use]
    pub fn from_json(status: u16, body: &[u8]) -> Self {
        let json: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        // Gemini wraps the error of a streamed call in an array.
        let json = json.get(0).cloned().unwrap_or(json);
        let error = json.get("error").unwrap_or(&json);
        let text = |name: &str| match error.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let message = error
            .as_str()
            .map(str::to_owned)
            .or_else(|| text("message"))
            .or_else(|| text("detail"))
            .unwrap_or_default();
        let error_type = text("type").or_else(|| text("status"));
        let mut failure = Self::classify(status, message, error_type, text("code"));
        failure.param = text("param");
        failure
    }
}

fn is_context_window(message: &str, code: Option<&str>) -> bool {
    if code == Some("context_length_exceeded") {
        return true;
    }
    let message = message.to_ascii_lowercase();
    [
        "maximum context length",
        "context length exceeded",
        "context_length_exceeded",
        "context window",
        "prompt is too long",
        "input is too long",
        "exceeds the maximum number of tokens",
        "input token count",
    ]
    .iter()
    .any(|words| message.contains(words))
}

fn is_content_policy(message: &str, code: Option<&str>) -> bool {
    if matches!(code, Some("content_policy_violation" | "content_filter")) {
        return true;
    }
    let message = message.to_ascii_lowercase();
    [
        "content_policy_violation",
        "content management policy",
        "content filtering policy",
        "safety system",
    ]
    .iter()
    .any(|words| message.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_every_vendor_are_found() {
        let openai = Failure::from_json(
            400,
            br#"{"error":{"message":"m","type":"t","param":"p","code":"c"}}"#,
        );
        assert_eq!(
            (
                openai.message.as_str(),
                openai.error_type.as_deref(),
                openai.code.as_deref(),
                openai.param.as_deref()
            ),
            ("m", Some("t"), Some("c"), Some("p"))
        );
        let ollama = Failure::from_json(404, br#"{"error":"model 'x' not found"}"#);
        assert_eq!(
            (ollama.kind, ollama.message.as_str()),
            (FailureKind::NotFound, "model 'x' not found")
        );
        let gemini = Failure::from_json(
            400,
            br#"[{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}]"#,
        );
        assert_eq!(
            (gemini.code.as_deref(), gemini.error_type.as_deref()),
            (Some("400"), Some("INVALID_ARGUMENT"))
        );
        assert_eq!(Failure::from_json(503, b"<html>").message, "");
    }

    #[test]
    fn long_prompts_and_refused_content_are_told_from_other_bad_requests() {
        let kind = |body: &str| Failure::from_json(400, body.as_bytes()).kind;
        assert_eq!(
            kind(r#"{"error":{"message":"x","code":"context_length_exceeded"}}"#),
            FailureKind::ContextWindow
        );
        assert_eq!(
            kind(r#"{"error":{"message":"prompt is too long: 9 tokens > 8 maximum"}}"#),
            FailureKind::ContextWindow
        );
        assert_eq!(
            kind(r#"{"error":{"message":"x","code":"content_policy_violation"}}"#),
            FailureKind::ContentPolicy
        );
        assert_eq!(
            kind(r#"{"error":{"message":"zork"}}"#),
            FailureKind::BadRequest
        );
    }
}
