//! `GET /api/v1/me`: who am I, and what may I?

use std::collections::BTreeMap;

use actix_web::web;
use domain::permissions::{Action, Reach};
use schemars::JsonSchema;
use serde::Serialize;

use crate::acting::{Acting, may};
use crate::api::user_shapes::{PlaceBody, PlatformRoleBody, UserBody, shown};
use crate::error::Problem;
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/me" => me, Myself, "Shows who you are and what you may.",
        answers 200 MeBody),
];

/// Who is asking.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MeBody {
    /// By what right: `master_key`, `session`, `key`.
    pub kind: String,
    /// The id under which the audit trail names you.
    pub id: String,
    /// You, when you are a person.
    pub user: Option<UserBody>,
    /// Your role over the whole platform.
    pub platform_role: Option<PlatformRoleBody>,
    /// Your roles in organizations and teams.
    pub roles: Vec<PlaceBody>,
    /// How far you may do what; what is missing you may not do anywhere.
    pub permissions: BTreeMap<String, ReachBody>,
}

/// How far a permission reaches.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReachBody {
    /// Your own things.
    Own,
    /// Things of your teams.
    Team,
    /// Things of your organizations.
    Organization,
    /// Everything.
    Everything,
}

async fn me(acting: Acting<may::Myself>) -> Result<web::Json<MeBody>, Problem> {
    let rights = &acting.actor.rights;
    let user = match &rights.user_id {
        Some(id) => acting.store().user(id.as_str()).await?,
        None => None,
    };
    let user = match user {
        Some(user) => Some(shown(&acting, user).await?),
        None => None,
    };
    let permissions = Action::ALL.iter().filter_map(|action| {
        let reach = match rights.reach(*action) {
            Reach::Nothing => return None,
            Reach::Own => ReachBody::Own,
            Reach::Team => ReachBody::Team,
            Reach::Organization => ReachBody::Organization,
            Reach::Everything => ReachBody::Everything,
        };
        Some((action.as_str().to_owned(), reach))
    });
    let roles = rights.grants.iter().map(|grant| PlaceBody {
        organization_id: grant.organization_id.to_string(),
        team_id: grant.team_id.as_ref().map(ToString::to_string),
        role: grant.role.into(),
    });
    Ok(web::Json(MeBody {
        kind: acting.actor.kind_word().to_owned(),
        id: acting.actor.id(),
        user,
        platform_role: rights.platform.map(PlatformRoleBody::from),
        roles: roles.collect(),
        permissions: permissions.collect(),
    }))
}
