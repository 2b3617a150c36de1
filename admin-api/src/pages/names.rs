//! The names of what a page's things belong to, read together.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{TeamId, UserId};
use store::Store;
use store::page::Page;
use store::teams::TeamFilter;
use store::users::UserFilter;

use crate::error::ActionError;
use crate::pages::everything::everything;

/// Names of teams and people by their ids. Whoever sees a thing sees whose it is.
#[derive(Default)]
pub struct Names {
    teams: BTreeMap<String, String>,
    people: BTreeMap<String, String>,
}

impl Names {
    /// Reads the names of these ids.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn of(
        store: &Store,
        teams: BTreeSet<String>,
        people: BTreeSet<String>,
    ) -> Result<Self, ActionError> {
        let page = |count: usize| Page::first(i64::try_from(count).unwrap_or(1));
        let mut names = Self::default();
        if !teams.is_empty() {
            let page = page(teams.len());
            let ids = teams.into_iter().collect();
            let filter = TeamFilter {
                scope: everything(),
                ids,
                ..TeamFilter::default()
            };
            let listed = store.teams(&filter, &page).await?.items.into_iter();
            names.teams = listed
                .map(|team| (team.id.to_string(), team.name))
                .collect();
        }
        if !people.is_empty() {
            let page = page(people.len());
            let ids = people.into_iter().collect();
            let filter = UserFilter {
                scope: everything(),
                ids,
                ..UserFilter::default()
            };
            let listed = store.users(&filter, &page).await?.items.into_iter();
            names.people = listed
                .map(|user| {
                    (
                        user.id.to_string(),
                        user.name
                            .or(user.email)
                            .unwrap_or_else(|| user.id.to_string()),
                    )
                })
                .collect();
        }
        Ok(names)
    }

    /// A team's name; its id when it is gone.
    pub fn team(&self, id: Option<&TeamId>) -> String {
        id.map(|id| self.team_word(id.as_str())).unwrap_or_default()
    }

    /// A team's name by the id as text.
    pub fn team_word(&self, id: &str) -> String {
        self.teams.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// A person's name; their id when they are gone.
    pub fn person(&self, id: Option<&UserId>) -> String {
        id.map(|id| self.person_word(id.as_str()))
            .unwrap_or_default()
    }

    /// A person's name by the id as text.
    pub fn person_word(&self, id: &str) -> String {
        self.people
            .get(id)
            .cloned()
            .unwrap_or_else(|| id.to_owned())
    }
}
