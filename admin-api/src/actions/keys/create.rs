//! A new key: checked, kept, and shown once.

use domain::ids::{KeyId, OrganizationId, ServiceAccountId, UserId};
use domain::keys::PlainKey;
use domain::money::NanoUsd;
use domain::policies::Policy;
use domain::service_accounts::ServiceAccount;
use domain::stamps::Stamps;
use domain::time::TimestampMs;
use domain::users::User;
use domain::virtual_keys::{KeySecret, VirtualKey};
use serde_json::{Value, json};
use store::Event;
use store::page::Page;
use store::service_accounts::ServiceAccountFilter;

use crate::acting::{Acting, may};
use crate::actions::keys::bounds::{self, Frame};
use crate::actions::keys::owner::{self, AskedOwner, Owner, Unnamed};
use crate::actions::keys::{MadeKey, event, holders, place, recorded, refusal, templates};
use crate::actions::spend::{self, Booking};
use crate::actions::{narrowing, users};
use crate::error::ActionError;
use crate::fields::Given;

/// With what a key is made.
pub struct NewKey {
    /// To whom it shall belong.
    pub owner: AskedOwner,
    /// The name of the team's service account that shall own it, made when there is none.
    pub service_account_name: Option<String>,
    /// For people; unique in the organization.
    pub alias: Option<String>,
    /// `development`, `staging`, `production`, or the team's own word.
    pub environment: Option<String>,
    /// What it shall allow.
    pub policy: Policy,
    /// When it ends: `30d`, a date, `never`.
    pub lifetime: Given<String>,
    /// The key itself, when its maker chose it.
    pub chosen: Option<PlainKey>,
    /// Whether it is refused until it is unblocked.
    pub blocked: bool,
    /// What it has spent elsewhere.
    pub spend_nanousd: NanoUsd,
    /// Whether it is for models only when its maker does not name routes.
    pub llm_routes_only: bool,
    /// Whether the person who is named is made when nobody knows them, by who may make any.
    pub makes_person: bool,
}

impl Default for NewKey {
    fn default() -> Self {
        Self {
            owner: AskedOwner::default(),
            service_account_name: None,
            alias: None,
            environment: None,
            policy: Policy::default(),
            lifetime: Given::Absent,
            chosen: None,
            blocked: false,
            spend_nanousd: NanoUsd::default(),
            llm_routes_only: true,
            makes_person: false,
        }
    }
}

/// Takes a key that its maker chose.
///
/// # Errors
/// [`ActionError::Invalid`], which does not say the key again.
pub fn chosen(field: &str, text: &str) -> Result<PlainKey, ActionError> {
    PlainKey::chosen(text)
        .map_err(|unfit| ActionError::invalid(field, format!("This cannot be a key: {unfit}.")))
}

/// Makes a key.
///
/// # Errors
/// [`ActionError::NotFound`] for an owner that is not there, [`ActionError::Invalid`] for what is
/// not granted, [`ActionError::Conflict`] when the alias or the key is taken.
pub async fn create(
    acting: &Acting<may::WriteKeys>,
    mut new: NewKey,
) -> Result<MadeKey, ActionError> {
    let (name, spend) = (new.service_account_name.take(), new.spend_nanousd);
    let unnamed = match &name {
        Some(_) => Unnamed::Nobodys,
        None => Unnamed::Actors,
    };
    let person = match &new.owner.user_id {
        Some(id) if new.makes_person => unknown(acting, id).await?,
        _ => None,
    };
    if person.is_some() {
        // The owner is looked for without them: they are in no team and no organization yet.
        new.owner.user_id = None;
    }
    let unnamed = match &person {
        Some(_) => Unnamed::Nobodys,
        None => unnamed,
    };
    let (mut made, owner) = drafted(acting, new, unnamed).await?;
    if let Some(person) = &person {
        if owner.service_account.is_some() {
            return Err(ActionError::invalid(
                "user_id",
                "A key belongs to a person or to a service account, not to both.",
            ));
        }
        made.key.user_id = Some(person.id.clone());
    }
    let account = match name {
        Some(name) => account(acting, &owner, &mut made.key, name).await?,
        None => None,
    };
    write(acting, &made.key, Beside { account, person }, spend).await?;
    Ok(made)
}

/// What is made with a key, in the same change.
struct Beside {
    account: Option<ServiceAccount>,
    person: Option<User>,
}

/// Somebody whom nobody knows, to be made with their first key: as when an administrator of the
/// platform makes an id a member. For everybody else a person has to be there.
async fn unknown(acting: &Acting<may::WriteKeys>, id: &str) -> Result<Option<User>, ActionError> {
    if !narrowing::is_platform_admin(acting) || acting.store().user(id).await?.is_some() {
        return Ok(None);
    }
    // What is no id that somebody may choose is the id of nobody.
    Ok(users::bare(acting, Some(id), None).ok())
}

/// Prepares a key for somebody who is made in the same change, which writes both.
///
/// # Errors
/// As [`create`].
pub async fn prepare_for(
    acting: &Acting<may::WriteKeys>,
    new: NewKey,
    user_id: &UserId,
) -> Result<(MadeKey, KeySecret), ActionError> {
    let (mut made, _owner) = drafted(acting, new, Unnamed::Nobodys).await?;
    made.key.user_id = Some(user_id.clone());
    let secret = secret_of(&made.key, made.key.stamps.created_at);
    Ok((made, secret))
}

/// A key that is fitted to its owner and not written yet.
async fn drafted(
    acting: &Acting<may::WriteKeys>,
    new: NewKey,
    unnamed: Unnamed,
) -> Result<(MadeKey, Owner), ActionError> {
    let plain = match new.chosen {
        Some(plain) => plain,
        None => generated()?,
    };
    let owner = owner::owner(acting, &new.owner, unnamed).await?;
    let applying = templates::applying(acting.api(), &owner, new.environment.as_deref()).await?;
    let stamps = Stamps::now(&acting.actor.id());
    let expires_at = templates::end(&new.lifetime, &applying, stamps.created_at)?;
    let mut key = VirtualKey {
        id: KeyId::generate(),
        organization_id: OrganizationId::default_one(),
        team_id: None,
        project_id: None,
        user_id: None,
        service_account_id: None,
        alias: new.alias,
        environment: new.environment,
        hash: plain.hash(),
        last_four: plain.last_four(),
        policy: new.policy,
        expires_at,
        blocked: new.blocked,
        stamps,
    };
    owner.put_into(&mut key);
    bounds::names(&key)?;
    let frame = Frame {
        owner: &owner,
        before: None,
        templates: &applying,
        llm_routes_only: new.llm_routes_only,
    };
    bounds::fit(acting, &mut key, &frame).await?;
    Ok((MadeKey { key, plain }, owner))
}

/// Makes a secret.
///
/// # Errors
/// When the system gives no random bytes.
pub(super) fn generated() -> Result<PlainKey, ActionError> {
    PlainKey::generate().map_err(|cause| ActionError::Internal(cause.to_string()))
}

/// The newest secret of a key.
pub(super) fn secret_of(key: &VirtualKey, now: TimestampMs) -> KeySecret {
    KeySecret {
        key_id: key.id.clone(),
        hash: key.hash,
        last_four: key.last_four.clone(),
        created_at: now,
        ends_at: None,
        uses: 0,
        last_used_at: None,
    }
}

/// The team's service account of this name becomes the owner. It is given back when it is new.
async fn account(
    acting: &Acting<may::WriteKeys>,
    owner: &Owner,
    key: &mut VirtualKey,
    name: String,
) -> Result<Option<ServiceAccount>, ActionError> {
    let Some(team) = &owner.team else {
        return Err(ActionError::invalid(
            "team_id",
            "team_id is required for service account keys. Name the team that it belongs to.",
        ));
    };
    let making = acting.also::<may::WriteProjects>()?;
    making.on(&place(key), "Team", team.id.as_str()).await?;
    let filter = ServiceAccountFilter {
        scope: making.scope(),
        team_id: Some(team.id.clone()),
        name: Some(name.clone()),
        ..ServiceAccountFilter::default()
    };
    let listed = acting
        .store()
        .service_accounts(&filter, &Page::first(1))
        .await?;
    if let Some(known) = listed.items.into_iter().next() {
        key.service_account_id = Some(known.id);
        return Ok(None);
    }
    let account = ServiceAccount {
        id: ServiceAccountId::generate(),
        organization_id: team.organization_id.clone(),
        team_id: team.id.clone(),
        name,
        stamps: Stamps::now(&acting.actor.id()),
    };
    key.service_account_id = Some(account.id.clone());
    Ok(Some(account))
}

async fn write(
    acting: &Acting<may::WriteKeys>,
    key: &VirtualKey,
    beside: Beside,
    spend_nanousd: NanoUsd,
) -> Result<(), ActionError> {
    let mut after = recorded(key);
    let mut made = |name: &str, what: Value| {
        if let Value::Object(members) = &mut after {
            members.insert(name.to_owned(), what);
        }
    };
    let mut also_about = Vec::new();
    let mut change = acting.store().begin().await?;
    if let Some(account) = beside.account {
        change.insert_service_account(&account).await?;
        also_about.push(account.id.to_string());
        made("made_service_account", json!(account));
    }
    if let Some(person) = beside.person {
        change.insert_user(&person).await.map_err(users::taken)?;
        also_about.push(person.id.to_string());
        made("made_user", json!(person));
    }
    let secret = secret_of(key, key.stamps.created_at);
    change.insert_key(key, &secret).await.map_err(refusal)?;
    holders::blocking(acting, None, key)
        .noted(&mut change)
        .await?;
    if spend_nanousd != NanoUsd::default() {
        let booking = Booking {
            kind: "import",
            reason: "Given when the key was made.".to_owned(),
            actor: acting.actor.id(),
        };
        let given = (spend_nanousd, booking);
        spend::give(acting.store(), &mut change, key.into(), given).await?;
    }
    let made = Event {
        also_about,
        after: Some(after),
        ..event("key.create", key)
    };
    change.commit(&acting.actor, made).await?;
    Ok(())
}
