//! Loads a text and shows what was said, for the other files here.

use headgate::config::environment::Environment;
use headgate::config::report::{Finding, Report};
use headgate::config::{Config, Loaded, load};

/// The variables that most tests have.
pub fn keys() -> Environment {
    Environment::of(&[
        ("OPENAI_API_KEY", "sk-openai-0123456789"),
        ("ANTHROPIC_API_KEY", "sk-ant-0123456789"),
    ])
}

/// Loads a text that must be good.
pub fn loaded(text: &str) -> Loaded {
    loaded_in(text, &keys())
}

/// Loads a text that must be good.
pub fn loaded_in(text: &str, environment: &Environment) -> Loaded {
    match load(text, "config.yaml", environment) {
        Ok(loaded) => loaded,
        Err(refused) => panic!("refused:\n{refused}"),
    }
}

/// The configuration of a good text.
pub fn config(text: &str) -> Config {
    loaded(text).config
}

/// What is said of a text that must be refused.
pub fn refused(text: &str) -> Report {
    match load(text, "config.yaml", &keys()) {
        Ok(loaded) => panic!("not refused:\n{}", loaded.report),
        Err(refused) => refused.report,
    }
}

/// The one finding of that code.
pub fn only<'r>(report: &'r Report, code: &str) -> &'r Finding {
    let found: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|one| one.code == code)
        .collect();
    assert_eq!(found.len(), 1, "{code} in\n{report}");
    found[0]
}

/// Line and column of the one finding of that code.
pub fn place(report: &Report, code: &str) -> (usize, usize) {
    let finding = only(report, code);
    (finding.position.line, finding.position.column)
}

/// One deployment of OpenAI's with more members in `litellm_params`, each on a line of its own.
pub fn with_params(more: &str) -> String {
    let more: String = more.lines().map(|line| format!("      {line}\n")).collect();
    format!(
        "model_list:\n  - model_name: m\n    litellm_params:\n      model: openai/gpt-4o\n{more}"
    )
}
