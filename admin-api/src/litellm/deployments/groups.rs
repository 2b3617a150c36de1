//! `/model_group/info`: deployments of one name together.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpResponse, web};
use domain::money::PicoUsd;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::info::{ABILITIES, per_token, usable};
use crate::acting::{Acting, may};
use crate::actions::deployments::{KnownDeployment, Listing};
use crate::error::{ActionError, Envelope};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GroupQuery {
    model_group: Option<String>,
}

/// What is said of a group: the most that one of its deployments can, the highest price.
#[derive(Default)]
struct Group {
    providers: BTreeSet<String>,
    modes: BTreeSet<String>,
    max_input_tokens: Option<u64>,
    max_output_tokens: Option<u64>,
    input: Option<PicoUsd>,
    output: Option<PicoUsd>,
    rpm: Option<u64>,
    tpm: Option<u64>,
    abilities: BTreeSet<&'static str>,
}

impl Group {
    fn add(&mut self, known: &KnownDeployment) {
        let Some(meant) = known.meant() else {
            return;
        };
        let facts = known.facts();
        let facts = facts.as_ref();
        self.providers.insert(meant.provider.clone());
        let mode = meant.info.mode.clone();
        self.modes
            .extend(mode.or_else(|| facts.map(|facts| facts.mode.clone())));
        let most = |own: Option<u64>, listed: Option<u64>| own.or(listed);
        self.max_input_tokens = self.max_input_tokens.max(most(
            meant.info.max_input_tokens,
            facts.and_then(|facts| facts.max_input_tokens),
        ));
        self.max_output_tokens = self.max_output_tokens.max(most(
            meant.info.max_output_tokens,
            facts.and_then(|facts| facts.max_output_tokens),
        ));
        if let Some(price) = known.price(facts) {
            self.input = self.input.max(price.standard.base.input);
            self.output = self.output.max(price.standard.base.output);
        }
        self.rpm = sum(self.rpm, meant.rpm);
        self.tpm = sum(self.tpm, meant.tpm);
        let has = |(name, feature): (&'static str, _)| {
            facts
                .is_some_and(|facts| facts.supports.has(feature))
                .then_some(name)
        };
        self.abilities.extend(ABILITIES.into_iter().filter_map(has));
    }

    fn shown(self, name: &str) -> Value {
        let mut row = Map::new();
        let mut put = |name: &str, value: Value| row.insert(name.to_owned(), value);
        put("model_group", json!(name));
        put("providers", json!(self.providers));
        put("max_input_tokens", json!(self.max_input_tokens));
        put("max_output_tokens", json!(self.max_output_tokens));
        put("input_cost_per_token", per_token(self.input));
        put("output_cost_per_token", per_token(self.output));
        put("mode", json!(self.modes.first()));
        put("tpm", json!(self.tpm));
        put("rpm", json!(self.rpm));
        for (name, _feature) in ABILITIES {
            put(name, json!(self.abilities.contains(name)));
        }
        Value::Object(row)
    }
}

/// What deployments take together; one that does not say adds nothing.
fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        (one, other) => one.or(other),
    }
}

pub(super) async fn list(
    acting: Acting<may::Myself>,
    query: web::Query<GroupQuery>,
) -> Result<HttpResponse, Envelope> {
    let listing = Listing {
        model_name: query.model_group.clone(),
        ..Listing::default()
    };
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for known in usable(&acting, &listing).await? {
        if !known.blocked {
            groups
                .entry(known.model_name.clone())
                .or_default()
                .add(&known);
        }
    }
    if let (Some(name), true) = (&query.model_group, groups.is_empty()) {
        return Err(Envelope(ActionError::not_found("Model group", name)));
    }
    let data: Vec<Value> = groups
        .into_iter()
        .map(|(name, group)| group.shown(&name))
        .collect();
    Ok(HttpResponse::Ok().json(json!({"data": data})))
}
