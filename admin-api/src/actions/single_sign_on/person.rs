//! Who of ours is it that a provider vouches for? Known by issuer and subject; else by an address that
//! is theirs; else new, where that is allowed.

use domain::identity::Identity;
use domain::identity::callers::is_of;
use domain::ids::UserId;
use domain::policies::Policy;
use domain::stamps::Stamps;
use domain::time::TimestampMs;
use domain::users::User;
use serde_json::json;
use store::Event;
use store::invitations::InvitationFilter;
use store::page::Page;

use super::{recorded, roles};
use crate::AdminApi;
use crate::actions::sign_in::{Browser, event};
use crate::identity::exchange::Vouched;
use crate::identity::fault::SignInFault;
use crate::identity::provider::Provider;
use crate::identity::settings::NewPeople;

/// Finds or makes the person, and takes down that the provider knows them.
///
/// # Errors
/// Why they may not come in.
pub(super) async fn of(
    api: &AdminApi,
    browser: &Browser,
    provider: &Provider,
    vouched: &Vouched,
) -> Result<User, SignInFault> {
    check_domain(provider, vouched)?;
    let known = api
        .store
        .identity(&vouched.issuer, &vouched.subject)
        .await?;
    let user = match &known {
        Some(known) => api.store.user(known.user_id.as_str()).await?,
        None => same_person(api, browser, provider, vouched).await?,
    };
    let is_new = user.is_none();
    let user = match user {
        Some(user) if user.blocked => return Err(SignInFault::Blocked),
        Some(user) => user,
        None => allowed_in(api, provider, vouched).await?,
    };
    let now = TimestampMs::now();
    if let Some(known) = &known {
        api.store.touch_identity(known, now).await?;
        return Ok(user);
    }
    let identity = Identity {
        issuer: vouched.issuer.clone(),
        subject: vouched.subject.clone(),
        user_id: user.id.clone(),
        created_at: now,
        last_used_at: now,
    };
    let mut change = api.store.begin().await?;
    if is_new {
        change.insert_user(&user).await?;
    }
    change.insert_identity(&identity).await?;
    let event = told(provider, vouched, &user, is_new);
    change.commit(&browser.actor, event).await?;
    Ok(user)
}

fn told(provider: &Provider, vouched: &Vouched, user: &User, is_new: bool) -> Event {
    let action = if is_new {
        "user.create"
    } else {
        "identity.link"
    };
    let mut said = recorded(provider, vouched);
    if is_new && let Some(members) = said.as_object_mut() {
        members.insert("user".to_owned(), json!(user));
    }
    Event {
        after: Some(said),
        ..event(action, "user", user.id.to_string())
    }
}

/// Whether the address is one of those that may come in at all.
fn check_domain(provider: &Provider, vouched: &Vouched) -> Result<(), SignInFault> {
    let domains = &provider.settings.email_domains;
    if domains.is_empty() {
        return Ok(());
    }
    match &vouched.email {
        Some((_email, false)) => Err(SignInFault::EmailUnverified),
        Some((email, true)) if domains.iter().any(|domain| is_of(email, domain)) => Ok(()),
        _ => Err(SignInFault::NotAllowed),
    }
}

/// Somebody whom we know by something else that is surely theirs.
async fn same_person(
    api: &AdminApi,
    browser: &Browser,
    provider: &Provider,
    vouched: &Vouched,
) -> Result<Option<User>, SignInFault> {
    if provider.settings.is_litellms {
        // LiteLLM's id of a person who signed in so is the provider's subject.
        let found = api.store.user(&vouched.subject).await?;
        let same = |user: &User| user.external_id.as_ref() == Some(&vouched.subject);
        if let Some(user) = found.filter(same) {
            return Ok(Some(user));
        }
    }
    let Some((email, is_theirs)) = &vouched.email else {
        return Ok(None);
    };
    match (api.store.user_by_email(email).await?, is_theirs) {
        (None, _) => Ok(None),
        (Some(user), true) if somebody_may_have_its_password(api, browser, &user).await? => {
            Err(SignInFault::PasswordFirst)
        }
        (Some(user), true) => Ok(Some(user)),
        (Some(_somebodys), false) => Err(SignInFault::AccountExists),
    }
}

/// Whether an account opens with a password that this browser has not shown. Whoever made it under
/// another's address, by an invitation that they kept for themselves, would share it with them.
async fn somebody_may_have_its_password(
    api: &AdminApi,
    browser: &Browser,
    user: &User,
) -> Result<bool, SignInFault> {
    let replaced = browser.replaced.as_ref();
    let signed_in = replaced.and_then(|live| live.session.user_id.as_ref());
    if !api.settings.sign_in.password || signed_in == Some(&user.id) {
        return Ok(false);
    }
    Ok(api.store.password_hash(&user.id).await?.is_some())
}

/// A new person, where the configuration lets them in.
async fn allowed_in(
    api: &AdminApi,
    provider: &Provider,
    vouched: &Vouched,
) -> Result<User, SignInFault> {
    let settings = &provider.settings;
    let is_allowed = match settings.new_people {
        NewPeople::Nobody => is_invited(api, vouched).await?,
        NewPeople::Everyone => true,
        NewPeople::Listed => {
            // The domain has been checked.
            !settings.email_domains.is_empty()
                || roles::names(settings, vouched)
                || is_invited(api, vouched).await?
        }
    };
    if !is_allowed {
        return Err(SignInFault::NotAllowed);
    }
    let id = UserId::generate();
    Ok(User {
        external_id: settings.is_litellms.then(|| vouched.subject.clone()),
        // One that may be somebody else's is not kept: it would stand in their way.
        email: vouched
            .email
            .clone()
            .filter(|(_email, is_theirs)| *is_theirs)
            .map(|(email, _is_theirs)| email),
        name: vouched.name.clone(),
        platform_role: None,
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::now(id.as_str()),
        id,
    })
}

/// Whether an invitation waits for an address that is theirs.
async fn is_invited(api: &AdminApi, vouched: &Vouched) -> Result<bool, SignInFault> {
    let Some((email, true)) = &vouched.email else {
        return Ok(false);
    };
    let mut filter = InvitationFilter {
        open_at: Some(TimestampMs::now()),
        email: Some(email.clone()),
        ..InvitationFilter::default()
    };
    filter.scope.everything = true;
    let found = api.store.invitations(&filter, &Page::first(1)).await?;
    Ok(!found.items.is_empty())
}
