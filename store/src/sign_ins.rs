//! Failed sign-ins, counted by account and network, for the growing delay.
//!
//! They are no changes that anybody audits: whoever refuses a sign-in records that beside them.
//! Never call what writes here while a transaction is open in the same task: on SQLite it would
//! wait for itself.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::time::TimestampMs;

use crate::Store;
use crate::column::Column;
use crate::connection::on_either;
use crate::error::{Result, StoreError};
use crate::schema::sign_in_failures;

/// After a day without a failure it is forgotten: nobody can fill the table by guessing names.
const KEPT_MS: i64 = 24 * 60 * 60 * 1_000;

/// What went wrong for one account from one network since the last success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInFailures {
    /// How often; never zero.
    pub failures: u64,
    /// When it was last.
    pub last_at: TimestampMs,
}

impl Store {
    /// The failures of an account from a network, if there are any.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn sign_in_failures(
        &self,
        account: &str,
        network: &str,
    ) -> Result<Option<SignInFailures>> {
        let mut connection = self.connect().await?;
        let row: Option<(i64, i64)> = on_either!(connection, c => sign_in_failures::table
            .find((account, network))
            .select((sign_in_failures::failures, sign_in_failures::last_at_ms))
            .first(c)
            .await
            .optional()?);
        let unreadable = |cause: String| StoreError::Unreadable {
            column: "failures",
            id: account.to_owned(),
            cause,
        };
        row.map(|(failures, last_at_ms)| {
            Ok(SignInFailures {
                failures: u64::from_stored(failures).map_err(unreadable)?,
                last_at: TimestampMs::from_stored(last_at_ms).map_err(unreadable)?,
            })
        })
        .transpose()
    }

    /// Counts one more failure, and forgets those that are a day old.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_sign_in_failure(
        &self,
        account: &str,
        network: &str,
        now: TimestampMs,
    ) -> Result<()> {
        let now = now.to_stored();
        let old = sign_in_failures::last_at_ms.lt(now.saturating_sub(KEPT_MS));
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        on_either!(connection, c => {
            diesel::delete(sign_in_failures::table.filter(old)).execute(c).await?;
            diesel::insert_into(sign_in_failures::table)
                .values((
                    sign_in_failures::account.eq(account),
                    sign_in_failures::network.eq(network),
                    sign_in_failures::failures.eq(1_i64),
                    sign_in_failures::last_at_ms.eq(now),
                ))
                .on_conflict((sign_in_failures::account, sign_in_failures::network))
                .do_update()
                .set((
                    sign_in_failures::failures.eq(sign_in_failures::failures + 1),
                    sign_in_failures::last_at_ms.eq(now),
                ))
                .execute(c)
                .await?
        });
        Ok(())
    }

    /// Forgets the failures of an account, from every network.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn clear_sign_in_failures(&self, account: &str) -> Result<()> {
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        on_either!(connection, c => diesel::delete(
            sign_in_failures::table.filter(sign_in_failures::account.eq(account)))
            .execute(c)
            .await?);
        Ok(())
    }
}
