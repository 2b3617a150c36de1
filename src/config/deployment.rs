//! One entry of `model_list` to one deployment.

use std::collections::BTreeMap;

use domain::ids::DeploymentId;
use domain::routing::{Deployment, ModelInfo, Origin, ParameterPolicy};
use serde_json::{Map, Value};

use super::environment::Environment;
use super::keys::{SectionName, is_request_default};
use super::node::{Content, Node, json_of};
use super::prices;
use super::reach;
use super::report::{Position, Report};
use super::section::{Section, text_of};
use super::vendor::{self, OWN_PROVIDER, Resolved};

/// A deployment and where it was written.
#[derive(Clone)]
pub struct Placed {
    /// The deployment; its weight is in thousandths until [`super::weights`] has seen the group.
    pub deployment: Deployment,
    /// The place of the entry's `model_name`.
    pub group_position: Position,
    /// The place of `litellm_params.model`.
    pub model_position: Position,
    /// Whether the operator wrote an `order`.
    pub is_ordered: bool,
    /// The variable that `api_key` names and that is not set.
    pub unset_key: Option<String>,
}

/// What every entry needs to know.
pub struct Surroundings<'n> {
    /// Variables.
    pub environment: &'n Environment,
    /// `credential_values` by `credential_name`.
    pub credentials: BTreeMap<String, &'n Node>,
    /// `litellm_settings.drop_params`.
    pub drop_params: bool,
}

/// Reads the members of an entry whose provider is known.
pub fn read(
    (group, group_position): (String, Position),
    (resolved, id): (Resolved, String),
    (params, info): (&Section<'_>, Option<&Section<'_>>),
    surroundings: &Surroundings<'_>,
    report: &mut Report,
) -> Placed {
    let Resolved { provider, model } = resolved;
    let base_url = reach::base_url(params, &provider, surroundings.environment, report);
    let api_key = reach::api_key(
        params,
        (&provider, base_url.as_deref()),
        surroundings.environment,
        report,
    );
    reach::warn_of_plain_address(params, base_url.as_deref(), api_key.is_some(), report);
    let order = params.integer("order", report);
    let own_id = info.and_then(|info| info.text("id", report));
    let deployment = Deployment {
        id: DeploymentId::new(own_id.unwrap_or(id)),
        group,
        organization_id: None,
        provider,
        model,
        base_url,
        api_key,
        api_version: params.text("api_version", report),
        organization: params.text("organization", report),
        extra_headers: extra_headers(params, report),
        extra_body: extra_body(params, report),
        weight: params.thousandths("weight", report),
        rpm: params.integer("rpm", report),
        tpm: params.integer("tpm", report),
        order: order.unwrap_or(0),
        timeout_ms: params.seconds_as_ms("timeout", report),
        stream_timeout_ms: params.seconds_as_ms("stream_timeout", report),
        num_retries: retries(params, report),
        parameters: parameters(params, surroundings.drop_params, report),
        mock_response: params.text("mock_response", report),
        info: model_info(params, info, report),
        origin: Origin::File,
    };
    Placed {
        deployment,
        group_position,
        model_position: params.place("model").clone(),
        is_ordered: order.is_some(),
        unset_key: params.unset_variable("api_key").map(str::to_owned),
    }
}

/// The params of an entry with what its credential adds: a member that the entry has stays.
pub fn with_credential(
    params: &Node,
    credentials: &BTreeMap<String, &Node>,
    report: &mut Report,
) -> Node {
    let mut whole = params.clone();
    let Some(name) = params.get("litellm_credential_name") else {
        return whole;
    };
    let Some(text) = &text_of("litellm_credential_name", name, report) else {
        return whole;
    };
    let Some(values) = credentials.get(text) else {
        let known = credentials.keys().map(String::as_str);
        let near = super::suggest::did_you_mean(text, known);
        let message = format!("there is no credential `{text}` in credential_list");
        report.warn_with("unknown-credential", &name.position, (message, &near));
        return whole;
    };
    if let Content::Map(entries) = &mut whole.content {
        for entry in values.entries() {
            if params.get(&entry.key).is_none() {
                entries.retain(|known| known.key != entry.key);
                entries.push(entry.clone());
            }
        }
    }
    whole
}

fn extra_headers(params: &Section<'_>, report: &mut Report) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    for key in ["extra_headers", "headers"] {
        for entry in params.map(key, report).unwrap_or_default() {
            if !entry.value.is_given() {
                continue;
            }
            let Some(value) = text_of(&entry.key, &entry.value, report) else {
                continue;
            };
            let is_token = !entry.key.is_empty()
                && entry
                    .key
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
            let is_value = value
                .bytes()
                .all(|b| b == b'\t' || (b >= 0x20 && b != 0x7f));
            if is_token && is_value {
                headers.push((entry.key.to_lowercase(), value));
            } else {
                let message = format!("`{}` is not a header that can be sent", entry.key);
                report.fault("not-a-header", &entry.position, message);
            }
        }
    }
    headers
}

/// `extra_body`, defaults for requests, and members that LiteLLM does not know.
fn extra_body(params: &Section<'_>, report: &mut Report) -> Map<String, Value> {
    let written = params.map("extra_body", report).unwrap_or_default();
    let mut body = json_of(written);
    for entry in params.entries() {
        let travels =
            is_request_default(&entry.key) || SectionName::LitellmParams.find(&entry.key).is_none();
        if travels && entry.value.is_given() {
            body.insert(entry.key.clone(), entry.value.to_json());
        }
    }
    body
}

fn retries(params: &Section<'_>, report: &mut Report) -> Option<u32> {
    let num_retries = params.integer("num_retries", report);
    let max_retries = params.integer("max_retries", report);
    let retries = num_retries.or(max_retries);
    warn_of_many_retries(retries, params.place("num_retries"), report);
    retries
}

/// Warns of more retries than can help.
pub fn warn_of_many_retries(retries: Option<u32>, position: &Position, report: &mut Report) {
    if let Some(number) = retries.filter(|number| *number > 10) {
        report.warn_with(
            "many-retries",
            position,
            (
                format!("{number} retries keep a caller waiting, and a failing provider busy"),
                "2 or 3 are enough; fallbacks help more",
            ),
        );
    }
}

fn parameters(params: &Section<'_>, drop_params: bool, report: &mut Report) -> ParameterPolicy {
    let own = params.boolean("drop_params", report);
    let always = params.texts("additional_drop_params", report);
    let allowed = params.texts("allowed_openai_params", report);
    ParameterPolicy {
        drop_unsupported: own.unwrap_or(drop_params),
        drop_always: always.unwrap_or_default(),
        allow_always: allowed.unwrap_or_default(),
    }
}

fn model_info(params: &Section<'_>, info: Option<&Section<'_>>, report: &mut Report) -> ModelInfo {
    let rates = prices::rates(params, info, report);
    let Some(info) = info else {
        return ModelInfo {
            rates,
            ..ModelInfo::default()
        };
    };
    let max_output_tokens = info.integer("max_output_tokens", report);
    let max_tokens = info.integer("max_tokens", report);
    let read_here = ["id", "base_model", "mode"];
    let mut extra: Map<String, Value> = info
        .entries()
        .iter()
        .filter(|entry| !read_here.contains(&entry.key.as_str()))
        .map(|entry| (entry.key.clone(), entry.value.to_json()))
        .collect();
    // One group alone may be written without a list.
    if let Some(groups) = info.texts("access_groups", report) {
        extra.insert("access_groups".to_owned(), groups.into());
    }
    ModelInfo {
        base_model: info.text("base_model", report),
        mode: info.text("mode", report),
        max_input_tokens: info.integer("max_input_tokens", report),
        max_output_tokens: max_output_tokens.or(max_tokens),
        rates,
        extra,
    }
}

/// The deployment that answers by itself.
#[must_use]
pub fn own(group: &str) -> Deployment {
    bare(group, OWN_PROVIDER, vendor::OWN_MODEL)
}

/// A deployment of which only group, provider and model are known.
#[must_use]
pub fn bare(group: &str, provider: &str, model: &str) -> Deployment {
    let texts = [group.to_owned(), provider.to_owned(), model.to_owned()];
    Deployment {
        id: DeploymentId::new(super::identity::hash(&texts, 16)),
        group: group.to_owned(),
        organization_id: None,
        provider: provider.to_owned(),
        model: model.to_owned(),
        base_url: None,
        api_key: None,
        api_version: None,
        organization: None,
        extra_headers: Vec::new(),
        extra_body: Map::new(),
        weight: None,
        rpm: None,
        tpm: None,
        order: 0,
        timeout_ms: None,
        stream_timeout_ms: None,
        num_retries: None,
        parameters: ParameterPolicy::default(),
        mock_response: None,
        info: ModelInfo::default(),
        origin: Origin::File,
    }
}
