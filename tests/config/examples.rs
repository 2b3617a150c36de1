//! The files of the tutorial load verbatim.

use domain::routing::Strategy;
use headgate::banner::banner;
use headgate::config::environment::Environment;
use headgate::config::node::Node;
use headgate::config::report::Report;
use headgate::config::yaml;

use crate::trying::{keys, loaded, loaded_in, only};

const TUTORIAL: &str = include_str!("../../examples/tutorial.yaml");
const RELIABILITY: &str = include_str!("../../examples/reliability.yaml");
const TUTORIAL_COMPOSE: &str = include_str!("../../examples/docker-compose.tutorial.yaml");

#[test]
fn the_tutorials_three_models_go_where_they_say() {
    let loaded = loaded(TUTORIAL);
    let table = loaded.config.table;
    let ways: Vec<(&str, &str, &str)> = table
        .deployments
        .iter()
        .map(|one| {
            (
                one.group.as_str(),
                one.provider.as_str(),
                one.model.as_str(),
            )
        })
        .collect();
    assert_eq!(
        ways,
        [
            ("gpt-4o", "openai", "gpt-4o"),
            ("claude-3-sonnet", "anthropic", "claude-3-5-sonnet-20240620"),
            ("local-llama", "ollama", "llama3"),
        ]
    );
    let key = table.deployments[0].api_key.as_ref().unwrap();
    assert_eq!(key.expose(), "sk-openai-0123456789");
    assert_eq!(
        table.deployments[2].base_url.as_deref(),
        Some("http://host.docker.internal:11434")
    );
    assert_eq!(table.router.strategy, Strategy::SimpleShuffle);
    assert!(loaded.config.gateway.log.routing);
    let unexpected: Vec<_> = loaded
        .report
        .findings
        .iter()
        .filter(|one| one.code != "retired-model")
        .collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
}

#[test]
fn the_tutorial_without_any_key_still_offers_something_that_answers() {
    let loaded = loaded_in(TUTORIAL, &Environment::default());
    let lines = banner(&loaded.config, &loaded.report, "http://127.0.0.1:4000");
    assert!(lines.contains("no key (set OPENAI_API_KEY)"), "{lines}");
    assert!(lines.contains("this machine only"), "{lines}");
    assert!(lines.contains("\"model\":\"headgate/echo\""), "{lines}");
    assert!(
        lines.contains("examples") || lines.contains("config.yaml:5:16"),
        "{lines}"
    );
}

#[test]
fn the_reliable_group_has_two_providers_and_the_key_that_is_none_is_warned_of() {
    let loaded = loaded(RELIABILITY);
    let table = &loaded.config.table;
    assert_eq!(table.deployments.len(), 2);
    assert!(
        table
            .deployments
            .iter()
            .all(|one| one.group == "high-reliability-model")
    );
    assert_eq!(table.router.strategy, Strategy::Latency);
    assert!(table.router.fallbacks.is_empty());
    let finding = only(&loaded.report, "unknown-key");
    assert!(finding.message.contains("enable_fallbacks"));
    assert_eq!((finding.position.line, finding.position.column), (13, 3));
}

/// The environment of a compose service, with a value for what the shell would give.
fn variables(service: &Node) -> Vec<(String, String)> {
    let environment = service.get("environment").unwrap();
    let mut pairs: Vec<(String, String)> = environment
        .entries()
        .iter()
        .map(|entry| (entry.key.clone(), entry.value.text().unwrap().to_owned()))
        .collect();
    for item in environment.items() {
        let (name, value) = item.text().unwrap().split_once('=').unwrap();
        pairs.push((name.to_owned(), value.to_owned()));
    }
    for (name, value) in &mut pairs {
        if value.starts_with("${") {
            *value = format!("sk-{name}-value");
        }
    }
    pairs
}

fn service(compose: &str, name: &str) -> Node {
    let mut report = Report::default();
    let tree = yaml::parse(compose, &"compose.yaml".into(), &mut report).unwrap();
    tree.get("services").unwrap().get(name).unwrap().clone()
}

fn environment_of(service: &Node) -> Environment {
    let mut environment = Environment::default();
    for (name, value) in variables(service) {
        environment.set(&name, &value);
    }
    environment
}

#[test]
fn the_tutorials_compose_service_starts_with_its_arguments_and_variables() {
    let service = service(TUTORIAL_COMPOSE, "gateway");
    let command: Vec<&str> = service
        .get("command")
        .unwrap()
        .items()
        .iter()
        .filter_map(Node::text)
        .collect();
    assert_eq!(command, ["--config", "/app/config.yaml"]);
    let environment = environment_of(&service).with_file("/app/config.yaml", TUTORIAL);
    let mut said = Vec::new();
    let arguments = std::iter::once("headgate")
        .chain(command)
        .map(Into::into)
        .collect();
    let outcome = headgate::cli::run(arguments, &environment, &mut said);
    let headgate::cli::Outcome::Serve(start) = outcome else {
        panic!("{}", String::from_utf8_lossy(&said));
    };
    let config = &start.loaded.config;
    let postgres = config.gateway.storage.postgres.as_ref().unwrap();
    assert_eq!(postgres.origin, "DATABASE_URL");
    assert!(config.table.deployments[0].api_key.is_some());
    let lines = banner(config, &start.loaded.report, "http://0.0.0.0:4000");
    assert!(
        lines.contains("kept in PostgreSQL (DATABASE_URL)"),
        "{lines}"
    );
    assert!(!lines.contains("gateway:gateway@"), "{lines}");
}

#[test]
fn without_variables_of_its_own_the_gateway_listens_on_loopback_and_with_a_key_on_every_address() {
    let open = loaded_in(TUTORIAL, &keys());
    assert_eq!(open.config.gateway.host(), "127.0.0.1");
    assert!(open.config.gateway.is_loopback_only());
    let mut environment = keys();
    environment.set("LITELLM_MASTER_KEY", "sk-hg-master-4242");
    let keyed = loaded_in(TUTORIAL, &environment);
    assert_eq!(keyed.config.gateway.host(), "0.0.0.0");
    assert!(!keyed.config.gateway.is_loopback_only());
}
