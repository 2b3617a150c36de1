//! `/api/v1/setup`: the first administrator.

use actix_web::{HttpRequest, HttpResponse, web};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::AdminApi;
use crate::actions::setup::{self, FirstAdministrator};
use crate::api::read;
use crate::api::secret_text::SecretText;
use crate::credential::anonymous;
use crate::cross_site;
use crate::error::Problem;
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/setup" => show, anybody,
        "Says whether the first administrator is still to be made.", answers 200 SetupBody),
    route!(POST "/api/v1/setup" => complete, anybody,
        "Makes the first administrator with the token that the gateway printed at its start.",
        body SetupWrite, answers 201 AdministratorBody),
];

/// Whether there is something to do.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SetupBody {
    /// Whether nobody administers the platform yet.
    pub needed: bool,
}

/// Who is to be the first administrator.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetupWrite {
    /// As it was printed: `hg-setup-…`.
    pub token: SecretText,
    /// With which they sign in.
    pub email: String,
    /// 12 characters or more.
    pub password: SecretText,
    /// For people.
    #[serde(default)]
    pub name: Option<String>,
}

/// The first administrator.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AdministratorBody {
    /// `user_…`
    pub id: String,
    /// With which they sign in.
    pub email: Option<String>,
    /// For people.
    pub name: Option<String>,
}

async fn show(api: web::Data<AdminApi>) -> Result<web::Json<SetupBody>, Problem> {
    let needed = setup::is_needed(&api.store).await?;
    Ok(web::Json(SetupBody { needed }))
}

async fn complete(
    api: web::Data<AdminApi>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    cross_site::check_origin(&api, &request)?;
    let SetupWrite {
        token,
        email,
        password,
        name,
    } = read(&body)?;
    let first = FirstAdministrator {
        token: token.0,
        email,
        password: password.0,
        name,
    };
    let made = setup::complete(&api, &anonymous(&api, &request), first).await?;
    Ok(HttpResponse::Created().json(AdministratorBody {
        id: made.id.to_string(),
        email: made.email,
        name: made.name,
    }))
}
