//! `headgate check`: what the gateway thinks of a configuration file.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::cli::CheckFlags;
use crate::config::environment::Environment;
use crate::config::report::{Refused, Report};
use crate::config::vendor::OWN_PROVIDER;
use crate::config::{self, Config, Loaded};

/// What is printed, and the exit code: 0 nothing to say, 1 warnings or keys that are not yet in
/// effect, 78 refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Text or JSON, with a line end.
    pub text: String,
    /// The exit code.
    pub exit_code: u8,
}

/// Reads the file and says everything that is to be said of it.
#[must_use]
pub fn check(flags: &CheckFlags, environment: &Environment) -> Checked {
    let (config, mut report) = match config::load_file(&flags.file, environment) {
        Ok(Loaded { config, report }) => (Some(config), report),
        Err(Refused { report }) => (None, report),
    };
    if flags.strict {
        report.make_strict();
    }
    let exit_code = if report.has_faults() {
        Refused::EXIT_CODE
    } else {
        u8::from(!report.is_clean())
    };
    let text = if flags.json {
        let value = as_json(&flags.file, config.as_ref(), &report);
        format!("{value:#}\n")
    } else {
        format!(
            "{report}{}\n",
            summary(&flags.file, config.as_ref(), &report)
        )
    };
    Checked { text, exit_code }
}

fn summary(file: &str, config: Option<&Config>, report: &Report) -> String {
    let warnings = report.warnings().count();
    let faults = report.findings.len().saturating_sub(warnings);
    let mut line = format!("{file}: ");
    let mut say = |number: usize, one: &str, many: &str| {
        let word = if number == 1 { one } else { many };
        let _infallible = write!(line, "{number} {word}, ");
    };
    if let Some(config) = config {
        let written = config.table.deployments.iter();
        let written = written.filter(|deployment| deployment.provider != OWN_PROVIDER);
        say(written.count(), "deployment", "deployments");
    }
    if faults > 0 {
        say(faults, "error", "errors");
    }
    say(warnings, "warning", "warnings");
    if !report.not_yet.is_empty() {
        say(
            report.not_yet.len(),
            "key not yet in effect",
            "keys not yet in effect",
        );
    }
    let verdict = if faults > 0 { "refused" } else { "it runs" };
    line.push_str(verdict);
    line
}

fn as_json(file: &str, config: Option<&Config>, report: &Report) -> Value {
    let status = match (report.has_faults(), report.is_clean()) {
        (true, _) => "refused",
        (false, true) => "clean",
        (false, false) => "warnings",
    };
    let deployments: Vec<Value> = config
        .map(|config| config.table.deployments.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|deployment| {
            json!({
                "id": deployment.id.as_str(),
                "model_name": deployment.group,
                "provider": deployment.provider,
                "model": deployment.model,
                "has_key": deployment.api_key.is_some(),
            })
        })
        .collect();
    let mut value = json!({"file": file, "status": status, "deployments": deployments});
    if let (Value::Object(whole), Value::Object(said)) = (&mut value, report.to_json()) {
        whole.extend(said);
    }
    value
}
