//! `GET /models`: what may be asked for.

use std::collections::BTreeSet;

use bytes::Bytes;
use domain::routing::pattern;
use providers::catalogue;
use providers::destination::Destination;
use serde::Serialize;

use crate::admit::rights::Rights;
use crate::error::GatewayError;
use crate::route::table::{Group, Table};

/// The constant that LiteLLM and OpenAI's older models have: nobody knows when a group was made.
const CREATED_S: u64 = 1_677_610_602;

#[derive(Serialize)]
struct List<'a> {
    data: Vec<Model<'a>>,
    object: &'static str,
}

#[derive(Serialize)]
struct Model<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    owned_by: &'static str,
}

const fn model(id: &str) -> Model<'_> {
    Model {
        id,
        object: "model",
        created: CREATED_S,
        owned_by: "openai",
    }
}

/// The list of the models that a caller may ask. A pattern is expanded into the models that the catalogue knows of its
/// providers; one that expands into nothing is listed as it is.
#[must_use]
pub fn list(table: &Table, rights: &Rights<'_>) -> Bytes {
    let ids = ids(table, rights);
    let data = ids.iter().map(|id| model(id)).collect();
    Bytes::from(
        serde_json::to_vec(&List {
            data,
            object: "list",
        })
        .unwrap_or_default(),
    )
}

/// One model.
///
/// # Errors
/// [`GatewayError::UnknownModel`] when nothing that the caller may ask answers to the name.
pub fn one(rights: &Rights<'_>, id: &str) -> Result<Bytes, GatewayError> {
    if !rights.shows(id) {
        return Err(GatewayError::UnknownModel {
            model: id.to_owned(),
            hint: String::new(),
        });
    }
    Ok(Bytes::from(
        serde_json::to_vec(&model(id)).unwrap_or_default(),
    ))
}

fn ids(table: &Table, rights: &Rights<'_>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut ids = Vec::new();
    for name in table.listed() {
        let names = match table.pattern(name) {
            Some(group) => expanded(group),
            None => vec![name.clone()],
        };
        let shown = names.into_iter().filter(|name| rights.shows(name));
        ids.extend(shown.filter(|name| seen.insert(name.clone())));
    }
    ids
}

fn expanded(group: &Group) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for candidate in &group.candidates {
        let Destination::Provider(provider) = candidate.destination else {
            continue;
        };
        let known = catalogue::models_of(provider);
        names.extend(known.iter().filter_map(|model| {
            let taken = pattern::capture(&candidate.model, model)?;
            Some(pattern::fill(&group.name, Some(taken)))
        }));
    }
    if names.is_empty() {
        names.push(group.name.clone());
    }
    names
}
