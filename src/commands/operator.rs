//! Whoever sits at the machine: the admin side over the store that serving would use.
//!
//! The folder's lock is not taken: a gateway may run on it meanwhile, and follows what changes.

use std::path::PathBuf;

use actix_web::web::Data;
use admin_api::AdminApi;
use admin_api::acting::{Acting, Permission};
use domain::actors::Actor;

use crate::cli::Flags;
use crate::commands::refusal::Refusal;
use crate::config::Config;
use crate::config::environment::Environment;
use crate::storage::Storage;
use crate::tables::Tables;
use crate::{admin, assemble, data_dir};

/// The operator, who may do everything.
pub struct Operator {
    /// The admin side, without its routes.
    pub api: Data<AdminApi>,
    /// What serving would run on.
    pub config: Config,
    /// The variables it was read with.
    pub environment: Environment,
}

impl Operator {
    /// Opens the store of these flags and makes it ready.
    ///
    /// # Errors
    /// When the configuration means nothing, or there is no store.
    pub async fn open(flags: &Flags, environment: &Environment) -> Result<Self, Refusal> {
        let config = flags.load(environment)?.config;
        let gateway = &config.gateway;
        let folder = gateway.data_dir();
        data_dir::make(&folder).map_err(|cause| {
            Refusal::Configuration(format!("cannot make {}: {cause}", folder.display()))
        })?;
        let storage = Storage::open(&gateway.storage, &folder)?;
        storage.prepare(!flags.no_migrate).await?;
        let tables = Tables::new(&config, storage.keys.clone(), environment.clone());
        let trust =
            assemble::trust(gateway).map_err(|fault| Refusal::Configuration(fault.to_string()))?;
        let api = admin::api(gateway, &storage, &tables, false, trust)
            .map_err(|fault| Refusal::Configuration(fault.to_string()))?;
        Ok(Self {
            api: Data::new(api),
            config,
            environment: environment.clone(),
        })
    }

    /// The file with the audit trail's anchors, when they go to a file.
    pub fn anchor_file(&self) -> Option<PathBuf> {
        let gateway = &self.config.gateway;
        gateway.storage.anchor_file(&gateway.data_dir())
    }

    /// The operator as one who may do `P`.
    ///
    /// # Errors
    /// None in fact: the operator may do everything.
    pub fn acting<P: Permission>(&self) -> Result<Acting<P>, Refusal> {
        Ok(Acting::of(Actor::command_line(), self.api.clone())?)
    }
}
