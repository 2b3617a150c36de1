//! `headgate:`, the settings of our own.

use super::{Key, Shape, honoured};

/// `headgate:`, the settings of our own.
pub const KEYS: &[Key] = &[
    honoured(
        "host",
        Shape::Text,
        "the address to listen on; 127.0.0.1 without a master key, 0.0.0.0 with a strong one",
    ),
    honoured("port", Shape::Integer, "the port to listen on (4000)"),
    honoured(
        "threads",
        Shape::Integer,
        "threads that serve; one for each core when missing",
    ),
    honoured(
        "data_dir",
        Shape::Text,
        "where the gateway keeps its files: SQLite, snapshots, the encryption key (./headgate-data)",
    ),
    honoured(
        "tls_certificate_file",
        Shape::Text,
        "PEM file of the certificate chain; turns TLS on",
    ),
    honoured(
        "audit_anchor",
        Shape::Text,
        "where the end of the audit trail is noted each minute: file:///path, syslog://host:514, unix:///dev/log (audit-anchors.jsonl in the data folder)",
    ),
    honoured("tls_key_file", Shape::Text, "PEM file of the private key"),
    honoured(
        "allow_anonymous",
        Shape::Boolean,
        "without a master key, accept requests from everywhere, not from loopback only (false)",
    ),
    honoured(
        "litellm_headers",
        Shape::Boolean,
        "answer with the x-litellm headers beside our own (false)",
    ),
    honoured(
        "require_auth_for_metrics",
        Shape::Boolean,
        "whether /metrics asks for a key (true; without a master key only loopback is asked for none)",
    ),
    honoured(
        "cors_allowed_origins",
        Shape::List,
        "origins of web pages that may call, such as https://app.example; `*` for every one that sends a key (none)",
    ),
    honoured(
        "public_base_url",
        Shape::Text,
        "the address under which people reach the gateway; for the console, which comes later",
    ),
    honoured(
        "language",
        Shape::Text,
        "the console's language for people whose browser asks for none of ours, and that of letters and messages: en, de, zh-CN (en)",
    ),
    honoured(
        "root_path",
        Shape::Text,
        "a path before every route, such as /gateway",
    ),
    honoured(
        "trusted_proxy_hops",
        Shape::Integer,
        "how many proxies of our own stand before the gateway and set X-Forwarded-For (0); for rules by address, which come later",
    ),
    honoured(
        "max_request_bytes",
        Shape::Integer,
        "the largest body of a request (20971520)",
    ),
    honoured(
        "max_response_bytes",
        Shape::Integer,
        "the largest answer of a provider that is not streamed (67108864)",
    ),
    honoured(
        "connect_timeout_ms",
        Shape::Integer,
        "longest time to connect to a provider (5000)",
    ),
    honoured(
        "first_byte_timeout_ms",
        Shape::Integer,
        "longest time to the first byte of an answer (60000; 300000 where a reasoning model does not stream)",
    ),
    honoured(
        "idle_timeout_ms",
        Shape::Integer,
        "longest silence of a provider within an answer (120000)",
    ),
    honoured(
        "keepalive_comment_interval_ms",
        Shape::Integer,
        "after this silence a stream gets a comment, so that proxies keep it; 0 for none (15000)",
    ),
    honoured(
        "request_header_timeout_ms",
        Shape::Integer,
        "longest time for the head of a request (15000)",
    ),
    honoured(
        "request_body_timeout_ms",
        Shape::Integer,
        "longest silence within the body of a request (30000)",
    ),
    honoured(
        "drain_timeout_ms",
        Shape::Integer,
        "longest wait for running requests at shutdown (600000)",
    ),
    honoured(
        "journal_max_bytes",
        Shape::Integer,
        "the most that the journal of unshipped spend may take of the disk (8589934592)",
    ),
    honoured(
        "budget_wait_ms",
        Shape::Integer,
        "longest wait of a request for money that requests under way hold (10000)",
    ),
    honoured(
        "requests_kept",
        Shape::Text,
        "how long single requests stay listed, such as 90d; sums stay always (for ever)",
    ),
    honoured(
        "alert_at_percent",
        Shape::List,
        "at how many percent of a budget somebody is told, where the budget says nothing ([50, 80, 100])",
    ),
    honoured(
        "alert_targets",
        Shape::List,
        "where alerts of budgets go, beside the targets that are set through the API (docs/alerts.md)",
    ),
    honoured(
        "sign_in",
        Shape::Map,
        "how people sign in to the console: passwords, identity providers (docs/sign-in.md)",
    ),
    honoured(
        "jwt_issuers",
        Shape::List,
        "whose signed tokens callers of models may send in place of a key (docs/sign-in.md)",
    ),
    honoured(
        "outgoing_proxy",
        Shape::Text,
        "the proxy for requests to providers, over HTTPS_PROXY and HTTP_PROXY",
    ),
    honoured(
        "no_proxy",
        Shape::List,
        "hosts that are reached without the proxy, over NO_PROXY",
    ),
    honoured(
        "extra_ca_file",
        Shape::Text,
        "PEM file of certificate authorities to trust beside the usual ones",
    ),
    honoured(
        "verify_provider_certificates",
        Shape::Boolean,
        "whether certificates of providers are checked (true)",
    ),
    honoured(
        "log_level",
        Shape::Text,
        "error, warn, info, debug or trace (info)",
    ),
    honoured("log_format", Shape::Text, "text or json (json)"),
];
