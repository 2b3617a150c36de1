//! A file that cannot mean anything is refused, with every fault at once.

use crate::trying::{only, place, refused, with_params};

#[test]
fn every_fault_is_told_at_once_with_its_place() {
    let report = refused(
        "model_list:
  - litellm_params: {model: openai/x}
  - model_name: b
  - model_name: c
    litellm_params: {api_key: sk-none}
  - model_name: d
    litellm_params: {model: openai/x, num_retries: many, input_cost_per_token: -1, timeout: soon}
router_settings: []
",
    );
    let faults: Vec<(usize, usize, &str)> = report
        .findings
        .iter()
        .filter(|one| one.to_string().contains(": error: "))
        .map(|one| (one.position.line, one.position.column, one.code))
        .collect();
    assert_eq!(
        faults,
        [
            (2, 5, "missing-key"),
            (3, 5, "missing-key"),
            (5, 21, "missing-key"),
            (7, 52, "wrong-type"),
            (7, 80, "not-a-price"),
            (7, 93, "wrong-type"),
            (8, 18, "wrong-type"),
        ]
    );
    assert!(
        report.findings.iter().all(|one| one.hint.is_some()),
        "{report}"
    );
}

#[test]
fn what_is_no_yaml_is_refused_with_its_place() {
    for text in [
        "model_list:\n\t- a: b\n",
        "a: [1, 2\nb: c: d\n",
        "a: 'open\n",
        "{",
        "a: b\n  c: d\n",
    ] {
        let report = refused(text);
        let finding = only(&report, "not-yaml");
        assert!(finding.position.line >= 1, "{text}");
        assert!(finding.hint.is_some(), "{text}");
    }
}

#[test]
fn a_file_that_is_no_map_and_a_model_list_that_is_no_list_are_refused() {
    assert_eq!(place(&refused("- a\n- b\n"), "wrong-type"), (1, 1));
    assert_eq!(place(&refused("just text"), "wrong-type"), (1, 1));
    assert_eq!(
        place(&refused("model_list: {a: b}\n"), "wrong-type"),
        (1, 13)
    );
    assert_eq!(
        place(&refused("model_list: [gpt-4o]\n"), "wrong-type"),
        (1, 14)
    );
}

#[test]
fn a_wrong_value_is_shown_unless_it_may_be_a_secret() {
    let report = refused(&with_params("num_retries: many"));
    assert!(only(&report, "wrong-type").message.contains("`many`"));
    let report = refused(&with_params("api_key: {sk-secret: 1}"));
    assert!(!report.to_string().contains("sk-secret"), "{report}");
}

#[test]
fn a_header_that_would_split_a_request_is_refused() {
    let report = refused(&with_params("extra_headers: {X-A: \"a\\r\\nX-B: b\"}"));
    assert_eq!(place(&report, "not-a-header"), (5, 23));
}

#[test]
fn a_refusal_names_its_exit_code() {
    assert_eq!(headgate::config::report::Refused::EXIT_CODE, 78);
}

#[test]
fn letters_of_months_to_nobody_are_refused() {
    let report = refused(
        "headgate:\n  alert_targets:\n    - {name: ops, kind: email, monthly: true}\n    - {name: all, kind: email}\n",
    );
    let finding = only(&report, "alert-target");
    assert!(finding.to_string().contains("`ops`"), "{finding}");
}
