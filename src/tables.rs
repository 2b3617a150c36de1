//! The routing table of the file and the store together, made anew when either changes.

use std::sync::Arc;

use admin_api::alerts::CurrentAlerts;
use admin_api::settings::{ConfiguredValue, FileModels, ReadDeployment};
use arc_swap::ArcSwap;
use domain::directory::Levels;
use domain::routing::RoutingTable;
use domain::sealed::KeyRing;

use crate::config::Config;
use crate::config::environment::Environment;
use crate::stored_deployments;

/// What the admin side is told of a file.
fn models(config: &Config, started: &Arc<Vec<ConfiguredValue>>) -> FileModels {
    FileModels {
        table: config.table.clone(),
        values: config.effective.clone(),
        started: Arc::clone(started),
        key_template: config.gateway.key_template.clone(),
    }
}

/// What tables are made of.
pub struct Tables {
    /// The file's models, as of its last reload; the admin side shows them.
    pub file: Arc<ArcSwap<FileModels>>,
    /// What is said of alerts, as of the same.
    pub alerts: CurrentAlerts,
    digest: ArcSwap<String>,
    keys: KeyRing,
    environment: Environment,
}

impl Tables {
    /// Begins with the file's table.
    #[must_use]
    pub fn new(config: &Config, keys: KeyRing, environment: Environment) -> Self {
        let started = Arc::new(config.effective.clone());
        Self {
            digest: ArcSwap::from_pointee(config.digest.clone()),
            file: Arc::new(ArcSwap::from_pointee(models(config, &started))),
            alerts: Arc::new(ArcSwap::from_pointee(config.gateway.alerts.clone())),
            keys,
            environment,
        }
    }

    /// The file has been reloaded.
    pub fn reloaded(&self, config: &Config) {
        let started = Arc::clone(&self.file.load().started);
        self.file.store(Arc::new(models(config, &started)));
        let alerts = Arc::new(config.gateway.alerts.clone());
        self.alerts.store(alerts);
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
