//! Links with which people come in, or set a password anew: made, sent, listed, taken back, used.

mod accept;
mod letter;

pub use self::accept::{Acceptance, accept, accept_waiting, shown};

use domain::ids::{InvitationId, OrganizationId, TeamId, UserId};
use domain::invitations::{
    INVITATION_LIFETIME_MS, Invitation, InvitationPurpose, InvitationState, PASSWORD_LIFETIME_MS,
};
use domain::keys::Secret;
use domain::permissions::{Place, PlatformRole, Role};
use domain::stamps::Stamps;
use domain::time::TimestampMs;
use serde_json::{Value, json};
use store::Event;
use store::invitations::InvitationFilter;
use store::page::{Listed, Page};

use crate::acting::{Acting, Permission, may};
use crate::actions::levels::meant_team;
use crate::actions::setup::email_address;
use crate::actions::{members, narrowing};
use crate::error::ActionError;
use crate::tokens;

/// What the tokens of links begin with.
const PREFIX: &str = "hg-inv-";

/// Whom somebody invites, and as what.
pub struct NewInvitation {
    /// Their address.
    pub email: String,
    /// Into which organization; the one that always exists where nothing is said.
    pub organization_id: Option<String>,
    /// Into which team.
    pub team_id: Option<String>,
    /// As what; `member` where nothing is said.
    pub role: Option<Role>,
    /// A role over the platform, beside it.
    pub platform_role: Option<PlatformRole>,
}

/// An invitation that was made, and its link, which is told once.
pub struct Made {
    /// The invitation.
    pub invitation: Invitation,
    /// Where the link leads.
    pub link: Secret,
    /// Whether it was mailed; why not, where it was to be.
    pub mailed: Result<(), String>,
}

/// Invites somebody. `origin` is where people reach the console.
///
/// # Errors
/// [`ActionError::NotFound`] for a place that is not the actor's, [`ActionError::Invalid`] for a role
/// that is more than their own, [`ActionError::Conflict`] when the person is there already.
pub async fn create(
    acting: &Acting<may::WriteTeamMembers>,
    new: NewInvitation,
    origin: &str,
) -> Result<Made, ActionError> {
    let email = email_address(&new.email)?;
    let (organization_id, team_id) = place(acting, &new).await?;
    let role = new.role.unwrap_or(Role::Member);
    members::may_give_role(acting, (&organization_id, team_id.as_ref()), role)?;
    if new.platform_role.is_some() && !narrowing::is_platform_admin(acting) {
        return Err(ActionError::invalid(
            "platform_role",
            "Only platform administrators give roles over the platform.",
        ));
    }
    let known = acting.store().user_by_email(&email).await?;
    if let Some(user) = &known {
        let team = team_id.as_ref();
        let there = acting.store().member(&organization_id, team, &user.id);
        if there.await?.is_some() {
            return Err(ActionError::Conflict {
                field: "email",
                message: "This person is there already. Change their role instead.".to_owned(),
            });
        }
    }
    let invitation = Invitation {
        email: Some(email),
        organization_id: Some(organization_id),
        team_id,
        role: Some(role),
        platform_role: new.platform_role,
        ..bare(
            acting,
            InvitationPurpose::Invitation,
            INVITATION_LIFETIME_MS,
        )
    };
    made(acting, invitation, origin).await
}

/// Makes a link with which a person sets a password anew.
///
/// # Errors
/// [`ActionError::NotFound`] when there is no such person.
pub async fn password_link(
    acting: &Acting<may::WriteUsers>,
    person: &str,
    origin: &str,
) -> Result<Made, ActionError> {
    let store = acting.store();
    let found = match person.contains('@') {
        true => store.user_by_email(person.trim()).await?,
        false => store.user(person).await?,
    };
    let user = found.ok_or_else(|| ActionError::not_found("User", person))?;
    let invitation = Invitation {
        email: user.email,
        user_id: Some(user.id),
        ..bare(acting, InvitationPurpose::Password, PASSWORD_LIFETIME_MS)
    };
    made(acting, invitation, origin).await
}

/// The invitations that may still be used, newest first.
///
/// # Errors
/// When the store does not answer.
pub async fn open(
    acting: &Acting<may::WriteTeamMembers>,
    page: &Page,
) -> Result<Listed<Invitation>, ActionError> {
    let filter = InvitationFilter {
        scope: acting.scope(),
        open_at: Some(TimestampMs::now()),
        email: None,
    };
    Ok(acting.store().invitations(&filter, page).await?)
}

/// Finds an invitation.
///
/// # Errors
/// [`ActionError::NotFound`] also when it leads into a place that is not the actor's.
pub async fn find<P: Permission>(acting: &Acting<P>, id: &str) -> Result<Invitation, ActionError> {
    let found = acting.store().invitation(id).await?;
    let invitation = found.ok_or_else(|| ActionError::not_found("Invitation", id))?;
    acting.on(&place_of(&invitation), "Invitation", id).await?;
    Ok(invitation)
}

/// Takes an invitation back.
///
/// # Errors
/// As [`find`]; [`ActionError::Conflict`] when it cannot be used any more anyway.
pub async fn revoke<P: Permission>(
    acting: &Acting<P>,
    id: &str,
) -> Result<Invitation, ActionError> {
    let mut invitation = find(acting, id).await?;
    let now = TimestampMs::now();
    let state = invitation.state(now);
    if state != InvitationState::Open {
        return Err(ActionError::Conflict {
            field: "id",
            message: format!("The invitation is {} already.", state.as_str()),
        });
    }
    invitation.revoked_at = Some(now);
    invitation.stamps = invitation.stamps.changed(&acting.actor.id());
    let mut change = acting.store().begin().await?;
    change.update_invitation(&invitation).await?;
    let event = event("invitation.revoke", &invitation);
    change.commit(&acting.actor, event).await?;
    Ok(invitation)
}

fn bare<P: Permission>(
    acting: &Acting<P>,
    purpose: InvitationPurpose,
    lifetime_ms: u64,
) -> Invitation {
    Invitation {
        id: InvitationId::generate(),
        hash: String::new(),
        purpose,
        email: None,
        user_id: None,
        organization_id: None,
        team_id: None,
        role: None,
        platform_role: None,
        expires_at: TimestampMs(TimestampMs::now().0.saturating_add(lifetime_ms)),
        accepted_at: None,
        revoked_at: None,
        stamps: Stamps::now(&acting.actor.id()),
    }
}

/// Keeps it, and mails the link where there is a mail server.
async fn made<P: Permission>(
    acting: &Acting<P>,
    mut invitation: Invitation,
    origin: &str,
) -> Result<Made, ActionError> {
    let internal = |cause: String| ActionError::Internal(cause);
    let token = tokens::generate(PREFIX).map_err(|fault| internal(fault.to_string()))?;
    invitation.hash = tokens::digest(&token);
    let mut change = acting.store().begin().await?;
    change.insert_invitation(&invitation).await?;
    let created = Event {
        after: Some(recorded(&invitation)),
        ..event("invitation.create", &invitation)
    };
    change.commit(&acting.actor, created).await?;
    let origin = origin.trim_end_matches('/');
    let link = Secret::new(format!("{origin}/ui/invitation?token={}", token.expose()));
    let mailed = letter::send(acting.api(), &invitation, &link).await;
    Ok(Made {
        invitation,
        link,
        mailed,
    })
}

/// Where an invitation leads, with our own ids, and whether the actor may invite there.
async fn place(
    acting: &Acting<may::WriteTeamMembers>,
    new: &NewInvitation,
) -> Result<(OrganizationId, Option<TeamId>), ActionError> {
    let store = acting.store();
    let (organization_id, team_id) = match &new.team_id {
        Some(id) => {
            let team = meant_team(acting, id).await?;
            let team = team.ok_or_else(|| ActionError::not_found("Team", id))?;
            (team.organization_id, Some(team.id))
        }
        None => {
            let default = OrganizationId::default_one();
            let id = new.organization_id.as_deref().unwrap_or(default.as_str());
            let organization = store.organization(id).await?;
            let organization =
                organization.ok_or_else(|| ActionError::not_found("Organization", id))?;
            (organization.id, None)
        }
    };
    let there = Place {
        organization_id: Some(organization_id.clone()),
        team_id: team_id.clone(),
        owner_id: None,
    };
    let (kind, id) = match &team_id {
        Some(team) => ("Team", team.as_str()),
        None => ("Organization", organization_id.as_str()),
    };
    acting.on(&there, kind, id).await?;
    Ok((organization_id, team_id))
}

fn place_of(invitation: &Invitation) -> Place {
    Place {
        organization_id: invitation.organization_id.clone(),
        team_id: invitation.team_id.clone(),
        owner_id: None::<UserId>,
    }
}

fn event(action: &'static str, invitation: &Invitation) -> Event {
    Event {
        action,
        object_kind: "invitation",
        object_id: invitation.id.to_string(),
        organization_id: invitation.organization_id.as_ref().map(ToString::to_string),
        team_id: invitation.team_id.as_ref().map(ToString::to_string),
        ..Event::default()
    }
}

/// What an audit entry says of it: not the link's digest.
fn recorded(invitation: &Invitation) -> Value {
    json!({
        "purpose": invitation.purpose,
        "email": invitation.email,
        "user_id": invitation.user_id,
        "role": invitation.role,
        "platform_role": invitation.platform_role,
        "expires_at": invitation.expires_at.to_rfc3339(),
    })
}
