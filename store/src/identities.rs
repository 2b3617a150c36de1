//! People as identity providers know them, and the roles that providers gave them.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    Selectable, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use domain::identity::{Identity, KnownIdentity, ProvidedRole};
use domain::ids::{OrganizationId, TeamId, UserId};
use domain::time::TimestampMs;

use crate::Store;
use crate::column::Column;
use crate::connection::on_either;
use crate::error::{Result, StoreError};
use crate::listing::found;
use crate::schema::{identities, provided_roles, returned_sign_ins};
use crate::transaction::{Touched, Transaction};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = identities)]
pub(crate) struct IdentityRow {
    issuer: String,
    subject: String,
    user_id: String,
    created_at_ms: i64,
    last_used_at_ms: i64,
}

impl TryFrom<IdentityRow> for Identity {
    type Error = StoreError;

    fn try_from(row: IdentityRow) -> Result<Self> {
        let time = |column: &'static str, stored: i64| {
            TimestampMs::from_stored(stored).map_err(|cause| StoreError::Unreadable {
                column,
                id: row.subject.clone(),
                cause,
            })
        };
        Ok(Self {
            created_at: time("created_at_ms", row.created_at_ms)?,
            last_used_at: time("last_used_at_ms", row.last_used_at_ms)?,
            issuer: row.issuer,
            subject: row.subject,
            user_id: UserId::new(row.user_id),
        })
    }
}

impl TryFrom<IdentityRow> for KnownIdentity {
    type Error = StoreError;

    fn try_from(row: IdentityRow) -> Result<Self> {
        Ok(Self {
            issuer: row.issuer,
            subject: row.subject,
            user_id: UserId::new(row.user_id),
        })
    }
}

fn some_id(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

impl Store {
    /// The person whom a provider knows by this subject.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn identity(&self, issuer: &str, subject: &str) -> Result<Option<Identity>> {
        found!(self, IdentityRow of Identity, identities::table.find((issuer, subject)))
    }

    /// How providers know a person, the first first.
    ///
    /// # Errors
    /// As [`Store::identity`].
    pub async fn identities_of(&self, user: &UserId) -> Result<Vec<Identity>> {
        let mut connection = self.connect().await?;
        let rows: Vec<IdentityRow> = on_either!(connection, c => identities::table
            .filter(identities::user_id.eq(user.as_str()))
            .order((identities::created_at_ms, identities::issuer))
            .select(IdentityRow::as_select())
            .load(c)
            .await?);
        rows.into_iter().map(Identity::try_from).collect()
    }

    /// The roles that a provider gave a person when they last came.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn provided_roles(&self, user: &UserId, issuer: &str) -> Result<Vec<ProvidedRole>> {
        let mut connection = self.connect().await?;
        let rows: Vec<(String, String, String)> = on_either!(connection, c => provided_roles::table
            .filter(provided_roles::user_id.eq(user.as_str()))
            .filter(provided_roles::issuer.eq(issuer))
            .select((provided_roles::organization_id, provided_roles::team_id, provided_roles::role))
            .load(c)
            .await?);
        let role = |(organization, team, role): (String, String, String)| ProvidedRole {
            organization_id: some_id(organization).map(OrganizationId::new),
            team_id: some_id(team).map(TeamId::new),
            role,
        };
        Ok(rows.into_iter().map(role).collect())
    }

    /// Notes that somebody came with an identity again. The same holds of it as of
    /// [`Store::note_returned_sign_in`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn touch_identity(&self, identity: &Identity, now: TimestampMs) -> Result<()> {
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        let target = identities::table.find((&identity.issuer, &identity.subject));
        on_either!(connection, c => diesel::update(target)
            .set(identities::last_used_at_ms.eq(now.to_stored()))
            .execute(c)
            .await?);
        Ok(())
    }

    /// Takes note that a sign-in came back from its provider; false when it had come back before.
    /// It is no change that anybody audits. Never call it while a transaction is open in the same
    /// task: on SQLite it would wait for itself.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_returned_sign_in(&self, hash: &str, expires_at: TimestampMs) -> Result<bool> {
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        let noted = on_either!(connection, c => diesel::insert_into(returned_sign_ins::table)
            .values((
                returned_sign_ins::hash.eq(hash),
                returned_sign_ins::expires_at_ms.eq(expires_at.to_stored()),
            ))
            .on_conflict_do_nothing()
            .execute(c)
            .await?);
        Ok(noted > 0)
    }

    /// Forgets sign-ins that would be too old to come back.
    ///
    /// # Errors
    /// As [`Store::note_returned_sign_in`].
    pub async fn forget_returned_sign_ins(&self, now: TimestampMs) -> Result<()> {
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        let over = returned_sign_ins::expires_at_ms.le(now.to_stored());
        on_either!(connection, c => diesel::delete(returned_sign_ins::table.filter(over))
            .execute(c)
            .await?);
        Ok(())
    }
}

impl Transaction<'_> {
    /// Takes down that a provider knows a person by a subject.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when it knows somebody by it already, [`StoreError::Dangling`] when there is no such person, and when the database does not answer.
    pub async fn insert_identity(&mut self, identity: &Identity) -> Result<()> {
        self.touch(Touched::Level, identity.user_id.as_str());
        let row = IdentityRow {
            issuer: identity.issuer.clone(),
            subject: identity.subject.clone(),
            user_id: identity.user_id.to_stored(),
            created_at_ms: identity.created_at.to_stored(),
            last_used_at_ms: identity.last_used_at.to_stored(),
        };
        on_either!(*self.connection()?, c => diesel::insert_into(identities::table)
            .values(&row)
            .execute(c)
            .await?);
        Ok(())
    }

    /// Writes down which roles a provider gives a person, in place of those it gave before.
    ///
    /// # Errors
    /// As [`Transaction::insert_identity`].
    pub async fn put_provided_roles(
        &mut self,
        user: &UserId,
        issuer: &str,
        roles: &[ProvidedRole],
    ) -> Result<()> {
        let of_them = provided_roles::user_id
            .eq(user.as_str())
            .and(provided_roles::issuer.eq(issuer));
        on_either!(*self.connection()?, c => {
            diesel::delete(provided_roles::table.filter(of_them)).execute(c).await?;
            for role in roles {
                let organization = role.organization_id.as_ref().map_or("", OrganizationId::as_str);
                let team = role.team_id.as_ref().map_or("", TeamId::as_str);
                diesel::insert_into(provided_roles::table)
                    .values((
                        provided_roles::user_id.eq(user.as_str()),
                        provided_roles::issuer.eq(issuer),
                        provided_roles::organization_id.eq(organization),
                        provided_roles::team_id.eq(team),
                        provided_roles::role.eq(&role.role),
                    ))
                    .execute(c)
                    .await?;
            }
        });
        Ok(())
    }
}
