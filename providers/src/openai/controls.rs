//! What a caller's body asks of the gateway itself: LiteLLM's per-request members.
//!
//! They are cut out of the body and never reach a provider. Members that would redirect a call
//! or change its credential are for the operator's configuration only.

use std::time::Duration;

use domain::routing::{FallbackLists, FallbackTarget};
use serde_json::{Map, Number, Value};

use super::bad_body::BadBody;
use super::elements;

/// A caller's wish for retries counts up to here, so that no single request can press a provider
/// that is down.
pub const MAX_RETRIES: u32 = 10;

/// What the caller asks of the gateway for this request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GatewayControls {
    /// Retries after the first attempt; at most ten.
    pub num_retries: Option<u32>,
    /// Longest time for a whole answer.
    pub timeout_ms: Option<u64>,
    /// Longest time to a stream's first event.
    pub stream_timeout_ms: Option<u64>,
    /// Groups to go to when this one has failed.
    pub fallbacks: Option<CallerFallbacks>,
    /// Groups to go to when the prompt is too long.
    pub context_window_fallbacks: Option<CallerFallbacks>,
    /// Groups to go to when the provider refuses the content.
    pub content_policy_fallbacks: Option<CallerFallbacks>,
    /// No fallbacks at all.
    pub disable_fallbacks: bool,
    /// Leave out parameters that the provider does not have.
    pub drop_params: Option<bool>,
    /// Send these parameters as they are.
    pub allowed_openai_params: Vec<String>,
    /// Leave these parameters out.
    pub additional_drop_params: Vec<String>,
    /// Labels for routing and reports.
    pub tags: Vec<String>,
    /// Labels for reports.
    pub litellm_metadata: Option<Map<String, Value>>,
    /// Groups requests of one conversation.
    pub litellm_session_id: Option<String>,
    /// Groups requests of one trace.
    pub litellm_trace_id: Option<String>,
    /// `no-cache`, `ttl` … of the gateway's answer cache.
    pub cache: Option<Map<String, Value>>,
    /// Guardrails to run.
    pub guardrails: Option<Value>,
    /// Lower goes first where requests queue.
    pub priority: Option<Number>,
    /// Write no log entry of the content.
    pub no_log: bool,
}

/// Fallbacks as a caller names them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallerFallbacks {
    /// Groups to go to, whatever was asked for (`["a", {"model": "b", "messages": […]}]`).
    pub targets: Vec<FallbackTarget>,
    /// Groups to go to by the group asked for (`[{"a": ["b"]}]`).
    pub lists: FallbackLists,
}

impl GatewayControls {
    /// Takes a member if it is the gateway's; says whether it was.
    pub(super) fn take(&mut self, name: &str, json: &str) -> Result<bool, BadBody> {
        match name {
            "num_retries" => {
                let retries = elements::count(name, json)?;
                let bounded =
                    |count: u64| u32::try_from(count).unwrap_or(u32::MAX).min(MAX_RETRIES);
                self.num_retries = retries.map(bounded);
            }
            "timeout" => self.timeout_ms = seconds_as_ms(name, json)?,
            "stream_timeout" => self.stream_timeout_ms = seconds_as_ms(name, json)?,
            "fallbacks" => self.fallbacks = fallbacks(name, json)?,
            "context_window_fallbacks" => {
                self.context_window_fallbacks = fallbacks(name, json)?;
            }
            "content_policy_fallbacks" => {
                self.content_policy_fallbacks = fallbacks(name, json)?;
            }
            "disable_fallbacks" => {
                self.disable_fallbacks = elements::flag(name, json)?.unwrap_or(false);
            }
            "drop_params" => self.drop_params = elements::flag(name, json)?,
            "allowed_openai_params" => self.allowed_openai_params = elements::texts(name, json)?,
            "additional_drop_params" => self.additional_drop_params = elements::texts(name, json)?,
            _ => return self.take_label(name, json),
        }
        Ok(true)
    }

    fn take_label(&mut self, name: &str, json: &str) -> Result<bool, BadBody> {
        match name {
            "tags" => self.tags = elements::texts(name, json)?,
            "litellm_metadata" => self.litellm_metadata = elements::object(name, json)?,
            "litellm_session_id" => self.litellm_session_id = elements::text(name, json)?,
            "litellm_trace_id" => self.litellm_trace_id = elements::text(name, json)?,
            "cache" => self.cache = elements::object(name, json)?,
            "guardrails" => self.guardrails = serde_json::from_str(json).ok(),
            "priority" => self.priority = elements::number(name, json)?,
            "no-log" => self.no_log = elements::flag(name, json)?.unwrap_or(false),
            // LiteLLM drops a caller's `mock_response` in silence; the others have no meaning
            // here but are the gateway's all the same.
            "mock_response"
            | "guardrail_config"
            | "router_settings_override"
            | "caching"
            | "litellm_call_id"
            | "enable_prompt_caching"
            | "prompt_id"
            | "prompt_variables" => {}
            _ if name.starts_with("mock_testing_") => {
                let reason = "test switches are not for callers; leave it out";
                return Err(BadBody::invalid(name, reason));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Whether a member redirects a call or changes its credential.
pub(super) fn is_forbidden(name: &str) -> bool {
    matches!(
        name,
        "api_base"
            | "base_url"
            | "api_key"
            | "api_version"
            | "organization"
            | "custom_llm_provider"
            | "litellm_params"
            | "litellm_credential_name"
            | "user_config"
            | "model_list"
            | "extra_headers"
    ) || ["aws_", "vertex_", "azure_"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// Whether a member asks something of the gateway.
pub(super) fn is_control(name: &str) -> bool {
    GatewayControls::default().take(name, "null") != Ok(false)
}

/// Seconds, with a fraction perhaps, as whole milliseconds of at least 1.
fn seconds_as_ms(name: &str, json: &str) -> Result<Option<u64>, BadBody> {
    let Some(number) = elements::number(name, json)? else {
        return Ok(None);
    };
    let duration = number
        .as_f64()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| BadBody::invalid(name, "send seconds, more than 0"))?;
    let ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    Ok(Some(ms.max(1)))
}

fn fallbacks(name: &str, json: &str) -> Result<Option<CallerFallbacks>, BadBody> {
    if json == "null" {
        return Ok(None);
    }
    let mut found = CallerFallbacks::default();
    for (index, item) in elements::list(name, json)?.into_iter().enumerate() {
        let path = format!("{name}[{index}]");
        match item {
            Value::Object(map) if !map.contains_key("model") => {
                for (group, targets) in map {
                    let path = format!("{path}.{group}");
                    let targets = targets_of(&path, targets)?;
                    found.lists.entry(group).or_default().extend(targets);
                }
            }
            other => found.targets.push(target(&path, other)?),
        }
    }
    Ok(Some(found))
}

fn targets_of(path: &str, value: Value) -> Result<Vec<FallbackTarget>, BadBody> {
    let items = match value {
        Value::Array(items) => items,
        single => vec![single],
    };
    items.into_iter().map(|item| target(path, item)).collect()
}

fn target(path: &str, value: Value) -> Result<FallbackTarget, BadBody> {
    let wrong = || BadBody::invalid(path, "name a model, or an object with `model`");
    let mut overrides = match value {
        Value::String(group) => {
            return Ok(FallbackTarget {
                group,
                overrides: Map::new(),
            });
        }
        Value::Object(map) => map,
        _ => return Err(wrong()),
    };
    let Some(Value::String(group)) = overrides.shift_remove("model") else {
        return Err(wrong());
    };
    if let Some(name) = overrides.keys().find(|name| is_forbidden(name)) {
        return Err(BadBody::forbidden(name));
    }
    Ok(FallbackTarget { group, overrides })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(name: &str, json: &str) -> Result<GatewayControls, BadBody> {
        let mut controls = GatewayControls::default();
        controls.take(name, json).map(|taken| {
            assert!(taken);
            controls
        })
    }

    #[test]
    fn seconds_become_milliseconds() {
        let timeout = |json| take("timeout", json).map(|controls| controls.timeout_ms);
        assert_eq!(timeout("0.25").unwrap(), Some(250));
        assert_eq!(timeout("1e2").unwrap(), Some(100_000));
        assert_eq!(timeout("0.0001").unwrap(), Some(1));
        assert_eq!(timeout("null").unwrap(), None);
        for bad in ["0", "-1", "\"1\"", "1e400"] {
            assert!(timeout(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn one_request_cannot_ask_for_endless_retries() {
        let retries = |json| take("num_retries", json).unwrap().num_retries;
        assert_eq!(retries("0"), Some(0));
        assert_eq!(retries("3"), Some(3));
        assert_eq!(retries("4294967295"), Some(MAX_RETRIES));
        assert_eq!(retries("18446744073709551615"), Some(MAX_RETRIES));
        assert_eq!(retries("null"), None);
    }

    #[test]
    fn fallbacks_are_read_in_all_three_spellings() {
        let json = r#"["a", {"model": "b", "max_tokens": 5}, {"c": ["d", {"model": "e"}]}]"#;
        let found = take("fallbacks", json).unwrap().fallbacks.unwrap();
        let groups: Vec<_> = found.targets.iter().map(|target| &target.group).collect();
        assert_eq!(groups, ["a", "b"]);
        assert_eq!(found.targets[1].overrides["max_tokens"], 5);
        let listed: Vec<_> = found.lists["c"]
            .iter()
            .map(|target| &target.group)
            .collect();
        assert_eq!(listed, ["d", "e"]);
    }

    #[test]
    fn a_fallback_cannot_redirect_a_call() {
        let error = take("fallbacks", r#"[{"model": "b", "api_base": "http://x"}]"#).unwrap_err();
        assert_eq!(error.param.as_deref(), Some("api_base"));
    }

    #[test]
    fn test_switches_are_refused_and_mock_answers_ignored() {
        assert!(take("mock_testing_fallbacks", "true").is_err());
        assert_eq!(
            take("mock_response", "\"x\"").unwrap(),
            GatewayControls::default()
        );
    }
}
