//! Where what the gateway says goes: lines on standard error, of JSON unless the operator prefers
//! text. The line of each finished request is the data plane's own.

use tracing_subscriber::EnvFilter;

use crate::config::gateway::LogSettings;

/// Starts logging at the settings' level. Libraries never log below `warn`: at `trace` they print
/// bytes, and so prompts and keys.
pub fn start(settings: LogSettings) {
    let LogSettings {
        level,
        json,
        routing,
    } = settings;
    let level = level.word();
    let routing = if routing {
        ",data_plane::route=debug,data_plane::send=debug"
    } else {
        ""
    };
    let filter = EnvFilter::new(format!("warn,headgate={level},data_plane={level}{routing}"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start in one process (tests) keeps the first one's.
    let _already_started = if json {
        tracing::subscriber::set_global_default(subscriber.json().flatten_event(true).finish())
    } else {
        tracing::subscriber::set_global_default(subscriber.with_ansi(false).finish())
    };
}
