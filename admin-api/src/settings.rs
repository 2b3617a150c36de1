//! What the admin side is told by the configuration.

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use domain::deployments::StoredDeployment;
use domain::keys::Secret;
use domain::routing::{Deployment, RoutingTable};
use domain::sealed::KeyRing;
use domain::templates::Template;
use rustls::ClientConfig;
use serde_json::{Map, Value};
pub use web_ui::language::Language;

use crate::alerts::CurrentAlerts;
use crate::identity::SignIn;

/// Settings of the admin side.
pub struct Settings {
    /// The key with which everything may be done; none closes the management routes to all but
    /// people who are signed in.
    pub master_key: Option<Secret>,
    /// Whether that key is short or published, and so passes from this machine only.
    pub master_key_is_weak: bool,
    /// Where our own socket says callers are: true behind the data plane, whose word is taken.
    pub peer_from_header: bool,
    /// With what provider credentials are encrypted.
    pub encryption: KeyRing,
    /// Models and settings of the file, as of its last reload: read-only here.
    pub file: Arc<ArcSwap<FileModels>>,
    /// The address that people open, for links and for checking where a form came from.
    pub public_url: Option<String>,
    /// The path before every route under which the data plane in front of us serves; mostly empty.
    pub root_path: String,
    /// Whether `/metrics` asks for a key of the platform's.
    pub metrics_need_key: bool,
    /// The language of pages for whoever asks for none of ours.
    pub language: Language,
    /// The file with the anchors of the audit trail, where there is one.
    pub anchor_file: Option<PathBuf>,
    /// How the configuration reads a deployment.
    pub read_deployment: ReadDeployment,
    /// Whom calls to providers trust.
    pub provider_trust: Arc<ClientConfig>,
    /// How people sign in.
    pub sign_in: Arc<SignIn>,
    /// Where alerts go beside the store's targets, and how.
    pub alerts: CurrentAlerts,
    /// Reads the configuration anew, for comparison; none where there is no file.
    pub read_file: Option<ReadFile>,
    /// How long what is kept.
    pub retention: Retention,
}

/// Reads every value of the configuration as a reload would, without taking it; says why it would be
/// refused.
pub type ReadFile = Arc<dyn Fn() -> Result<Vec<ConfiguredValue>, String> + Send + Sync>;

/// How long what is kept, and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// How long single requests stay listed; for ever when not set. Sums stay always.
    pub requests_kept_ms: Option<u64>,
    /// The most that the journal of unshipped spend may take of a node's disk.
    pub journal_max_bytes: u64,
}

impl Settings {
    /// Before the path of every link of ours: the path of the public address, else the root path.
    #[must_use]
    pub fn base(&self) -> String {
        let Some(public) = &self.public_url else {
            return self.root_path.clone();
        };
        let rest = public.split_once("://").map_or("", |(_scheme, rest)| rest);
        let path = rest.split_once('/').map_or("", |(_host, path)| path);
        let path = path.trim_matches('/');
        if path.is_empty() {
            String::new()
        } else {
            format!("/{path}")
        }
    }

    /// What programs put before a path: the public address, else the root path; may be empty.
    #[must_use]
    pub fn address(&self) -> &str {
        let address = self.public_url.as_deref().unwrap_or(&self.root_path);
        address.trim_end_matches('/')
    }
}

/// Reads a deployment as the file's are read; a wildcard may be several. Says why it means nothing.
pub type ReadDeployment =
    Arc<dyn Fn(&OpenDeployment) -> Result<Vec<Deployment>, String> + Send + Sync>;

/// A deployment of the store with its parameters in the clear.
pub struct OpenDeployment {
    /// As it is stored, or will be.
    pub stored: StoredDeployment,
    /// All of `litellm_params`, the secret ones too.
    pub params: Map<String, Value>,
    /// Name and values of the credential that it names.
    pub credential: Option<(String, Map<String, Value>)>,
}

/// What the configuration file says of models.
#[derive(Clone, Default)]
pub struct FileModels {
    /// The file's deployments, aliases, router settings.
    pub table: RoutingTable,
    /// Every value of the configuration and where it comes from, as of its last reload.
    pub values: Vec<ConfiguredValue>,
    /// The same as of the start of the process: what needs a restart is still so.
    pub started: Arc<Vec<ConfiguredValue>>,
    /// What keys of every organization get, and the most they may have, beside the organization's
    /// own template: LiteLLM's `default_key_generate_params` and `upperbound_key_generate_params`.
    pub key_template: Option<Template>,
}

/// A value of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredValue {
    /// Where it stands: `router_settings.num_retries`.
    pub path: String,
    /// How it is; none for what is secret, or not set.
    pub value: Option<String>,
    /// Where it comes from.
    pub source: ValueSource,
    /// The place in a file whose value this one replaces.
    pub replaces: Option<String>,
    /// Whether another value takes effect with a restart only.
    pub needs_restart: bool,
    /// The same for the same value while the process runs, for what is secret too; it tells nothing
    /// of the value.
    pub mark: u64,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueSource {
    /// A line of a file.
    File {
        /// Its name as it was given.
        file: String,
        /// From 1.
        line: usize,
    },
    /// A variable of the environment.
    Variable {
        /// Its name.
        name: String,
        /// Whether it has a value.
        is_set: bool,
    },
    /// A flag of the command line.
    Flag {
        /// Its name, with its dashes.
        name: String,
    },
    /// Nobody set it; the value says what holds then.
    Default,
}
