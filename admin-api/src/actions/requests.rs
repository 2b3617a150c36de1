//! Requests as the ledger has them: listed, and one in full.

use domain::ids::{OrganizationId, TeamId, UserId};
use domain::permissions::Place;
use store::page::{Listed, Page};
use store::requests::{RequestDetail, RequestFilter, RequestRow};

use crate::acting::{Acting, may};
use crate::error::ActionError;

/// Lists the requests that the actor may see, the newest first.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    acting: &Acting<may::ReadSpend>,
    filter: RequestFilter,
    page: &Page,
) -> Result<Listed<RequestRow>, ActionError> {
    let filter = RequestFilter {
        scope: acting.scope(),
        ..filter
    };
    Ok(acting.store().requests(&filter, page).await?)
}

/// Finds a request with its attempts.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see it.
pub async fn find(acting: &Acting<may::ReadSpend>, id: &str) -> Result<RequestDetail, ActionError> {
    let found = acting.store().request(id).await?;
    let found = found.ok_or_else(|| ActionError::not_found("Request", id))?;
    acting.on(&place(&found.request), "Request", id).await?;
    Ok(found)
}

fn place(request: &RequestRow) -> Place {
    let payer = &request.payer;
    Place {
        organization_id: Some(OrganizationId::new(&payer.organization_id)),
        team_id: payer.team_id.clone().map(TeamId::new),
        owner_id: payer.user_id.clone().map(UserId::new),
    }
}
