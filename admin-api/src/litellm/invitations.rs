//! LiteLLM's `/invitation/…`: a link with which a person who was made sets a password.

use actix_web::{HttpRequest, HttpResponse, web};
use domain::invitations::Invitation;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::acting::{Acting, may};
use crate::actions::invitations::{self, Made};
use crate::error::Envelope;
use crate::fields::Fields;
use crate::litellm::refusals::{missing, refused};
use crate::origin;
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(POST "/invitation/new" => new, WriteUsers, "Makes a link with which a person sets a password."),
    litellm_route!(GET "/invitation/info" => info, WriteUsers, "Shows how such a link stands."),
    litellm_route!(POST "/invitation/delete" => delete, WriteUsers, "Takes such a link back."),
];

/// Which one.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    invitation_id: String,
}

fn row(invitation: &Invitation) -> Value {
    json!({
        "id": invitation.id,
        "user_id": invitation.user_id,
        "is_accepted": invitation.accepted_at.is_some(),
        "accepted_at": invitation.accepted_at.map(|at| at.to_rfc3339()),
        "expires_at": invitation.expires_at.to_rfc3339(),
        "created_at": invitation.stamps.created_at.to_rfc3339(),
        "created_by": invitation.stamps.created_by,
        "updated_at": invitation.stamps.updated_at.to_rfc3339(),
        "updated_by": invitation.stamps.updated_by,
    })
}

async fn new(
    acting: Acting<may::WriteUsers>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let Some(user) = fields.text("user_id")?.value() else {
        return Err(missing("user_id", "the link is for that person"));
    };
    let origin = origin::of_console(acting.api(), &request);
    let made = invitations::password_link(&acting, &user, &origin).await;
    let Made {
        invitation, link, ..
    } = made.map_err(refused)?;
    let mut row = row(&invitation);
    // LiteLLM makes the link of the id; here the id opens nothing.
    if let Some(members) = row.as_object_mut() {
        members.insert("invitation_link".to_owned(), link.expose().into());
    }
    Ok(HttpResponse::Ok().json(row))
}

async fn info(
    acting: Acting<may::WriteUsers>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Envelope> {
    let found = invitations::find(&acting, &asked.invitation_id).await;
    Ok(HttpResponse::Ok().json(row(&found.map_err(refused)?)))
}

async fn delete(
    acting: Acting<may::WriteUsers>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let Some(id) = fields.text("invitation_id")?.value() else {
        return Err(missing("invitation_id", "it names the link"));
    };
    let revoked = invitations::revoke(&acting, &id).await.map_err(refused)?;
    Ok(HttpResponse::Ok().json(row(&revoked)))
}
