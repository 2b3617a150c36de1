//! Every form of YAML that people write, and none of the bombs.

use headgate::config::environment::Environment;

use crate::trying::{config, keys, loaded, loaded_in, only, refused};

#[test]
fn anchors_aliases_and_merge_keys_work() {
    let config = config(
        "
defaults: &defaults {model: openai/x, rpm: 10, timeout: 5}
model_list:
- model_name: a
  litellm_params: {<<: *defaults, rpm: 20}
- model_name: b
  litellm_params:
    <<: [*defaults, {tpm: 7}]
- model_name: c
  litellm_params: *defaults
",
    );
    let limits: Vec<_> = config
        .table
        .deployments
        .iter()
        .map(|one| (one.rpm, one.tpm, one.timeout_ms))
        .collect();
    assert_eq!(
        limits,
        [
            (Some(20), None, Some(5_000)),
            (Some(10), Some(7), Some(5_000)),
            (Some(10), None, Some(5_000)),
        ]
    );
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_are_read() {
    let text = "\u{feff}model_list:\r\n- model_name: a\r\n  litellm_params:\r\n    model: openai/x\r\n    rpm: 5\r\n";
    let config = config(text);
    assert_eq!(config.table.deployments[0].model, "x");
    assert_eq!(config.table.deployments[0].rpm, Some(5));
}

#[test]
fn json_is_yaml_too() {
    let config = config(
        "{\"model_list\": [{\"model_name\": \"a\", \"litellm_params\": {\"model\": \"openai/x\", \"input_cost_per_token\": 2e-6}}]}",
    );
    assert_eq!(
        config.table.deployments[0].info.rates.input.unwrap().0,
        2_000_000
    );
}

#[test]
fn an_empty_file_is_a_gateway_with_what_the_environment_offers() {
    for text in ["", "\n", "# nothing\n", "---\n", "model_list:\n"] {
        let loaded = loaded_in(text, &Environment::default());
        assert_eq!(
            loaded.config.table.deployments[0].group, "headgate/echo",
            "{text:?}"
        );
    }
}

#[test]
fn a_second_document_is_refused() {
    only(
        &refused("model_list: []\n---\nmodel_list: []\n"),
        "several-documents",
    );
}

#[test]
fn a_key_that_is_a_map_is_refused() {
    only(&refused("model_list: []\n? {a: b}\n: c\n"), "key-not-text");
}

#[test]
fn aliases_that_unfold_without_end_are_refused_at_once() {
    let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for level in 1..30 {
        let before = level - 1;
        text.push_str(&format!(
            "a{level}: &a{level} [{}]\n",
            vec![format!("*a{before}"); 10].join(",")
        ));
    }
    only(&refused(&text), "too-large");
    only(&refused("a: &a [*a]\n"), "alias-loop");
}

#[test]
fn nesting_without_end_is_refused_at_once() {
    for text in [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(50_000),
    ] {
        assert!(refused(&text).has_faults());
    }
}

#[test]
fn a_file_over_ten_mebibytes_is_refused() {
    only(&refused(&"# long\n".repeat(1_600_000)), "too-large");
}

#[test]
fn included_files_add_their_sections_and_the_including_file_counts() {
    let environment = keys()
        .with_file(
            "conf/models.yaml",
            "model_list:\n- {model_name: b, litellm_params: {model: openai/y, rpm: lots}}\n",
        )
        .with_file(
            "conf/more/router.yaml",
            "router_settings: {num_retries: 7, timeout: 3}\n",
        );
    let text = "include: [models.yaml, more/router.yaml]
model_list:
- {model_name: a, litellm_params: {model: openai/x}}
router_settings: {num_retries: 1}
";
    let Err(refused) = headgate::config::load(text, "conf/config.yaml", &environment) else {
        panic!("the fault in the included file was not seen");
    };
    assert_eq!(
        only(&refused.report, "wrong-type").position.to_string(),
        "conf/models.yaml:2:58"
    );
    let environment = environment.with_file(
        "conf/models.yaml",
        "model_list:\n- {model_name: b, litellm_params: {model: openai/y}}\n",
    );
    let loaded = headgate::config::load(text, "conf/config.yaml", &environment).unwrap();
    let groups: Vec<&str> = loaded
        .config
        .table
        .deployments
        .iter()
        .map(|one| one.group.as_str())
        .collect();
    assert_eq!(groups, ["a", "b"]);
    assert_eq!(loaded.config.table.router.num_retries, 1);
    assert_eq!(loaded.config.table.router.timeout_ms, 3_000);
    assert_eq!(
        loaded.config.files,
        [
            "conf/config.yaml",
            "conf/models.yaml",
            "conf/more/router.yaml"
        ]
    );
    let twice = only(&loaded.report, "include");
    assert!(twice.message.contains("`num_retries` has a value already"));
}

#[test]
fn files_that_include_each_other_end() {
    let environment = keys().with_file("b.yaml", "include: [config.yaml]\n");
    let loaded = loaded_in("include: b.yaml\n", &environment);
    only(&loaded.report, "include");
}

#[test]
fn an_included_file_that_is_not_there_is_refused() {
    only(&refused("include: [nothing.yaml]\n"), "include");
}

#[test]
fn the_digest_tells_whether_anything_changed() {
    let of = |text: &str| loaded(text).config.digest;
    assert_eq!(of("model_list: []\n"), of("model_list: []\n"));
    assert_ne!(of("model_list: []\n"), of("model_list: [] \n"));
    assert_eq!(of("model_list: []\n").len(), 64);
}
