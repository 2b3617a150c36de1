//! The settings of the gateway itself: where it listens, what it accepts, how long it waits.

use std::path::PathBuf;

use admin_api::alerts::AlertSettings;
use admin_api::identity::settings::SignInSettings;
use admin_api::settings::Language;
use domain::templates::Template;

use super::callers::Callers;
use super::governing::Governing;
use super::master_key::MasterKey;
use super::redis::RedisSettings;
use super::storage::StorageSettings;

/// Everything that is not routing.
#[derive(Clone, Default)]
pub struct GatewaySettings {
    /// Who may call.
    pub access: Access,
    /// Where the gateway listens.
    pub listen: Listen,
    /// The largest bodies.
    pub limits: Limits,
    /// The longest waits.
    pub waits: Waits,
    /// How requests are held to budgets.
    pub governing: Governing,
    /// How providers are reached.
    pub outgoing: Outgoing,
    /// What browsers, proxies and tools see.
    pub web: Web,
    /// What is logged, and how.
    pub log: LogSettings,
    /// Where the gateway keeps its files; `./headgate-data` when not set.
    pub data_dir: Option<PathBuf>,
    /// Where tenants and keys are kept, and under which key their secrets.
    pub storage: StorageSettings,
    /// What every new key gets, and the most it may have.
    pub key_template: Option<Template>,
    /// Where counters are kept; in memory when there is none.
    pub redis: Option<RedisSettings>,
    /// Where alerts of budgets go.
    pub alerts: AlertSettings,
    /// How people sign in.
    pub sign_in: SignInSettings,
    /// Whose tokens callers of models may bring.
    pub callers: Callers,
    /// How long single requests stay listed; for ever when not set.
    pub requests_kept_ms: Option<u64>,
}

/// Who may call.
#[derive(Clone, Default)]
pub struct Access {
    /// The administrator's key; none means that requests are accepted from loopback only.
    pub master_key: Option<MasterKey>,
    /// Accept a weak master key off loopback too.
    pub permit_weak_master_key: bool,
    /// Without a master key, accept requests from everywhere.
    pub allow_anonymous: bool,
    /// Another header in which callers send their key; lower case.
    pub key_header: Option<String>,
}

/// Where the gateway listens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listen {
    /// As the operator wrote it; see [`GatewaySettings::host`].
    pub host: Option<String>,
    /// 4000 when not set.
    pub port: Option<u16>,
    /// One for each core when not set.
    pub threads: Option<u16>,
    /// PEM files of certificate chain and private key; both or none.
    pub tls: Option<TlsFiles>,
}

/// The files that turn TLS on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate chain.
    pub certificate_file: PathBuf,
    /// The private key.
    pub key_file: PathBuf,
}

/// The largest bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of a request.
    pub max_request_bytes: u64,
    /// Of a provider's answer that is not streamed.
    pub max_response_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_request_bytes: 20 * 1024 * 1024,
            max_response_bytes: 64 * 1024 * 1024,
        }
    }
}

/// The longest waits. The time for a whole answer is the router's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// For a connection to a provider.
    pub connect_timeout_ms: u64,
    /// For the first byte of a provider's answer; the data plane's own when not set.
    pub first_byte_timeout_ms: Option<u64>,
    /// For the next byte within a provider's answer.
    pub idle_timeout_ms: u64,
    /// After this silence a stream gets a comment; none for never.
    pub keepalive_comment_interval_ms: Option<u64>,
    /// For the whole head of a request.
    pub request_header_timeout_ms: u64,
    /// For the next byte within the body of a request.
    pub request_body_timeout_ms: u64,
    /// For running requests at shutdown.
    pub drain_timeout_ms: u64,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 5_000,
            first_byte_timeout_ms: None,
            idle_timeout_ms: 120_000,
            keepalive_comment_interval_ms: Some(15_000),
            request_header_timeout_ms: 15_000,
            request_body_timeout_ms: 30_000,
            drain_timeout_ms: 600_000,
        }
    }
}

/// How providers are reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The proxy for `https://` addresses.
    pub https_proxy: Option<String>,
    /// The proxy for `http://` addresses.
    pub http_proxy: Option<String>,
    /// Hosts that are reached without it, as `NO_PROXY` writes them.
    pub no_proxy: Vec<String>,
    /// PEM file of certificate authorities to trust beside the usual ones.
    pub extra_ca_file: Option<PathBuf>,
    /// Whether certificates are checked; false is for tests only.
    pub verify_certificates: bool,
}

impl Default for Outgoing {
    fn default() -> Self {
        Self {
            https_proxy: None,
            http_proxy: None,
            no_proxy: Vec::new(),
            extra_ca_file: None,
            verify_certificates: true,
        }
    }
}

/// What browsers, proxies and tools see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// Origins of web pages that may call; `*` is every one.
    pub cors_allowed_origins: Vec<String>,
    /// Answer with the `x-litellm-…` headers too.
    pub litellm_headers: bool,
    /// A path before every route, with a leading and without a trailing slash; empty for none.
    pub root_path: String,
    /// The address under which people reach the gateway, without a trailing slash.
    pub public_base_url: Option<String>,
    /// The language of the console for whoever asks for none of ours.
    pub language: Language,
    /// How many proxies of the operator's own set `X-Forwarded-For`.
    pub trusted_proxy_hops: u8,
    /// Whether `/metrics` asks for a key, where there is one.
    pub require_auth_for_metrics: bool,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            cors_allowed_origins: Vec::new(),
            litellm_headers: false,
            root_path: String::new(),
            public_base_url: None,
            language: Language::default(),
            trusted_proxy_hops: 0,
            require_auth_for_metrics: true,
        }
    }
}

/// What is logged, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// The least grave thing that is logged.
    pub level: LogLevel,
    /// As lines of JSON instead of text.
    pub json: bool,
    /// Every decision of the router too (`router_settings.set_verbose`).
    pub routing: bool,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            level: LogLevel::default(),
            json: true,
            routing: false,
        }
    }
}

/// The least grave thing that is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// What is broken.
    Error,
    /// What is odd.
    Warn,
    /// One line per request.
    #[default]
    Info,
    /// Every decision.
    Debug,
    /// Every step.
    Trace,
}

impl LogLevel {
    /// Every level, gravest first.
    pub const ALL: &[Self] = &[
        Self::Error,
        Self::Warn,
        Self::Info,
        Self::Debug,
        Self::Trace,
    ];

    /// As the file and the filter of the log write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    /// Reads a level in any case; `warning` and `critical` too, as Python has them.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        match word.as_str() {
            "warning" => Some(Self::Warn),
            "critical" => Some(Self::Error),
            _ => Self::ALL.iter().copied().find(|level| level.word() == word),
        }
    }
}

impl GatewaySettings {
    /// The port to listen on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.listen.port.unwrap_or(4000)
    }

    /// The address to listen on: the operator's; otherwise 0.0.0.0 with a master key that may be
    /// used from afar or with anonymous access, and 127.0.0.1 without.
    #[must_use]
    pub fn host(&self) -> &str {
        if let Some(host) = &self.listen.host {
            return host;
        }
        let keyed = self
            .access
            .master_key
            .as_ref()
            .is_some_and(|key| key.weakness.is_none() || self.access.permit_weak_master_key);
        if keyed || self.access.allow_anonymous {
            "0.0.0.0"
        } else {
            "127.0.0.1"
        }
    }

    /// Where the gateway keeps its files.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.data_dir
            .clone()
            .unwrap_or_else(|| PathBuf::from("headgate-data"))
    }

    /// Whether requests are answered on loopback only, wherever the gateway listens: there is no
    /// master key and nobody has opened the gateway, or the key is a weak one.
    #[must_use]
    pub fn is_loopback_only(&self) -> bool {
        match &self.access.master_key {
            Some(key) => key.weakness.is_some() && !self.access.permit_weak_master_key,
            None => !self.access.allow_anonymous,
        }
    }
}
