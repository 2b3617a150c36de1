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
    /// What the files looked like at the last look: they are read when they have not changed for
    /// one look, so that a file is not read while it is written.
    last_look: Vec<Seen>,
}

/// What a file looked like.
type Seen = Option<(SystemTime, u64)>;

impl Reloader {
    /// Remembers how the configuration was read.
    #[must_use]
    pub fn new(start: Start, environment: Environment) -> Self {
        let Start { flags, loaded } = start;
        let Config { files, digest, .. } = loaded.config;
        let seen = look(&files);
        Self {
            flags,
            environment,
            files,
            digest,
            last_look: seen.clone(),
            seen,
        }
    }

    /// Reloads when a file looks different from the last time and says something else.
    pub fn reload_if_changed(&mut self, node: &Node) {
        let now = look(&self.files);
        let is_settled = now == std::mem::replace(&mut self.last_look, now.clone());
        if is_settled && now != self.seen {
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
        if self.files.iter().any(is_empty) {
            node.metrics.reloads_refused.inc();
            tracing::error!("a file of the configuration is empty: the old one stays");
            return;
        }
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

/// Whether nothing stands in a file: somebody is about to write it, or has emptied it by mistake.
fn is_empty(file: &String) -> bool {
    std::fs::read(file).is_ok_and(|text| text.trim_ascii().is_empty())
}
