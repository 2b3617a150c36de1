//! Providers' credentials and the deployments of the database: decrypted with LiteLLM's salt key,
//! sealed again with ours.

use domain::credentials::Credential;
use domain::deployments::StoredDeployment;
use domain::ids::{CredentialId, DeploymentId};
use domain::keys::Secret;
use domain::sealed::{CannotOpen, Place, Sealed, litellm_open};
use serde_json::{Map, Value};
use store::{Result, litellm};

use crate::commands::import_litellm::import::Import;
use crate::commands::import_litellm::row::Row;

/// Texts of `litellm_params` that are no secrets; every other text is sealed.
const OPEN: &[&str] = &[
    "model",
    "api_base",
    "api_version",
    "base_model",
    "custom_llm_provider",
    "litellm_credential_name",
    "aws_region_name",
    "region_name",
    "vertex_project",
    "vertex_location",
    "tpm",
    "rpm",
];

/// What is said of values that no key opens.
const OTHER_KEY: &str =
    "it does not open with LITELLM_SALT_KEY, nor with the master key: set the one that LiteLLM had";

impl Import<'_> {
    /// Brings credentials.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn credentials(&mut self, rows: Vec<litellm::Row>) -> Result<()> {
        for columns in rows {
            let mut row = Row::new("credential", "credential_name", columns);
            self.report.count("credential", |count| count.found += 1);
            let Some(name) = row.text("credential_name") else {
                continue;
            };
            let known = self.store.credential(&name).await?;
            row.drop_if_there("credential_id", "found by its name");
            let values = row.take("credential_values").unwrap_or_default();
            let Some(values) = self.opened(values) else {
                self.left_out("credential", &name, OTHER_KEY);
                continue;
            };
            row.changed("credential_values", "encrypted with Headgate's key");
            let info = row.take("credential_info").unwrap_or_default();
            let stamps = row.stamps();
            row.finish(&mut self.report);
            let id = CredentialId::generate();
            let sealed = self.sealed(&values, Credential::sealed_at(id.as_str()));
            let Some(sealed_values) = sealed else {
                self.left_out("credential", &name, "the system gave no random bytes");
                continue;
            };
            self.counted("credential", known.is_some());
            if known.is_none() {
                self.plan.credentials.push(Credential {
                    id,
                    organization_id: None,
                    name,
                    info,
                    sealed_values,
                    stamps,
                });
            }
        }
        Ok(())
    }

    /// Brings deployments.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn deployments(&mut self, rows: Vec<litellm::Row>) -> Result<()> {
        for columns in rows {
            let mut row = Row::new("deployment", "model_name", columns);
            self.report.count("deployment", |count| count.found += 1);
            let name = row.name().to_owned();
            let (Some(id), Some(model_name)) = (row.text("model_id"), row.text("model_name"))
            else {
                continue;
            };
            let info: Map<String, Value> = row.take("model_info").unwrap_or_default();
            if info.get("team_id").is_some_and(|team| !team.is_null()) {
                let why = "a team's own deployment: for everybody it would be wider than it was";
                self.left_out("deployment", &name, why);
                continue;
            }
            let params = row.take("litellm_params").unwrap_or_default();
            let Some(params) = self.opened(params) else {
                self.left_out("deployment", &name, OTHER_KEY);
                continue;
            };
            row.changed("litellm_params", "secrets encrypted with Headgate's key");
            let known = self.store.stored_deployment(&id).await?;
            let blocked = row.take("blocked").unwrap_or(false);
            let stamps = row.stamps();
            row.finish(&mut self.report);
            let id = DeploymentId::new(id);
            let (params, secret) = split(params);
            let place = StoredDeployment::sealed_at(id.as_str());
            let sealed_params = match secret.is_empty() {
                true => None,
                false => match self.sealed(&secret, place) {
                    Some(sealed) => Some(sealed),
                    None => {
                        self.left_out("deployment", &name, "the system gave no random bytes");
                        continue;
                    }
                },
            };
            self.counted("deployment", known.is_some());
            if known.is_none() {
                self.plan.deployments.push(StoredDeployment {
                    id,
                    organization_id: None,
                    model_name,
                    params,
                    sealed_params,
                    info,
                    blocked,
                    stamps,
                });
            }
        }
        Ok(())
    }

    /// Members as they were before LiteLLM encrypted each text of them; none when no key opens one.
    fn opened(&self, members: Value) -> Option<Map<String, Value>> {
        // LiteLLM writes JSON, or JSON within a text.
        let members = match members {
            Value::String(text) => serde_json::from_str(&text).ok()?,
            Value::Object(members) => members,
            Value::Null => Map::new(),
            _ => return None,
        };
        members
            .into_iter()
            .map(|(name, value)| Some((name, self.open_value(value)?)))
            .collect()
    }

    fn open_value(&self, value: Value) -> Option<Value> {
        match value {
            Value::String(text) => self.open_text(text).map(Value::String),
            Value::Object(members) => self.opened(Value::Object(members)).map(Value::Object),
            Value::Array(items) => {
                let items = items.into_iter().map(|item| self.open_value(item));
                items.collect::<Option<_>>().map(Value::Array)
            }
            other => Some(other),
        }
    }

    /// A text that is none of LiteLLM's encrypted ones was never encrypted.
    fn open_text(&self, text: String) -> Option<String> {
        let mut plain = true;
        for salt in &self.salts {
            match litellm_open(&text, salt) {
                Ok(opened) => return Some(opened.expose().to_owned()),
                Err(CannotOpen::NotSealed) => {}
                Err(CannotOpen::Refused | CannotOpen::UnknownKey { .. }) => plain = false,
            }
        }
        let marked = text.starts_with("v2:gcm:") || text.starts_with("v3:gcm:");
        (plain && !marked && !self.salts.is_empty()).then_some(text)
    }

    fn sealed(&self, members: &Map<String, Value>, place: Place<'_>) -> Option<Sealed> {
        let text = Value::Object(members.clone()).to_string();
        self.keys.seal(&Secret::new(text), place).ok()
    }
}

/// What may be seen, and what may not.
fn split(params: Map<String, Value>) -> (Map<String, Value>, Map<String, Value>) {
    params.into_iter().partition(|(name, value)| {
        let is_plain = matches!(value, Value::Number(_) | Value::Bool(_) | Value::Null);
        is_plain || OPEN.contains(&name.as_str())
    })
}
