//! The configuration file: read whole, with everything that is to be said of it, or refused.
//!
//! | module | purpose |
//! |---|---|
//! | [`environment`], `own_variables` | variables, `os.environ/NAME`, files |
//! | [`yaml`], [`node`], [`include`] | text to a tree that knows its places |
//! | [`keys`], [`section`], [`suggest`] | the table of known keys, reading by it, near misses |
//! | [`model_list`], [`deployment`], [`vendor`], [`reach`], [`address`], [`prices`], [`identity`] | `model_list` |
//! | [`router`], [`weights`] | `router_settings`, shares within a group |
//! | [`settings`], [`variables`], [`gateway`], [`master_key`], [`storage`], [`alerts`], [`retention`] | the settings of the gateway |
//! | [`effective`] | every value and where it comes from, for the console |
//! | [`lint`], [`report`] | what can be seen only at the end; what is said |
//! | [`discover`], [`readiness`] | models without a word of configuration; which can answer |
//! | [`schema`], [`handbook`] | the JSON Schema and the handbook, made from the table |

pub mod address;
pub mod alerts;
pub mod callers;
pub mod deployment;
pub mod discover;
pub mod effective;
pub mod environment;
pub mod gateway;
pub mod governing;
pub mod handbook;
pub mod identity;
pub mod include;
mod key_templates;
pub mod keys;
pub mod lint;
mod litellm_sign_in;
pub mod master_key;
pub mod model_list;
pub mod node;
mod own_variables;
pub mod prices;
pub mod reach;
pub mod readiness;
pub mod redis;
pub mod report;
pub mod retention;
pub mod router;
pub mod schema;
pub mod section;
pub mod settings;
mod sign_in;
pub mod storage;
pub mod suggest;
pub mod variables;
pub mod vendor;
pub mod weights;
pub mod yaml;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::routing::RoutingTable;

use self::deployment::Placed;
use self::environment::{Environment, resolve};
use self::gateway::GatewaySettings;
use self::keys::SectionName;
use self::node::{Content, Node, json_of};
use self::report::{Position, Refused, Report};
use self::section::Section;
use self::settings::Sources;

/// Everything that the gateway runs on.
#[derive(Clone, Default)]
pub struct Config {
    /// Where requests may go.
    pub table: RoutingTable,
    /// The settings of the gateway itself.
    pub gateway: GatewaySettings,
    /// The file and all that it includes; changes there are a reason to reload.
    pub files: Vec<String>,
    /// SHA-256 of their texts in hexadecimal digits; empty without a file.
    pub digest: String,
    /// The variable that a deployment's `api_key` names and that is not set, by deployment id.
    pub unset_keys: BTreeMap<String, String>,
    /// Every value and the place that it comes from, without secrets; for the console.
    pub effective: Vec<admin_api::settings::ConfiguredValue>,
}

/// A configuration that can run, and what is to be said of it.
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Warnings, and keys that are not yet in effect; no faults.
    pub report: Report,
}

/// Reads a configuration. Pure: what it knows of the world is in `environment`.
///
/// # Errors
/// When the file cannot mean anything: every fault at once, each with its place.
pub fn load(text: &str, name: &str, environment: &Environment) -> Result<Loaded, Refused> {
    let mut report = Report::default();
    let config = read(text, name, environment, &mut report);
    report.sort();
    match config {
        Some(config) if !report.has_faults() => Ok(Loaded { config, report }),
        _ => Err(Refused { report }),
    }
}

/// Reads the file of that name, and what it includes, through `environment`.
///
/// # Errors
/// As [`load`], and when the file cannot be read.
pub fn load_file(name: &str, environment: &Environment) -> Result<Loaded, Refused> {
    match environment.read(name) {
        Ok(text) => load(&text, name, environment),
        Err(error) => {
            let said = (
                format!("the configuration {error}"),
                "check the path after --config",
            );
            Err(Refused::because(
                "unreadable",
                &Position::elsewhere(name),
                said,
            ))
        }
    }
}

/// The configuration without a file: what the environment's variables offer.
///
/// # Errors
/// When a variable of ours cannot mean anything, such as `HEADGATE_PORT=many`.
pub fn without_file(environment: &Environment) -> Result<Loaded, Refused> {
    let mut report = Report::default();
    let gateway = settings::read(&Sources::default(), environment, &mut report);
    if report.has_faults() {
        return Err(Refused { report });
    }
    let config = Config {
        table: discover::discover(environment),
        gateway,
        ..Config::default()
    };
    Ok(Loaded { config, report })
}

fn read(text: &str, name: &str, environment: &Environment, report: &mut Report) -> Option<Config> {
    let include::Assembled {
        mut root,
        files,
        texts,
    } = include::assemble(text, name, environment, report)?;
    if matches!(root.content, Content::Null) {
        report.warn("empty-file", &root.position, "the file is empty");
        root.content = Content::Map(Vec::new());
    }
    let ids = identity::of_entries(root.get("model_list").map_or(&[], Node::items));
    let own = own_variables::apply(&mut root, environment, report);
    resolve(&mut root, &own, report);
    let taken = environment::taken(&root);
    let mut effective = effective::values(&root);
    effective::put_variables_over(&mut effective, &own);
    let config = interpret(&root, (&ids, &own), report);
    report.hide(&taken);
    Some(Config {
        files,
        digest: identity::hash(&texts, 64),
        effective,
        ..config?
    })
}

fn interpret(
    root: &Node,
    (ids, environment): (&[String], &Environment),
    report: &mut Report,
) -> Option<Config> {
    let root = Section::open(root, SectionName::TopLevel, report)?;
    let sources = Sources::open(&root, report);
    let gateway = settings::read(&sources, environment, report);
    let (table, unset_keys) = read_table(&root, (ids, environment), &sources, report);
    Some(Config {
        table,
        gateway,
        unset_keys,
        ..Config::default()
    })
}

fn read_table(
    root: &Section<'_>,
    (ids, environment): (&[String], &Environment),
    sources: &Sources<'_>,
    report: &mut Report,
) -> (RoutingTable, BTreeMap<String, String>) {
    let drop_params = sources
        .litellm
        .and_then(|litellm| litellm.boolean("drop_params", report))
        .unwrap_or(false);
    let models = model_list::read(root, ids, (environment, drop_params), report);
    let mut placed = models.placed;
    weights::settle(&mut placed, report);
    let router = router::read(sources, report);
    let deployments: Vec<_> = placed
        .iter()
        .map(|one: &Placed| one.deployment.clone())
        .collect();
    let mut table = RoutingTable {
        deployments,
        aliases: router.aliases.clone(),
        router: router.settings.clone(),
    };
    if !models.is_written {
        table.deployments = discover::discover(environment).deployments;
    }
    lint::check(&table, &router, &placed, report);
    // A newcomer's first request is to be answered, whatever keys are missing.
    if !table.deployments.iter().any(readiness::is_ready) {
        table.deployments.push(deployment::own("headgate/echo"));
    }
    let unset_keys = placed
        .into_iter()
        .filter_map(|one| Some((one.deployment.id.to_string(), one.unset_key?)))
        .collect();
    (table, unset_keys)
}

/// The members of a tree as JSON, for tools that read the file as it was meant.
#[must_use]
pub fn as_json(text: &str, name: &str) -> Option<serde_json::Value> {
    let mut report = Report::default();
    let tree = yaml::parse(text, &Arc::from(name), &mut report)?;
    Some(serde_json::Value::Object(json_of(tree.entries())))
}
