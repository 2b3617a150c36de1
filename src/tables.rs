//! The routing table of the file and the store together, made anew when either changes.

use std::sync::Arc;

use admin_api::settings::{FileModels, ReadDeployment};
use arc_swap::ArcSwap;
use domain::directory::Levels;
use domain::routing::RoutingTable;
use domain::sealed::KeyRing;

use crate::config::Config;
use crate::config::environment::Environment;
use crate::stored_deployments;

/// What the admin side is told of a file.
fn models(config: &Config) -> FileModels {
    FileModels {
        table: config.table.clone(),
        values: config.effective.clone(),
        key_template: config.gateway.key_template.clone(),
    }
}

/// What tables are made of.
pub struct Tables {
    /// The file's models, as of its last reload; the admin side shows them.
    pub file: Arc<ArcSwap<FileModels>>,
    digest: ArcSwap<String>,
    keys: KeyRing,
    environment: Environment,
}

impl Tables {
    /// Begins with the file's table.
    #[must_use]
    pub fn new(config: &Config, keys: KeyRing, environment: Environment) -> Self {
        Self {
            digest: ArcSwap::from_pointee(config.digest.clone()),
            file: Arc::new(ArcSwap::from_pointee(models(config))),
            keys,
            environment,
        }
    }

    /// The file has been reloaded.
    pub fn reloaded(&self, config: &Config) {
        self.file.store(Arc::new(models(config)));
        self.digest.store(Arc::new(config.digest.clone()));
    }

    /// The digest of the file, as of its last reload.
    #[must_use]
    pub fn digest(&self) -> String {
        self.digest.load().as_ref().clone()
    }

    /// The table of both.
    #[must_use]
    pub fn merged(&self, levels: &Levels) -> RoutingTable {
        let stored = stored_deployments::read(
            &levels.deployments,
            &levels.credentials,
            &self.keys,
            &self.environment,
        );
        RoutingTable::merge(&self.file.load().table, stored)
    }

    /// How the admin side reads a deployment: as the table does.
    #[must_use]
    pub fn reader(&self) -> ReadDeployment {
        let environment = self.environment.clone();
        Arc::new(move |open| stored_deployments::read_open(open, &environment))
    }
}
