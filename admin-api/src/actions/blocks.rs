//! A block is taken away by whoever stands where it was set, or above.

use domain::blocks::BlockLevel;
use domain::permissions::Place;
use store::Transaction;

use crate::acting::{Acting, Permission};
use crate::error::ActionError;

/// A thing that may become blocked, or no longer be.
pub(super) struct Blocking<'b> {
    /// Our id of it.
    pub id: &'b str,
    /// Whether it was blocked.
    pub before: bool,
    /// Whether it shall be.
    pub after: bool,
    /// From where the actor acts on it.
    pub by: BlockLevel,
    /// From where a block came of which nothing was noted.
    pub unknown: BlockLevel,
}

/// From where the actor acts on what lies there.
pub(super) fn level<P: Permission>(acting: &Acting<P>, place: &Place) -> BlockLevel {
    BlockLevel::of(&acting.actor.rights, P::ACTION, place)
}

impl Blocking<'_> {
    /// Whether the actor may do this to a block that was set at `level`.
    ///
    /// # Errors
    /// [`ActionError::BlockedAbove`].
    pub(super) fn permitted(&self, level: Option<BlockLevel>) -> Result<(), ActionError> {
        let held = level.unwrap_or(self.unknown);
        if self.before && !self.after && self.by < held {
            return Err(ActionError::BlockedAbove(held));
        }
        Ok(())
    }

    /// Checks it and notes the level, in the transaction of the change. Who stands above the level
    /// of a block, and blocks again, raises it.
    ///
    /// # Errors
    /// As [`Blocking::permitted`], and when the store does not answer.
    pub(super) async fn noted(self, writing: &mut Transaction<'_>) -> Result<(), ActionError> {
        if !self.before && !self.after {
            return Ok(());
        }
        let level = writing.block_level(self.id).await?;
        self.permitted(level)?;
        let held = level.unwrap_or(self.unknown);
        let to = match (self.before, self.after) {
            (_, false) => None,
            (true, true) if self.by <= held => return Ok(()),
            (_, true) => Some(self.by),
        };
        Ok(writing.set_block_level(self.id, to).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_lifted_from_its_level_or_above() {
        let lifted = |by, level| {
            let change = Blocking {
                id: "team",
                before: true,
                after: false,
                by,
                unknown: BlockLevel::Organization,
            };
            change.permitted(level).is_ok()
        };
        for (place, by) in BlockLevel::ALL.iter().enumerate() {
            for (held, level) in BlockLevel::ALL.iter().enumerate() {
                assert_eq!(lifted(*by, Some(*level)), place >= held, "{by:?} {level:?}");
            }
        }
        assert!(!lifted(BlockLevel::Team, None));
        assert!(lifted(BlockLevel::Organization, None));
    }
}
