//! Flags of LiteLLM's that mean nothing here: taken out of the command line, so that a start
//! script works as it is, and named.

use std::ffi::OsString;

/// Flags that stand alone.
const ALONE: &[&str] = &[
    "drop_params",
    "save",
    "use_queue",
    "health",
    "test",
    "test_async",
    "setup",
    "run_gunicorn",
    "run_hypercorn",
    "run_granian",
    "reload",
    "use_prisma_db_push",
    "use_v2_migration_resolver",
    "use_legacy_migration_resolver",
    "check_migrations_against_existing_data",
    "skip_server_startup",
    "iam_token_db_auth",
    "azure_postgresql_auth",
    "validate_config",
    "local",
    "enforce_prisma_migration_check",
];

/// Flags with a value behind them.
const WITH_VALUE: &[&str] = &[
    "model",
    "alias",
    "api_base",
    "api_version",
    "add_key",
    "headers",
    "temperature",
    "max_tokens",
    "max_budget",
    "request_timeout",
    "granian_threads",
    "ciphers",
    "keepalive_timeout",
    "timeout_worker_healthcheck",
    "max_requests_before_restart",
    "max_requests_before_restart_jitter",
    "limit_concurrency",
    "log_config",
    "prometheus_metrics_port",
    "num_requests",
    "telemetry",
];

/// The command line without LiteLLM's own flags, and those flags.
#[must_use]
pub fn take_out(arguments: Vec<OsString>) -> (Vec<OsString>, Vec<String>) {
    let mut kept = Vec::new();
    let mut foreign = Vec::new();
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        let Some((name, has_value)) = flag(&argument) else {
            kept.push(argument);
            continue;
        };
        if WITH_VALUE.contains(&name.as_str()) {
            if !has_value {
                rest.next();
            }
            foreign.push(format!("--{name}"));
        } else if ALONE.contains(&name.as_str()) {
            foreign.push(format!("--{name}"));
        } else {
            kept.push(argument);
        }
    }
    (kept, foreign)
}

/// The flag's name with underscores, and whether `=value` stands behind it.
fn flag(argument: &OsString) -> Option<(String, bool)> {
    let text = argument.to_str()?.strip_prefix("--")?;
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    Some((name.replace('-', "_"), value.is_some()))
}
