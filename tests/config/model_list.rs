//! `model_list` means what it means in LiteLLM.

use domain::money::PicoUsd;
use headgate::config::environment::Environment;
use serde_json::json;

use crate::trying::{config, keys, loaded, loaded_in, only, place, with_params};

#[test]
fn a_deployment_takes_everything_that_its_entry_says() {
    let text = with_params(
        "api_key: os.environ/OPENAI_API_KEY
api_base: https://proxy.example/v1/
api_version: '2024-06-01'
organization: org-1
rpm: 60
tpm: '1000'
weight: 3
order: 2
timeout: 1.5
stream_timeout: 10
max_retries: 4
drop_params: yes
additional_drop_params: [seed]
allowed_openai_params: [tools]
extra_headers: {X-Team: blue}
extra_body: {safe: true, nested: {a: [1, 2.5]}}
temperature: 0.2
mock_response: hello",
    );
    let loaded = loaded(&text);
    let one = &loaded.config.table.deployments[0];
    assert_eq!(one.base_url.as_deref(), Some("https://proxy.example/v1"));
    assert_eq!(one.api_version.as_deref(), Some("2024-06-01"));
    assert_eq!(one.organization.as_deref(), Some("org-1"));
    assert_eq!((one.rpm, one.tpm), (Some(60), Some(1000)));
    assert_eq!((one.weight, one.order), (Some(3), 2));
    assert_eq!(
        (one.timeout_ms, one.stream_timeout_ms),
        (Some(1_500), Some(10_000))
    );
    assert_eq!(one.num_retries, Some(4));
    assert!(one.parameters.drop_unsupported);
    assert_eq!(one.parameters.drop_always, ["seed"]);
    assert_eq!(one.parameters.allow_always, ["tools"]);
    assert_eq!(
        one.extra_headers,
        [("x-team".to_owned(), "blue".to_owned())]
    );
    let body = json!({"safe": true, "nested": {"a": [1, 2.5]}, "temperature": 0.2});
    assert_eq!(serde_json::Value::Object(one.extra_body.clone()), body);
    assert_eq!(one.mock_response.as_deref(), Some("hello"));
    assert!(loaded.report.is_clean(), "{}", loaded.report);
}

#[test]
fn prices_are_read_from_their_text_to_the_last_pico_dollar() {
    for (text, pico) in [
        ("0.000002", 2_000_000),
        ("2e-06", 2_000_000),
        ("'0.0000025'", 2_500_000),
        ("\"1.5E-7\"", 150_000),
        // As a float this would be 0.30000000000000004e-6 or its neighbour.
        ("0.000000300001", 300_001),
        ("0.000000000001", 1),
        ("0", 0),
    ] {
        let config = config(&with_params(&format!("input_cost_per_token: {text}")));
        let rate = config.table.deployments[0].info.rates.input;
        assert_eq!(rate, Some(PicoUsd(pico)), "{text}");
    }
}

#[test]
fn prices_stand_in_litellm_params_or_in_model_info_and_the_first_counts() {
    let mut text = with_params(
        "output_cost_per_token: 0.00001
cache_read_input_token_cost: 1e-7
cache_creation_input_token_cost: 2e-7
cache_creation_input_token_cost_above_1hr: 3e-7
output_cost_per_reasoning_token: 4e-7
input_cost_per_audio_token: 5e-7
output_cost_per_audio_token: 6e-7",
    );
    text.push_str("    model_info:\n      input_cost_per_token: 7e-7\n      output_cost_per_token: 9\n      base_model: gpt-4o\n      mode: chat\n      max_input_tokens: 1000\n      max_tokens: 50\n      supports_vision: true\n      team: blue\n");
    let config = config(&text);
    let info = &config.table.deployments[0].info;
    let pico = |rate: Option<PicoUsd>| rate.unwrap().0;
    assert_eq!(pico(info.rates.input), 700_000);
    assert_eq!(pico(info.rates.output), 10_000_000);
    assert_eq!(pico(info.rates.cache_read), 100_000);
    assert_eq!(pico(info.rates.cache_write), 200_000);
    assert_eq!(pico(info.rates.cache_write_1h), 300_000);
    assert_eq!(pico(info.rates.reasoning), 400_000);
    assert_eq!(pico(info.rates.audio_input), 500_000);
    assert_eq!(pico(info.rates.audio_output), 600_000);
    assert_eq!(info.base_model.as_deref(), Some("gpt-4o"));
    assert_eq!(info.mode.as_deref(), Some("chat"));
    assert_eq!(
        (info.max_input_tokens, info.max_output_tokens),
        (Some(1000), Some(50))
    );
    assert_eq!(info.extra.get("team"), Some(&json!("blue")));
}

#[test]
fn a_key_that_is_not_written_is_the_providers_usual_variable() {
    let config = config("model_list: [{model_name: m, litellm_params: {model: gpt-4o}}]");
    let one = &config.table.deployments[0];
    assert_eq!(one.provider, "openai");
    assert_eq!(
        one.api_key.as_ref().unwrap().expose(),
        "sk-openai-0123456789"
    );
}

#[test]
fn an_unset_variable_leaves_the_deployment_without_a_key_and_says_where() {
    let loaded = loaded(&with_params("api_key: os.environ/OPENAI_API_KEYS"));
    let config = &loaded.config;
    assert!(config.table.deployments[0].api_key.is_none());
    let finding = only(&loaded.report, "unset-variable");
    assert_eq!((finding.position.line, finding.position.column), (5, 16));
    assert_eq!(
        finding.hint.as_deref(),
        Some("did you mean `OPENAI_API_KEY`?")
    );
    let id = config.table.deployments[0].id.as_str();
    assert_eq!(
        config.unset_keys.get(id).map(String::as_str),
        Some("OPENAI_API_KEYS")
    );
}

#[test]
fn variables_are_put_in_at_every_depth_and_within_lists() {
    let environment = Environment::of(&[("A", "one"), ("N", "7"), ("B", "true")]);
    let text = with_params(
        "api_key: sk-none
rpm: os.environ/N
drop_params: os.environ/B
additional_drop_params: [os.environ/A, b]
extra_body: {list: [os.environ/A, {deep: os.environ/A}]}",
    );
    let config = loaded_in(&text, &environment).config;
    let one = &config.table.deployments[0];
    assert_eq!(one.rpm, Some(7));
    assert!(one.parameters.drop_unsupported);
    assert_eq!(one.parameters.drop_always, ["one", "b"]);
    assert_eq!(
        one.extra_body.get("list"),
        Some(&json!(["one", {"deep": "one"}]))
    );
}

#[test]
fn environment_variables_of_the_file_are_seen_by_its_own_look_ups() {
    let text = format!(
        "environment_variables:\n  MY_KEY: sk-from-the-file\n  OTHER: os.environ/ANTHROPIC_API_KEY\n{}",
        with_params("api_key: os.environ/MY_KEY\norganization: os.environ/OTHER")
    );
    let config = config(&text);
    let one = &config.table.deployments[0];
    assert_eq!(one.api_key.as_ref().unwrap().expose(), "sk-from-the-file");
    assert_eq!(one.organization.as_deref(), Some("sk-ant-0123456789"));
}

#[test]
fn a_named_credential_fills_in_what_the_entry_does_not_say() {
    let text = format!(
        "credential_list:\n  - credential_name: main\n    credential_values: {{api_key: os.environ/OPENAI_API_KEY, api_base: https://a.example, organization: theirs}}\n    credential_info: {{description: x}}\n{}",
        with_params("litellm_credential_name: main\norganization: ours")
    );
    let loaded = loaded(&text);
    let one = &loaded.config.table.deployments[0];
    assert_eq!(
        one.api_key.as_ref().unwrap().expose(),
        "sk-openai-0123456789"
    );
    assert_eq!(one.base_url.as_deref(), Some("https://a.example"));
    assert_eq!(one.organization.as_deref(), Some("ours"));
}

#[test]
fn a_member_that_litellm_does_not_know_goes_to_the_provider_with_a_warning() {
    let loaded = loaded(&with_params("drop_parms: true"));
    let body = &loaded.config.table.deployments[0].extra_body;
    assert_eq!(body.get("drop_parms"), Some(&json!(true)));
    let finding = only(&loaded.report, "unknown-key");
    assert_eq!((finding.position.line, finding.position.column), (5, 7));
    assert_eq!(finding.hint.as_deref(), Some("did you mean `drop_params`?"));
}

#[test]
fn an_id_stays_when_a_credential_is_rotated_and_differs_between_entries() {
    let text = "model_list:
- {model_name: a, litellm_params: {model: openai/x, api_key: os.environ/OPENAI_API_KEY}}
- {model_name: a, litellm_params: {api_key: os.environ/OPENAI_API_KEY, model: openai/x}}
- {model_name: b, litellm_params: {model: openai/x}, model_info: {id: mine}}
";
    let ids = |environment: &Environment| -> Vec<String> {
        let config = loaded_in(text, environment).config;
        let deployments = config.table.deployments;
        deployments.iter().map(|one| one.id.to_string()).collect()
    };
    let before = ids(&keys());
    let after = ids(&Environment::of(&[(
        "OPENAI_API_KEY",
        "sk-rotated-key-000",
    )]));
    assert_eq!(before, after);
    assert_eq!(before[0].len(), 16);
    assert!(before[0].bytes().all(|b| b.is_ascii_hexdigit()));
    assert_eq!(before[1], format!("{}-2", before[0]));
    assert_eq!(before[2], "mine");
}

#[test]
fn an_id_given_twice_is_made_unique_with_a_warning() {
    let text = "model_list:
- {model_name: a, litellm_params: {model: openai/x}, model_info: {id: same}}
- {model_name: b, litellm_params: {model: openai/y}, model_info: {id: same}}
";
    let loaded = loaded(text);
    assert_eq!(loaded.config.table.deployments[1].id.as_str(), "same-2");
    assert_eq!(place(&loaded.report, "duplicate-id"), (3, 16));
}

#[test]
fn a_provider_that_is_not_there_loses_its_deployment_and_nothing_else() {
    let text = "model_list:
- {model_name: a, litellm_params: {model: nonsense/x}}
- {model_name: b, litellm_params: {model: openai/y}}
";
    let loaded = loaded(text);
    let groups: Vec<&str> = loaded
        .config
        .table
        .deployments
        .iter()
        .map(|one| one.group.as_str())
        .collect();
    assert_eq!(groups, ["b"]);
    assert_eq!(place(&loaded.report, "unknown-provider"), (2, 43));
    assert!(only(&loaded.report, "empty-group").message.contains("`a`"));
}

#[test]
fn wildcards_keep_their_star_and_the_star_alone_offers_every_provider_with_a_key() {
    let config = config(
        "model_list: [{model_name: 'wild/*', litellm_params: {model: 'openai/*', api_key: sk-none}}, {model_name: '*', litellm_params: {model: '*'}}]",
    );
    let ways: Vec<(&str, &str)> = config
        .table
        .deployments
        .iter()
        .map(|one| (one.group.as_str(), one.model.as_str()))
        .collect();
    assert!(ways.contains(&("wild/*", "*")), "{ways:?}");
    assert!(ways.contains(&("openai/*", "*")), "{ways:?}");
    assert!(ways.contains(&("anthropic/*", "*")), "{ways:?}");
}

#[test]
fn a_file_without_models_offers_what_the_environment_offers() {
    let groups = |environment: &Environment| -> Vec<String> {
        let loaded = loaded_in("general_settings: {}\n", environment);
        let deployments = loaded.config.table.deployments;
        deployments.iter().map(|one| one.group.clone()).collect()
    };
    assert_eq!(groups(&Environment::default()), ["headgate/echo"]);
    let found = groups(&Environment::of(&[("OPENAI_API_KEY", "sk-x")]));
    assert_eq!(found, ["openai/*"]);
}

#[test]
fn decimal_weights_keep_their_proportion() {
    let text = "model_list:
- {model_name: a, litellm_params: {model: openai/x, weight: 0.7}}
- {model_name: a, litellm_params: {model: openai/y, weight: 0.25}}
- {model_name: b, litellm_params: {model: openai/y, weight: 2.0}}
";
    let config = config(text);
    let weights: Vec<Option<u64>> = config
        .table
        .deployments
        .iter()
        .map(|one| one.weight)
        .collect();
    assert_eq!(weights, [Some(700), Some(250), Some(2)]);
}

#[test]
fn access_groups_of_a_model_are_in_effect_and_those_of_its_parameters_are_not() {
    for written in ["[beta]", "beta"] {
        let text = format!(
            "model_list:\n- {{model_name: m, litellm_params: {{model: openai/x, api_key: sk-x, access_groups: [params]}}, model_info: {{access_groups: {written}}}}}\n"
        );
        let loaded = loaded(&text);
        let listed: Vec<&str> = loaded
            .report
            .not_yet
            .iter()
            .map(|one| one.key.as_str())
            .collect();
        assert!(listed.len() == 1, "{listed:?}");
        assert!(
            listed[0].ends_with("litellm_params.access_groups"),
            "{listed:?}"
        );
        let groups: Vec<&str> = loaded.config.table.deployments[0].access_groups().collect();
        assert_eq!(groups, ["beta"]);
    }
}
