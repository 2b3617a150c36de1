//! The smallest real call: one word, one token.

use domain::routing::Deployment;
use providers::Provider;
use providers::chat::{ChatCall, Message, Part, Role};
use providers::embeddings::EmbeddingCall;
use providers::failure::FailureKind;
use providers::wire::{Address, Operation, Stamp, Target, WireBody};
use reqwest::Client;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use super::Health;
use crate::actions::deployments::KnownDeployment;

/// Enough for a model that thinks before it speaks, and still nothing to pay.
const MOST_TOKENS: u64 = 16;

/// The most of an answer that is read.
const MOST_BYTES: usize = 1 << 20;

/// The provider that answers by itself.
const OWN_PROVIDER: &str = "headgate";

/// A call, ready to be sent.
pub(super) struct Call {
    provider: &'static dyn Provider,
    operation: Operation,
    address: Address,
    body: WireBody,
    extra_headers: Vec<(String, String)>,
}

/// The call to a deployment; none when it answers without a provider. Says why there can be none.
pub(super) fn made(
    known: &KnownDeployment,
    deployment: &Deployment,
) -> Result<Option<Call>, String> {
    if deployment.mock_response.is_some() || deployment.provider == OWN_PROVIDER {
        return Ok(None);
    }
    let Some(provider) = providers::find(&deployment.provider) else {
        return Err(format!("there is no provider `{}`", deployment.provider));
    };
    let named = known.info.get("health_check_model").and_then(Value::as_str);
    let model = named.map_or(deployment.model.as_str(), |named| {
        let prefix = named.split_once('/');
        prefix.map_or(named, |(_provider, model)| model)
    });
    if model.contains('*') {
        return Err(
            "a wildcard names no model to ask for; set model_info.health_check_model".to_owned(),
        );
    }
    let Some(base_url) = deployment
        .base_url
        .as_deref()
        .or(provider.default_base_url())
    else {
        return Err("it has no address; set api_base".to_owned());
    };
    let facts = known.facts();
    let target = Target {
        model,
        base_url,
        api_key: deployment.api_key.as_ref(),
        api_version: deployment.api_version.as_deref(),
        organization: deployment.organization.as_deref(),
        max_output_tokens: facts.as_ref().and_then(|facts| facts.max_output_tokens),
        reasons: facts.as_ref().is_some_and(|facts| facts.reasons),
        parameters: &deployment.parameters,
        extra_body: &deployment.extra_body,
    };
    let listed = facts.as_ref().map(|facts| facts.mode.as_str());
    let mode = deployment.info.mode.as_deref().or(listed).unwrap_or("chat");
    let (operation, body) = encoded(provider, mode, &target)?;
    Ok(Some(Call {
        provider,
        operation,
        address: provider.address(operation, &target),
        body,
        extra_headers: deployment.extra_headers.clone(),
    }))
}

fn encoded(
    provider: &'static dyn Provider,
    mode: &str,
    target: &Target<'_>,
) -> Result<(Operation, WireBody), String> {
    if mode == "embedding" {
        let Some(embeddings) = provider.embeddings() else {
            return Err(format!("{} offers no embeddings", provider.name()));
        };
        let call = EmbeddingCall {
            inputs: vec!["ping".to_owned()],
            ..EmbeddingCall::default()
        };
        let body = embeddings.encode(&call, target);
        return Ok((Operation::Embeddings, body.map_err(|why| why.to_string())?));
    }
    if !matches!(mode, "chat" | "completion" | "responses" | "") {
        return Err(format!("models of the mode `{mode}` are not checked yet"));
    }
    let Some(chat) = provider.chat() else {
        return Err(format!("{} offers no chat", provider.name()));
    };
    let body = chat.encode(&ping(), target);
    Ok((Operation::Chat, body.map_err(|why| why.to_string())?))
}

fn ping() -> ChatCall {
    let message = Message {
        role: Role::User,
        content: vec![Part::Text {
            text: "ping".to_owned(),
            cache_control: None,
        }],
        name: None,
        tool_calls: Vec::new(),
        tool_call_id: None,
        refusal: None,
        thinking: Vec::new(),
        cache_control: None,
        extra: Map::new(),
    };
    ChatCall {
        messages: vec![message],
        max_tokens: Some(MOST_TOKENS),
        ..ChatCall::default()
    }
}

impl Call {
    /// Sends it. What the provider says is not told: it may hold a part of the credential.
    pub(super) async fn send(self, client: &Client) -> Health {
        let Some(headers) = self.headers() else {
            return Health::Unhealthy("one of its headers holds what no header can".to_owned());
        };
        let request = client.post(&self.address.url).headers(headers);
        let response = match request.body(self.body.bytes.clone()).send().await {
            Ok(response) => response,
            Err(fault) if fault.is_timeout() => {
                return Health::Unhealthy("it did not answer within 10 seconds".to_owned());
            }
            Err(fault) if fault.is_connect() => {
                return Health::Unhealthy("it cannot be reached".to_owned());
            }
            Err(_fault) => return Health::Unhealthy("the connection broke".to_owned()),
        };
        let status = response.status().as_u16();
        match read(response).await {
            None => Health::Unhealthy("its answer ended early, or is too long".to_owned()),
            Some(bytes) if status < 300 => self.judged(&bytes),
            Some(bytes) => Health::Unhealthy(refusal(self.provider, status, &bytes)),
        }
    }

    /// Each name once: some servers refuse a request that says its content type twice.
    fn headers(&self) -> Option<HeaderMap> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let ours = self.address.headers.iter().chain(&self.body.headers);
        let ours = ours.map(|(name, value)| (*name, value));
        let theirs = self.extra_headers.iter();
        for (name, value) in ours.chain(theirs.map(|(name, value)| (name.as_str(), value))) {
            let name = HeaderName::try_from(name).ok()?;
            headers.insert(name, HeaderValue::try_from(value).ok()?);
        }
        Some(headers)
    }

    /// Whether what came is an answer.
    fn judged(&self, bytes: &[u8]) -> Health {
        let stamp = Stamp {
            request_id: "health".to_owned(),
            created_s: 0,
            model: String::new(),
        };
        let is_answer = match self.operation {
            Operation::Embeddings => self
                .provider
                .embeddings()
                .is_some_and(|api| api.decode(bytes, &stamp).is_ok()),
            _ => self
                .provider
                .chat()
                .is_some_and(|api| api.decode(bytes, &stamp).is_ok()),
        };
        if is_answer {
            return Health::Healthy;
        }
        let name = self.provider.name();
        Health::Unhealthy(format!(
            "it answered 200 with something that {name} does not say"
        ))
    }
}

async fn read(mut response: reqwest::Response) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MOST_BYTES {
            return None;
        }
    }
    Some(bytes)
}

fn refusal(provider: &dyn Provider, status: u16, body: &[u8]) -> String {
    let what = match provider.failure(status, body).kind {
        FailureKind::Credential => "it refuses the credential",
        FailureKind::NotFound => "it does not know the model",
        FailureKind::RateLimited => "it is asked too often",
        FailureKind::Server => "it is broken or overloaded",
        FailureKind::BadRequest | FailureKind::ContextWindow | FailureKind::ContentPolicy => {
            "it refuses the smallest request"
        }
    };
    format!("{what} (status {status})")
}
