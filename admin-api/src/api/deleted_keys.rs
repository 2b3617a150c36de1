//! `/api/v1/deleted-keys`, and how one is restored.

use actix_web::web;
use domain::deleted_keys::DeletedKey;
use domain::ids::{KeyId, OrganizationId, TeamId, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::deleted_keys::DeletedKeyFilter;

use crate::acting::{Acting, may};
use crate::actions::keys;
use crate::api::key_shapes::KeyBody;
use crate::api::page::{ListQuery, Paged};
use crate::error::Problem;
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/deleted-keys" => list, ReadKeys,
        "Lists keys that were deleted in the last 30 days and may be restored, the last deleted first.",
        query DeletedKeyQuery, answers 200 Paged<DeletedKeyBody>),
    route!(POST "/api/v1/keys/{deleted_key_id}/restore" => restore, WriteKeys,
        "Restores a deleted key, by its id, as it was: it lets callers in again, unless it is blocked or has ended.",
        answers 200 KeyBody),
];

/// Which deleted keys.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct DeletedKeyQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most: 1 to 200, 50 unless said.
    pub limit: Option<i64>,
    /// Only what contains this in its alias or id, or ends in these four characters.
    pub search: Option<String>,
    /// Those of this organization.
    pub organization_id: Option<String>,
    /// Those of this team.
    pub team_id: Option<String>,
    /// Those of this person.
    pub user_id: Option<String>,
    /// Those of this environment.
    pub environment: Option<String>,
}

/// A key that was deleted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DeletedKeyBody {
    /// Our id.
    pub id: String,
    /// For people: how its secret ends.
    pub name: String,
    /// Its alias. Another key may have it by now.
    pub alias: Option<String>,
    /// Its environment.
    pub environment: Option<String>,
    /// Its organization.
    pub organization_id: String,
    /// Its team.
    pub team_id: Option<String>,
    /// The person who owned it.
    pub user_id: Option<String>,
    /// When it was deleted, RFC 3339.
    pub deleted_at: String,
    /// By whom.
    pub deleted_by: String,
    /// Until when it may be restored, RFC 3339.
    pub restorable_until: String,
}

impl From<DeletedKey> for DeletedKeyBody {
    fn from(deleted: DeletedKey) -> Self {
        let DeletedKey { key, deletion, .. } = deleted;
        Self {
            id: key.id.to_string(),
            name: format!("sk-...{}", key.last_four),
            alias: key.alias,
            environment: key.environment,
            organization_id: key.organization_id.to_string(),
            team_id: key.team_id.map(|id| id.to_string()),
            user_id: key.user_id.map(|id| id.to_string()),
            deleted_at: deletion.at.to_rfc3339(),
            restorable_until: deletion.restorable_until().to_rfc3339(),
            deleted_by: deletion.by,
        }
    }
}

async fn list(
    acting: Acting<may::ReadKeys>,
    query: web::Query<DeletedKeyQuery>,
) -> Result<web::Json<Paged<DeletedKeyBody>>, Problem> {
    let query = query.into_inner();
    let page = ListQuery {
        cursor: query.cursor,
        limit: query.limit,
        search: None,
    };
    let filter = DeletedKeyFilter {
        organization_id: query.organization_id.map(OrganizationId::new),
        team_id: query.team_id.map(TeamId::new),
        user_id: query.user_id.map(UserId::new),
        environment: query.environment,
        search: query.search,
        ..DeletedKeyFilter::default()
    };
    let listed = keys::list_deleted(&acting, filter, &page.page_of(KeyId::is_one)?).await?;
    let id = |deleted: &DeletedKey| deleted.key.id.to_string();
    Ok(web::Json(Paged::of(listed, id, DeletedKeyBody::from)))
}

async fn restore(
    acting: Acting<may::WriteKeys>,
    id: web::Path<String>,
) -> Result<web::Json<KeyBody>, Problem> {
    let key = keys::restore(&acting, &id).await?;
    let details = keys::details(acting.store(), key).await?;
    Ok(web::Json(KeyBody::from(details)))
}
