//! `/ui/invitations`: people are invited, and open invitations taken back; `/ui/invitation`: the page
//! that an invitation's link opens.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template as _;
use domain::invitations::{Invitation, InvitationPurpose};
use domain::keys::Secret;
use domain::permissions::{Action, Reach, Role};
use serde::Deserialize;
use store::page::Page;
use web_ui::pages::invitations::{Accept, Handed, InvitationRow, Invitations};
use web_ui::pages::parts::Choice;

use crate::AdminApi;
use crate::acting::may;
use crate::actions::invitations::{self, Acceptance, Made, NewInvitation};
use crate::actions::{organizations, teams};
use crate::credential::{arriving_browser, browser};
use crate::error::ActionError;
use crate::pages::fault::told;
use crate::pages::form::Form;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, frames};
use crate::routes::{Route, unshaped_route};
use crate::{cookies, origin};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/invitations" => list, WriteTeamMembers, "Open invitations, and the form to invite somebody."),
    unshaped_route!(POST "/ui/invitations" => create, WriteTeamMembers, "Invites somebody."),
    unshaped_route!(POST "/ui/invitations/password-link" => password_link, WriteUsers, "Makes a link for a new password."),
    unshaped_route!(POST "/ui/invitations/{invitation_id}/revoke" => revoke, WriteTeamMembers, "Takes an invitation back."),
    unshaped_route!(GET "/ui/invitation" => show, anybody, "The page that an invitation's link opens."),
    unshaped_route!(POST "/ui/invitation" => accept, anybody, "Uses an invitation."),
];

/// How many a page shows.
const SHOWN: i64 = 200;

type Inviting = Visit<may::WriteTeamMembers>;

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    token: String,
}

async fn page(
    visit: Inviting,
    typed: &Form,
    (fault, handed): (Option<String>, Option<Handed>),
) -> Result<Invitations, PageFault> {
    let listed = invitations::open(&visit.acting, &Page::first(SHOWN)).await?;
    let rows = listed.items.into_iter().map(|one| row(&visit, one));
    let roles = [
        Role::Member,
        Role::Viewer,
        Role::TeamAdmin,
        Role::OrganizationAdmin,
    ];
    let words = visit.words();
    let roles = roles.into_iter().map(|role| {
        let text = words.t(&format!("role-{}", role.as_str().replace('_', "-")));
        Choice::of(role.as_str(), text, typed.text("role") == role.as_str())
    });
    Ok(Invitations {
        rows: rows.collect(),
        email: typed.text("email").to_owned(),
        places: places(&visit, typed.text("place")).await?,
        roles: roles.collect(),
        may_reset: visit.may(Action::WriteUsers),
        fault,
        handed,
        frame: visit.frame,
    })
}

fn row(visit: &Inviting, invitation: Invitation) -> InvitationRow {
    let words = visit.words();
    let role = match (invitation.purpose, invitation.role) {
        (InvitationPurpose::Password, _) => words.t("invite-password"),
        (_, Some(role)) => words.t(&format!("role-{}", role.as_str().replace('_', "-"))),
        (_, None) => String::new(),
    };
    let place = invitation.team_id.map(|id| id.to_string());
    InvitationRow {
        id: invitation.id.to_string(),
        email: invitation.email.unwrap_or_default(),
        role,
        place: place
            .or(invitation.organization_id.map(|id| id.to_string()))
            .unwrap_or_default(),
        until: visit.clock.exact(invitation.expires_at),
        by: invitation.stamps.created_by,
    }
}

/// Where the actor may invite: organizations that they run, and teams.
async fn places(visit: &Inviting, chosen: &str) -> Result<Vec<Choice>, ActionError> {
    let mut places = Vec::new();
    let everywhere =
        visit.acting.actor.rights.reach(Action::WriteTeamMembers) >= Reach::Organization;
    if everywhere && let Ok(reading) = visit.acting.also::<may::ReadOrganizations>() {
        let listed = organizations::list(&reading, None, &Page::first(SHOWN)).await?;
        for one in listed.items {
            let value = format!("organization:{}", one.id);
            let is_chosen = value == chosen;
            places.push(Choice::of(value, one.name, is_chosen));
        }
    }
    if let Ok(reading) = visit.acting.also::<may::ReadTeams>() {
        let filter = store::teams::TeamFilter::default();
        let listed = teams::list(&reading, filter, &Page::first(SHOWN)).await?;
        for one in listed.items {
            let value = format!("team:{}", one.id);
            let is_chosen = value == chosen;
            places.push(Choice::of(value, one.name, is_chosen));
        }
    }
    Ok(places)
}

async fn list(visit: Inviting) -> Result<HttpResponse, PageFault> {
    let page = page(visit, &Form::default(), (None, None)).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

fn handed(made: Made) -> Handed {
    Handed {
        email: made.invitation.email.unwrap_or_default(),
        link: made.link.expose().to_owned(),
        mailed: made.mailed.is_ok(),
        problem: made.mailed.err().unwrap_or_default(),
    }
}

async fn create(
    visit: Inviting,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let (kind, id) = typed.text("place").split_once(':').unwrap_or_default();
    let of = |wanted: &str| (kind == wanted).then(|| id.to_owned());
    let new = NewInvitation {
        email: typed.text("email").to_owned(),
        organization_id: of("organization"),
        team_id: of("team"),
        role: Role::from_word(typed.text("role")),
        platform_role: None,
    };
    let origin = origin::of_console(visit.acting.api(), &request);
    let made = invitations::create(&visit.acting, new, &origin).await;
    answered(visit, &typed, made).await
}

async fn password_link(
    visit: Visit<may::WriteUsers>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let origin = origin::of_console(visit.acting.api(), &request);
    let person = typed.text("person");
    let made = invitations::password_link(&visit.acting, person, &origin).await;
    answered(visit.to()?, &typed, made).await
}

/// The page with the link, this once, or with what was wrong.
async fn answered(
    visit: Inviting,
    typed: &Form,
    made: Result<Made, ActionError>,
) -> Result<HttpResponse, PageFault> {
    match made {
        // A place that is not theirs to invite into is answered as a missing one.
        Err(ActionError::NotFound { kind, id }) if kind != "User" => {
            Err(ActionError::NotFound { kind, id }.into())
        }
        Ok(made) => {
            let page = page(visit, &Form::default(), (None, Some(handed(made)))).await?;
            answers::page(StatusCode::CREATED, &page.frame, page.render())
        }
        Err(refused @ (ActionError::Unavailable(_) | ActionError::Internal(_))) => {
            Err(refused.into())
        }
        Err(refused) => {
            let (status, _kind, _code) = refused.status_and_code();
            let status = match status {
                400 => StatusCode::UNPROCESSABLE_ENTITY,
                other => StatusCode::from_u16(other).unwrap_or(StatusCode::BAD_REQUEST),
            };
            let why = told(visit.words(), &refused);
            let page = page(visit, typed, (Some(why), None)).await?;
            answers::page(status, &page.frame, page.render())
        }
    }
}

async fn revoke(visit: Inviting, id: web::Path<String>) -> Result<HttpResponse, PageFault> {
    invitations::revoke(&visit.acting, &id).await?;
    Ok(visit.done("/invitations", "revoked"))
}

async fn show(
    api: web::Data<AdminApi>,
    request: HttpRequest,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::of(vec![("token".to_owned(), asked.into_inner().token)]);
    let (status, page) = opened(&api, &request, &typed, None).await?;
    answers::page(status, &page.frame, page.render())
}

/// The page of a link, with what was wrong; without a link that may be used it has no form.
async fn opened(
    api: &AdminApi,
    request: &HttpRequest,
    typed: &Form,
    fault: Option<&ActionError>,
) -> Result<(StatusCode, Accept), PageFault> {
    let mut page = Accept {
        frame: frames::bare(api, request),
        token: typed.text("token").to_owned(),
        name: typed.text("name").to_owned(),
        email: String::new(),
        open: false,
        known: false,
        for_password: false,
        password: api.settings.sign_in.password,
        fault: None,
    };
    page.fault = fault.map(|error| told(page.frame.words, error));
    if let Some(fault) = fault {
        let (status, _kind, _code) = fault.status_and_code();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        if !matches!(fault, ActionError::Invalid { .. }) {
            return Ok((status, page));
        }
    }
    let browser = arriving_browser(api, request).await?;
    match invitations::shown(api, &browser, &Secret::new(page.token.clone())).await {
        Ok((invitation, user)) => {
            page.email = invitation.email.unwrap_or_default();
            page.open = true;
            page.for_password = invitation.purpose == InvitationPurpose::Password;
            page.known = user.is_some() && !page.for_password;
            let status = match fault {
                Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
                None => StatusCode::OK,
            };
            Ok((status, page))
        }
        Err(refused @ (ActionError::Unavailable(_) | ActionError::Internal(_))) => {
            Err(refused.into())
        }
        Err(refused) => {
            let (status, _kind, _code) = refused.status_and_code();
            page.fault = Some(told(page.frame.words, &refused));
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            Ok((status, page))
        }
    }
}

async fn accept(
    api: web::Data<AdminApi>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let browser = browser(&api, &request).await?;
    let typed = Form::read(&body)?;
    let given = Acceptance {
        token: Secret::new(typed.text("token")),
        name: typed.given("name"),
        password: Secret::new(typed.raw("password")),
    };
    match invitations::accept(&api, &browser, given).await {
        Ok(begun) => {
            let mut response = answers::see(&format!("{}/ui", frames::base(&api)));
            let cookie = cookies::set(&api, &request, &begun.cookie);
            response
                .add_cookie(&cookie)
                .map_err(|fault| ActionError::Internal(fault.to_string()))?;
            Ok(response)
        }
        Err(refused @ (ActionError::Unavailable(_) | ActionError::Internal(_))) => {
            Err(refused.into())
        }
        Err(refused) => {
            let (status, page) = opened(&api, &request, &typed, Some(&refused)).await?;
            answers::page(status, &page.frame, page.render())
        }
    }
}
