//! Invitations: found by their link, listed, written. Data planes read none of them.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension,
    QueryDsl,
};
use diesel_async::RunQueryDsl;
use domain::ids::{InvitationId, OrganizationId, TeamId, UserId};
use domain::invitations::{Invitation, InvitationPurpose};
use domain::permissions::{PlatformRole, Role, Scope};
use domain::time::TimestampMs;

use crate::Store;
use crate::column::{Column, row};
use crate::connection::on_either;
use crate::error::Result;
use crate::listing::{found, listed};
use crate::narrowing::within;
use crate::page::{Listed, Page};
use crate::schema::invitations;
use crate::transaction::Transaction;

row!(InvitationRow of Invitation in invitations {
    id: InvitationId,
    hash: String,
    purpose: InvitationPurpose,
    email: Option<String>,
    user_id: Option<UserId>,
    organization_id: Option<OrganizationId>,
    team_id: Option<TeamId>,
    role: Option<Role>,
    platform_role: Option<PlatformRole>,
    expires_at: TimestampMs,
    accepted_at: Option<TimestampMs>,
    revoked_at: Option<TimestampMs>,
});

/// Which invitations are listed; all that is said holds at once.
#[derive(Clone, Debug, Default)]
pub struct InvitationFilter {
    /// Those into organizations and teams that may be seen.
    pub scope: Scope,
    /// Those that may still be used at this time.
    pub open_at: Option<TimestampMs>,
    /// Those for this address.
    pub email: Option<String>,
}

impl Store {
    /// Finds an invitation by its id.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn invitation(&self, id: &str) -> Result<Option<Invitation>> {
        found!(self, InvitationRow of Invitation, invitations::table.find(id))
    }

    /// Finds an invitation by the digest of its link's token. It may have ended: ask
    /// [`Invitation::state`].
    ///
    /// # Errors
    /// As [`Store::invitation`].
    pub async fn invitation_by_hash(&self, hash: &str) -> Result<Option<Invitation>> {
        found!(self, InvitationRow of Invitation, invitations::table
            .filter(invitations::hash.eq(hash)))
    }

    /// Lists invitations.
    ///
    /// # Errors
    /// As [`Store::invitation`].
    pub async fn invitations(
        &self,
        filter: &InvitationFilter,
        page: &Page,
    ) -> Result<Listed<Invitation>> {
        let scope = &filter.scope;
        listed!(self, page, InvitationRow of Invitation in invitations, {
            let mut query = invitations::table.into_boxed();
            within!(query, scope,
                organization invitations::organization_id.assume_not_null(),
                team invitations::team_id.assume_not_null());
            if let Some(now) = filter.open_at {
                query = query
                    .filter(invitations::accepted_at.is_null())
                    .filter(invitations::revoked_at.is_null())
                    .filter(invitations::expires_at.gt(now.to_stored()));
            }
            if let Some(email) = &filter.email {
                query = query.filter(invitations::email.eq(email.to_lowercase()));
            }
            query
        })
    }
}

impl Transaction<'_> {
    /// Adds an invitation.
    ///
    /// # Errors
    /// [`crate::StoreError::Dangling`] when what it points to is gone, and when the database does
    /// not answer.
    pub async fn insert_invitation(&mut self, invitation: &Invitation) -> Result<()> {
        let row = InvitationRow::from(invitation);
        on_either!(*self.connection()?, c => diesel::insert_into(invitations::table)
            .values(&row)
            .execute(c)
            .await?);
        Ok(())
    }

    /// Writes an invitation as it is now.
    ///
    /// # Errors
    /// As [`Transaction::insert_invitation`].
    pub async fn update_invitation(&mut self, invitation: &Invitation) -> Result<()> {
        let row = InvitationRow::from(invitation);
        let id = invitation.id.as_str();
        on_either!(*self.connection()?, c => diesel::update(invitations::table.find(id))
            .set(&row)
            .execute(c)
            .await?);
        Ok(())
    }

    /// Uses an invitation up: true for one caller, once, while it is open.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_invitation(&mut self, id: &InvitationId, now: TimestampMs) -> Result<bool> {
        let open = invitations::accepted_at
            .is_null()
            .and(invitations::revoked_at.is_null())
            .and(invitations::expires_at.gt(now.to_stored()));
        let target = invitations::table.find(id.as_str()).filter(open);
        let taken = on_either!(*self.connection()?, c => diesel::update(target)
            .set(invitations::accepted_at.eq(now.to_stored()))
            .execute(c)
            .await?);
        Ok(taken > 0)
    }
}
