//! At which level things were blocked and why, written with the block.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::blocks::{Block, BlockLevel};

use crate::Store;
use crate::connection::on_either;
use crate::error::{Result, StoreError};
use crate::schema::blocks;
use crate::transaction::Transaction;

impl Store {
    /// At which level a thing was blocked; none where nothing noted it.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn block_level(&self, object_id: &str) -> Result<Option<BlockLevel>> {
        let mut connection = self.connect().await?;
        let word: Option<String> = on_either!(connection, c => blocks::table
            .find(object_id)
            .select(blocks::level)
            .first(c)
            .await
            .optional()?);
        read(object_id, word)
    }

    /// Why a thing was blocked, where somebody said so.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn block_reason(&self, object_id: &str) -> Result<Option<String>> {
        let mut connection = self.connect().await?;
        let reason: Option<Option<String>> = on_either!(connection, c => blocks::table
            .find(object_id)
            .select(blocks::reason)
            .first(c)
            .await
            .optional()?);
        Ok(reason.flatten())
    }
}

impl Transaction<'_> {
    /// As [`Store::block_level`], as it is in this transaction.
    ///
    /// # Errors
    /// As there.
    pub async fn block_level(&mut self, object_id: &str) -> Result<Option<BlockLevel>> {
        let word: Option<String> = on_either!(*self.connection()?, c => blocks::table
            .find(object_id)
            .select(blocks::level)
            .first(c)
            .await
            .optional()?);
        read(object_id, word)
    }

    /// What is noted of a block, as it is in this transaction.
    ///
    /// # Errors
    /// As [`Store::block_level`].
    pub(crate) async fn block(&mut self, object_id: &str) -> Result<Option<Block>> {
        let row: Option<(String, Option<String>)> = on_either!(*self.connection()?, c =>
            blocks::table
                .find(object_id)
                .select((blocks::level, blocks::reason))
                .first(c)
                .await
                .optional()?);
        let Some((word, reason)) = row else {
            return Ok(None);
        };
        let level = read(object_id, Some(word))?;
        Ok(level.map(|level| Block { level, reason }))
    }

    /// Notes why a thing is blocked, beside its level.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_block_reason(&mut self, object_id: &str, reason: &str) -> Result<()> {
        on_either!(*self.connection()?, c => diesel::update(blocks::table.find(object_id))
            .set(blocks::reason.eq(reason))
            .execute(c)
            .await?);
        Ok(())
    }

    /// Notes at which level a thing is blocked; none when it no longer is, or is gone.
    /// A reason that was noted goes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_block_level(
        &mut self,
        object_id: &str,
        level: Option<BlockLevel>,
    ) -> Result<()> {
        let row = level.map(|level| {
            (
                blocks::object_id.eq(object_id),
                blocks::level.eq(level.as_str()),
            )
        });
        on_either!(*self.connection()?, c => {
            diesel::delete(blocks::table.find(object_id)).execute(c).await?;
            if let Some(row) = row {
                diesel::insert_into(blocks::table).values(row).execute(c).await?;
            }
        });
        Ok(())
    }
}

pub(crate) fn read(id: &str, word: Option<String>) -> Result<Option<BlockLevel>> {
    let Some(word) = word else { return Ok(None) };
    let level = BlockLevel::from_word(&word).ok_or_else(|| StoreError::Unreadable {
        column: "level",
        id: id.to_owned(),
        cause: format!("`{word}` is no level"),
    })?;
    Ok(Some(level))
}
