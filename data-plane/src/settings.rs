//! What the operator decides about the data plane, apart from the routing table.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::identity::callers::CallerRules;
use domain::keys::Secret;

/// Who is let in, limits, time-outs, headers. Swapped together with the routing table.
#[derive(Clone)]
pub struct Settings {
    /// The one key that passes everywhere; none means that only loopback is let in.
    pub master_key: Option<Secret>,
    /// True when the master key is short or published: it then passes from loopback only.
    pub master_key_is_weak: bool,
    /// `HEADGATE_ALLOW_ANONYMOUS`: without a master key, let everybody in.
    pub allow_anonymous: bool,
    /// Proxies before this gateway whose `X-Forwarded-For` is believed; 0 believes none.
    pub trusted_proxy_hops: u8,
    /// One more header that may carry the credential (`litellm_key_header_name`), in lower case.
    pub key_header: Option<String>,
    /// Whose signed tokens callers may send in place of a key; none takes no tokens.
    pub callers: Option<Arc<CallerRules>>,
    /// Whether `/metrics` asks for a credential.
    pub metrics_need_key: bool,
    /// Largest body of a caller, in bytes.
    pub max_request_bytes: usize,
    /// Largest whole answer of a provider, in bytes.
    pub max_response_bytes: usize,
    /// Longest wait for a provider's first byte while another deployment could still answer.
    pub first_byte_timeout: Duration,
    /// The same for models that reason before they answer, when the answer is not streamed.
    pub reasoning_first_byte_timeout: Duration,
    /// Longest pause between two events of a stream.
    pub stream_idle_timeout: Duration,
    /// Pause after which a waiting stream gets a comment, so that nobody hangs up; none for never.
    pub keep_alive_interval: Option<Duration>,
    /// A caller's head has to be here this long after its first byte.
    pub request_head_timeout: Duration,
    /// Longest wait for the next byte of a caller's body.
    pub request_body_timeout: Duration,
    /// Longest time to establish a connection to a provider.
    pub connect_timeout: Duration,
    /// Longest time that running requests may take after a shutdown has begun.
    pub drain_timeout: Duration,
    /// Origins that browsers may call from; `*` for all; empty for none.
    pub cors_origins: Vec<String>,
    /// Whether answers carry LiteLLM's headers beside ours.
    pub litellm_headers: bool,
    /// A path before every path (`/gateway`), without a trailing slash; usually empty.
    pub root_path: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            master_key: None,
            master_key_is_weak: false,
            allow_anonymous: false,
            trusted_proxy_hops: 0,
            key_header: None,
            callers: None,
            metrics_need_key: true,
            max_request_bytes: 20 << 20,
            max_response_bytes: 64 << 20,
            first_byte_timeout: Duration::from_secs(60),
            reasoning_first_byte_timeout: Duration::from_secs(300),
            stream_idle_timeout: Duration::from_secs(120),
            keep_alive_interval: Some(Duration::from_secs(15)),
            request_head_timeout: Duration::from_secs(15),
            request_body_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            drain_timeout: Duration::from_secs(600),
            cors_origins: Vec::new(),
            litellm_headers: false,
            root_path: String::new(),
        }
    }
}

/// What is fixed while the process lives.
#[derive(Clone, Debug, Default)]
pub struct Fixed {
    /// Threads that serve requests; 0 means one for each core.
    pub workers: usize,
    /// Certificate chain and key of our own address, both PEM; none means plain HTTP.
    pub tls: Option<TlsFiles>,
    /// More certificate authorities for calls to providers, PEM.
    pub extra_authorities: Option<PathBuf>,
    /// False accepts any certificate of a provider (`ssl_verify: false`).
    pub verify_providers: bool,
    /// Proxies on the way to providers.
    pub proxies: Proxies,
    /// Whether a finished request is a line of text for people instead of one of JSON.
    pub log_text: bool,
    /// The Unix socket where the admin side listens; none means that there is no admin side here.
    pub admin_socket: Option<PathBuf>,
}

/// Proxies on the way to providers, as `HTTPS_PROXY` and its kin name them.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// For `https://` addresses.
    pub https: Option<String>,
    /// For `http://` addresses.
    pub http: Option<String>,
    /// Hosts that are reached without one.
    pub none_for: Vec<String>,
}

/// Where our own certificate lies.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The chain, PEM.
    pub certificates: PathBuf,
    /// The private key, PEM.
    pub key: PathBuf,
}
