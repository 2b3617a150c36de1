//! `/api/v1/sessions`, `/api/v1/me/password`: signing in to the console and out of it.

use actix_web::{HttpRequest, HttpResponse, web};
use domain::sessions::Session;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::AdminApi;
use crate::acting::{Acting, may};
use crate::actions::sessions;
use crate::actions::sign_in::{self, Begun, SignIn};
use crate::api::read;
use crate::api::secret_text::SecretText;
use crate::credential::browser;
use crate::error::{ActionError, Problem};
use crate::routes::{Route, route};
use crate::{cookies, cross_site};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(POST "/api/v1/sessions" => begin, anybody,
        "Signs in with email and password, or with the master key: sets the session's cookie.",
        body SignInWrite, answers 201 BegunBody),
    route!(GET "/api/v1/sessions" => list, Myself, "Lists one's own sessions.",
        answers 200 SessionsBody),
    route!(DELETE "/api/v1/sessions" => end_all, Myself, "Signs out everywhere.", answers 204),
    route!(GET "/api/v1/sessions/current" => current, Myself,
        "Says who is signed in here, and the token that changes have to carry.",
        answers 200 CurrentBody),
    route!(DELETE "/api/v1/sessions/current" => end, Myself, "Signs out here.", answers 204),
    route!(POST "/api/v1/me/password" => password, Myself,
        "Changes one's own password. All sessions end; this browser gets a new one.",
        body PasswordWrite, answers 200 ChangedBody),
];

/// With what one signs in: `email` and `password`, or `master_key`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInWrite {
    /// One's email address.
    #[serde(default)]
    pub email: Option<String>,
    /// One's password.
    #[serde(default)]
    pub password: Option<SecretText>,
    /// The operator's key.
    #[serde(default)]
    pub master_key: Option<SecretText>,
}

/// A change of password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordWrite {
    /// As it is.
    pub current_password: SecretText,
    /// As it is to be: 12 characters or more.
    pub new_password: SecretText,
}

/// A session of the console.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SessionBody {
    /// `sess_…`
    pub id: String,
    /// Whether it is the one that asks.
    pub current: bool,
    /// From where the person signed in.
    pub address: Option<String>,
    /// With which browser, as it calls itself.
    pub user_agent: Option<String>,
    /// When they signed in, RFC 3339.
    pub created_at: String,
    /// When it was last used, give or take a minute, RFC 3339.
    pub last_seen_at: String,
    /// When it ends, used or not, RFC 3339.
    pub expires_at: String,
}

/// One's own sessions.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SessionsBody {
    /// Newest first.
    pub items: Vec<SessionBody>,
}

/// A session that has begun. Its cookie is in `set-cookie`.
#[derive(Serialize, JsonSchema)]
pub struct BegunBody {
    /// The session.
    pub session: SessionBody,
    /// Send it as `x-csrf-token` with everything but GET.
    pub csrf_token: String,
}

/// What is left after a change of password.
#[derive(Serialize, JsonSchema)]
pub struct ChangedBody {
    /// The new session, where there was one.
    pub session: Option<SessionBody>,
    /// Its token.
    pub csrf_token: Option<String>,
}

/// Who one is.
#[derive(Serialize, JsonSchema)]
pub struct CurrentBody {
    /// `session`, `key` or `master_key`.
    pub actor: String,
    /// The session, where one is signed in.
    pub session: Option<SessionBody>,
    /// Send it as `x-csrf-token` with everything but GET; null with a key, which needs none.
    pub csrf_token: Option<String>,
    /// The person; null for the operator.
    pub user_id: Option<String>,
    /// Their role over the platform.
    pub platform_role: Option<String>,
}

fn shown(session: &Session, current: bool) -> SessionBody {
    SessionBody {
        id: session.id.to_string(),
        current,
        address: session.address.clone(),
        user_agent: session.user_agent.clone(),
        created_at: session.created_at.to_rfc3339(),
        last_seen_at: session.last_seen_at.to_rfc3339(),
        expires_at: session.expires_at.to_rfc3339(),
    }
}

async fn begin(
    api: web::Data<AdminApi>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let browser = browser(&api, &request).await?;
    let begun = sign_in::sign_in(&api, &browser, with(read(&body)?)?).await?;
    let Begun {
        session,
        cookie,
        form_token,
    } = begun;
    Ok(HttpResponse::Created()
        .cookie(cookies::set(&api, &request, &cookie))
        .json(BegunBody {
            session: shown(&session, true),
            csrf_token: form_token.expose().to_owned(),
        }))
}

fn with(write: SignInWrite) -> Result<SignIn, ActionError> {
    match write {
        SignInWrite {
            email: Some(email),
            password: Some(password),
            master_key: None,
        } => Ok(SignIn::Person {
            email,
            password: password.0,
        }),
        SignInWrite {
            email: None,
            password: None,
            master_key: Some(master_key),
        } => Ok(SignIn::Operator {
            master_key: master_key.0,
        }),
        _ => Err(ActionError::invalid(
            "email",
            "Send `email` and `password`, or `master_key`.",
        )),
    }
}

async fn list(acting: Acting<may::Myself>) -> Result<web::Json<SessionsBody>, Problem> {
    let here = sessions::current(&acting.actor);
    let live = sessions::own(&acting).await?;
    let items = live
        .iter()
        .map(|session| shown(session, here == Some(&session.id)));
    Ok(web::Json(SessionsBody {
        items: items.collect(),
    }))
}

async fn current(
    acting: Acting<may::Myself>,
    request: HttpRequest,
) -> Result<web::Json<CurrentBody>, Problem> {
    let (actor, api) = (&acting.actor, acting.api());
    let here = sessions::current(actor);
    let live = match here {
        Some(_session) => sessions::own(&acting).await?,
        None => Vec::new(),
    };
    let session = live.iter().find(|session| here == Some(&session.id));
    let token = session.and_then(|_session| cookies::given(api, &request));
    let token = token.map(|cookie| cross_site::token_of(&cookie));
    let rights = &actor.rights;
    Ok(web::Json(CurrentBody {
        actor: actor.kind_word().to_owned(),
        session: session.map(|session| shown(session, true)),
        csrf_token: token.map(|token| token.expose().to_owned()),
        user_id: rights.user_id.as_ref().map(ToString::to_string),
        platform_role: rights.platform.map(|role| role.as_str().to_owned()),
    }))
}

async fn end(acting: Acting<may::Myself>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    sessions::sign_out(&acting).await?;
    Ok(signed_out(&acting, &request))
}

async fn end_all(
    acting: Acting<may::Myself>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    sessions::sign_out_everywhere(&acting).await?;
    Ok(signed_out(&acting, &request))
}

fn signed_out(acting: &Acting<may::Myself>, request: &HttpRequest) -> HttpResponse {
    HttpResponse::NoContent()
        .cookie(cookies::cleared(acting.api(), request))
        .finish()
}

async fn password(
    acting: Acting<may::Myself>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let PasswordWrite {
        current_password,
        new_password,
    } = read(&body)?;
    let api = acting.api();
    let browser = browser(api, &request).await?;
    let (now, new) = (current_password.0, new_password.0);
    let begun = sessions::change_password(&acting, &browser, now, new).await?;
    let mut response = HttpResponse::Ok();
    if let Some(begun) = &begun {
        response.cookie(cookies::set(api, &request, &begun.cookie));
    }
    Ok(response.json(ChangedBody {
        session: begun.as_ref().map(|begun| shown(&begun.session, true)),
        csrf_token: begun.map(|begun| begun.form_token.expose().to_owned()),
    }))
}
