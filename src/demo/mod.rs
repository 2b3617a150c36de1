//! `headgate serve --demo`: a throw-away store with three months of made-up traffic, for a look around.
//!
//! | module | what |
//! |---|---|
//! | `cast`, `keys` | who plays: organizations, teams, people; keys and what they are used for |
//! | `numbers`, `shape` | chance that can be repeated; when requests come |
//! | `stage` | builds the scene by the actions of the admin side |
//! | `traffic` | what happened: requests, priced by the catalogue |
//! | `fill` | puts both into the store |
//! | `leftovers` | the folder that is gone at the end, and those that dead processes left |
//! | `live` | what goes on happening, through the gateway itself |

mod cast;
mod fill;
mod keys;
mod leftovers;
mod live;
mod numbers;
mod shape;
mod stage;
mod traffic;

use std::io::Write;
use std::net::SocketAddr;
use std::time::Instant;

use domain::hex;
use domain::keys::{PlainKey, Secret};
use domain::randomness::random_bytes;

use crate::cli::{Flags, Role};
use crate::commands::operator::Operator;
use crate::config::environment::Environment;
use crate::demo::leftovers::Folder;

/// The configuration's name in messages.
const CONFIG: &str = "demo.yaml";

/// Variables that would lead to a store or a fleet that is meant seriously.
const FORBIDDEN: [&str; 7] = [
    "DATABASE_URL",
    "DATABASE_HOST",
    "REDIS_URL",
    "REDIS_HOST",
    "HEADGATE_DATA_DIR",
    "HEADGATE_CONFIG",
    "CONFIG_FILE_PATH",
];

/// Variables that the demo minds too.
const HEEDED: [&str; 5] = [
    "HEADGATE_HOST",
    "HEADGATE_PORT",
    "HEADGATE_LOG",
    "HEADGATE_LOG_FORMAT",
    "HEADGATE_LANGUAGE",
];

/// A demo: its folder is gone with it.
pub struct Demo {
    folder: Folder,
    password: Secret,
    /// What its gateway is configured by: nothing of the process's that leads outside.
    pub environment: Environment,
}

/// A demo whose store is filled.
pub struct Ready {
    requests: usize,
    taken_ms: u128,
    keys: Vec<(PlainKey, [&'static str; 2])>,
}

impl Demo {
    /// Makes the folder, and puts into the flags what a demo is served with.
    ///
    /// # Errors
    /// When something names a store, a folder or a file that is not the demo's, or when there is no
    /// folder to be had; in words for the terminal.
    pub fn prepare(flags: &mut Flags, environment: &Environment) -> Result<Self, String> {
        refuse_others(flags, environment)?;
        let random = || random_bytes::<12>().map_err(|fault| fault.to_string());
        let temporary = std::env::temp_dir();
        leftovers::remove(&temporary);
        let folder = Folder::make(&temporary)?;
        let master_key = format!("sk-{}", hex::encode(&random()?));
        let mut variables = vec![("HEADGATE_MASTER_KEY", master_key.as_str())];
        variables.extend(
            HEEDED
                .iter()
                .filter_map(|name| Some((*name, environment.get(name)?))),
        );
        // Each request of the trickle would be a line on the terminal.
        if flags.log_level.is_none() && environment.get("HEADGATE_LOG").is_none() {
            variables.push(("HEADGATE_LOG", "warn"));
        }
        let told = flags.host.is_some() || environment.get("HEADGATE_HOST").is_some();
        if !told {
            flags.host = Some("127.0.0.1".to_owned());
        }
        flags.config = Some(CONFIG.to_owned());
        flags.data_dir = Some(folder.path.clone());
        let environment =
            Environment::of(&variables).with_file(CONFIG, include_str!("models.yaml"));
        Ok(Self {
            folder,
            password: Secret::new(hex::encode(&random()?)),
            environment,
        })
    }

    /// Fills the store, and says so.
    ///
    /// # Errors
    /// In words for the terminal.
    pub fn fill(&self, flags: &Flags, out: &mut dyn Write) -> Result<Ready, String> {
        let folder = self.folder.path.display();
        say(
            out,
            &format!("Demo: filling a store in {folder}, which is removed at the end …\n"),
        );
        let begun = Instant::now();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|cause| cause.to_string())?;
        let filled = runtime.block_on(async {
            let operator = Operator::open(flags, &self.environment).await?;
            fill::fill(&operator, self.password.clone()).await
        });
        let filled = filled.map_err(|refusal| refusal.said(false).notes)?;
        Ok(Ready {
            requests: filled.requests,
            taken_ms: begun.elapsed().as_millis(),
            keys: filled.keys,
        })
    }

    /// What one has to know to look around.
    #[must_use]
    pub fn greeting(&self, ready: &Ready, address: &str) -> String {
        let (requests, ms) = (ready.requests, ready.taken_ms);
        let key = ready.keys.first().map_or("", |(key, _models)| key.expose());
        let address = address
            .replace("//0.0.0.0", "//localhost")
            .replace("//[::]", "//localhost");
        format!(
            "\nDemo: {requests} made-up requests of three months, written in {ms} ms. Nothing of it is real, and no \
             provider is asked.\n  Console:  {address}/ui\n  Email:    {}\n  Password: {}\n  A key:    {key} (for \
             curl; the model `echo` says what you say)\nThe store in {} is \
             removed when this process ends.\n",
            stage::EMAIL,
            self.password.expose(),
            self.folder.path.display()
        )
    }
}

impl Ready {
    /// Lets the traffic go on, unless the gateway speaks TLS with a certificate that is not the demo's.
    pub fn go_on(self, address: SocketAddr, tls: bool) {
        if tls {
            tracing::info!("the demo sends no live traffic over TLS");
        } else if let Err(cause) = live::begin(address, self.keys) {
            tracing::warn!("the demo has no live traffic: {cause}");
        }
    }
}

fn say(out: &mut dyn Write, text: &str) {
    let _closed_terminal = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn refuse_others(flags: &Flags, environment: &Environment) -> Result<(), String> {
    let given = [
        ("--data-dir", flags.data_dir.is_some()),
        ("--config", flags.config.is_some()),
        ("--no-migrate", flags.no_migrate),
        ("--role", flags.role != Role::All),
    ];
    let flag = given.into_iter().find(|(_name, is_given)| *is_given);
    let variable = FORBIDDEN
        .into_iter()
        .find(|name| environment.get(name).is_some());
    match flag.map(|(name, _given)| name).or(variable) {
        None => Ok(()),
        Some(name) => Err(format!(
            "--demo fills a store of its own and throws it away: leave {name} out, so that no other can be meant"
        )),
    }
}

#[cfg(test)]
mod tests;
