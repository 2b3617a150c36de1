//! Every path of the admin side on one page, with the permission it asks for.

use actix_web::web;
use domain::permissions::Action;
use schemars::{Schema, SchemaGenerator};

use crate::unknown_paths::unknown;
use crate::{api, litellm, pages};

/// Makes the JSON schema of one shape.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// One path and method.
pub struct Route {
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// What the actor must be permitted; none where nobody has to be known yet.
    pub action: Option<Action>,
    /// What it does, in a line.
    pub summary: &'static str,
    /// The handler.
    pub handler: fn() -> actix_web::Route,
    /// What goes in and comes out; LiteLLM's own routes have LiteLLM's shapes.
    pub shape: Option<Shape>,
}

/// What goes into a route of `/api/v1` and comes out of it.
pub struct Shape {
    /// The query string's members.
    pub query: Option<SchemaOf>,
    /// The body.
    pub request: Option<SchemaOf>,
    /// The answer's body; none for 204.
    pub answer: Option<SchemaOf>,
    /// The status of success.
    pub status: u16,
}

/// One route of `/api/v1`: `route!(GET "/api/v1/teams" => list, ReadTeams, "Lists teams.",
/// query TeamsQuery, answers 200 Paged<TeamBody>)`. With `anybody` in place of an action, nobody has
/// to be known.
macro_rules! route {
    ($method:ident $path:literal => $handler:path, $action:ident, $summary:literal
        $(, query $query:ty)? $(, body $body:ty)?, answers $status:literal $($answer:ty)?) => {
        crate::routes::Route {
            method: stringify!($method),
            path: $path,
            action: crate::routes::route!(@action $action),
            summary: $summary,
            handler: || crate::routes::method(stringify!($method)).to($handler),
            shape: Some(crate::routes::Shape {
                query: crate::routes::route!(@schema $($query)?),
                request: crate::routes::route!(@schema $($body)?),
                answer: crate::routes::route!(@schema $($answer)?),
                status: $status,
            }),
        }
    };
    (@action anybody) => { None };
    (@action $action:ident) => { Some(domain::permissions::Action::$action) };
    (@schema) => { None };
    (@schema $type:ty) => { Some(|generator| generator.subschema_for::<$type>()) };
}

/// One of LiteLLM's routes: `litellm_route!(POST "/team/new" => new, CreateTeams, "Makes a team.")`.
macro_rules! litellm_route {
    ($method:ident $path:literal => $handler:path, $action:ident, $summary:literal) => {
        crate::routes::Route {
            method: stringify!($method),
            path: $path,
            action: crate::routes::route!(@action $action),
            summary: $summary,
            handler: || crate::routes::method(stringify!($method)).to($handler),
            shape: None,
        }
    };
}

// Pages and documents have no shape either.
pub(crate) use {litellm_route, litellm_route as unshaped_route, route};

/// All routes.
pub fn all() -> impl Iterator<Item = &'static Route> {
    let lists = api::ROUTES
        .iter()
        .chain(litellm::ROUTES)
        .chain(pages::ROUTES);
    lists.flat_map(|list| list.iter())
}

/// Makes the server know them.
pub fn configure(config: &mut web::ServiceConfig) {
    for route in all() {
        config.route(route.path, (route.handler)());
    }
    config.default_service(web::to(unknown));
}

/// Whether a POST to this path is done once for each `Idempotency-Key`: all of `/api/v1` for which
/// somebody has to be known, but for what hands out a session.
#[must_use]
pub fn is_done_once(path: &str) -> bool {
    path.starts_with("/api/v1/")
        && !matches!(
            path,
            "/api/v1/sessions"
                | "/api/v1/setup"
                | "/api/v1/me/password"
                | "/api/v1/invitations/accept"
        )
}

/// A route for a method.
#[must_use]
pub fn method(name: &str) -> actix_web::Route {
    match name {
        "POST" => web::post(),
        "PUT" => web::put(),
        "PATCH" => web::patch(),
        "DELETE" => web::delete(),
        _ => web::get(),
    }
}
