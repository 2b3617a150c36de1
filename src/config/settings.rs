//! Reads `headgate:`, `general_settings` and the variables of the environment into the settings
//! of the gateway.

use std::path::PathBuf;

use admin_api::settings::Language;

use super::alerts;
use super::callers;
use super::environment::Environment;
use super::gateway::{GatewaySettings, LogLevel, TlsFiles};
use super::governing;
use super::key_templates;
use super::keys::SectionName;
use super::master_key;
use super::node::{Content, Node, boolean};
use super::redis;
use super::report::{Position, Report};
use super::retention;
use super::section::{Section, wrong_type};
use super::sign_in;
use super::storage;
use super::suggest::did_you_mean;
use super::variables;

/// The sections that settings come from.
#[derive(Clone, Copy, Default)]
pub struct Sources<'n> {
    /// `headgate`.
    pub headgate: Option<Section<'n>>,
    /// `general_settings`.
    pub general: Option<Section<'n>>,
    /// `litellm_settings`.
    pub litellm: Option<Section<'n>>,
    /// `router_settings`.
    pub router: Option<Section<'n>>,
}

impl<'n> Sources<'n> {
    /// Opens the sections of the file.
    pub fn open(root: &Section<'n>, report: &mut Report) -> Self {
        Self {
            headgate: root.section("headgate", SectionName::Headgate, report),
            general: root.section("general_settings", SectionName::GeneralSettings, report),
            litellm: root.section("litellm_settings", SectionName::LitellmSettings, report),
            router: root.section("router_settings", SectionName::RouterSettings, report),
        }
    }
}

/// Reads them: the environment before the file before the defaults.
pub fn read(
    sources: &Sources<'_>,
    environment: &Environment,
    report: &mut Report,
) -> GatewaySettings {
    let mut settings = GatewaySettings::default();
    if let Some(litellm) = &sources.litellm {
        read_litellm(litellm, &mut settings, report);
    }
    let key_in_file = sources
        .general
        .as_ref()
        .and_then(|general| read_general(general, &mut settings, report));
    if let Some(headgate) = &sources.headgate {
        read_listen(headgate, &mut settings, report);
        read_web(headgate, &mut settings, report);
        read_waits(headgate, &mut settings, report);
        read_outgoing(headgate, &mut settings, report);
        read_log(headgate, &mut settings, report);
    }
    let verbose = |section: Option<Section<'_>>, report: &mut Report| {
        section.and_then(|section| section.boolean("set_verbose", report)) == Some(true)
    };
    settings.log.routing = verbose(sources.router, report);
    if verbose(sources.litellm, report) {
        settings.log.level = settings.log.level.max(LogLevel::Debug);
    }
    settings.governing = governing::read(sources, report);
    settings.storage = storage::read(sources, environment, report);
    settings.redis = redis::read(sources, environment, report);
    variables::apply(environment, &mut settings, report);
    settings.alerts = alerts::read(sources, environment, &settings.outgoing, report);
    settings.alerts.language = settings.web.language;
    settings.sign_in = sign_in::read(sources, environment, report);
    settings.callers = callers::read(sources, environment, report);
    settings.requests_kept_ms = retention::read(sources, report);
    settings.access.master_key = master_key::choose(key_in_file, environment, report);
    settings
}

fn read_litellm(section: &Section<'_>, settings: &mut GatewaySettings, report: &mut Report) {
    settings.key_template = key_templates::read(section, report);
    if let Some(json) = section.boolean("json_logs", report) {
        settings.log.json = json;
    }
    if let Some(auth) = section.boolean("require_auth_for_metrics_endpoint", report) {
        settings.web.require_auth_for_metrics = auth;
    }
    let Some(verify) = section.get("ssl_verify") else {
        return;
    };
    match verify.text() {
        Some(text) => match boolean(text) {
            Some(check) => settings.outgoing.verify_certificates = check,
            None => settings.outgoing.extra_ca_file = Some(PathBuf::from(text)),
        },
        None => wrong_type("ssl_verify", verify, "true, false or a file", report),
    }
}

fn read_general(
    section: &Section<'_>,
    settings: &mut GatewaySettings,
    report: &mut Report,
) -> Option<(String, Position)> {
    let permit = section.boolean("dangerously_permit_weak_or_unset_master_key", report);
    settings.access.permit_weak_master_key = permit.unwrap_or_default();
    settings.access.key_header = section
        .text("litellm_key_header_name", report)
        .map(|header| header.to_lowercase());
    if let Some(bytes) = mebibytes(section, "max_request_size_mb", report) {
        settings.limits.max_request_bytes = bytes;
    }
    if let Some(bytes) = mebibytes(section, "max_response_size_mb", report) {
        settings.limits.max_response_bytes = bytes;
    }
    let key = section.text("master_key", report)?;
    let node = section.get("master_key")?;
    if let Content::Scalar { variable: None, .. } = &node.content {
        secret_in_file("master_key", node, report);
    }
    Some((key, node.position.clone()))
}

/// The warning of a credential in the file.
pub fn secret_in_file(key: &str, node: &Node, report: &mut Report) {
    report.warn_with(
        "secret-in-file",
        &node.position,
        (
            format!("`{key}` stands in the file in the clear"),
            "write os.environ/NAME and set the variable",
        ),
    );
}

fn mebibytes(section: &Section<'_>, key: &str, report: &mut Report) -> Option<u64> {
    let thousandths = section.thousandths(key, report)?;
    Some(thousandths.saturating_mul(1024 * 1024) / 1_000)
}

fn read_listen(section: &Section<'_>, settings: &mut GatewaySettings, report: &mut Report) {
    settings.listen.host = section.text("host", report);
    settings.listen.port = section.integer("port", report);
    settings.listen.threads = section.integer("threads", report);
    settings.data_dir = section.text("data_dir", report).map(PathBuf::from);
    if let Some(open) = section.boolean("allow_anonymous", report) {
        settings.access.allow_anonymous = open;
    }
    let certificate = section.text("tls_certificate_file", report);
    let key = section.text("tls_key_file", report);
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            settings.listen.tls = Some(TlsFiles {
                certificate_file: certificate.into(),
                key_file: key.into(),
            });
        }
        (None, None) => {}
        _ => report.fault_with(
            "tls-files",
            section.position(),
            (
                "TLS takes a certificate and a key".to_owned(),
                "write both `tls_certificate_file` and `tls_key_file`",
            ),
        ),
    }
}

fn read_web(section: &Section<'_>, settings: &mut GatewaySettings, report: &mut Report) {
    let web = &mut settings.web;
    if let Some(headers) = section.boolean("litellm_headers", report) {
        web.litellm_headers = headers;
    }
    if let Some(auth) = section.boolean("require_auth_for_metrics", report) {
        web.require_auth_for_metrics = auth;
    }
    if let Some(origins) = section.texts("cors_allowed_origins", report) {
        web.cors_allowed_origins = origins;
    }
    if let Some(hops) = section.integer("trusted_proxy_hops", report) {
        web.trusted_proxy_hops = hops;
    }
    if let Some(path) = section.text("root_path", report) {
        web.root_path = variables::root_path(&path);
    }
    web.public_base_url = section
        .text("public_base_url", report)
        .map(|url| url.trim_end_matches('/').to_owned());
    if let Some(word) = section.text("language", report) {
        match Language::of(&word) {
            Some(language) => web.language = language,
            None => report.fault_with(
                "wrong-type",
                section.place("language"),
                (
                    format!("`{word}` is no language of the console"),
                    "write en, de or zh-CN",
                ),
            ),
        }
    }
    let limits = &mut settings.limits;
    if let Some(bytes) = section.integer("max_request_bytes", report) {
        limits.max_request_bytes = bytes;
    }
    if let Some(bytes) = section.integer("max_response_bytes", report) {
        limits.max_response_bytes = bytes;
    }
}

fn read_waits(section: &Section<'_>, settings: &mut GatewaySettings, report: &mut Report) {
    let waits = &mut settings.waits;
    let take = |key: &str, into: &mut u64, report: &mut Report| match section
        .integer::<u64>(key, report)
    {
        Some(0) => report.warn(
            "zero-timeout",
            section.place(key),
            format!("`{key}` is 0: nothing would ever be in time; it is ignored"),
        ),
        Some(milliseconds) => *into = milliseconds,
        None => {}
    };
    take("connect_timeout_ms", &mut waits.connect_timeout_ms, report);
    take("idle_timeout_ms", &mut waits.idle_timeout_ms, report);
    take(
        "request_header_timeout_ms",
        &mut waits.request_header_timeout_ms,
        report,
    );
    take(
        "request_body_timeout_ms",
        &mut waits.request_body_timeout_ms,
        report,
    );
    let mut first_byte = 0;
    take("first_byte_timeout_ms", &mut first_byte, report);
    waits.first_byte_timeout_ms = (first_byte > 0).then_some(first_byte);
    if let Some(drain) = section.integer("drain_timeout_ms", report) {
        waits.drain_timeout_ms = drain;
    }
    if let Some(interval) = section.integer::<u64>("keepalive_comment_interval_ms", report) {
        waits.keepalive_comment_interval_ms = (interval > 0).then_some(interval);
    }
}

fn read_outgoing(section: &Section<'_>, settings: &mut GatewaySettings, report: &mut Report) {
    let outgoing = &mut settings.outgoing;
    if let Some(proxy) = section.text("outgoing_proxy", report) {
        outgoing.https_proxy = Some(proxy.clone());
        outgoing.http_proxy = Some(proxy);
    }
    if let Some(hosts) = section.texts("no_proxy", report) {
        outgoing.no_proxy = hosts;
    }
    if let Some(file) = section.text("extra_ca_file", report) {
        outgoing.extra_ca_file = Some(file.into());
    }
    if let Some(verify) = section.boolean("verify_provider_certificates", report) {
        outgoing.verify_certificates = verify;
    }
    if !outgoing.verify_certificates {
        report.warn(
            "unverified-certificates",
            section.place("verify_provider_certificates"),
            "certificates of providers are not checked: anyone on the way can read keys and prompts",
        );
    }
}

fn read_log(section: &Section<'_>, settings: &mut GatewaySettings, report: &mut Report) {
    if let Some(word) = section.text("log_level", report) {
        match LogLevel::parse(&word) {
            Some(level) => settings.log.level = level,
            None => {
                let known = LogLevel::ALL.iter().map(|level| level.word());
                let near = did_you_mean(&word, known);
                let hint = if near.is_empty() {
                    "write error, warn, info, debug or trace"
                } else {
                    &near
                };
                let message = format!("`{word}` is not a log level");
                report.fault_with("wrong-type", section.place("log_level"), (message, hint));
            }
        }
    }
    match section.text("log_format", report).as_deref() {
        Some("json") => settings.log.json = true,
        Some("text") => settings.log.json = false,
        Some(other) => report.fault_with(
            "wrong-type",
            section.place("log_format"),
            (
                format!("`{other}` is not a log format"),
                "write text or json",
            ),
        ),
        None => {}
    }
}
