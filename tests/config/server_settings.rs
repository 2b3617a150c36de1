//! The settings of the gateway: flags before the environment before the file before defaults.

use std::path::Path;

use headgate::config::environment::Environment;
use headgate::config::gateway::{LogLevel, TlsFiles};

use crate::trying::{config, loaded_in, only, place, refused};

const EVERYTHING: &str = "headgate:
  host: 10.0.0.1
  port: 8080
  threads: 3
  data_dir: /var/lib/headgate
  tls_certificate_file: cert.pem
  tls_key_file: key.pem
  allow_anonymous: true
  litellm_headers: true
  require_auth_for_metrics: false
  cors_allowed_origins: [https://app.example]
  public_base_url: https://ai.example/
  root_path: gateway/
  trusted_proxy_hops: 2
  max_request_bytes: 1000
  max_response_bytes: 2000
  connect_timeout_ms: 1
  first_byte_timeout_ms: 2
  idle_timeout_ms: 3
  keepalive_comment_interval_ms: 0
  request_header_timeout_ms: 4
  request_body_timeout_ms: 5
  drain_timeout_ms: 6
  outgoing_proxy: http://proxy.example:3128
  no_proxy: [localhost, .example]
  extra_ca_file: ca.pem
  verify_provider_certificates: false
  log_level: warning
  log_format: text
";

#[test]
fn every_setting_of_our_own_is_taken() {
    let gateway = config(EVERYTHING).gateway;
    assert_eq!(
        (gateway.host(), gateway.port(), gateway.listen.threads),
        ("10.0.0.1", 8080, Some(3))
    );
    assert_eq!(gateway.data_dir(), Path::new("/var/lib/headgate"));
    let tls = TlsFiles {
        certificate_file: "cert.pem".into(),
        key_file: "key.pem".into(),
    };
    assert_eq!(gateway.listen.tls, Some(tls));
    assert!(gateway.access.allow_anonymous);
    let web = &gateway.web;
    assert!(web.litellm_headers && !web.require_auth_for_metrics);
    assert_eq!(web.cors_allowed_origins, ["https://app.example"]);
    assert_eq!(web.public_base_url.as_deref(), Some("https://ai.example"));
    assert_eq!(
        (web.root_path.as_str(), web.trusted_proxy_hops),
        ("/gateway", 2)
    );
    assert_eq!(
        (
            gateway.limits.max_request_bytes,
            gateway.limits.max_response_bytes
        ),
        (1000, 2000)
    );
    let waits = &gateway.waits;
    assert_eq!(
        (waits.connect_timeout_ms, waits.first_byte_timeout_ms),
        (1, Some(2))
    );
    assert_eq!(
        (waits.idle_timeout_ms, waits.keepalive_comment_interval_ms),
        (3, None)
    );
    assert_eq!(
        (
            waits.request_header_timeout_ms,
            waits.request_body_timeout_ms
        ),
        (4, 5)
    );
    assert_eq!(waits.drain_timeout_ms, 6);
    let outgoing = &gateway.outgoing;
    assert_eq!(
        outgoing.https_proxy.as_deref(),
        Some("http://proxy.example:3128")
    );
    assert_eq!(outgoing.no_proxy, ["localhost", ".example"]);
    assert_eq!(outgoing.extra_ca_file.as_deref(), Some(Path::new("ca.pem")));
    assert!(!outgoing.verify_certificates);
    assert_eq!(
        (gateway.log.level, gateway.log.json),
        (LogLevel::Warn, false)
    );
}

#[test]
fn without_a_word_the_settings_are_those_of_the_handbook() {
    let gateway = loaded_in("", &Environment::default()).config.gateway;
    assert_eq!((gateway.host(), gateway.port()), ("127.0.0.1", 4000));
    assert_eq!(gateway.data_dir(), Path::new("headgate-data"));
    assert_eq!(gateway.limits.max_request_bytes, 20_971_520);
    assert_eq!(gateway.limits.max_response_bytes, 67_108_864);
    let waits = &gateway.waits;
    assert_eq!(
        (waits.connect_timeout_ms, waits.idle_timeout_ms),
        (5_000, 120_000)
    );
    assert_eq!(waits.keepalive_comment_interval_ms, Some(15_000));
    assert_eq!(waits.drain_timeout_ms, 600_000);
    assert!(!gateway.web.litellm_headers && gateway.web.cors_allowed_origins.is_empty());
    assert!(gateway.outgoing.verify_certificates && gateway.web.require_auth_for_metrics);
    assert_eq!(
        (gateway.log.level, gateway.log.json),
        (LogLevel::Info, true)
    );
}

#[test]
fn variables_count_before_the_file_and_ours_before_litellms() {
    let environment = Environment::of(&[
        ("HEADGATE_PORT", "7000"),
        ("PORT", "6000"),
        ("NUM_WORKERS", "9"),
        ("HEADGATE_ALLOW_ANONYMOUS", "false"),
        ("SERVER_ROOT_PATH", "/other"),
        ("PROXY_BASE_URL", "https://other.example"),
        ("LITELLM_LOG", "DEBUG"),
        ("HTTPS_PROXY", "http://machine-wide.example"),
        ("SSL_CERT_FILE", "machine.pem"),
        ("HOST", "my-laptop"),
        ("REDIS_URL", "redis://r"),
    ]);
    let gateway = loaded_in(EVERYTHING, &environment).config.gateway;
    assert_eq!((gateway.port(), gateway.listen.threads), (7000, Some(9)));
    assert_eq!(gateway.host(), "10.0.0.1");
    assert!(!gateway.access.allow_anonymous);
    assert_eq!(gateway.web.root_path, "/other");
    assert_eq!(
        gateway.web.public_base_url.as_deref(),
        Some("https://other.example")
    );
    assert_eq!(gateway.log.level, LogLevel::Debug);
    assert_eq!(
        gateway.outgoing.https_proxy.as_deref(),
        Some("http://proxy.example:3128")
    );
    assert_eq!(
        gateway.outgoing.extra_ca_file.as_deref(),
        Some(Path::new("machine.pem"))
    );
    let redis = gateway.redis.as_ref();
    assert_eq!(redis.map(|redis| redis.origin.as_str()), Some("REDIS_URL"));
}

#[test]
fn a_variable_of_ours_that_means_nothing_is_refused_and_a_shared_one_is_left_alone() {
    let environment = Environment::of(&[("HEADGATE_PORT", "many")]);
    let Err(refused) = headgate::config::without_file(&environment) else {
        panic!("HEADGATE_PORT=many was accepted");
    };
    let finding = only(&refused.report, "wrong-type");
    assert_eq!(
        finding.position.to_string(),
        "environment variable HEADGATE_PORT"
    );
    let loaded = loaded_in("", &Environment::of(&[("PORT", "tcp://10.0.0.1:80")]));
    assert_eq!(loaded.config.gateway.port(), 4000);
    only(&loaded.report, "variable");
}

#[test]
fn general_settings_are_honoured() {
    let gateway = config("general_settings:
  master_key: os.environ/ANTHROPIC_API_KEY
  litellm_key_header_name: X-My-Key
  max_request_size_mb: 1.5
  max_response_size_mb: 2
  dangerously_permit_weak_or_unset_master_key: true
litellm_settings: {json_logs: true, ssl_verify: my-ca.pem, require_auth_for_metrics_endpoint: false, set_verbose: true}
")
    .gateway;
    let key = gateway.access.master_key.unwrap();
    assert_eq!(key.secret.expose(), "sk-ant-0123456789");
    assert_eq!(key.origin.to_string(), "config.yaml:2:15");
    assert_eq!(gateway.access.key_header.as_deref(), Some("x-my-key"));
    assert_eq!(gateway.limits.max_request_bytes, 1_572_864);
    assert_eq!(gateway.limits.max_response_bytes, 2_097_152);
    assert!(gateway.access.permit_weak_master_key);
    assert!(gateway.log.json && !gateway.web.require_auth_for_metrics);
    assert_eq!(gateway.log.level, LogLevel::Debug);
    assert_eq!(
        gateway.outgoing.extra_ca_file.as_deref(),
        Some(Path::new("my-ca.pem"))
    );
}

#[test]
fn the_master_key_of_the_environment_counts_and_a_different_one_in_the_file_is_warned_of() {
    let environment = Environment::of(&[
        ("HEADGATE_MASTER_KEY", "sk-hg-ours-0123456789"),
        ("LITELLM_MASTER_KEY", "sk-theirs-0123456789"),
    ]);
    let loaded = loaded_in(
        "general_settings: {master_key: sk-in-the-file-0123456789}",
        &environment,
    );
    let key = loaded.config.gateway.access.master_key.unwrap();
    assert_eq!(key.secret.expose(), "sk-hg-ours-0123456789");
    assert_eq!(key.weakness, None);
    assert_eq!(place(&loaded.report, "master-key"), (1, 32));
}

#[test]
fn a_weak_master_key_keeps_the_gateway_on_loopback_unless_that_is_permitted() {
    let weak = config("general_settings: {master_key: sk-1234}").gateway;
    assert!(weak.is_loopback_only());
    assert_eq!(weak.host(), "127.0.0.1");
    let permitted = config("general_settings: {master_key: sk-1234, dangerously_permit_weak_or_unset_master_key: true}").gateway;
    assert!(!permitted.is_loopback_only());
    assert_eq!(permitted.host(), "0.0.0.0");
}

#[test]
fn half_of_tls_is_refused() {
    only(&refused("headgate: {tls_key_file: key.pem}\n"), "tls-files");
}
