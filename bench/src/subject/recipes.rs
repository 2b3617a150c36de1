//! How each subject is configured and started: as its own documentation says for this use, fairly to all.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use super::{Ground, Kind};
use crate::load::{CALLER_KEY, MASTER_KEY};

/// The credential that proxies put in place of the caller's, as a gateway does.
const PROVIDER_KEY: &str = "sk-bench-provider";

/// The models of the mock that gateways are told of, by the mock's scripts.
const MODELS: [&str; 6] = [
    "answer-1024",
    "answer-10240",
    "answer-51200",
    "answer-1048576",
    "stream-100-5",
    "stream-10-1000",
];

/// A command, its files already written.
pub struct Recipe {
    pub program: String,
    pub arguments: Vec<String>,
    pub environment: Vec<(&'static str, String)>,
}

/// Writes the files that `kind` needs into `directory` and says how to start it.
pub fn recipe(
    kind: Kind,
    address: SocketAddr,
    ground: &Ground<'_>,
    directory: &Path,
) -> io::Result<Recipe> {
    let this_program = std::env::current_exe()?.display().to_string();
    let provider = ground.provider;
    let file = |name: &str, text: String| {
        let path = directory.join(name);
        std::fs::write(&path, text).map(|()| path.display().to_string())
    };
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let port = address.port().to_string();
    let options = ground.options;
    let (program, arguments) = match kind {
        Kind::Direct => (this_program, words(&["mock", &provider.to_string()])),
        Kind::Relay => (
            this_program,
            words(&["relay", &address.to_string(), &provider.to_string()]),
        ),
        Kind::Nginx => {
            let path = file("nginx.conf", nginx(address, provider, directory))?;
            (options.nginx.clone(), words(&["-e", "stderr", "-c", &path]))
        }
        Kind::Haproxy => {
            let path = file("haproxy.cfg", haproxy(address, provider))?;
            (options.haproxy.clone(), words(&["-db", "-f", &path]))
        }
        Kind::Headgate | Kind::Governed | Kind::GovernedRedis | Kind::LiteLlm => {
            let (program, key) = match kind {
                Kind::LiteLlm => (&options.litellm, CALLER_KEY),
                _ if kind.governs() => (&options.headgate, MASTER_KEY),
                _ => (&options.headgate, CALLER_KEY),
            };
            let path = file("config.yaml", gateway(provider, key))?;
            let given = ["--config", &path, "--host", "127.0.0.1", "--port", &port];
            (program.clone(), words(&given))
        }
        Kind::Portkey => (
            "node".to_owned(),
            words(&[&options.portkey, &format!("--port={port}"), "--headless"]),
        ),
    };
    Ok(Recipe {
        program,
        arguments,
        environment: environment(kind),
    })
}

fn environment(kind: Kind) -> Vec<(&'static str, String)> {
    let pairs: &[(&'static str, &str)] = match kind {
        // Without these it asks the network for prices and its log is dearer than its work.
        Kind::LiteLlm => &[
            ("LITELLM_LOCAL_MODEL_COST_MAP", "True"),
            ("LITELLM_LOG", "ERROR"),
            ("LITELLM_MODE", "PRODUCTION"),
            ("NO_PROXY", "127.0.0.1"),
        ],
        Kind::Portkey => &[
            ("NODE_ENV", "production"),
            ("TRUSTED_CUSTOM_HOSTS", "127.0.0.1,localhost"),
        ],
        _ => &[],
    };
    pairs
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect()
}

/// Headers that a caller of this subject must add.
pub fn extra_headers(kind: Kind, provider: SocketAddr) -> String {
    match kind {
        // It has no configuration file: the caller names the provider.
        Kind::Portkey => {
            format!("x-portkey-provider: openai\r\nx-portkey-custom-host: http://{provider}/v1\r\n")
        }
        _ => String::new(),
    }
}

/// One worker, kept-alive upstreams, nothing buffered either way, nothing logged, the credential replaced.
fn nginx(address: SocketAddr, provider: SocketAddr, directory: &Path) -> String {
    let temporary = directory.display();
    format!(
        "daemon off;
worker_processes 1;
pid {temporary}/nginx.pid;
error_log stderr error;
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {temporary}/body;
    proxy_temp_path {temporary}/proxy;
    fastcgi_temp_path {temporary}/fastcgi;
    uwsgi_temp_path {temporary}/uwsgi;
    scgi_temp_path {temporary}/scgi;
    keepalive_requests 10000000;
    client_max_body_size 64m;
    upstream provider {{ server {provider}; keepalive 2048; keepalive_requests 10000000; }}
    server {{
        listen {address} backlog=4096;
        location / {{
            proxy_pass http://provider;
            proxy_http_version 1.1;
            proxy_set_header Connection \"\";
            proxy_set_header Authorization \"Bearer {PROVIDER_KEY}\";
            proxy_request_buffering off;
            proxy_buffering off;
            proxy_buffer_size 16k;
            proxy_buffers 8 16k;
            proxy_busy_buffers_size 32k;
            proxy_read_timeout 300s;
        }}
    }}
}}
"
    )
}

fn haproxy(address: SocketAddr, provider: SocketAddr) -> String {
    format!(
        "global
    nbthread 1
    maxconn 4096
defaults
    mode http
    timeout connect 5s
    timeout client 300s
    timeout server 300s
    http-reuse always
    option http-no-delay
frontend callers
    bind {address} backlog 4096
    http-request set-header Authorization \"Bearer {PROVIDER_KEY}\"
    default_backend provider
backend provider
    server mock {provider} pool-max-conn 4096
"
    )
}

/// LiteLLM's format, read by both gateways: a master key, and each model of the mock by either vendor's dialect.
fn gateway(provider: SocketAddr, master_key: &str) -> String {
    let models: String = MODELS
        .iter()
        .map(|model| {
            format!(
                "  - model_name: {model}
    litellm_params:
      model: openai/{model}
      api_base: http://{provider}/v1
      api_key: {PROVIDER_KEY}
      input_cost_per_token: 0.0000025
      output_cost_per_token: 0.00001
  - model_name: anthropic-{model}
    litellm_params:
      model: anthropic/{model}
      api_base: http://{provider}
      api_key: {PROVIDER_KEY}
      input_cost_per_token: 0.000003
      output_cost_per_token: 0.000015
"
            )
        })
        .collect();
    format!(
        "model_list:
{models}router_settings:
  num_retries: 0
litellm_settings:
  drop_params: true
general_settings:
  master_key: {master_key}
"
    )
}
