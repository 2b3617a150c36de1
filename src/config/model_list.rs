//! `model_list` and `credential_list` to deployments.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::DeploymentId;

use super::deployment::{self, Placed, Surroundings};
use super::discover;
use super::environment::Environment;
use super::identity;
use super::keys::SectionName;
use super::node::{Content, Node};
use super::report::{Position, Report};
use super::section::Section;
use super::vendor;

/// The deployments of the file.
#[derive(Default)]
pub struct Models {
    /// In the order of the file, ids unique.
    pub placed: Vec<Placed>,
    /// Whether there is a `model_list` that is not empty.
    pub is_written: bool,
}

/// Reads `model_list`; `ids` are the hashes of its entries before variables were put in.
pub fn read(
    root: &Section<'_>,
    ids: &[String],
    (environment, drop_params): (&Environment, bool),
    report: &mut Report,
) -> Models {
    let surroundings = Surroundings {
        environment,
        credentials: credentials(root, report),
        drop_params,
    };
    let Some(entries) = root.list("model_list", report) else {
        return Models::default();
    };
    if entries.is_empty() {
        report.warn("no-models", root.place("model_list"), "model_list is empty");
    }
    let mut models = Models {
        placed: Vec::new(),
        is_written: !entries.is_empty(),
    };
    let mut lost: Vec<(String, Position)> = Vec::new();
    for (entry, id) in entries.iter().zip(ids) {
        let Some(section) = open_entry(entry, report) else {
            continue;
        };
        let read = read_entry(&section, id, &surroundings, report);
        match read {
            Read::Deployments(placed) => models.placed.extend(placed),
            Read::LeftOut(group, position) => lost.push((group, position)),
            Read::Nothing => {}
        }
    }
    make_ids_unique(&mut models.placed, report);
    for (group, position) in lost {
        if !models
            .placed
            .iter()
            .any(|one| one.deployment.group == group)
        {
            let message = format!("nothing is left of the group `{group}`: it is not offered");
            report.warn("empty-group", &position, message);
        }
    }
    models
}

fn open_entry<'n>(entry: &'n Node, report: &mut Report) -> Option<Section<'n>> {
    if matches!(entry.content, Content::Null) {
        let message = "an entry of model_list is empty; it is left out";
        report.warn("empty-entry", &entry.position, message);
    }
    Section::open(entry, SectionName::ModelEntry, report)
}

enum Read {
    Deployments(Vec<Placed>),
    LeftOut(String, Position),
    Nothing,
}

fn read_entry(
    entry: &Section<'_>,
    id: &str,
    surroundings: &Surroundings<'_>,
    report: &mut Report,
) -> Read {
    let blocked = entry.boolean("blocked", report);
    let group = required(
        entry,
        "model_name",
        "the name under which callers ask for it",
        report,
    );
    let info = entry.section("model_info", SectionName::ModelInfo, report);
    let Some(params) = entry.get("litellm_params") else {
        report.fault_with(
            "missing-key",
            entry.position(),
            (
                "an entry of model_list has no `litellm_params`".to_owned(),
                "write litellm_params with at least `model: provider/model`",
            ),
        );
        return Read::Nothing;
    };
    let params = deployment::with_credential(params, &surroundings.credentials, report);
    let Some(params) = Section::open(&params, SectionName::LitellmParams, report) else {
        return Read::Nothing;
    };
    let model = required(&params, "model", "such as openai/gpt-4o", report);
    let named = params.text("custom_llm_provider", report);
    let (Some(group), Some(model)) = (group, model) else {
        return Read::Nothing;
    };
    let position = entry.place("model_name").clone();
    if blocked == Some(true) {
        return Read::LeftOut(group, position);
    }
    if model == "*" && named.is_none() {
        return every_provider((group, position), (&params, id), surroundings, report);
    }
    let resolved = match vendor::resolve(&model, named.as_deref()) {
        Ok(resolved) => resolved,
        Err((message, hint)) => {
            let message = format!("{message}; this deployment of `{group}` is left out");
            report.warn_with("unknown-provider", params.place("model"), (message, &hint));
            return Read::LeftOut(group, position);
        }
    };
    Read::Deployments(vec![deployment::read(
        (group, position),
        (resolved, id.to_owned()),
        (&params, info.as_ref()),
        surroundings,
        report,
    )])
}

/// `model_name: "*"` with `model: "*"`: whatever provider the caller names, so every provider
/// that has a key becomes a group of its own.
fn every_provider(
    (group, position): (String, Position),
    (params, id): (&Section<'_>, &str),
    surroundings: &Surroundings<'_>,
    report: &mut Report,
) -> Read {
    let found: Vec<Placed> = discover::wildcards(surroundings.environment)
        .into_iter()
        .map(|mut deployment| {
            deployment.id = DeploymentId::new(format!("{id}-{}", deployment.provider));
            Placed {
                deployment,
                group_position: position.clone(),
                model_position: params.place("model").clone(),
                is_ordered: false,
                unset_key: None,
            }
        })
        .collect();
    let names: Vec<&str> = found
        .iter()
        .map(|one| one.deployment.group.as_str())
        .collect();
    let message = if group == "*" {
        format!(
            "`*` alone offers every provider that has a key: {}",
            names.join(", ")
        )
    } else {
        "`*` names no provider".to_owned()
    };
    let hint = "write one entry for each provider, such as openai/*";
    report.warn_with("bare-wildcard", params.place("model"), (message, hint));
    if group != "*" || found.is_empty() {
        return Read::LeftOut(group, position);
    }
    Read::Deployments(found)
}

/// Text that must be there. A variable that is not set has been warned of already.
fn required(section: &Section<'_>, key: &str, what: &str, report: &mut Report) -> Option<String> {
    if section.unset_variable(key).is_some() {
        return None;
    }
    let text = if section.get(key).is_some() {
        section.text(key, report)?
    } else {
        String::new()
    };
    if text.trim().is_empty() || text.contains('\0') {
        let title = match section.name {
            SectionName::ModelEntry => "an entry of model_list",
            other => other.title(),
        };
        report.fault_with(
            "missing-key",
            section.position(),
            (
                format!("{title} has no `{key}`"),
                &format!("write {key}: {what}"),
            ),
        );
        return None;
    }
    Some(text)
}

fn credentials<'n>(root: &Section<'n>, report: &mut Report) -> BTreeMap<String, &'n Node> {
    let mut credentials = BTreeMap::new();
    for node in root.list("credential_list", report).unwrap_or_default() {
        let Some(section) = Section::open(node, SectionName::Credential, report) else {
            continue;
        };
        let name = section.text("credential_name", report);
        section.map("credential_values", report);
        if let (Some(name), Some(values)) = (name, section.get("credential_values")) {
            credentials.insert(name, values);
        }
    }
    credentials
}

fn make_ids_unique(placed: &mut [Placed], report: &mut Report) {
    let mut seen = BTreeSet::new();
    for one in placed {
        let written = one.deployment.id.as_str().to_owned();
        let unique = identity::unique(written.clone(), &mut seen);
        if unique != written {
            let message = format!("the id `{written}` is taken already; this one is `{unique}`");
            report.warn("duplicate-id", &one.group_position, message);
            one.deployment.id = DeploymentId::new(unique);
        }
    }
}
