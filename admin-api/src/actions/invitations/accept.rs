//! An invitation is used: an account with a password, a role for somebody who is in already, or a new
//! password.

use domain::ids::UserId;
use domain::invitations::{Invitation, InvitationPurpose, InvitationState};
use domain::keys::Secret;
use domain::members::Member;
use domain::passwords::PasswordHash;
use domain::permissions::{Action, authorize};
use domain::policies::Policy;
use domain::stamps::Stamps;
use domain::time::TimestampMs;
use domain::users::User;
use serde_json::json;
use store::invitations::InvitationFilter;
use store::{Event, Transaction};

use super::{event, place_of};
use crate::AdminApi;
use crate::actions::levels::EVERYTHING;
use crate::actions::lockout::Tries;
use crate::actions::passwords::Turn;
use crate::actions::sign_in::{Begun, Browser, Entrance, begin_session};
use crate::error::ActionError;
use crate::tokens;

const UNKNOWN: &str =
    "The link is unknown, used, taken back or too old. Ask your administrator for another one.";
const NO_PASSWORDS: &str = "People do not sign in with a password here. Sign in at your identity \
provider with the invited e-mail address; the role is yours then.";

/// What the invited person says.
pub struct Acceptance {
    /// Out of the link.
    pub token: Secret,
    /// Their name.
    pub name: Option<String>,
    /// The password that they choose.
    pub password: Secret,
}

/// The invitation of a link, while it may be used, and whether its person has an account already.
///
/// # Errors
/// [`ActionError::Unauthenticated`] when it may not be used.
pub async fn shown(
    api: &AdminApi,
    browser: &Browser,
    token: &Secret,
) -> Result<(Invitation, Option<User>), ActionError> {
    let tries = Tries::of(&api.store, "invitation", browser.peer);
    tries.check().await?;
    let found = api.store.invitation_by_hash(&tokens::digest(token)).await?;
    let now = TimestampMs::now();
    let open = found.filter(|one| one.state(now) == InvitationState::Open);
    let invitation = match open {
        Some(open) if is_still_given(api, &open).await? => open,
        _ => {
            tries.failed(&browser.actor, None).await?;
            return Err(ActionError::Unauthenticated(UNKNOWN));
        }
    };
    let user = match (&invitation.user_id, &invitation.email) {
        (Some(id), _) => api.store.user(id.as_str()).await?,
        (None, Some(email)) => api.store.user_by_email(email).await?,
        (None, None) => None,
    };
    Ok((invitation, user))
}

/// Whether who made an invitation might make it now: nobody leaves a door open behind them.
async fn is_still_given(api: &AdminApi, invitation: &Invitation) -> Result<bool, ActionError> {
    let maker = UserId::new(&invitation.stamps.created_by);
    if !maker.as_str().starts_with(UserId::PREFIX) {
        // The master key, or the command line.
        return Ok(true);
    }
    let action = match invitation.purpose {
        InvitationPurpose::Invitation => Action::WriteTeamMembers,
        InvitationPurpose::Password => Action::WriteUsers,
    };
    let rights = api.store.rights(&maker).await?;
    Ok(rights.is_some_and(|rights| authorize(&rights, action, &place_of(invitation)).is_ok()))
}

/// Uses an invitation; a session begins.
///
/// # Errors
/// As [`shown`]; [`ActionError::Invalid`] for a password that is not good enough;
/// [`ActionError::Conflict`] when somebody has an account already and is not signed in to it: a link
/// that an administrator can read opens no account of somebody else.
pub async fn accept(
    api: &AdminApi,
    browser: &Browser,
    given: Acceptance,
) -> Result<Begun, ActionError> {
    let (invitation, user) = shown(api, browser, &given.token).await?;
    let signed_in = browser
        .replaced
        .as_ref()
        .and_then(|live| live.session.user_id.clone());
    let user = match (invitation.purpose, user) {
        (InvitationPurpose::Password, Some(user)) => {
            new_password(api, browser, &invitation, (user, given.password)).await?
        }
        (InvitationPurpose::Password, None) => {
            return Err(ActionError::Unauthenticated(UNKNOWN));
        }
        (InvitationPurpose::Invitation, Some(user)) if signed_in.as_ref() == Some(&user.id) => {
            used(api, browser, &invitation, &user, None).await?;
            user
        }
        (InvitationPurpose::Invitation, Some(_somebody)) => {
            return Err(ActionError::Conflict {
                field: "token",
                message: "There is an account with this e-mail address. Sign in to it, then open the link again.".to_owned(),
            });
        }
        (InvitationPurpose::Invitation, None) => {
            new_person(api, browser, &invitation, given).await?
        }
    };
    let rights = api.store.rights(&user.id).await?;
    let rights = rights.ok_or(ActionError::Unauthenticated(UNKNOWN))?;
    begin_session(api, browser, (Some(user.id), rights), Entrance::Invitation).await
}

/// Gives somebody who signs in at an identity provider what waits for an address that is theirs.
///
/// # Errors
/// When the store does not answer.
pub async fn accept_waiting(
    api: &AdminApi,
    browser: &Browser,
    user: &User,
    email: &str,
) -> Result<(), ActionError> {
    let mut filter = InvitationFilter {
        open_at: Some(TimestampMs::now()),
        email: Some(email.to_owned()),
        ..InvitationFilter::default()
    };
    filter.scope.everything = true;
    for invitation in api.store.invitations(&filter, &EVERYTHING).await?.items {
        if invitation.purpose == InvitationPurpose::Invitation
            && is_still_given(api, &invitation).await?
        {
            used(api, browser, &invitation, user, None).await?;
        }
    }
    Ok(())
}

async fn hashed(api: &AdminApi, password: Secret) -> Result<PasswordHash, ActionError> {
    if !api.settings.sign_in.password {
        return Err(ActionError::invalid("password", NO_PASSWORDS));
    }
    Turn::wait().await?.hash(password, "password").await
}

async fn new_person(
    api: &AdminApi,
    browser: &Browser,
    invitation: &Invitation,
    given: Acceptance,
) -> Result<User, ActionError> {
    let hash = hashed(api, given.password).await?;
    let id = UserId::generate();
    let user = User {
        external_id: None,
        email: invitation.email.clone(),
        name: given.name,
        platform_role: None,
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::now(&invitation.stamps.created_by),
        id,
    };
    used(api, browser, invitation, &user, Some(&hash)).await?;
    Ok(user)
}

async fn new_password(
    api: &AdminApi,
    browser: &Browser,
    invitation: &Invitation,
    (user, password): (User, Secret),
) -> Result<User, ActionError> {
    if user.blocked {
        return Err(ActionError::Unauthenticated(UNKNOWN));
    }
    let hash = hashed(api, password).await?;
    let mut change = api.store.begin().await?;
    take(&mut change, invitation).await?;
    change
        .set_password_hash(&user.id, Some(hash.as_str()))
        .await?;
    change.delete_sessions(&user.id).await?;
    let changed = Event {
        object_kind: "user",
        object_id: user.id.to_string(),
        after: Some(json!({"invitation": invitation.id})),
        ..event("user.password", invitation)
    };
    change.commit(&browser.actor, changed).await?;
    Ok(user)
}

/// Once, for one caller.
async fn take(change: &mut Transaction<'_>, invitation: &Invitation) -> Result<(), ActionError> {
    match change
        .take_invitation(&invitation.id, TimestampMs::now())
        .await?
    {
        true => Ok(()),
        false => Err(ActionError::Unauthenticated(UNKNOWN)),
    }
}

/// Uses it up and gives what it says; with a password's hash the person is new.
async fn used(
    api: &AdminApi,
    browser: &Browser,
    invitation: &Invitation,
    user: &User,
    hash: Option<&PasswordHash>,
) -> Result<(), ActionError> {
    let platform_role = user.platform_role.or(invitation.platform_role);
    let person = User {
        platform_role,
        ..user.clone()
    };
    let mut change = api.store.begin().await?;
    take(&mut change, invitation).await?;
    if let Some(hash) = hash {
        change.insert_user(&person).await?;
        change
            .set_password_hash(&user.id, Some(hash.as_str()))
            .await?;
    } else if platform_role != user.platform_role {
        change.update_user(&person).await?;
    }
    // Nobody is invited to where they are already. Who is there by now was put there later, and what
    // an administrator said last counts.
    let member = match member_of(invitation, &user.id) {
        Some(member) => change.add_member(&member).await?.then_some(member),
        None => None,
    };
    let accepted = Event {
        after: Some(json!({
            "user": person,
            "is_new": hash.is_some(),
            "member": member,
        })),
        ..event("invitation.accept", invitation)
    };
    change.commit(&browser.actor, accepted).await?;
    Ok(())
}

fn member_of(invitation: &Invitation, user: &UserId) -> Option<Member> {
    Some(Member {
        organization_id: invitation.organization_id.clone()?,
        team_id: invitation.team_id.clone(),
        user_id: user.clone(),
        role: invitation.role?,
        policy: Policy::default(),
        stamps: Stamps::now(&invitation.stamps.created_by),
    })
}
