//! Answers to requests with an `Idempotency-Key`, kept for a day and told again.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::sealed::Sealed;
use domain::time::TimestampMs;

use crate::Store;
use crate::column::Column;
use crate::connection::on_either;
use crate::error::{Result, StoreError};
use crate::schema::idempotency_keys;
use crate::transaction::Transaction;

/// How long an answer is told again.
const KEPT_MS: i64 = 24 * 60 * 60 * 1_000;

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// Of what was asked: the same key with another request is refused by the caller.
    pub request_digest: String,
    /// The status of the answer.
    pub status: u16,
    /// Its body, encrypted: a new key may be in it.
    pub sealed_body: Sealed,
}

impl Store {
    /// The answer that this actor has got for this key within the last day.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn idempotent_answer(&self, actor: &str, key: &str) -> Result<Option<StoredAnswer>> {
        let oldest = TimestampMs::now().to_stored().saturating_sub(KEPT_MS);
        let mut connection = self.connect().await?;
        let row: Option<(String, i64, String)> = on_either!(connection, c =>
            idempotency_keys::table
                .find((actor, key))
                .filter(idempotency_keys::at_ms.gt(oldest))
                .select((
                    idempotency_keys::request_digest,
                    idempotency_keys::status,
                    idempotency_keys::sealed_body,
                ))
                .first(c)
                .await
                .optional()?);
        row.map(|(request_digest, status, sealed_body)| {
            let status = u16::try_from(status).map_err(|_beyond| StoreError::Unreadable {
                column: "status",
                id: key.to_owned(),
                cause: format!("{status} is no status of HTTP"),
            })?;
            Ok(StoredAnswer {
                request_digest,
                status,
                sealed_body: Sealed::new(sealed_body),
            })
        })
        .transpose()
    }
}

impl Transaction<'_> {
    /// Keeps an answer with the change that it tells of, and forgets those that are a day old.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when this actor has got an answer for this key already: then drop the
    /// transaction and tell that one.
    pub async fn keep_answer(
        &mut self,
        actor: &str,
        key: &str,
        answer: &StoredAnswer,
        now: TimestampMs,
    ) -> Result<()> {
        let now = now.to_stored();
        let old = idempotency_keys::at_ms.le(now.saturating_sub(KEPT_MS));
        on_either!(*self.connection()?, c => {
            diesel::delete(idempotency_keys::table.filter(old)).execute(c).await?;
            diesel::insert_into(idempotency_keys::table)
                .values((
                    idempotency_keys::actor.eq(actor),
                    idempotency_keys::idempotency_key.eq(key),
                    idempotency_keys::request_digest.eq(&answer.request_digest),
                    idempotency_keys::status.eq(i64::from(answer.status)),
                    idempotency_keys::sealed_body.eq(answer.sealed_body.as_str()),
                    idempotency_keys::at_ms.eq(now),
                ))
                .execute(c)
                .await?
        });
        Ok(())
    }
}
