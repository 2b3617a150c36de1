//! At which level a thing was blocked: who stands below it does not take the block away.

use std::fmt;

use crate::permissions::{Action, Place, Rights};

/// From where a block came, from the bottom up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockLevel {
    /// Whoever owns the thing.
    Owner,
    /// An administrator of its team.
    Team,
    /// An administrator of its organization.
    Organization,
    /// An administrator of the platform.
    Platform,
}

/// What is known of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// From where it came.
    pub level: BlockLevel,
    /// Why, where somebody said so.
    pub reason: Option<String>,
}

impl BlockLevel {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Owner, Self::Team, Self::Organization, Self::Platform];

    /// From where an actor with these rights acts on a thing at this place.
    #[must_use]
    pub fn of(rights: &Rights, action: Action, place: &Place) -> Self {
        let scope = rights.scope(action);
        let organization = place.organization_id.as_ref();
        let team = place.team_id.as_ref();
        if scope.everything {
            Self::Platform
        } else if organization.is_some_and(|id| scope.organizations.contains(id)) {
            Self::Organization
        } else if team.is_some_and(|id| scope.teams.contains(id)) {
            Self::Team
        } else {
            Self::Owner
        }
    }

    /// The word in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Team => "team",
            Self::Organization => "organization",
            Self::Platform => "platform",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == word)
    }
}

impl fmt::Display for BlockLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Owner => "its owner",
            Self::Team => "an administrator of its team",
            Self::Organization => "an administrator of its organization",
            Self::Platform => "an administrator of the platform",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{OrganizationId, TeamId};
    use crate::permissions::{Grant, Role};

    #[test]
    fn an_actor_blocks_from_the_highest_place_where_they_may() {
        let (organization, team) = (OrganizationId::generate(), TeamId::generate());
        let grant = |role, team_id: Option<&TeamId>| Grant {
            role,
            organization_id: organization.clone(),
            team_id: team_id.cloned(),
        };
        let place = Place {
            organization_id: Some(organization.clone()),
            team_id: Some(team.clone()),
            owner_id: None,
        };
        let level = |grants: Vec<Grant>| {
            let rights = Rights {
                grants,
                ..Rights::default()
            };
            BlockLevel::of(&rights, Action::WriteKeys, &place)
        };
        let of_team = grant(Role::TeamAdmin, Some(&team));
        let of_all = grant(Role::OrganizationAdmin, None);
        assert_eq!(level(vec![]), BlockLevel::Owner);
        assert_eq!(level(vec![of_team.clone()]), BlockLevel::Team);
        assert_eq!(level(vec![of_team, of_all]), BlockLevel::Organization);
        let operator = Rights::of_the_operator();
        let level = BlockLevel::of(&operator, Action::WriteKeys, &place);
        assert_eq!(level, BlockLevel::Platform);
    }

    #[test]
    fn the_word_in_the_store_is_read_as_it_was_written() {
        for level in BlockLevel::ALL {
            assert_eq!(BlockLevel::from_word(level.as_str()), Some(*level));
        }
    }
}
