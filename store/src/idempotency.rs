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

/// What becomes of a request with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// It is the first with this key: do it, then keep its answer or give the key back.
    First,
    /// One with this key is being done, or broke off: nobody knows what became of it.
    UnderWay {
        /// Of what was asked.
        request_digest: String,
    },
    /// It was answered.
    Answered(StoredAnswer),
}

/// The status of what has no answer yet.
const NO_STATUS: i64 = 0;

/// None of this is a change that anybody audits: the request that it belongs to is. Never call what
/// writes here while a transaction is open in the same task: on SQLite it would wait for itself.
impl Store {
    /// Takes a key for a request of this actor. Of all that ask at once, one is the first.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn reserve_answer(
        &self,
        actor: &str,
        key: &str,
        request_digest: &str,
        now: TimestampMs,
    ) -> Result<Reserved> {
        let oldest = now.to_stored().saturating_sub(KEPT_MS);
        let old = idempotency_keys::at_ms.le(oldest);
        let writing = self.writing().await;
        let mut connection = self.connect().await?;
        let (taken, row) = on_either!(connection, c => {
            diesel::delete(idempotency_keys::table.find((actor, key)).filter(old))
                .execute(c)
                .await?;
            let taken = diesel::insert_into(idempotency_keys::table)
                .values((
                    idempotency_keys::actor.eq(actor),
                    idempotency_keys::idempotency_key.eq(key),
                    idempotency_keys::request_digest.eq(request_digest),
                    idempotency_keys::status.eq(NO_STATUS),
                    idempotency_keys::sealed_body.eq(""),
                    idempotency_keys::at_ms.eq(now.to_stored()),
                ))
                .on_conflict_do_nothing()
                .execute(c)
                .await?;
            let row = idempotency_keys::table
                .find((actor, key))
                .select((
                    idempotency_keys::request_digest,
                    idempotency_keys::status,
                    idempotency_keys::sealed_body,
                ))
                .first::<(String, i64, String)>(c)
                .await
                .optional()?;
            (taken, row)
        });
        drop(writing);
        match row {
            _ if taken > 0 => Ok(Reserved::First),
            Some(row) => reserved(key, row),
            // Given back between the two: whoever asks again is the first.
            None => Ok(Reserved::UnderWay {
                request_digest: request_digest.to_owned(),
            }),
        }
    }

    /// Keeps the answer of the request that took a key.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keep_answer(&self, actor: &str, key: &str, answer: &StoredAnswer) -> Result<()> {
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        let taken = idempotency_keys::table.find((actor, key));
        on_either!(connection, c => diesel::update(taken)
            .set((
                idempotency_keys::status.eq(i64::from(answer.status)),
                idempotency_keys::sealed_body.eq(answer.sealed_body.as_str()),
            ))
            .execute(c)
            .await?);
        Ok(())
    }

    /// Gives a key back whose request changed nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn give_answer_back(&self, actor: &str, key: &str) -> Result<()> {
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        let taken = idempotency_keys::table.find((actor, key));
        on_either!(connection, c => diesel::delete(taken).execute(c).await?);
        Ok(())
    }

    /// Forgets answers that are a day old.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_old_answers(&self, now: TimestampMs) -> Result<()> {
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        let old = idempotency_keys::at_ms.le(now.to_stored().saturating_sub(KEPT_MS));
        on_either!(connection, c => diesel::delete(idempotency_keys::table.filter(old))
            .execute(c)
            .await?);
        Ok(())
    }
}

fn reserved(key: &str, row: (String, i64, String)) -> Result<Reserved> {
    let (request_digest, status, sealed_body) = row;
    if status == NO_STATUS {
        return Ok(Reserved::UnderWay { request_digest });
    }
    let status = u16::try_from(status).map_err(|_beyond| StoreError::Unreadable {
        column: "status",
        id: key.to_owned(),
        cause: format!("{status} is no status of HTTP"),
    })?;
    Ok(Reserved::Answered(StoredAnswer {
        request_digest,
        status,
        sealed_body: Sealed::new(sealed_body),
    }))
}
