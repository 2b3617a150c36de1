//! The way back from an identity provider: a code becomes a token, and a token becomes claims.

use domain::identity::claims::Claims;
use domain::identity::token::{Expected, TokenFault, verify};
use domain::time::TimestampMs;
use serde_json::Value;

use super::fault::SignInFault;
use super::fetch::Proof;
use super::flow::Flow;
use super::provider::{Metadata, Provider};

/// So much of what a provider says of a refusal is passed on.
const LONGEST_WORDS: usize = 200;

/// Whom a provider vouches for.
pub struct Vouched {
    /// The provider, as it spells itself.
    pub issuer: String,
    /// Its id of the person.
    pub subject: String,
    /// Their e-mail address, and whether it is theirs.
    pub email: Option<(String, bool)>,
    /// Their name.
    pub name: Option<String>,
    /// Their groups or roles.
    pub groups: Vec<String>,
}

/// An answer of a provider, in the browser's address.
pub struct Answer {
    /// What is exchanged.
    pub code: Option<String>,
    /// Who answered (RFC 9207).
    pub issuer: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// The same for people.
    pub description: Option<String>,
}

/// Exchanges the code of an answer.
///
/// # Errors
/// When the provider said no, does not answer, or says what cannot be trusted.
pub async fn exchange(
    provider: &Provider,
    flow: &Flow,
    answer: &Answer,
    redirect_uri: &str,
) -> Result<Vouched, SignInFault> {
    if let Some(error) = &answer.error {
        let words = answer.description.as_deref().unwrap_or(error);
        return Err(refused(words));
    }
    let code = answer.code.as_deref().ok_or(SignInFault::State)?;
    let (metadata, keys) = provider.known().await?;
    named_rightly(&metadata, answer.issuer.as_deref())?;
    let (id_token, access_token) = tokens(provider, &metadata, flow, (code, redirect_uri)).await?;
    let client_id = &provider.settings.client_id;
    let (audiences, nonce) = ([client_id.clone()], flow.nonce());
    let expected = Expected {
        issuer: Some(&metadata.issuer),
        audiences: &audiences,
        client_id: Some(client_id),
        nonce: Some(nonce.expose()),
    };
    let verified = match verify(&id_token, &keys, &expected, TimestampMs::now()) {
        // The provider may have changed its keys since they were fetched.
        Err(TokenFault::UnknownKey) => {
            let keys = provider.newer_keys().await?;
            verify(&id_token, &keys, &expected, TimestampMs::now())
        }
        verified => verified,
    };
    let mut claims = verified.map_err(SignInFault::Token)?;
    complete(provider, &metadata, &mut claims, access_token).await?;
    Ok(vouched(provider, claims))
}

/// Whether the answer is this provider's, where it says whose it is: another that is configured here
/// cannot have its codes brought to this one.
fn named_rightly(metadata: &Metadata, issuer: Option<&str>) -> Result<(), SignInFault> {
    let is_right = match issuer {
        Some(issuer) => issuer == metadata.issuer,
        None => !metadata.authorization_response_iss_parameter_supported,
    };
    match is_right {
        true => Ok(()),
        false => Err(SignInFault::Token(TokenFault::Issuer)),
    }
}

/// The ID token, and the access token where there is one.
async fn tokens(
    provider: &Provider,
    metadata: &Metadata,
    flow: &Flow,
    (code, redirect_uri): (&str, &str),
) -> Result<(String, Option<String>), SignInFault> {
    let settings = &provider.settings;
    let verifier = flow.verifier();
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", verifier.expose()),
        ("client_id", settings.client_id.as_str()),
    ];
    let methods = metadata.token_endpoint_auth_methods_supported.as_ref();
    // Basic is what every provider has to take (RFC 6749, 2.3.1) unless it says otherwise.
    let takes_basic = methods.is_none_or(|all| all.iter().any(|one| one == "client_secret_basic"));
    let proof = match &settings.client_secret {
        Some(secret) if takes_basic => Proof::Basic(&settings.client_id, secret.expose()),
        Some(secret) => {
            form.push(("client_secret", secret.expose()));
            Proof::InBody
        }
        None => Proof::InBody,
    };
    let asked = provider
        .fetcher
        .post(&metadata.token_endpoint, &form, proof);
    let (status, body) = asked.await.map_err(SignInFault::Provider)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    if status != 200 {
        let said = text("error_description").or_else(|| text("error"));
        return Err(refused(said.as_deref().unwrap_or("no reason given")));
    }
    let id_token = text("id_token").ok_or_else(|| {
        SignInFault::Provider(format!("{} gave no id_token", metadata.token_endpoint))
    })?;
    Ok((id_token, text("access_token")))
}

/// Asks the provider for what the token leaves out: some say names, addresses and groups there only.
async fn complete(
    provider: &Provider,
    metadata: &Metadata,
    claims: &mut Claims,
    access_token: Option<String>,
) -> Result<(), SignInFault> {
    let lacks =
        claims.at("email").is_none() || claims.at(&provider.settings.groups_claim).is_none();
    let (Some(url), Some(token), true) = (&metadata.userinfo_endpoint, access_token, lacks) else {
        return Ok(());
    };
    let told = provider.fetcher.get_as(url, &token).await;
    let Value::Object(told) = told.map_err(SignInFault::Provider)? else {
        return Err(SignInFault::Provider(format!("{url} told of nobody")));
    };
    // Core 5.3.2: somebody else's must not be used.
    if told.get("sub").and_then(Value::as_str) != claims.text("sub").as_deref() {
        return Err(SignInFault::Provider(format!(
            "{url} told of somebody else"
        )));
    }
    claims.add(Claims::told(told));
    Ok(())
}

fn vouched(provider: &Provider, claims: Claims) -> Vouched {
    let settings = &provider.settings;
    let name = claims.text(&settings.name_claim);
    Vouched {
        issuer: claims.text("iss").unwrap_or_default(),
        subject: claims.text("sub").unwrap_or_default(),
        email: claims
            .email()
            .map(|(email, verified)| (email.to_lowercase(), verified || settings.trusts_email)),
        name: name.or_else(|| claims.text("preferred_username")),
        groups: claims.texts(&settings.groups_claim),
    }
}

fn refused(words: &str) -> SignInFault {
    let plain = words.chars().filter(|letter| !letter.is_control());
    SignInFault::Refused(plain.take(LONGEST_WORDS).collect())
}
