//! Signing in at an identity provider: there, back, and into a session.

mod person;
mod roles;

use std::time::Duration;

use domain::ids::UserId;
use domain::permissions::Rights;
use domain::users::User;
use serde_json::json;
use store::Event;

use crate::AdminApi;
use crate::actions::invitations;
use crate::actions::lockout::Tries;
use crate::actions::sign_in::{Begun, Browser, Entrance, begin_session};
use crate::error::ActionError;
use crate::identity::exchange::{Answer, Vouched, exchange};
use crate::identity::fault::SignInFault;
use crate::identity::fetch::allowed;
use crate::identity::flow::{Flow, Returned};
use crate::identity::provider::Provider;

/// How long a provider has to say where people sign out of it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where a browser goes to sign in, and what it keeps meanwhile.
pub struct Departure {
    /// At the provider.
    pub address: String,
    /// For the cookie.
    pub cookie: domain::keys::Secret,
}

/// Somebody came back.
pub struct Arrival {
    /// Their session.
    pub begun: Begun,
    /// The page that they wanted.
    pub next: String,
}

/// What a browser brought back.
pub struct Brought<'a> {
    /// The flow's cookie.
    pub cookie: Option<&'a str>,
    /// `state`.
    pub state: &'a str,
    /// The rest.
    pub answer: Answer,
    /// Where it came back to.
    pub redirect_uri: &'a str,
}

/// The provider of this name.
///
/// # Errors
/// [`SignInFault::UnknownProvider`].
pub fn provider<'a>(api: &'a AdminApi, name: &str) -> Result<&'a Provider, SignInFault> {
    let found = api.settings.sign_in.provider(name);
    found.ok_or(SignInFault::UnknownProvider)
}

/// Begins: `next` is the page to go to then.
///
/// # Errors
/// When the provider does not answer.
pub async fn depart(
    api: &AdminApi,
    provider: &Provider,
    next: &str,
    redirect_uri: &str,
) -> Result<Departure, SignInFault> {
    let (metadata, _keys) = provider
        .known()
        .await
        .inspect_err(|fault| note(provider, fault))?;
    let flow = Flow::begin(&provider.settings.name, next)?;
    Ok(Departure {
        address: flow.address(&metadata, &provider.settings, redirect_uri)?,
        cookie: flow.cookie(&api.settings.encryption)?,
    })
}

/// The provider at which somebody who has signed out here may sign out as well: one that knows them,
/// and says where that is done. None when it does not answer soon: nobody waits to be signed out.
///
/// # Errors
/// When the store does not answer.
pub async fn may_sign_out_at<'a>(
    api: &'a AdminApi,
    user: Option<&UserId>,
) -> Result<Option<&'a Provider>, ActionError> {
    let Some(user) = user else { return Ok(None) };
    let identities = api.store.identities_of(user).await?;
    if identities.is_empty() {
        return Ok(None);
    }
    for provider in api.settings.sign_in.providers() {
        let known = tokio::time::timeout(PATIENCE, provider.known()).await;
        let Ok(Ok((metadata, _keys))) = known else {
            continue;
        };
        let is_known = identities.iter().any(|one| one.issuer == metadata.issuer);
        if is_known && metadata.end_session_endpoint.is_some() {
            return Ok(Some(provider));
        }
    }
    Ok(None)
}

/// Where one signs out at a provider, which leads back to `back` then (RP-Initiated Logout 1.0, 2).
/// The provider asks whether that is meant: no token of it is kept here that would spare the question.
///
/// # Errors
/// [`SignInFault::UnknownProvider`] for one that does not say where, and when it does not answer.
pub async fn sign_out_address(provider: &Provider, back: &str) -> Result<String, SignInFault> {
    let (metadata, _keys) = provider.known().await?;
    let end = metadata.end_session_endpoint.as_deref();
    let end = end.ok_or(SignInFault::UnknownProvider)?;
    let mut url = allowed(end).map_err(SignInFault::Provider)?;
    url.query_pairs_mut()
        .append_pair("client_id", &provider.settings.client_id)
        .append_pair("post_logout_redirect_uri", back);
    Ok(url.into())
}

/// Signs in whom the provider vouches for. However it ends, the audit trail has it.
///
/// # Errors
/// Why they are not signed in.
pub async fn arrive(
    api: &AdminApi,
    browser: &Browser,
    provider: &Provider,
    brought: Brought<'_>,
) -> Result<Arrival, SignInFault> {
    let tries = Tries::of(&api.store, "single_sign_on", browser.peer);
    let flow = match opened(api, provider, &brought).await {
        Ok(flow) => flow,
        // What belongs to no sign-in of this browser costs nothing but a line in the trail, and so it
        // is counted as a wrong password is.
        Err(fault @ SignInFault::State) => {
            tries.check().await?;
            tries.failed(&browser.actor, None).await?;
            return Err(fault);
        }
        Err(fault) => return refused(api, browser, provider, fault).await,
    };
    match signed_in(api, browser, provider, &flow, &brought).await {
        Ok(begun) => Ok(Arrival {
            begun,
            next: flow.next().to_owned(),
        }),
        Err(fault) => refused(api, browser, provider, fault).await,
    }
}

/// The sign-in that came back, for the first time.
async fn opened(
    api: &AdminApi,
    provider: &Provider,
    brought: &Brought<'_>,
) -> Result<Flow, SignInFault> {
    let returned = Returned {
        provider: &provider.settings.name,
        state: brought.state,
    };
    let flow = Flow::returned(&api.settings.encryption, brought.cookie, &returned)?;
    let is_first = api
        .store
        .note_returned_sign_in(&flow.digest(), flow.ends_at())
        .await?;
    if is_first {
        Ok(flow)
    } else {
        Err(SignInFault::State)
    }
}

async fn signed_in(
    api: &AdminApi,
    browser: &Browser,
    provider: &Provider,
    flow: &Flow,
    brought: &Brought<'_>,
) -> Result<Begun, SignInFault> {
    let vouched = exchange(provider, flow, &brought.answer, brought.redirect_uri).await?;
    let user = person::of(api, browser, provider, &vouched).await?;
    if let Some((email, true)) = &vouched.email {
        invitations::accept_waiting(api, browser, &user, email).await?;
    }
    let user = api.store.user(user.id.as_str()).await?.unwrap_or(user);
    roles::give(api, browser, (provider, &vouched), &user).await?;
    let rights = rights_of(api, &user).await?;
    let entrance = Entrance::Provider(provider.settings.name.clone());
    let begun = begin_session(api, browser, (Some(user.id), rights), entrance).await?;
    Ok(begun)
}

async fn rights_of(api: &AdminApi, user: &User) -> Result<Rights, SignInFault> {
    let rights = api.store.rights(&user.id).await?;
    rights.ok_or(SignInFault::Blocked)
}

/// Notes a refusal, where it is no fault of our own side.
async fn refused<T>(
    api: &AdminApi,
    browser: &Browser,
    provider: &Provider,
    fault: SignInFault,
) -> Result<T, SignInFault> {
    note(provider, &fault);
    if !matches!(fault, SignInFault::Action(_)) {
        let (_status, code) = fault.status_and_code();
        let event = Event {
            action: "session.refused",
            object_kind: "user",
            object_id: "unknown".to_owned(),
            after: Some(json!({
                "provider": provider.settings.name,
                "code": code,
                "cause": fault.cause(),
            })),
            ..Event::default()
        };
        api.store.record(&browser.actor, event).await?;
    }
    Err(fault)
}

/// Tells the operator what the person is not told.
fn note(provider: &Provider, fault: &SignInFault) {
    let name = &provider.settings.name;
    match fault {
        SignInFault::Action(error) => error.note(),
        _ => {
            if let Some(cause) = fault.cause() {
                tracing::warn!("nobody was signed in by the identity provider {name}: {cause}");
            }
        }
    }
}

/// What is said of somebody whom a provider vouches for.
fn recorded(provider: &Provider, vouched: &Vouched) -> serde_json::Value {
    json!({
        "provider": provider.settings.name,
        "issuer": vouched.issuer,
        "subject": vouched.subject,
    })
}
