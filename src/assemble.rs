//! Configuration to a node: the diagram of the system.

use std::sync::Arc;
use std::time::Duration;

use data_plane::node::{Node, State};
use data_plane::send::client::TlsFault;
use data_plane::settings::{Fixed, Proxies, Settings, TlsFiles};

use crate::config::Config;
use crate::config::gateway::{GatewaySettings, Waits};

/// Makes the node that the configuration describes; its log lines go to standard error.
///
/// # Errors
/// When the certificate authorities cannot be read.
pub fn node(config: &Config) -> Result<Arc<Node>, TlsFault> {
    Node::new(
        state(config),
        fixed(&config.gateway),
        Box::new(std::io::stderr()),
    )
}

/// What is swapped at a reload.
#[must_use]
pub fn state(config: &Config) -> State {
    State::compile(settings(&config.gateway), &config.table)
}

fn settings(gateway: &GatewaySettings) -> Settings {
    let usual = Settings::default();
    let Waits {
        connect_timeout_ms,
        first_byte_timeout_ms,
        idle_timeout_ms,
        keepalive_comment_interval_ms,
        request_header_timeout_ms,
        request_body_timeout_ms,
        drain_timeout_ms,
    } = gateway.waits;
    let master_key = gateway.access.master_key.as_ref();
    let first_byte_timeout = first_byte_timeout_ms.map(Duration::from_millis);
    Settings {
        master_key: master_key.map(|key| key.secret.clone()),
        master_key_is_weak: master_key.is_some_and(|key| key.weakness.is_some())
            && !gateway.access.permit_weak_master_key,
        allow_anonymous: gateway.access.allow_anonymous,
        trusted_proxy_hops: gateway.web.trusted_proxy_hops,
        key_header: gateway.access.key_header.clone(),
        metrics_need_key: gateway.web.require_auth_for_metrics,
        max_request_bytes: usize::try_from(gateway.limits.max_request_bytes).unwrap_or(usize::MAX),
        max_response_bytes: usize::try_from(gateway.limits.max_response_bytes)
            .unwrap_or(usize::MAX),
        first_byte_timeout: first_byte_timeout.unwrap_or(usual.first_byte_timeout),
        reasoning_first_byte_timeout: first_byte_timeout
            .unwrap_or(usual.reasoning_first_byte_timeout),
        stream_idle_timeout: Duration::from_millis(idle_timeout_ms),
        keep_alive_interval: keepalive_comment_interval_ms.map(Duration::from_millis),
        request_head_timeout: Duration::from_millis(request_header_timeout_ms),
        request_body_timeout: Duration::from_millis(request_body_timeout_ms),
        connect_timeout: Duration::from_millis(connect_timeout_ms),
        drain_timeout: Duration::from_millis(drain_timeout_ms),
        cors_origins: gateway.web.cors_allowed_origins.clone(),
        litellm_headers: gateway.web.litellm_headers,
        root_path: gateway.web.root_path.clone(),
        database_configured: gateway.later.database.is_some(),
    }
}

fn fixed(gateway: &GatewaySettings) -> Fixed {
    let outgoing = &gateway.outgoing;
    Fixed {
        workers: gateway.listen.threads.map_or(0, usize::from),
        tls: gateway.listen.tls.as_ref().map(|files| TlsFiles {
            certificates: files.certificate_file.clone(),
            key: files.key_file.clone(),
        }),
        extra_authorities: outgoing.extra_ca_file.clone(),
        verify_providers: outgoing.verify_certificates,
        log_text: !gateway.log.json,
        proxies: Proxies {
            https: outgoing.https_proxy.clone(),
            http: outgoing.http_proxy.clone(),
            none_for: outgoing.no_proxy.clone(),
        },
    }
}
