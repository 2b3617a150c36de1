//! In which order LiteLLM's lists of keys are.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use domain::ids::KeyId;
use domain::money::NanoUsd;
use domain::virtual_keys::VirtualKey;

use crate::actions::spend::Present;
use crate::error::ActionError;

/// In which order keys are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    NewestFirst,
    OldestFirst,
    By(Column, Direction),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Up,
    Down,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    UpdatedAt,
    Spend,
    MaxBudget,
    Alias,
    Hash,
    Expires,
    Team,
    User,
}

impl Order {
    /// Reads LiteLLM's `sort_by` and `sort_order`.
    ///
    /// # Errors
    /// [`ActionError::Invalid`] for another word.
    pub(super) fn read(by: Option<&str>, order: Option<&str>) -> Result<Self, ActionError> {
        let direction = match order.map(str::to_lowercase).as_deref() {
            None | Some("" | "desc") => Direction::Down,
            Some("asc") => Direction::Up,
            Some(_) => {
                return Err(ActionError::invalid(
                    "sort_order",
                    "`sort_order` has to be asc or desc.",
                ));
            }
        };
        let column = match by {
            None | Some("" | "created_at") if direction == Direction::Up => {
                return Ok(Self::OldestFirst);
            }
            None | Some("" | "created_at") => return Ok(Self::NewestFirst),
            Some("updated_at") => Column::UpdatedAt,
            Some("spend") => Column::Spend,
            Some("max_budget") => Column::MaxBudget,
            Some("key_alias" | "key_name") => Column::Alias,
            Some("token") => Column::Hash,
            Some("expires") => Column::Expires,
            Some("team_id") => Column::Team,
            Some("user_id") => Column::User,
            Some(_) => {
                return Err(ActionError::invalid(
                    "sort_by",
                    "`sort_by` has to be created_at, updated_at, spend, max_budget, key_alias, \
                     token, expires, team_id or user_id.",
                ));
            }
        };
        Ok(Self::By(column, direction))
    }
}

impl Column {
    /// Which of two keys comes first, going up.
    pub(super) fn compare(
        self,
        spend: &BTreeMap<KeyId, Present>,
        one: &VirtualKey,
        other: &VirtualKey,
    ) -> Ordering {
        let budget = |key: &VirtualKey| {
            let hard = key.policy.hard_budget();
            hard.map_or(NanoUsd(i64::MAX), |budget| budget.limit_nanousd)
        };
        let of = |key: &VirtualKey| spend.get(&key.id).map(|present| present.spend);
        match self {
            Self::UpdatedAt => one.stamps.updated_at.cmp(&other.stamps.updated_at),
            Self::Spend => of(one).cmp(&of(other)),
            Self::MaxBudget => budget(one).cmp(&budget(other)),
            Self::Alias => one.alias.cmp(&other.alias),
            Self::Hash => one.hash.cmp(&other.hash),
            Self::Expires => one.expires_at.cmp(&other.expires_at),
            Self::Team => one.team_id.cmp(&other.team_id),
            Self::User => one.user_id.cmp(&other.user_id),
        }
    }
}
