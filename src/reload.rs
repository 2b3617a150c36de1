//! Reads the configuration again: whole, or not at all.

use std::sync::Arc;
use std::time::SystemTime;

use data_plane::node::{Node, State};
use data_plane::route::table::Table;
use domain::routing::RoutingTable;

use crate::assemble;
use crate::cli::{Flags, Start};
use crate::config::Config;
use crate::config::environment::Environment;
use crate::tables::Tables;

/// Knows how the configuration was read, and reads it again.
pub struct Reloader {
    tables: Arc<Tables>,
    flags: Flags,
    environment: Environment,
    running: Running,
    /// The files' looks when they were last read.
    read: Vec<Look>,
    /// The files' looks at the last watch, when they differed from those.
    changing: Vec<Look>,
}

/// What is known of the configuration in use.
struct Running {
    files: Vec<String>,
    digest: String,
    has_models: bool,
}

/// What a file looks like.
type Look = Option<(SystemTime, u64)>;

impl Running {
    fn of(config: Config) -> Self {
        let has_models = has_models(&config.table);
        let Config { files, digest, .. } = config;
        Self {
            files,
            digest,
            has_models,
        }
    }
}

impl Reloader {
    /// Remembers how the configuration was read.
    #[must_use]
    pub fn new(start: Start, environment: Environment, tables: Arc<Tables>) -> Self {
        let Start {
            flags,
            loaded,
            demo: _served_before,
        } = start;
        let running = Running::of(loaded.config);
        // No look has been taken: the files may have changed between their reading and now.
        Self {
            tables,
            flags,
            environment,
            running,
            read: Vec::new(),
            changing: Vec::new(),
        }
    }

    /// Reloads when a file looks different from the last time and says something else. A file
    /// that still changes is left alone until it looks the same twice: whoever writes it may have
    /// emptied it first.
    pub fn reload_if_changed(&mut self, node: &Node) {
        let now = look(&self.running.files);
        if now == self.read {
            return;
        }
        if now == self.changing {
            self.read = now;
            self.take(node, false);
        } else {
            self.changing = now;
        }
    }

    /// Reloads, changed or not.
    pub fn reload(&mut self, node: &Node) {
        self.read = look(&self.running.files);
        self.take(node, true);
    }

    fn take(&mut self, node: &Node, even_if_same: bool) {
        let refused = match self.flags.load(&self.environment) {
            Ok(loaded) if self.running.has_models && !has_models(&loaded.config.table) => {
                "it has no models any more".to_owned()
            }
            Ok(loaded) if loaded.config.digest == self.running.digest && !even_if_same => return,
            Ok(loaded) => {
                self.tables.reloaded(&loaded.config);
                let settings = assemble::settings(&loaded.config.gateway);
                node.change(|present| State {
                    settings,
                    table: Arc::new(Table::compile(&self.tables.merged(present.known.levels()))),
                    known: Arc::clone(&present.known),
                });
                let warnings = loaded.report.warnings().count();
                tracing::info!(warnings, "the configuration has been reloaded");
                self.running = Running::of(loaded.config);
                return;
            }
            Err(refused) => refused.to_string(),
        };
        node.metrics.reloads_refused.inc();
        tracing::error!("the changed configuration is refused, the old one stays: {refused}");
    }
}

/// Whether there is any model but the gateway's own echo.
fn has_models(table: &RoutingTable) -> bool {
    table
        .deployments
        .iter()
        .any(|deployment| deployment.provider != "headgate")
}

fn look(files: &[String]) -> Vec<Look> {
    let look_at = |file: &String| {
        let metadata = std::fs::metadata(file).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    };
    files.iter().map(look_at).collect()
}
