//! Reads the configuration again: whole, or not at all.

use std::time::SystemTime;

use data_plane::node::Node;

use crate::assemble;
use crate::cli::{Flags, Start};
use crate::config::Config;
use crate::config::environment::Environment;

/// Knows how the configuration was read, and reads it again.
pub struct Reloader {
    flags: Flags,
    environment: Environment,
    files: Vec<String>,
    digest: String,
    seen: Vec<Seen>,
}

/// What a file looked like.
type Seen = Option<(SystemTime, u64)>;

impl Reloader {
    /// Remembers how the configuration was read.
    #[must_use]
    pub fn new(start: Start, environment: Environment) -> Self {
        let Start { flags, loaded } = start;
        let Config { files, digest, .. } = loaded.config;
        // Nothing has been seen: the file may have changed between its reading and now.
        let seen = Vec::new();
        Self {
            flags,
            environment,
            files,
            digest,
            seen,
        }
    }

    /// Reloads when a file looks different from the last time and says something else.
    pub fn reload_if_changed(&mut self, node: &Node) {
        let now = look(&self.files);
        if now != self.seen {
            self.seen = now;
            self.read(node, false);
        }
    }

    /// Reloads, changed or not.
    pub fn reload(&mut self, node: &Node) {
        self.seen = look(&self.files);
        self.read(node, true);
    }

    fn read(&mut self, node: &Node, even_if_same: bool) {
        let loaded = match self.flags.load(&self.environment) {
            Ok(loaded) => loaded,
            Err(refused) => {
                node.metrics.reloads_refused.inc();
                tracing::error!(
                    "the changed configuration is refused, the old one stays: {refused}"
                );
                return;
            }
        };
        if loaded.config.digest == self.digest && !even_if_same {
            return;
        }
        node.swap(assemble::state(&loaded.config));
        let warnings = loaded.report.warnings().count();
        tracing::info!(warnings, "the configuration has been reloaded");
        self.digest = loaded.config.digest;
        self.files = loaded.config.files;
        self.seen = look(&self.files);
    }
}

fn look(files: &[String]) -> Vec<Seen> {
    let look_at = |file: &String| {
        let metadata = std::fs::metadata(file).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    };
    files.iter().map(look_at).collect()
}
