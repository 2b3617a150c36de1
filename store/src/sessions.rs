//! Sessions of the console: found, listed, begun, ended.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    Selectable, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use domain::ids::{SessionId, UserId};
use domain::sessions::Session;
use domain::time::TimestampMs;

use crate::Store;
use crate::column::Column;
use crate::connection::on_either;
use crate::error::{Result, StoreError};
use crate::listing::found;
use crate::schema::{sessions, users};
use crate::transaction::Transaction;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    id: String,
    hash: String,
    user_id: Option<String>,
    csrf_hash: String,
    address: Option<String>,
    user_agent: Option<String>,
    created_at_ms: i64,
    last_seen_at_ms: i64,
    expires_at_ms: i64,
    platform_role: Option<String>,
}

impl From<&Session> for SessionRow {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id.to_stored(),
            hash: session.hash.clone(),
            user_id: session.user_id.as_ref().map(Column::to_stored),
            csrf_hash: session.csrf_hash.clone(),
            address: session.address.clone(),
            user_agent: session.user_agent.clone(),
            created_at_ms: session.created_at.to_stored(),
            last_seen_at_ms: session.last_seen_at.to_stored(),
            expires_at_ms: session.expires_at.to_stored(),
            platform_role: session.platform_role.to_stored(),
        }
    }
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self> {
        let time = |column: &'static str, stored: i64| {
            TimestampMs::from_stored(stored).map_err(|cause| StoreError::Unreadable {
                column,
                id: row.id.clone(),
                cause,
            })
        };
        let created_at = time("created_at_ms", row.created_at_ms)?;
        let last_seen_at = time("last_seen_at_ms", row.last_seen_at_ms)?;
        let expires_at = time("expires_at_ms", row.expires_at_ms)?;
        let platform_role =
            Option::from_stored(row.platform_role).map_err(|cause| StoreError::Unreadable {
                column: "platform_role",
                id: row.id.clone(),
                cause,
            })?;
        Ok(Self {
            id: SessionId::new(row.id),
            hash: row.hash,
            user_id: row.user_id.map(UserId::new),
            csrf_hash: row.csrf_hash,
            address: row.address,
            user_agent: row.user_agent,
            created_at,
            last_seen_at,
            expires_at,
            platform_role,
        })
    }
}

impl Store {
    /// Finds a session by the digest of its cookie. It may have ended: ask [`Session::is_live`].
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn session_by_hash(&self, hash: &str) -> Result<Option<Session>> {
        found!(self, SessionRow of Session, sessions::table.filter(sessions::hash.eq(hash)))
    }

    /// How many sessions have not ended.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_sessions(&self, now: TimestampMs) -> Result<i64> {
        let now = i64::try_from(now.0).unwrap_or(i64::MAX);
        let mut connection = self.connect().await?;
        Ok(on_either!(connection, c => sessions::table
            .filter(sessions::expires_at_ms.gt(now))
            .count()
            .get_result(c)
            .await?))
    }

    /// A person's sessions, newest first; some may have ended.
    ///
    /// # Errors
    /// As [`Store::session_by_hash`].
    pub async fn sessions(&self, user: &UserId) -> Result<Vec<Session>> {
        let mut connection = self.connect().await?;
        let rows: Vec<SessionRow> = on_either!(connection, c => sessions::table
            .filter(sessions::user_id.eq(user.as_str()))
            .order(sessions::id.desc())
            .select(SessionRow::as_select())
            .load(c)
            .await?);
        rows.into_iter().map(Session::try_from).collect()
    }

    /// The operator's sessions, newest first; some may have ended.
    ///
    /// # Errors
    /// As [`Store::session_by_hash`].
    pub async fn operator_sessions(&self) -> Result<Vec<Session>> {
        let mut connection = self.connect().await?;
        let rows: Vec<SessionRow> = on_either!(connection, c => sessions::table
            .filter(sessions::user_id.is_null())
            .order(sessions::id.desc())
            .select(SessionRow::as_select())
            .load(c)
            .await?);
        rows.into_iter().map(Session::try_from).collect()
    }

    /// Forgets sessions that have ended, or were not used for `idle_ms`. Nobody audits it, as they
    /// had no use any more. The same holds of it as of [`Store::touch_session`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_ended_sessions(&self, now: TimestampMs, idle_ms: u64) -> Result<()> {
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        let idle_since = TimestampMs(now.0.saturating_sub(idle_ms)).to_stored();
        let ended = sessions::expires_at_ms
            .le(now.to_stored())
            .or(sessions::last_seen_at_ms.le(idle_since));
        on_either!(connection, c => diesel::delete(sessions::table.filter(ended))
            .execute(c)
            .await?);
        Ok(())
    }

    /// Notes that a session has been used, and its person seen. No change that anybody audits.
    /// Never call it while a transaction is open in the same task: on SQLite it would wait for
    /// itself.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn touch_session(&self, session: &Session, now: TimestampMs) -> Result<()> {
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        let id = session.id.as_str();
        let later = sessions::last_seen_at_ms.lt(now.to_stored());
        let person = session.user_id.as_ref().map(UserId::as_str);
        let unseen = users::last_seen_at_ms
            .is_null()
            .or(users::last_seen_at_ms.lt(now.to_stored()));
        on_either!(connection, c => {
            diesel::update(sessions::table.find(id).filter(later))
                .set(sessions::last_seen_at_ms.eq(now.to_stored()))
                .execute(c)
                .await?;
            if let Some(person) = person {
                diesel::update(users::table.find(person).filter(unseen))
                    .set(users::last_seen_at_ms.eq(now.to_stored()))
                    .execute(c)
                    .await?;
            }
        });
        Ok(())
    }
}

impl Transaction<'_> {
    /// Begins a session, and forgets those of the same person that had ended when it began.
    ///
    /// # Errors
    /// [`StoreError::Dangling`] when there is no such person, and when the database does not answer.
    pub async fn insert_session(&mut self, session: &Session) -> Result<()> {
        let row = SessionRow::from(session);
        let ended = sessions::expires_at_ms.le(row.created_at_ms);
        on_either!(*self.connection()?, c => {
            // The operator's have no user, and an end that the job sees to.
            diesel::delete(sessions::table
                .filter(sessions::user_id.eq(&row.user_id))
                .filter(ended))
                .execute(c)
                .await?;
            diesel::insert_into(sessions::table).values(&row).execute(c).await?;
            if let Some(user) = &row.user_id {
                diesel::update(users::table.find(user))
                    .set(users::last_seen_at_ms.eq(row.created_at_ms))
                    .execute(c)
                    .await?;
            }
        });
        Ok(())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_session(&mut self, id: &SessionId) -> Result<()> {
        on_either!(*self.connection()?, c => diesel::delete(sessions::table.find(id.as_str()))
            .execute(c)
            .await?);
        Ok(())
    }

    /// Ends all sessions of the operator.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_operator_sessions(&mut self) -> Result<()> {
        on_either!(*self.connection()?, c => diesel::delete(
            sessions::table.filter(sessions::user_id.is_null()))
            .execute(c)
            .await?);
        Ok(())
    }

    /// Ends all sessions of a person.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_sessions(&mut self, user: &UserId) -> Result<()> {
        on_either!(*self.connection()?, c => diesel::delete(
            sessions::table.filter(sessions::user_id.eq(user.as_str())))
            .execute(c)
            .await?);
        Ok(())
    }
}
