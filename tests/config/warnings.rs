//! Where LiteLLM is silent, a warning says what is odd, and where.

use crate::trying::{keys, loaded, loaded_in, only, place, with_params};

fn with_settings(settings: &str) -> String {
    format!(
        "model_list:
- {{model_name: big, litellm_params: {{model: openai/x}}}}
- {{model_name: small, litellm_params: {{model: openai/y}}}}
{settings}"
    )
}

#[test]
fn a_fallback_to_nowhere_and_one_from_nowhere_are_found() {
    let loaded = loaded(&with_settings(
        "router_settings:
  fallbacks:
    - big: [smal]
    - bog: [small]
",
    ));
    let found: Vec<(usize, usize, Option<&str>)> = loaded
        .report
        .findings
        .iter()
        .filter(|one| one.code == "unknown-group")
        .map(|one| (one.position.line, one.position.column, one.hint.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            (6, 13, Some("did you mean `small`?")),
            (7, 7, Some("did you mean `big`?")),
        ]
    );
}

#[test]
fn a_fallback_may_lead_to_an_alias_an_id_or_what_a_pattern_matches() {
    let loaded = loaded(
        "model_list:
- {model_name: 'openai/*', litellm_params: {model: 'openai/*'}}
- {model_name: a, litellm_params: {model: openai/y}, model_info: {id: one}}
router_settings:
  model_group_alias: {other: a}
  fallbacks: [{a: [openai/gpt-4o, other, one]}]
",
    );
    assert!(loaded.report.is_clean(), "{}", loaded.report);
}

#[test]
fn a_context_window_list_without_an_entry_for_a_group_is_found() {
    let loaded = loaded(&with_settings(
        "litellm_settings:
  fallbacks: [{big: [small]}]
  context_window_fallbacks: [{small: [big]}]
",
    ));
    assert_eq!(place(&loaded.report, "no-context-fallback"), (6, 29));
}

#[test]
fn a_deployment_without_weight_beside_one_with_it_is_found() {
    let loaded = loaded(
        "model_list:
- {model_name: a, litellm_params: {model: openai/x, weight: 1}}
- {model_name: a, litellm_params: {model: openai/y}}
- {model_name: b, litellm_params: {model: openai/y}}
",
    );
    assert_eq!(place(&loaded.report, "starved"), (3, 16));
}

#[test]
fn an_alias_to_nowhere_and_one_that_hides_a_group_are_found() {
    let loaded = loaded(&with_settings(
        "router_settings:
  model_group_alias: {big: small, other: nothing}
",
    ));
    assert_eq!(place(&loaded.report, "shadowed-group"), (5, 23));
    assert_eq!(place(&loaded.report, "unknown-group"), (5, 42));
}

#[test]
fn a_guessable_master_key_and_a_key_in_the_file_are_found_and_never_shown() {
    let loaded = loaded(&format!(
        "{}general_settings:\n  master_key: sk-1234\n",
        with_params("api_key: sk-proj-very-secret-value")
    ));
    assert_eq!(place(&loaded.report, "weak-master-key"), (7, 15));
    let text = loaded.report.to_string() + &loaded.report.to_json().to_string();
    assert!(!text.contains("sk-1234"), "{text}");
    assert!(!text.contains("very-secret"), "{text}");
    let in_file: Vec<usize> = loaded
        .report
        .findings
        .iter()
        .filter(|one| one.code == "secret-in-file")
        .map(|one| one.position.line)
        .collect();
    assert_eq!(in_file, [5, 7]);
}

#[test]
fn odd_values_are_found() {
    for (params, code) in [
        ("num_retries: 50", "many-retries"),
        ("timeout: 0", "zero-timeout"),
        ("input_cost_per_token: 2.5", "absurd-price"),
        (
            "api_base: http://api.example.com/v1\napi_key: sk-none",
            "plain-http",
        ),
        ("api_base: localhost:8000/v1\napi_key: sk-none", "address"),
        ("api_base: https://elsewhere.example/v1", "key-elsewhere"),
        ("api_key: ${OPENAI_API_KEY}", "variable-spelling"),
        ("litellm_credential_name: none", "unknown-credential"),
    ] {
        let loaded = loaded(&with_params(params));
        assert_eq!(only(&loaded.report, code).position.line, 5, "{params}");
    }
}

#[test]
fn a_model_with_a_star_under_a_name_without_one_is_found() {
    let loaded = loaded("model_list: [{model_name: all, litellm_params: {model: 'openai/*'}}]");
    only(&loaded.report, "unreachable-wildcard");
}

#[test]
fn an_empty_list_of_models_is_found() {
    assert_eq!(
        place(&loaded("model_list: []\n").report, "no-models"),
        (1, 13)
    );
}

#[test]
fn a_deployment_that_has_no_key_is_found() {
    let loaded = loaded_in(
        &with_params("rpm: 1"),
        &headgate::config::environment::Environment::default(),
    );
    let finding = only(&loaded.report, "no-key");
    assert!(finding.hint.as_deref().unwrap().contains("OPENAI_API_KEY"));
}

#[test]
fn slips_of_the_hand_are_found_in_every_section() {
    let loaded = loaded(&with_settings(
        "router_settings: {num_retry: 1}
litellm_settings: {drop_param: true}
general_settings: {mater_key: x}
headgate: {prot: 1}
modle_list: []
",
    ));
    let hints: Vec<&str> = loaded
        .report
        .findings
        .iter()
        .filter(|one| one.code == "unknown-key")
        .filter_map(|one| one.hint.as_deref())
        .collect();
    for word in [
        "num_retries",
        "drop_params",
        "master_key",
        "port",
        "model_list",
    ] {
        assert!(
            hints.iter().any(|hint| hint.contains(word)),
            "{word}: {hints:?}"
        );
    }
}

#[test]
fn a_key_in_the_wrong_section_is_shown_its_place() {
    let loaded = loaded(&with_settings(
        "general_settings: {routing_strategy: simple-shuffle}\n",
    ));
    let finding = only(&loaded.report, "unknown-key");
    assert_eq!(
        finding.hint.as_deref(),
        Some("`routing_strategy` is a key of router_settings")
    );
}

#[test]
fn keys_of_later_are_listed_once_each_and_are_no_warnings() {
    let loaded = loaded(
        "model_list:
- {model_name: a, litellm_params: {model: openai/x, tags: [a]}}
- {model_name: a, litellm_params: {model: openai/y, tags: [b]}}
router_settings: {cooldown_time: 5}
",
    );
    assert!(loaded.report.findings.is_empty(), "{}", loaded.report);
    let listed: Vec<(&str, usize)> = loaded
        .report
        .not_yet
        .iter()
        .map(|one| (one.key.as_str(), one.times))
        .collect();
    assert!(listed.contains(&("litellm_params.tags", 2)), "{listed:?}");
    assert!(
        listed.contains(&("router_settings.cooldown_time", 1)),
        "{listed:?}"
    );
}

#[test]
fn a_key_that_stands_twice_is_found_and_the_last_one_counts() {
    let text = with_params("rpm: 1\nrpm: 2");
    let loaded = loaded_in(&text, &keys());
    assert_eq!(loaded.config.table.deployments[0].rpm, Some(2));
    assert_eq!(place(&loaded.report, "duplicate-key"), (6, 7));
}

#[test]
fn what_holds_for_many_lines_is_said_once() {
    let loaded = loaded(
        "model_list:
- {model_name: a, litellm_params: {model: openai/x, api_key: sk-in-the-file-1}}
- {model_name: b, litellm_params: {model: openai/y, api_key: sk-in-the-file-2}}
- {model_name: c, litellm_params: {model: openai/z, api_key: sk-in-the-file-3}}
",
    );
    let finding = only(&loaded.report, "secret-in-file");
    assert_eq!(finding.position.line, 2);
    assert!(
        finding.message.ends_with("(and in the lines 3, 4)"),
        "{finding}"
    );
}

#[test]
fn a_credential_where_a_name_belongs_is_not_shown() {
    let loaded = loaded("model_list:
- {model_name: a, litellm_params: {model: os.environ/OPENAI_API_KEY}}
router_settings: {routing_strategy: os.environ/OPENAI_API_KEY, fallbacks: [{a: [os.environ/OPENAI_API_KEY]}]}
");
    let text = loaded.report.to_string();
    assert!(!text.contains("sk-openai-0123456789"), "{text}");
    assert!(text.contains("`os.environ/OPENAI_API_KEY`"), "{text}");
}
