//! Anthropic: the Messages API.
//!
//! | module | purpose |
//! |---|---|
//! | `abilities` | what a model of a given name takes |
//! | `encode` | a call into a request |
//! | `decode` | an answer into our words |
//! | `stream` | the same, event by event |
//! | `usage` | counted tokens |
//! | `wire` | the shapes of requests |
//!
//! What has no place over there and is left out without a word, because it changes no answer: the
//! caller's own labels (`metadata` but for its `user_id`), hints to OpenAI's cache
//! (`prompt_cache_key`, `prompt_cache_retention`), unknown members of a message (clients send
//! back what they got: `annotations`, `audio: null` …), thinking without a signature (another
//! vendor's). Everything else that is left out is refused, or listed in
//! [`WireBody::dropped`](crate::wire::WireBody::dropped).

mod abilities;
mod decode;
mod encode;
mod stream;
mod usage;
mod wire;

use crate::Provider;
use crate::chat::{ChatAnswer, ChatApi, ChatCall, EventReader};
use crate::dialect::Dialect;
use crate::failure::{Failure, FailureKind};
use crate::wire::{Address, Malformed, Operation, Stamp, Target, Untranslatable, WireBody};

/// The version of the API that the translators are written for.
const API_VERSION: &str = "2023-06-01";

/// Tokens of a subscription begin so; they go as `Authorization: Bearer`, with a beta's name.
const SUBSCRIPTION_TOKEN: &str = "sk-ant-oat";
const SUBSCRIPTION_BETA: &str = "oauth-2025-04-20";

/// The tool that stands for "answer in JSON" where the API has no better way; its input is shown
/// as the answer's text. Callers' tools never have this name.
const JSON_ANSWER_TOOL: &str = "headgate_json_answer";

/// The vendor.
pub struct Anthropic;

impl Provider for Anthropic {
    fn name(&self) -> &'static str {
        "anthropic"
    }

    fn dialect(&self) -> Dialect {
        Dialect::Anthropic
    }

    fn default_base_url(&self) -> Option<&'static str> {
        Some("https://api.anthropic.com")
    }

    fn key_variables(&self) -> &'static [&'static str] {
        &["ANTHROPIC_API_KEY"]
    }

    fn base_url_variables(&self) -> &'static [&'static str] {
        &["ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"]
    }

    fn address(&self, operation: Operation, target: &Target<'_>) -> Address {
        let accept = match operation {
            Operation::ChatStream | Operation::CompletionStream => "text/event-stream",
            Operation::Chat | Operation::Completion | Operation::Embeddings => "application/json",
        };
        let version = target.api_version.unwrap_or(API_VERSION);
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            ("accept", accept.to_owned()),
            ("anthropic-version", version.to_owned()),
        ];
        if let Some(key) = target.api_key {
            let key = key.expose();
            if is_subscription(key) {
                headers.push(("authorization", format!("Bearer {key}")));
                headers.push(("anthropic-beta", SUBSCRIPTION_BETA.to_owned()));
            } else {
                headers.push(("x-api-key", key.to_owned()));
            }
        }
        Address {
            url: messages_url(target.base_url),
            headers,
        }
    }

    fn chat(&self) -> Option<&dyn ChatApi> {
        Some(self)
    }

    fn failure(&self, status: u16, body: &[u8]) -> Failure {
        let mut failure = Failure::from_json(status, body);
        let message = failure.message.to_ascii_lowercase();
        if failure.kind == FailureKind::BadRequest {
            if message.contains("exceed context limit") {
                failure.kind = FailureKind::ContextWindow;
            } else if message.contains("credit balance is too low") {
                // An empty account is a 400 over there; another credential may still answer.
                failure.kind = FailureKind::Credential;
            }
        }
        failure
    }
}

impl ChatApi for Anthropic {
    fn encode(&self, call: &ChatCall, target: &Target<'_>) -> Result<WireBody, Untranslatable> {
        encode::encode(call, target)
    }

    fn decode(&self, body: &[u8], stamp: &Stamp) -> Result<ChatAnswer, Malformed> {
        decode::decode(body, stamp)
    }

    fn events(&self, stamp: &Stamp) -> Box<dyn EventReader> {
        Box::new(stream::Reader::new(stamp))
    }
}

fn is_subscription(key: &str) -> bool {
    key.starts_with(SUBSCRIPTION_TOKEN)
}

/// Operators write the address with and without its path.
fn messages_url(base_url: &str) -> String {
    let base_url = base_url.trim_end_matches('/');
    if base_url.ends_with("/v1/messages") {
        base_url.to_owned()
    } else if base_url.ends_with("/v1") {
        format!("{base_url}/messages")
    } else {
        format!("{base_url}/v1/messages")
    }
}

#[cfg(test)]
mod tests {
    use domain::keys::Secret;
    use domain::routing::ParameterPolicy;
    use serde_json::Map;

    use super::*;

    fn address(base_url: &str, key: Option<&str>, version: Option<&str>) -> Address {
        let key = key.map(Secret::new);
        let target = Target {
            model: "claude-sonnet-4-5",
            base_url,
            api_key: key.as_ref(),
            api_version: version,
            organization: None,
            max_output_tokens: None,
            reasons: false,
            parameters: &ParameterPolicy::default(),
            extra_body: &Map::new(),
        };
        Anthropic.address(Operation::Chat, &target)
    }

    #[test]
    fn the_path_is_added_once_however_the_operator_writes_the_address() {
        for base_url in [
            "http://h",
            "http://h/",
            "http://h/v1",
            "http://h/v1/messages",
        ] {
            assert_eq!(
                address(base_url, None, None).url,
                "http://h/v1/messages",
                "{base_url}"
            );
        }
        assert_eq!(
            address("http://h/an", None, None).url,
            "http://h/an/v1/messages"
        );
    }

    #[test]
    fn keys_go_as_x_api_key_and_tokens_of_a_subscription_as_bearer() {
        let header = |address: &Address, name: &str| {
            address
                .headers
                .iter()
                .find(|(header, _)| *header == name)
                .map(|(_, value)| value.clone())
        };
        let key = address("http://h", Some("sk-ant-api03-x"), Some("2099-01-01"));
        assert_eq!(header(&key, "x-api-key").unwrap(), "sk-ant-api03-x");
        assert_eq!(header(&key, "authorization"), None);
        assert_eq!(header(&key, "anthropic-version").unwrap(), "2099-01-01");
        let token = address("http://h", Some("sk-ant-oat01-x"), None);
        assert_eq!(header(&token, "x-api-key"), None);
        assert_eq!(
            header(&token, "authorization").unwrap(),
            "Bearer sk-ant-oat01-x"
        );
        assert_eq!(header(&token, "anthropic-version").unwrap(), "2023-06-01");
        assert_eq!(
            header(&token, "anthropic-beta").unwrap(),
            "oauth-2025-04-20"
        );
    }

    #[test]
    fn failures_say_what_may_be_done_about_them() {
        let kind = |status: u16, kind: &str, message: &str| {
            let body = serde_json::json!({
                "type": "error",
                "error": {"type": kind, "message": message},
                "request_id": "req_1"
            });
            let failure = Anthropic.failure(status, body.to_string().as_bytes());
            assert_eq!(failure.message, message);
            assert_eq!(failure.error_type.as_deref(), Some(kind));
            failure.kind
        };
        let bad = "invalid_request_error";
        assert_eq!(
            kind(529, "overloaded_error", "Overloaded"),
            FailureKind::Server
        );
        assert_eq!(
            kind(429, "rate_limit_error", "Slow down"),
            FailureKind::RateLimited
        );
        assert_eq!(
            kind(404, "not_found_error", "model: x"),
            FailureKind::NotFound
        );
        assert_eq!(
            kind(401, "authentication_error", "invalid x-api-key"),
            FailureKind::Credential
        );
        assert_eq!(
            kind(
                400,
                bad,
                "prompt is too long: 210000 tokens > 200000 maximum"
            ),
            FailureKind::ContextWindow
        );
        assert_eq!(
            kind(
                400,
                bad,
                "input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000"
            ),
            FailureKind::ContextWindow
        );
        assert_eq!(
            kind(
                400,
                bad,
                "Your credit balance is too low to access the Anthropic API."
            ),
            FailureKind::Credential
        );
        assert_eq!(
            kind(400, bad, "Output blocked by content filtering policy"),
            FailureKind::ContentPolicy
        );
    }
}
