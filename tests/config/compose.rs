//! docker-compose.yml, as far as it can be checked without an engine.

use std::collections::BTreeSet;
use std::path::Path;

use headgate::banner::banner;
use headgate::config::environment::Environment;
use headgate::config::node::{Content, Node};
use headgate::config::report::Report;
use headgate::config::yaml;

const COMPOSE: &str = include_str!("../../docker-compose.yml");
const TUTORIAL: &str = include_str!("../../examples/tutorial.yaml");
const DOCKERFILE: &str = include_str!("../../deploy/Dockerfile");
const DOCKERIGNORE: &str = include_str!("../../deploy/Dockerfile.dockerignore");
const MANIFEST: &str = include_str!("../../Cargo.toml");

fn tree() -> Node {
    yaml::parse(
        COMPOSE,
        &"docker-compose.yml".into(),
        &mut Report::default(),
    )
    .unwrap()
}

/// Name and description of each service.
fn services(tree: &Node) -> Vec<(&str, &Node)> {
    let entries = tree.get("services").unwrap().entries().iter();
    entries
        .map(|entry| (entry.key.as_str(), &entry.value))
        .collect()
}

fn service<'t>(tree: &'t Node, name: &str) -> &'t Node {
    tree.get("services").unwrap().get(name).unwrap()
}

fn texts(node: Option<&Node>) -> Vec<&str> {
    let items = node.map_or(&[][..], Node::items);
    items.iter().filter_map(Node::text).collect()
}

fn keys_of(node: Option<&Node>) -> Vec<&str> {
    let entries = node.map_or(&[][..], Node::entries);
    entries.iter().map(|entry| entry.key.as_str()).collect()
}

/// Every text of the file with the path to it.
fn walk(node: &Node, path: &str, found: &mut Vec<(String, String)>) {
    match &node.content {
        Content::Map(entries) => {
            for entry in entries {
                walk(&entry.value, &format!("{path}.{}", entry.key), found);
            }
        }
        Content::List(items) => items.iter().for_each(|item| walk(item, path, found)),
        Content::Scalar { text, .. } => found.push((path.to_owned(), text.clone())),
        Content::Null | Content::Unset { .. } => {}
    }
}

/// What compose puts in a text: name, and what follows it (`:?message`, `:-default`).
fn variables(text: &str) -> Vec<(&str, &str)> {
    let inside = text.split("${").skip(1).map(|rest| {
        let (inside, _) = rest.split_once('}').expect("each ${ has its }");
        let end = inside.find(|one: char| !one.is_ascii_alphanumeric() && one != '_');
        inside.split_at(end.unwrap_or(inside.len()))
    });
    inside.collect()
}

/// The text with a value for each variable, as compose would put it there.
fn filled(text: &str) -> String {
    let mut parts = text.split("${");
    let mut whole = parts.next().unwrap().to_owned();
    for part in parts {
        let (inside, rest) = part.split_once('}').unwrap();
        let name = inside.split(':').next().unwrap();
        whole.push_str(&format!("{:0<40}", name.to_lowercase().replace('_', "0")));
        whole.push_str(rest);
    }
    whole
}

fn environment_of(service: &Node) -> Vec<(String, String)> {
    let entries = service.get("environment").unwrap().entries().iter();
    entries
        .map(|entry| (entry.key.clone(), entry.value.text().unwrap().to_owned()))
        .collect()
}

#[test]
fn the_gateway_stands_beside_a_database_and_a_redis_as_in_the_tutorial() {
    let tree = tree();
    let names: Vec<&str> = services(&tree).iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["gateway", "db", "redis"]);
    assert_eq!(
        keys_of(service(&tree, "gateway").get("depends_on")),
        ["db", "redis"]
    );
}

#[test]
fn whoever_is_waited_for_says_when_it_is_healthy() {
    let tree = tree();
    let mut waited_for = 0;
    for (name, description) in services(&tree) {
        let depends_on = description.get("depends_on");
        assert!(
            texts(depends_on).is_empty(),
            "{name} waits for a start, not for health"
        );
        for other in keys_of(depends_on) {
            let condition = depends_on.unwrap().get(other).unwrap().get("condition");
            assert_eq!(condition.unwrap().text(), Some("service_healthy"), "{name}");
            let check = service(&tree, other).get("healthcheck").unwrap();
            let test = texts(check.get("test"));
            assert!(
                test[0] == "CMD" || test[0] == "CMD-SHELL",
                "{other}: {test:?}"
            );
            assert!(test.len() > 1, "{other}: {test:?}");
            for bound in ["interval", "timeout", "retries"] {
                assert!(check.get(bound).is_some(), "{other}: {bound}");
            }
            waited_for += 1;
        }
    }
    assert_eq!(waited_for, 2);
}

#[test]
fn nothing_is_published_off_this_machine_and_only_the_gateway_is_published() {
    let tree = tree();
    for (name, description) in services(&tree) {
        let ports = texts(description.get("ports"));
        assert_eq!(ports.is_empty(), name != "gateway", "{name}: {ports:?}");
        for port in ports {
            assert!(port.starts_with("127.0.0.1:"), "{name}: {port}");
        }
        assert!(description.get("network_mode").is_none(), "{name}");
        if name != "gateway" {
            assert_eq!(texts(description.get("networks")), ["storage"], "{name}");
        }
    }
    let storage = tree.get("networks").unwrap().get("storage").unwrap();
    assert_eq!(storage.get("internal").unwrap().text(), Some("true"));
}

#[test]
fn no_secret_has_a_default() {
    let mut found = Vec::new();
    walk(&tree(), "", &mut found);
    let mut required = BTreeSet::new();
    for (path, text) in &found {
        for (name, rest) in variables(text) {
            match rest.strip_prefix(":?") {
                Some(message) => {
                    assert!(message.len() > 10, "{path}: says what to do");
                    required.insert(name.to_owned());
                }
                // A provider that has no key is not offered.
                None => assert!(rest == ":-" && name.ends_with("_API_KEY"), "{path}: {text}"),
            }
        }
        let last = path.rsplit('.').next().unwrap();
        let is_secret = ["PASSWORD", "KEY", "SECRET", "TOKEN"]
            .iter()
            .any(|word| last.to_uppercase().ends_with(word));
        assert!(!is_secret || text.starts_with("${"), "{path}: {text}");
        if let Some((user, _)) = text
            .split_once("://")
            .and_then(|(_, rest)| rest.split_once('@'))
        {
            let (_, password) = user.split_once(':').unwrap();
            assert!(password.starts_with("${"), "{path}: {text}");
        }
        assert!(!text.contains("trust"), "{path}: {text}");
    }
    let required: Vec<&str> = required.iter().map(String::as_str).collect();
    assert_eq!(
        required,
        [
            "HEADGATE_ENCRYPTION_KEY",
            "HEADGATE_MASTER_KEY",
            "POSTGRES_PASSWORD"
        ]
    );
    for name in required {
        assert!(
            COMPOSE.contains(&format!("\"{name}=")),
            "the top says how to set {name}"
        );
    }
}

#[test]
fn the_gateway_reaches_the_database_that_the_file_makes() {
    let tree = tree();
    let value = |service_name: &str, name: &str| {
        let all = environment_of(service(&tree, service_name));
        let found = all.into_iter().find(|(found, _)| found == name);
        filled(
            &found
                .unwrap_or_else(|| panic!("{service_name} has no {name}"))
                .1,
        )
    };
    let expected = format!(
        "postgres://{}:{}@db:5432/{}",
        value("db", "POSTGRES_USER"),
        value("db", "POSTGRES_PASSWORD"),
        value("db", "POSTGRES_DB")
    );
    assert_eq!(value("gateway", "DATABASE_URL"), expected);
    assert_eq!(value("gateway", "REDIS_URL"), "redis://redis:6379/0");
}

#[test]
fn what_is_stored_outlives_its_container() {
    let tree = tree();
    let declared: BTreeSet<&str> = tree
        .get("volumes")
        .unwrap()
        .entries()
        .iter()
        .map(|entry| entry.key.as_str())
        .collect();
    let mut used = BTreeSet::new();
    for (name, description) in services(&tree) {
        let volumes = texts(description.get("volumes"));
        let named: Vec<&str> = volumes
            .iter()
            .filter(|volume| !volume.starts_with('.'))
            .filter_map(|volume| Some(volume.split_once(':')?.0))
            .collect();
        assert_eq!(named.len(), 1, "{name} keeps its data in one volume");
        used.extend(named);
        for file in volumes
            .iter()
            .filter_map(|volume| volume.strip_prefix("./"))
        {
            let (path, _) = file.split_once(':').unwrap();
            assert!(root().join(path).is_file(), "{path}");
        }
        let image = description.get("image").unwrap().text().unwrap();
        let is_ours = image == "headgate:latest" && description.get("build").is_some();
        let version = image.split_once(':').map(|(_, version)| version);
        let is_pinned =
            version.is_some_and(|version| version.starts_with(|one: char| one.is_ascii_digit()));
        assert!(is_ours || is_pinned, "{image}");
    }
    assert_eq!(used, declared);
}

#[test]
fn the_gateways_arguments_and_variables_start_it_and_let_in_nobody_without_a_key() {
    let tree = tree();
    let gateway = service(&tree, "gateway");
    let mut environment = Environment::default().with_file("/app/config.yaml", TUTORIAL);
    for (name, value) in environment_of(gateway) {
        environment.set(&name, &filled(&value));
    }
    let arguments = std::iter::once("headgate").chain(texts(gateway.get("command")));
    let mut said = Vec::new();
    let outcome = headgate::cli::run(arguments.map(Into::into).collect(), &environment, &mut said);
    let headgate::cli::Outcome::Serve(start) = outcome else {
        panic!("{}", String::from_utf8_lossy(&said));
    };
    let config = &start.loaded.config;
    assert_eq!(config.gateway.host(), "0.0.0.0");
    assert!(config.gateway.access.master_key.is_some());
    assert!(!config.gateway.access.allow_anonymous);
    let lines = banner(config, &start.loaded.report, "http://0.0.0.0:4000");
    assert!(!lines.contains("postgres0password"), "{lines}");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_image_is_built_from_every_member_of_the_workspace() {
    let members = MANIFEST
        .lines()
        .find(|line| line.starts_with("members = "))
        .unwrap();
    let mut folders: Vec<&str> = members.split('"').skip(1).step_by(2).collect();
    folders.retain(|folder| *folder != ".");
    folders.extend(["src", "migrations"]);
    assert!(folders.len() > 5, "{folders:?}");
    for folder in folders {
        assert!(root().join(folder).is_dir(), "{folder}");
        assert!(
            DOCKERFILE.contains(&format!("COPY {folder} {folder}\n")),
            "{folder}"
        );
        assert!(DOCKERIGNORE.contains(&format!("!{folder}\n")), "{folder}");
    }
}
