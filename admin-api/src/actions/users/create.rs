//! A person is made, with their places and, when asked, a first key.

use domain::keys::Secret;
use domain::members::Member;
use domain::permissions::PlatformRole;
use domain::policies::Policy;
use domain::stamps::Stamps;
use domain::users::User;
use domain::virtual_keys::VirtualKey;
use serde_json::{Value, json};
use store::Event;

use super::first_key::{self, NewFirstKey};
use super::password::hashed;
use super::{Placement, Within, bare, event, taken};
use crate::acting::{Acting, Permission, may};
use crate::actions::keys::{self, MadeKey};
use crate::actions::levels;
use crate::error::ActionError;

/// What a person may be made with.
#[derive(Default)]
pub struct NewUser {
    /// The caller's own id.
    pub external_id: Option<String>,
    /// Unique, in any case.
    pub email: Option<String>,
    /// For people.
    pub name: Option<String>,
    /// A role over the platform.
    pub platform_role: Option<PlatformRole>,
    /// What their own keys may do, all together.
    pub policy: Policy,
    /// Whether they may not do anything from the start.
    pub blocked: bool,
    /// Where they are.
    pub placements: Vec<Placement>,
    /// Their first key.
    pub key: Option<NewFirstKey>,
    /// A password for the console.
    pub password: Option<Secret>,
}

/// A person who has been made.
pub struct Created {
    /// The person.
    pub user: User,
    /// Where they are.
    pub members: Vec<Member>,
    /// Their first key, shown this once.
    pub key: Option<MadeKey>,
}

/// Makes a person.
///
/// # Errors
/// [`ActionError::Conflict`] when their id or address is taken; [`ActionError::NotFound`] for an
/// organization or a team that does not exist.
pub async fn create(
    acting: &Acting<may::WriteUsers>,
    new: NewUser,
) -> Result<Created, ActionError> {
    let mut user = User {
        name: new.name,
        platform_role: new.platform_role,
        policy: new.policy,
        blocked: new.blocked,
        ..bare(acting, new.external_id.as_deref(), new.email.as_deref())?
    };
    levels::resolve_budget(acting, &mut user.policy, None).await?;
    let members = placed(acting, &user, new.placements).await?;
    let key = match new.key {
        Some(key) => Some(first_key::made(acting, &user, &members, key).await?),
        None => None,
    };
    let hash = hashed(new.password).await?;
    let mut change = acting.store().begin().await?;
    change.insert_user(&user).await.map_err(taken)?;
    if let Some(hash) = &hash {
        change
            .set_password_hash(&user.id, Some(hash.as_str()))
            .await?;
    }
    for member in &members {
        change.put_member(member).await?;
    }
    if let Some((made, secret)) = &key {
        change
            .insert_key(&made.key, secret)
            .await
            .map_err(keys::refusal)?;
    }
    let key = key.map(|(made, _secret)| made);
    let made = made_event(&user, &members, key.as_ref().map(|made| &made.key));
    change.commit(&acting.actor, made).await?;
    Ok(Created { user, members, key })
}

/// The event of a person who is made, with their first key. An organization sees it when all of it is there.
fn made_event(user: &User, members: &[Member], key: Option<&VirtualKey>) -> Event {
    let mut after = json!({ "user": user, "members": members });
    if let (Some(key), Value::Object(made)) = (key, &mut after) {
        made.insert("keys".to_owned(), json!([keys::recorded(key)]));
    }
    let within = key.map(|key| &key.organization_id);
    let only = within.filter(|only| {
        let elsewhere = members.iter().any(|one| one.organization_id != **only);
        user.platform_role.is_none() && !elsewhere
    });
    Event {
        also_about: key.map(|key| key.id.to_string()).into_iter().collect(),
        organization_id: only.map(ToString::to_string),
        after: Some(after),
        ..event("user.create", user)
    }
}

/// A person's memberships, with the ids that callers said resolved; the last word on a place holds.
pub(super) async fn placed<P: Permission>(
    acting: &Acting<P>,
    user: &User,
    placements: Vec<Placement>,
) -> Result<Vec<Member>, ActionError> {
    let mut members: Vec<Member> = Vec::new();
    for Placement {
        within,
        role,
        policy,
    } in placements
    {
        let (organization_id, team_id) = match within {
            Within::Organization(id) => {
                let found = acting.store().organization(&id).await?;
                let found = found.ok_or_else(|| ActionError::not_found("Organization", id))?;
                (found.id, None)
            }
            Within::Team(id) => {
                let found = levels::meant_team(acting, &id).await?;
                let team = found.ok_or_else(|| ActionError::not_found("Team", id))?;
                (team.organization_id, Some(team.id))
            }
        };
        members
            .retain(|known| known.organization_id != organization_id || known.team_id != team_id);
        members.push(Member {
            organization_id,
            team_id,
            user_id: user.id.clone(),
            role,
            policy,
            stamps: Stamps::now(&acting.actor.id()),
        });
    }
    Ok(members)
}
