//! Where what the gateway says goes: lines of JSON on standard error.

use tracing_subscriber::EnvFilter;

use crate::config::gateway::LogSettings;

/// Starts logging at the settings' level. Libraries never log below `warn`: at `trace` they print bytes, and so prompts and keys.
pub fn start(settings: LogSettings) {
    let filter = EnvFilter::new(format!(
        "warn,headgate={0},data_plane={0}",
        settings.level.word()
    ));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .json()
        .flatten_event(true)
        .finish();
    // A second start in one process (tests) keeps the first one's.
    let _already_started = tracing::subscriber::set_global_default(subscriber);
}
