//! The first lines on the terminal: where, which models, what is odd, and what to try.

use std::fmt::Write;

use domain::keys::Secret;
use domain::routing::Deployment;

use crate::config::address::host_of;
use crate::config::report::Report;
use crate::config::vendor::OWN_PROVIDER;
use crate::config::{Config, readiness};

const MAX_ROWS: usize = 24;
const MAX_WARNINGS: usize = 12;

/// The lines, with a line end. `address` is where the gateway listens: `http://127.0.0.1:4000`.
#[must_use]
pub fn banner(config: &Config, report: &Report, address: &str) -> String {
    let mut text = format!("Headgate {} on {address}\n", env!("CARGO_PKG_VERSION"));
    let _infallible = writeln!(text, "{}\n{}\n", openness(config), keeping(config));
    models(&mut text, config);
    if is_unconfigured(config) {
        text.push_str(WHAT_TO_SET);
    }
    warnings(&mut text, config, report);
    trial(&mut text, config, address);
    text
}

const WHAT_TO_SET: &str = "
No provider was found. Set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, OLLAMA_HOST or another
provider's usual variable, or give a file: --config FILE
";

/// Whether there is neither a file nor a provider's variable, so that only the built-in model is
/// offered.
fn is_unconfigured(config: &Config) -> bool {
    let mut deployments = config.table.deployments.iter();
    config.files.is_empty() && deployments.all(|deployment| deployment.provider == OWN_PROVIDER)
}

/// Who is answered.
fn openness(config: &Config) -> String {
    let access = &config.gateway.access;
    match &access.master_key {
        Some(key) if config.gateway.is_loopback_only() => format!(
            "Requests with the master key ({}) are answered from this machine only, because it can be guessed.",
            key.origin
        ),
        Some(key) => format!("Requests need a key; the master key is from {}.", key.origin),
        None if access.allow_anonymous => {
            "Requests are answered from everywhere, without a key (allow_anonymous).".to_owned()
        }
        None => "Requests are answered from this machine only, without a key. Set HEADGATE_MASTER_KEY to open it.".to_owned(),
    }
}

/// How the first administrator is made. The token stands on the terminal alone, never in a log.
#[must_use]
pub fn invitation(token: &Secret, config: &Config, address: &str) -> String {
    let (token, address) = (token.expose(), reachable(config, address));
    format!(
        "\nThere is no administrator yet. Within 30 minutes, this page makes one, once:\n  {address}/ui/setup?token={token}\nSo does POST /api/v1/setup with the token:\n  {token}\nLater: headgate admin create\n"
    )
}

/// The address by which people on this machine reach the gateway.
fn reachable(config: &Config, address: &str) -> String {
    let address = address
        .replace("//0.0.0.0", "//localhost")
        .replace("//[::]", "//localhost");
    address + &config.gateway.web.root_path
}

/// Where tenants and keys are kept; never the address, which holds a password.
fn keeping(config: &Config) -> String {
    match &config.gateway.storage.postgres {
        Some(postgres) => format!(
            "Keys and teams are kept in PostgreSQL ({}).",
            postgres.origin
        ),
        None => {
            let folder = config.gateway.data_dir();
            format!("Keys and teams are kept in {}.", folder.display())
        }
    }
}

fn models(text: &mut String, config: &Config) {
    let rows: Vec<[String; 3]> = config
        .table
        .deployments
        .iter()
        .take(MAX_ROWS)
        .map(|deployment| row(deployment, config))
        .collect();
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let (first, second) = (width(0), width(1));
    for [group, target, state] in &rows {
        let _infallible = writeln!(text, "  {group:first$}  {target:second$}  {state}");
    }
    let more = config.table.deployments.len().saturating_sub(MAX_ROWS);
    if more > 0 {
        let _infallible = writeln!(text, "  and {more} more");
    }
    for (name, alias) in config.table.aliases.iter().take(MAX_ROWS) {
        let (name, group) = (printable(name), printable(&alias.group));
        let _infallible = writeln!(text, "  {name:first$}  alias of {group}");
    }
}

fn row(deployment: &Deployment, config: &Config) -> [String; 3] {
    let target = format!("{}/{}", deployment.provider, deployment.model);
    let mut state = key_state(deployment, config);
    if let Some(base) = &deployment.base_url {
        let _infallible = write!(state, ", at {}", printable(host_of(base)));
    }
    [printable(&deployment.group), printable(&target), state]
}

fn key_state(deployment: &Deployment, config: &Config) -> String {
    if deployment.provider == OWN_PROVIDER {
        return "built in".to_owned();
    }
    if deployment.mock_response.is_some() {
        return "canned answer".to_owned();
    }
    if deployment.api_key.is_some() {
        return "key set".to_owned();
    }
    if let Some(variable) = config.unset_keys.get(deployment.id.as_str()) {
        return format!("no key (set {})", printable(variable));
    }
    let Some(vendor) = providers::find(&deployment.provider) else {
        return "no key".to_owned();
    };
    match vendor.key_variables().first() {
        Some(variable) if vendor.needs_key() => format!("no key (set {variable})"),
        _ => "needs no key".to_owned(),
    }
}

fn warnings(text: &mut String, config: &Config, report: &Report) {
    let all: Vec<_> = report.warnings().collect();
    if !all.is_empty() {
        let _infallible = writeln!(text, "\nWarnings:");
    }
    for finding in all.iter().take(MAX_WARNINGS) {
        let _infallible = write!(
            text,
            "  {}: {}",
            finding.position,
            printable(&finding.message)
        );
        if let Some(hint) = &finding.hint {
            let _infallible = write!(text, "; {}", printable(hint));
        }
        text.push('\n');
    }
    let more = all.len().saturating_sub(MAX_WARNINGS);
    let file = config.files.first().map_or("FILE", String::as_str);
    if more > 0 {
        let _infallible = writeln!(text, "  and {more} more: headgate check {file}");
    }
    if !report.not_yet.is_empty() {
        let count = report.not_yet.len();
        let _infallible = writeln!(
            text,
            "  {count} keys are not yet in effect: headgate check {file}"
        );
    }
}

fn trial(text: &mut String, config: &Config, address: &str) {
    let Some(model) = readiness::model_to_try(&config.table) else {
        let _infallible = writeln!(text, "\nNo model can answer yet: set a key.");
        return;
    };
    let key = config.gateway.access.master_key.as_ref().map(|key| {
        let variable = key.origin.file.strip_prefix("environment variable ");
        variable.map_or_else(|| "YOUR-MASTER-KEY".to_owned(), |name| format!("${name}"))
    });
    let address = reachable(config, address);
    let _infallible = writeln!(text, "\nTry it:\n  curl {address}/chat/completions \\");
    if let Some(key) = key {
        let _infallible = writeln!(text, "    -H \"Authorization: Bearer {key}\" \\");
    }
    let body = serde_json::json!({
        "model": model,
        "messages": [{"role": "user", "content": "Why use a gateway?"}],
    });
    let body = body.to_string().replace('\'', "'\\''");
    let _infallible = writeln!(
        text,
        "    -H 'Content-Type: application/json' \\\n    -d '{body}'"
    );
}

/// Without control characters: a name from a file must not move the terminal's cursor.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
