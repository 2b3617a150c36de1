//! `/api/v1/invitations`: links with which people come in; links for a new password.

use actix_web::{HttpRequest, HttpResponse, web};
use domain::ids::InvitationId;
use domain::invitations::Invitation;
use domain::permissions::PlatformRole;
use domain::time::TimestampMs;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::acting::{Acting, may};
use crate::actions::invitations::{self, Acceptance, Made, NewInvitation};
use crate::api::members::RoleBody;
use crate::api::page::{ListQuery, Paged};
use crate::api::read;
use crate::api::secret_text::SecretText;
use crate::credential::browser;
use crate::error::{ActionError, Problem};
use crate::routes::{Route, route};
use crate::{AdminApi, cookies, origin};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/invitations" => list, WriteTeamMembers, "Lists invitations that may still be used.",
        query ListQuery, answers 200 Paged<InvitationBody>),
    route!(POST "/api/v1/invitations" => create, WriteTeamMembers,
        "Invites somebody; the link is told once, and mailed where there is a mail server.",
        body InvitationWrite, answers 201 MadeInvitationBody),
    route!(DELETE "/api/v1/invitations/{invitation_id}" => revoke, WriteTeamMembers,
        "Takes an invitation back.", answers 204),
    route!(POST "/api/v1/users/{user_id}/password-link" => password_link, WriteUsers,
        "Makes a link with which a person sets a new password.", answers 201 MadeInvitationBody),
    route!(POST "/api/v1/invitations/accept" => accept, anybody,
        "Uses an invitation's link: sets name and password, and begins a session.",
        body AcceptanceWrite, answers 201 AcceptedBody),
];

/// Whom to invite, and as what.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationWrite {
    /// Their e-mail address.
    pub email: String,
    /// Into which organization; `default` where neither this nor a team is said.
    #[serde(default)]
    pub organization_id: Option<String>,
    /// Into which team.
    #[serde(default)]
    pub team_id: Option<String>,
    /// As what: `member` unless said.
    #[serde(default)]
    pub role: Option<RoleBody>,
    /// A role over the platform: `platform_admin` or `platform_auditor`.
    #[serde(default)]
    pub platform_role: Option<String>,
}

/// An invitation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct InvitationBody {
    /// `inv_…`.
    pub id: String,
    /// `invitation`, or `password` for a link with which somebody sets a new one.
    pub purpose: String,
    /// Whom it is for.
    pub email: Option<String>,
    /// The person, where there is one already.
    pub user_id: Option<String>,
    /// Into which organization.
    pub organization_id: Option<String>,
    /// Into which team.
    pub team_id: Option<String>,
    /// As what.
    pub role: Option<RoleBody>,
    /// A role over the platform.
    pub platform_role: Option<String>,
    /// `open`, `accepted`, `revoked` or `expired`.
    pub state: String,
    /// When it ends, RFC 3339.
    pub expires_at: String,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// By whom.
    pub created_by: String,
}

/// An invitation that was made, with its link.
#[derive(Clone, Serialize, JsonSchema)]
pub struct MadeInvitationBody {
    /// The invitation.
    pub invitation: InvitationBody,
    /// Where it leads; told this once.
    pub link: String,
    /// Whether it was mailed.
    pub mailed: bool,
    /// Why it was not.
    pub mail_problem: Option<String>,
}

/// What the invited person says.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptanceWrite {
    /// Out of the link: `hg-inv-…`.
    pub token: SecretText,
    /// Their name.
    #[serde(default)]
    pub name: Option<String>,
    /// 12 characters or more.
    pub password: SecretText,
}

/// Who came in.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AcceptedBody {
    /// `user_…`
    pub user_id: Option<String>,
}

impl From<Invitation> for InvitationBody {
    fn from(invitation: Invitation) -> Self {
        let state = invitation.state(TimestampMs::now());
        Self {
            id: invitation.id.to_string(),
            purpose: invitation.purpose.as_str().to_owned(),
            email: invitation.email,
            user_id: invitation.user_id.map(|id| id.to_string()),
            organization_id: invitation.organization_id.map(|id| id.to_string()),
            team_id: invitation.team_id.map(|id| id.to_string()),
            role: invitation.role.map(RoleBody::from),
            platform_role: invitation
                .platform_role
                .map(|role| role.as_str().to_owned()),
            state: state.as_str().to_owned(),
            expires_at: invitation.expires_at.to_rfc3339(),
            created_at: invitation.stamps.created_at.to_rfc3339(),
            created_by: invitation.stamps.created_by,
        }
    }
}

impl From<Made> for MadeInvitationBody {
    fn from(made: Made) -> Self {
        let Made {
            invitation,
            link,
            mailed,
        } = made;
        Self {
            invitation: invitation.into(),
            link: link.expose().to_owned(),
            mailed: mailed.is_ok(),
            mail_problem: mailed.err(),
        }
    }
}

async fn list(
    acting: Acting<may::WriteTeamMembers>,
    query: web::Query<ListQuery>,
) -> Result<web::Json<Paged<InvitationBody>>, Problem> {
    let listed = invitations::open(&acting, &query.page_of(InvitationId::is_one)?).await?;
    Ok(web::Json(Paged::of(
        listed,
        |one| one.id.to_string(),
        InvitationBody::from,
    )))
}

async fn create(
    acting: Acting<may::WriteTeamMembers>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let InvitationWrite {
        email,
        organization_id,
        team_id,
        role,
        platform_role,
    } = read(&body)?;
    let platform_role = match platform_role {
        None => None,
        Some(word) => Some(PlatformRole::from_word(&word).ok_or_else(|| {
            ActionError::invalid(
                "platform_role",
                "`platform_role` has to be platform_admin or platform_auditor.",
            )
        })?),
    };
    let new = NewInvitation {
        email,
        organization_id,
        team_id,
        role: role.map(Into::into),
        platform_role,
    };
    let origin = origin::of_console(acting.api(), &request);
    let made = invitations::create(&acting, new, &origin).await?;
    Ok(HttpResponse::Created().json(MadeInvitationBody::from(made)))
}

async fn revoke(
    acting: Acting<may::WriteTeamMembers>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    invitations::revoke(&acting, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn password_link(
    acting: Acting<may::WriteUsers>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let origin = origin::of_console(acting.api(), &request);
    let made = invitations::password_link(&acting, &id, &origin).await?;
    Ok(HttpResponse::Created().json(MadeInvitationBody::from(made)))
}

async fn accept(
    api: web::Data<AdminApi>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let browser = browser(&api, &request).await?;
    let AcceptanceWrite {
        token,
        name,
        password,
    } = read(&body)?;
    let given = Acceptance {
        token: token.0,
        name,
        password: password.0,
    };
    let begun = invitations::accept(&api, &browser, given).await?;
    let body = AcceptedBody {
        user_id: begun.session.user_id.as_ref().map(ToString::to_string),
    };
    let mut response = HttpResponse::Created().json(body);
    response
        .add_cookie(&cookies::set(&api, &request, &begun.cookie))
        .map_err(|fault| ActionError::Internal(fault.to_string()))?;
    Ok(response)
}
