//! The variables of the environment that are settings of the gateway.

use std::path::PathBuf;

use admin_api::settings::Language;

use super::environment::Environment;
use super::gateway::{GatewaySettings, LogLevel, TlsFiles};
use super::node::boolean;
use super::report::{Position, Report};

/// What each variable does, for the handbook; the preferred spelling first.
pub const VARIABLES: &[(&str, &str)] = &[
    (
        "HEADGATE_MASTER_KEY, LITELLM_MASTER_KEY",
        "general_settings.master_key",
    ),
    ("HEADGATE_PORT, PORT", "headgate.port"),
    ("HEADGATE_HOST, HOST (an IP address)", "headgate.host"),
    ("HEADGATE_THREADS, NUM_WORKERS", "headgate.threads"),
    ("HEADGATE_DATA_DIR", "headgate.data_dir"),
    ("HEADGATE_ALLOW_ANONYMOUS", "headgate.allow_anonymous"),
    (
        "HEADGATE_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY, LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY",
        "general_settings.dangerously_permit_weak_or_unset_master_key",
    ),
    ("HEADGATE_LOG, LITELLM_LOG", "headgate.log_level"),
    (
        "HEADGATE_LOG_FORMAT; JSON_LOGS (true)",
        "headgate.log_format",
    ),
    ("HEADGATE_ROOT_PATH, SERVER_ROOT_PATH", "headgate.root_path"),
    (
        "HEADGATE_PUBLIC_BASE_URL, PROXY_BASE_URL",
        "headgate.public_base_url",
    ),
    ("HEADGATE_LANGUAGE", "headgate.language"),
    ("HEADGATE_TRUSTED_PROXY_HOPS", "headgate.trusted_proxy_hops"),
    ("HEADGATE_LITELLM_HEADERS", "headgate.litellm_headers"),
    (
        "HEADGATE_TLS_CERTIFICATE_FILE and HEADGATE_TLS_KEY_FILE, SSL_CERTFILE_PATH and SSL_KEYFILE_PATH",
        "headgate.tls_certificate_file, headgate.tls_key_file",
    ),
    (
        "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, in lower case too",
        "headgate.outgoing_proxy",
    ),
    ("NO_PROXY, no_proxy", "headgate.no_proxy"),
    ("SSL_CERT_FILE", "headgate.extra_ca_file"),
    (
        "SSL_VERIFY (true, false or a file)",
        "headgate.verify_provider_certificates, headgate.extra_ca_file",
    ),
    (
        "DATABASE_URL; DATABASE_HOST with DATABASE_NAME, DATABASE_USERNAME, DATABASE_PASSWORD, DATABASE_PORT",
        "general_settings.database_url",
    ),
    (
        "HEADGATE_ENCRYPTION_KEY, LITELLM_SALT_KEY",
        "the key that provider credentials are encrypted with: `openssl rand -hex 32`; without it one is made in the data folder",
    ),
    (
        "HEADGATE_PREVIOUS_ENCRYPTION_KEYS",
        "older ones, separated by commas, which still open what they sealed",
    ),
    (
        "HEADGATE_AUDIT_ANCHOR",
        "where the end of the audit trail is noted each minute: file:///path, syslog://host:port, unix:///dev/log (a file in the data folder)",
    ),
    (
        "REDIS_URL, REDIS_HOST",
        "where counters are kept, shared by several gateways (in memory)",
    ),
    (
        "SLACK_WEBHOOK_URL, ALERTING_WEBHOOK_URL; WEBHOOK_URL",
        "where alerts of budgets go when general_settings.alerting names slack, webhook",
    ),
    (
        "SMTP_HOST and SMTP_SENDER_EMAIL, with SMTP_PORT (587), SMTP_USERNAME, SMTP_PASSWORD, SMTP_TLS (true)",
        "the server through which alerts and invitations are mailed",
    ),
    (
        "GOOGLE_CLIENT_ID, MICROSOFT_CLIENT_ID with MICROSOFT_TENANT, GENERIC_CLIENT_ID with GENERIC_AUTHORIZATION_ENDPOINT; each with its …_CLIENT_SECRET; ALLOWED_EMAIL_DOMAINS, PROXY_ADMIN_ID",
        "an identity provider as LiteLLM names it, beside headgate.sign_in.providers (docs/sign-in.md)",
    ),
    (
        "JWT_PUBLIC_KEY_URL, JWT_AUDIENCE, JWT_ISSUER",
        "whose tokens callers may send when general_settings.enable_jwt_auth is on",
    ),
];

/// Puts the variables over what the file says. Variables of ours that cannot mean anything are
/// faults; shared ones (`PORT`, `HOST`) are warned of and left.
pub fn apply(environment: &Environment, settings: &mut GatewaySettings, report: &mut Report) {
    let mut reader = Reader {
        environment,
        report,
    };
    listen(&mut reader, settings);
    access(&mut reader, settings);
    web(&mut reader, settings);
    log(&mut reader, settings);
    outgoing(environment, settings);
}

/// A root path with a leading and without a trailing slash; `/` is none.
#[must_use]
pub fn root_path(path: &str) -> String {
    let inner = path.trim_matches('/');
    if inner.is_empty() {
        String::new()
    } else {
        format!("/{inner}")
    }
}

struct Reader<'e> {
    environment: &'e Environment,
    report: &'e mut Report,
}

impl Reader<'_> {
    fn text(&self, names: &[&str]) -> Option<String> {
        self.environment
            .first(names)
            .map(|(_, value)| value.to_owned())
    }

    fn parsed<T>(
        &mut self,
        names: &[&str],
        wanted: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let (name, value) = self.environment.first(names)?;
        let parsed = parse(value.trim());
        if parsed.is_none() {
            let position = Position::elsewhere(&format!("environment variable {name}"));
            let message = format!("`{value}` is not {wanted}");
            if name.starts_with("HEADGATE_") {
                self.report.fault("wrong-type", &position, message);
            } else {
                let message = format!("{message}; the variable is left alone");
                self.report.warn("variable", &position, message);
            }
        }
        parsed
    }

    fn boolean(&mut self, names: &[&str]) -> Option<bool> {
        self.parsed(names, "true or false", |value| match value {
            "1" => Some(true),
            "0" => Some(false),
            other => boolean(other),
        })
    }
}

fn listen(reader: &mut Reader<'_>, settings: &mut GatewaySettings) {
    let listen = &mut settings.listen;
    let port = reader.parsed(&["HEADGATE_PORT", "PORT"], "a port", |value| {
        value.parse().ok()
    });
    listen.port = port.or(listen.port);
    let threads = reader.parsed(
        &["HEADGATE_THREADS", "NUM_WORKERS"],
        "a number of threads",
        |value| value.parse().ok().filter(|threads| *threads > 0),
    );
    listen.threads = threads.or(listen.threads);
    // Shells set HOST to the machine's name; only an address can be meant for us.
    let shared = reader
        .text(&["HOST"])
        .filter(|host| host.parse::<std::net::IpAddr>().is_ok());
    let host = reader.text(&["HEADGATE_HOST"]).or(shared);
    listen.host = host.or(listen.host.take());
    let certificate = reader.text(&["HEADGATE_TLS_CERTIFICATE_FILE", "SSL_CERTFILE_PATH"]);
    let key = reader.text(&["HEADGATE_TLS_KEY_FILE", "SSL_KEYFILE_PATH"]);
    if let (Some(certificate), Some(key)) = (certificate, key) {
        listen.tls = Some(TlsFiles {
            certificate_file: certificate.into(),
            key_file: key.into(),
        });
    }
    if let Some(folder) = reader.text(&["HEADGATE_DATA_DIR"]) {
        settings.data_dir = Some(PathBuf::from(folder));
    }
}

fn access(reader: &mut Reader<'_>, settings: &mut GatewaySettings) {
    if let Some(open) = reader.boolean(&["HEADGATE_ALLOW_ANONYMOUS"]) {
        settings.access.allow_anonymous = open;
    }
    let permit = reader.boolean(&[
        "HEADGATE_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY",
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY",
    ]);
    if let Some(permit) = permit {
        settings.access.permit_weak_master_key = permit;
    }
}

fn web(reader: &mut Reader<'_>, settings: &mut GatewaySettings) {
    let web = &mut settings.web;
    if let Some(path) = reader.text(&["HEADGATE_ROOT_PATH", "SERVER_ROOT_PATH"]) {
        web.root_path = root_path(&path);
    }
    if let Some(url) = reader.text(&["HEADGATE_PUBLIC_BASE_URL", "PROXY_BASE_URL"]) {
        web.public_base_url = Some(url.trim_end_matches('/').to_owned());
    }
    let language = reader.parsed(&["HEADGATE_LANGUAGE"], "en, de or zh-CN", Language::of);
    web.language = language.unwrap_or(web.language);
    let hops = reader.parsed(&["HEADGATE_TRUSTED_PROXY_HOPS"], "a number", |value| {
        value.parse().ok()
    });
    web.trusted_proxy_hops = hops.unwrap_or(web.trusted_proxy_hops);
    if let Some(headers) = reader.boolean(&["HEADGATE_LITELLM_HEADERS"]) {
        web.litellm_headers = headers;
    }
}

fn log(reader: &mut Reader<'_>, settings: &mut GatewaySettings) {
    let level = reader.parsed(
        &["HEADGATE_LOG", "LITELLM_LOG"],
        "error, warn, info, debug or trace",
        LogLevel::parse,
    );
    settings.log.level = level.unwrap_or(settings.log.level);
    let json = reader.parsed(
        &["HEADGATE_LOG_FORMAT"],
        "text or json",
        |value| match value {
            "json" => Some(true),
            "text" => Some(false),
            _ => None,
        },
    );
    let json = json.or_else(|| reader.boolean(&["JSON_LOGS"]));
    settings.log.json = json.unwrap_or(settings.log.json);
}

fn outgoing(environment: &Environment, settings: &mut GatewaySettings) {
    let outgoing = &mut settings.outgoing;
    let text = |names: &[&str]| environment.first(names).map(|(_, value)| value.to_owned());
    // A proxy written in the file is meant for this gateway; the variables are for the machine.
    outgoing.https_proxy = outgoing
        .https_proxy
        .take()
        .or_else(|| text(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]));
    outgoing.http_proxy = outgoing
        .http_proxy
        .take()
        .or_else(|| text(&["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]));
    if outgoing.no_proxy.is_empty()
        && let Some(hosts) = text(&["NO_PROXY", "no_proxy"])
    {
        outgoing.no_proxy = hosts
            .split(',')
            .map(|host| host.trim().to_owned())
            .filter(|host| !host.is_empty())
            .collect();
    }
    if let Some(file) = text(&["SSL_CERT_FILE"]) {
        outgoing.extra_ca_file = Some(file.into());
    }
    if let Some(verify) = text(&["SSL_VERIFY"]) {
        match boolean(&verify) {
            Some(check) => outgoing.verify_certificates = check,
            None => outgoing.extra_ca_file = Some(verify.into()),
        }
    }
}
