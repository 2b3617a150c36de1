//! What may be seen of a deployment, wherever it was written.

use domain::deployments::StoredDeployment;
use domain::ids::{DeploymentId, OrganizationId};
use domain::prices::Price;
use domain::routing::{Deployment, Origin};
use domain::stamps::Stamps;
use providers::catalogue::{self, ModelFacts};
use serde_json::{Map, Value, json};

use crate::actions::sealing::MASK;

/// A deployment without its secrets.
pub struct KnownDeployment {
    /// Its id.
    pub id: DeploymentId,
    /// Where it was written.
    pub origin: Origin,
    /// Whose; none for the platform's own.
    pub organization_id: Option<OrganizationId>,
    /// The name under which callers ask for it.
    pub model_name: String,
    /// `litellm_params` without secrets.
    pub params: Map<String, Value>,
    /// Which secrets it has.
    pub secret_members: Vec<String>,
    /// `model_info` as it was written.
    pub info: Map<String, Value>,
    /// Whether it takes no requests.
    pub blocked: bool,
    /// What it means; a wildcard of every provider has several.
    pub meaning: Written,
    /// When and by whom, for those of the store.
    pub stamps: Option<Stamps>,
}

/// What a deployment means to the gateway.
pub enum Written {
    /// These; never shown whole, for their credentials are in them.
    Meant(Vec<Deployment>),
    /// Nothing (any more), and why.
    Nothing(String),
}

impl KnownDeployment {
    /// One of the file.
    #[must_use]
    pub fn of_file(deployment: Deployment) -> Self {
        let mut info = deployment.info.extra.clone();
        for (name, value) in [
            ("base_model", json!(deployment.info.base_model)),
            ("mode", json!(deployment.info.mode)),
        ] {
            if !value.is_null() {
                info.insert(name.to_owned(), value);
            }
        }
        Self {
            id: deployment.id.clone(),
            origin: Origin::File,
            organization_id: deployment.organization_id.clone(),
            model_name: deployment.group.clone(),
            params: params_of(&deployment),
            secret_members: secrets_of(&deployment),
            info,
            blocked: false,
            meaning: Written::Meant(vec![deployment]),
            stamps: None,
        }
    }

    /// One of the store.
    #[must_use]
    pub fn of_store(
        stored: StoredDeployment,
        secrets: &Map<String, Value>,
        meaning: Result<Vec<Deployment>, String>,
    ) -> Self {
        Self {
            id: stored.id,
            origin: Origin::Store,
            organization_id: stored.organization_id,
            model_name: stored.model_name,
            params: stored.params,
            secret_members: secrets.keys().cloned().collect(),
            info: stored.info,
            blocked: stored.blocked,
            meaning: meaning.map_or_else(Written::Nothing, Written::Meant),
            stamps: Some(stored.stamps),
        }
    }

    /// The deployment that it means, when it is one.
    #[must_use]
    pub fn meant(&self) -> Option<&Deployment> {
        match &self.meaning {
            Written::Meant(deployments) => deployments.first(),
            Written::Nothing(_) => None,
        }
    }

    /// What the catalogue says of its model.
    #[must_use]
    pub fn facts(&self) -> Option<ModelFacts> {
        let meant = self.meant()?;
        let provider = providers::find(&meant.provider)?;
        catalogue::look_up(provider, &meant.model, meant.info.base_model.as_deref())
    }

    /// What its tokens cost: the operator's rates over the catalogue's; none when nobody knows.
    #[must_use]
    pub fn price(&self, facts: Option<&ModelFacts>) -> Option<Price> {
        let listed = facts.and_then(|facts| facts.price.clone());
        let rates = &self.meant()?.info.rates;
        let price = listed.unwrap_or_default().with_overrides(rates);
        price.is_known().then_some(price)
    }

    /// Its parameters for a reader: addresses are for those who run the platform, secrets for nobody.
    #[must_use]
    pub fn shown_params(&self, with_addresses: bool) -> Map<String, Value> {
        let mut params = self.params.clone();
        if !with_addresses {
            params.retain(|name, _value| !names_a_place(name));
        }
        for name in &self.secret_members {
            params.insert(name.clone(), json!(MASK));
        }
        params
    }
}

/// Members that say where a provider is reached, or whose account is used.
fn names_a_place(name: &str) -> bool {
    [
        "base",
        "url",
        "endpoint",
        "credential_name",
        "project",
        "role",
    ]
    .iter()
    .any(|part| name.contains(part))
}

fn params_of(deployment: &Deployment) -> Map<String, Value> {
    let model = format!("{}/{}", deployment.provider, deployment.model);
    let seconds = |ms: Option<u64>| ms.map(|ms| ms.div_ceil(1_000));
    let members = [
        ("model", json!(model)),
        ("api_base", json!(deployment.base_url)),
        ("api_version", json!(deployment.api_version)),
        ("organization", json!(deployment.organization)),
        ("weight", json!(deployment.weight)),
        ("rpm", json!(deployment.rpm)),
        ("tpm", json!(deployment.tpm)),
        (
            "order",
            json!((deployment.order > 0).then_some(deployment.order)),
        ),
        ("timeout", json!(seconds(deployment.timeout_ms))),
        (
            "stream_timeout",
            json!(seconds(deployment.stream_timeout_ms)),
        ),
        ("num_retries", json!(deployment.num_retries)),
    ];
    members
        .into_iter()
        .filter(|(_name, value)| !value.is_null())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn secrets_of(deployment: &Deployment) -> Vec<String> {
    let has = [
        ("api_key", deployment.api_key.is_some()),
        ("extra_headers", !deployment.extra_headers.is_empty()),
        ("extra_body", !deployment.extra_body.is_empty()),
    ];
    has.into_iter()
        .filter(|(_name, has)| *has)
        .map(|(name, _has)| name.to_owned())
        .collect()
}
