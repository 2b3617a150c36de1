//! Flags, LiteLLM's spellings of them, and what the other commands print.

use headgate::cli::{Outcome, Start, run};
use headgate::config::environment::Environment;
use headgate::config::gateway::LogLevel;

use crate::trying::keys;

const GOOD: &str = "model_list: [{model_name: a, litellm_params: {model: openai/x}}]\n";

fn environment() -> Environment {
    keys()
        .with_file("good.yaml", GOOD)
        .with_file(
            "odd.yaml",
            "modle_list: []\nmodel_list: [{model_name: a, litellm_params: {model: openai/x}}]\n",
        )
        .with_file(
            "later.yaml",
            &format!("{GOOD}router_settings: {{cooldown_time: 5}}\n"),
        )
        .with_file("bad.yaml", "model_list: {}\n")
}

fn outcome(line: &str) -> (Outcome, String) {
    let mut out = Vec::new();
    let arguments = line.split(' ').map(Into::into).collect();
    let outcome = run(arguments, &environment(), &mut out);
    (outcome, String::from_utf8(out).unwrap())
}

fn served(line: &str) -> (Box<Start>, String) {
    match outcome(line) {
        (Outcome::Serve(start), said) => (start, said),
        (Outcome::Exit(code), said) => panic!("{line}: {code}\n{said}"),
    }
}

fn ended(line: &str) -> (u8, String) {
    match outcome(line) {
        (Outcome::Exit(code), said) => (code, said),
        (Outcome::Serve(_), said) => panic!("{line} serves\n{said}"),
    }
}

#[test]
fn serving_is_the_default_command_and_flags_count_before_everything() {
    for line in [
        "headgate --config good.yaml --port 5000 --host 0.0.0.0",
        "headgate serve -c good.yaml -p 5000 --host 0.0.0.0",
    ] {
        let (start, _) = served(line);
        let gateway = &start.loaded.config.gateway;
        assert_eq!(
            (gateway.host(), gateway.port()),
            ("0.0.0.0", 5000),
            "{line}"
        );
        assert_eq!(start.loaded.config.table.deployments[0].group, "a");
    }
}

#[test]
fn litellms_spellings_are_taken() {
    let (start, _) = served(
        "headgate --config good.yaml --num_workers 2 --detailed_debug --ssl_certfile_path c.pem --ssl_keyfile_path k.pem",
    );
    let gateway = &start.loaded.config.gateway;
    assert_eq!(gateway.listen.threads, Some(2));
    assert_eq!(gateway.log.level, LogLevel::Trace);
    assert!(gateway.listen.tls.is_some());
    let (start, _) = served("headgate --ssl-certfile c.pem --ssl-keyfile k.pem --debug");
    assert!(start.loaded.config.gateway.listen.tls.is_some());
    assert_eq!(start.loaded.config.gateway.log.level, LogLevel::Debug);
}

#[test]
fn litellms_other_flags_are_taken_out_and_named() {
    let (start, said) = served(
        "headgate --model gpt-4o --run_gunicorn --config good.yaml --request_timeout=5 --drop_params",
    );
    assert_eq!(start.loaded.config.table.deployments[0].group, "a");
    assert_eq!(
        said,
        "not in effect: --model, --run_gunicorn, --request_timeout, --drop_params\n"
    );
}

#[test]
fn without_a_file_the_environment_is_offered() {
    let (start, _) = served("headgate");
    let groups: Vec<&str> = start
        .loaded
        .config
        .table
        .deployments
        .iter()
        .map(|one| one.group.as_str())
        .collect();
    assert!(groups.contains(&"openai/*"), "{groups:?}");
}

#[test]
fn a_bad_file_does_not_start_and_the_exit_code_is_78() {
    let (code, said) = ended("headgate --config bad.yaml");
    assert_eq!(code, 78);
    assert!(said.contains("bad.yaml:1:13: error: "), "{said}");
    let (code, said) = ended("headgate --config nothing.yaml");
    assert_eq!(code, 78);
    assert!(
        said.contains("nothing.yaml: error: the configuration cannot be read"),
        "{said}"
    );
    assert_eq!(ended("headgate --config odd.yaml --strict").0, 78);
}

#[test]
fn check_ends_with_0_1_or_78() {
    let (code, said) = ended("headgate check good.yaml");
    assert_eq!(
        (code, said.as_str()),
        (0, "good.yaml: 1 deployment, 0 warnings, it runs\n")
    );
    let (code, said) = ended("headgate check odd.yaml");
    assert_eq!(code, 1);
    assert!(said.contains("odd.yaml:1:1: warning: `modle_list` is not a key of the file; it is ignored; did you mean `model_list`? [unknown-key]"), "{said}");
    assert_eq!(ended("headgate check later.yaml").0, 1);
    assert_eq!(ended("headgate check later.yaml --strict").0, 1);
    assert_eq!(ended("headgate check odd.yaml --strict").0, 78);
    assert_eq!(ended("headgate check bad.yaml").0, 78);
    assert_eq!(ended("headgate --config good.yaml --validate_config").0, 0);
}

#[test]
fn check_speaks_json() {
    let (code, said) = ended("headgate check odd.yaml --json");
    assert_eq!(code, 1);
    let value: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(value["status"], "warnings");
    assert_eq!(value["findings"][0]["code"], "unknown-key");
    assert_eq!(value["findings"][0]["position"]["line"], 1);
    assert_eq!(value["deployments"][0]["provider"], "openai");
    assert!(!said.contains("sk-openai"), "{said}");
}

#[test]
fn help_and_version_end_with_0_and_a_wrong_flag_with_2() {
    let (code, said) = ended("headgate --help");
    assert_eq!(code, 0);
    for word in [
        "--config",
        "--port",
        "check",
        "schema",
        "serve",
        "default command",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert_eq!(ended("headgate version"), ended("headgate --version"));
    let (code, said) = ended("headgate --prot 1");
    assert_eq!(code, 2);
    assert!(said.contains("--port"), "{said}");
}
