//! The first start: whether there are people yet, and the token with which the first is made.

use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::time::TimestampMs;

use crate::Store;
use crate::column::Column;
use crate::connection::on_either;
use crate::error::Result;
use crate::schema::{setup_tokens, users};
use crate::transaction::Transaction;

impl Store {
    /// Whether anybody has an account.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_people(&self) -> Result<bool> {
        let mut connection = self.connect().await?;
        let people: i64 = on_either!(connection, c => users::table
            .limit(1)
            .count()
            .get_result(c)
            .await?);
        Ok(people > 0)
    }

    /// Whether a setup token with this digest may be taken now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_setup_token(&self, hash: &str, now: TimestampMs) -> Result<bool> {
        let mut connection = self.connect().await?;
        let live: i64 = on_either!(connection, c => setup_tokens::table
            .find(hash)
            .filter(setup_tokens::expires_at_ms.gt(now.to_stored()))
            .count()
            .get_result(c)
            .await?);
        Ok(live > 0)
    }
}

impl Transaction<'_> {
    /// Keeps the digest of a new setup token; those of earlier starts are void from here on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_setup_token(&mut self, hash: &str, expires_at: TimestampMs) -> Result<()> {
        on_either!(*self.connection()?, c => {
            diesel::delete(setup_tokens::table).execute(c).await?;
            diesel::insert_into(setup_tokens::table)
                .values((
                    setup_tokens::hash.eq(hash),
                    setup_tokens::expires_at_ms.eq(expires_at.to_stored()),
                ))
                .execute(c)
                .await?
        });
        Ok(())
    }

    /// Takes a setup token: true for one caller, once, before it ends. Changes happen one after
    /// the other, so nobody else can take it meanwhile.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_setup_token(&mut self, hash: &str, now: TimestampMs) -> Result<bool> {
        let live = setup_tokens::expires_at_ms.gt(now.to_stored());
        let taken = on_either!(*self.connection()?, c => diesel::delete(
            setup_tokens::table.find(hash).filter(live))
            .execute(c)
            .await?);
        Ok(taken > 0)
    }
}
