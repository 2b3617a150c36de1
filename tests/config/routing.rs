//! `router_settings`, and `litellm_settings` in its place.

use domain::routing::{RetryPolicy, Strategy};
use serde_json::json;

use crate::trying::{config, loaded, only};

const MODELS: &str = "model_list:
- {model_name: a, litellm_params: {model: openai/x}}
- {model_name: b, litellm_params: {model: openai/y}}
- {model_name: c, litellm_params: {model: openai/z}}
";

#[test]
fn the_router_takes_everything_that_its_section_says() {
    let config = config(&format!(
        "{MODELS}
router_settings:
  routing_strategy: latency-based-routing
  num_retries: 5
  retry_after: 0.5
  timeout: 30
  stream_timeout: 2.5
  max_fallbacks: 1
  retry_policy: {{RateLimitErrorRetries: 4, InternalServerErrorRetries: 1, ServiceUnavailableErrorRetries: 3}}
  model_group_retry_policy: {{a: {{TimeoutErrorRetries: 0}}}}
  model_group_alias: {{gpt-4: a, hidden: {{model: b, hidden: true}}}}
  fallbacks: [{{a: [b, {{model: c, temperature: 0}}]}}, {{'*': [c]}}]
  context_window_fallbacks: [{{'*': [c]}}]
  content_policy_fallbacks: {{a: b}}
  default_fallbacks: [c]
"
    ));
    let router = &config.table.router;
    assert_eq!(router.strategy, Strategy::Latency);
    assert_eq!((router.num_retries, router.max_fallbacks), (5, 1));
    assert_eq!(router.retry_after_ms, 500);
    assert_eq!(
        (router.timeout_ms, router.stream_timeout_ms),
        (30_000, Some(2_500))
    );
    let policy = RetryPolicy {
        rate_limit: Some(4),
        server: Some(3),
        ..RetryPolicy::default()
    };
    assert_eq!(router.retry_policy, policy);
    assert_eq!(router.group_retry_policies["a"].timeout, Some(0));
    assert_eq!(router.fallbacks["a"][0].group, "b");
    assert_eq!(router.fallbacks["a"][1].group, "c");
    assert_eq!(
        router.fallbacks["a"][1].overrides.get("temperature"),
        Some(&json!(0))
    );
    assert_eq!(router.fallbacks["*"][0].group, "c");
    assert_eq!(
        router.context_window_fallbacks.as_ref().unwrap()["*"][0].group,
        "c"
    );
    assert_eq!(
        router.content_policy_fallbacks.as_ref().unwrap()["a"][0].group,
        "b"
    );
    assert_eq!(router.default_fallbacks[0].group, "c");
    let aliases = &config.table.aliases;
    assert_eq!(
        (aliases["gpt-4"].group.as_str(), aliases["gpt-4"].hidden),
        ("a", false)
    );
    assert_eq!(
        (aliases["hidden"].group.as_str(), aliases["hidden"].hidden),
        ("b", true)
    );
}

#[test]
fn litellm_settings_speaks_where_router_settings_is_silent() {
    let config = config(&format!(
        "{MODELS}
litellm_settings:
  num_retries: 1
  request_timeout: 600
  fallbacks: [{{a: [b]}}]
  context_window_fallbacks: [{{a: [c]}}]
  default_fallbacks: [c]
  drop_params: true
"
    ));
    let router = &config.table.router;
    assert_eq!((router.num_retries, router.timeout_ms), (1, 600_000));
    assert_eq!(router.fallbacks["a"][0].group, "b");
    assert_eq!(
        router.context_window_fallbacks.as_ref().unwrap()["a"][0].group,
        "c"
    );
    assert_eq!(router.default_fallbacks[0].group, "c");
    assert!(
        config
            .table
            .deployments
            .iter()
            .all(|one| one.parameters.drop_unsupported)
    );
}

#[test]
fn where_both_sections_speak_router_settings_counts() {
    let loaded = loaded(&format!(
        "{MODELS}
router_settings: {{num_retries: 3, fallbacks: [{{a: [b]}}]}}
litellm_settings: {{num_retries: 9, fallbacks: [{{a: [c]}}]}}
"
    ));
    assert_eq!(loaded.config.table.router.num_retries, 3);
    assert_eq!(loaded.config.table.router.fallbacks["a"][0].group, "b");
    assert!(
        only(&loaded.report, "set-twice")
            .message
            .contains("`fallbacks`")
    );
}

#[test]
fn a_strategy_of_later_is_accepted_and_listed() {
    let loaded = loaded(&format!(
        "{MODELS}\nrouter_settings: {{routing_strategy: least-busy}}\n"
    ));
    assert_eq!(loaded.config.table.router.strategy, Strategy::SimpleShuffle);
    assert!(loaded.report.findings.is_empty(), "{}", loaded.report);
    assert!(loaded.report.not_yet[0].key.contains("least-busy"));
}

#[test]
fn without_settings_the_router_has_litellms_defaults() {
    let router = config(MODELS).table.router;
    assert_eq!(
        (router.num_retries, router.max_fallbacks, router.timeout_ms),
        (2, 5, 600_000)
    );
    assert_eq!(router.strategy, Strategy::SimpleShuffle);
    assert!(router.context_window_fallbacks.is_none());
}

#[test]
fn an_order_missing_beside_others_comes_last() {
    let loaded = loaded(
        "model_list:
- {model_name: a, litellm_params: {model: openai/x, order: 1}}
- {model_name: a, litellm_params: {model: openai/y}}
- {model_name: b, litellm_params: {model: openai/z}}
",
    );
    let orders: Vec<u64> = loaded
        .config
        .table
        .deployments
        .iter()
        .map(|one| one.order)
        .collect();
    assert_eq!(orders, [1, u64::MAX, 0]);
    assert_eq!(only(&loaded.report, "missing-order").position.line, 3);
}
