//! Names of what usage is split by: teams, keys, people by their ids; all else by its own word.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::OrganizationId;
use domain::virtual_keys::VirtualKey;
use domain::windows::TimeZone;
use store::Store;
use store::page::Page;
use store::usage::Dimension;
use store::virtual_keys::KeyFilter;

use crate::error::ActionError;
use crate::pages::everything::everything;
use crate::pages::names::Names;

/// Names by words.
#[derive(Default)]
pub struct Labels(BTreeMap<String, String>);

impl Labels {
    /// The names of these words of a dimension.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn of_words(
        store: &Store,
        dimension: Dimension,
        words: BTreeSet<String>,
    ) -> Result<Self, ActionError> {
        let words: BTreeSet<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
        match dimension {
            Dimension::Key => Self::of_keys(store, words).await,
            Dimension::Team => {
                let names = Names::of(store, words.clone(), BTreeSet::new()).await?;
                Ok(Self(
                    words
                        .into_iter()
                        .map(|word| (word.clone(), names.team_word(&word)))
                        .collect(),
                ))
            }
            Dimension::User => {
                let names = Names::of(store, BTreeSet::new(), words.clone()).await?;
                Ok(Self(
                    words
                        .into_iter()
                        .map(|word| (word.clone(), names.person_word(&word)))
                        .collect(),
                ))
            }
            _ => Ok(Self::default()),
        }
    }

    /// The names of these keys, deleted ones included.
    ///
    /// # Errors
    /// As [`Labels::of_words`].
    pub async fn of_keys(store: &Store, ids: BTreeSet<String>) -> Result<Self, ActionError> {
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let page = Page::first(i64::try_from(ids.len()).unwrap_or(i64::MAX));
        let ids: Vec<String> = ids.into_iter().collect();
        let filter = KeyFilter {
            scope: everything(),
            ids: ids.clone(),
            ..KeyFilter::default()
        };
        let listed = store.virtual_keys(&filter, &page).await?.items;
        let mut names: BTreeMap<String, String> = listed.iter().map(named).collect();
        let missing = ids.iter().filter(|id| !names.contains_key(*id));
        let missing: Vec<&str> = missing.map(String::as_str).collect();
        names.extend(store.names_of_deleted_keys(missing).await?);
        Ok(Self(names))
    }

    /// A word's name; the word itself where there is none, or it is gone.
    pub fn name(&self, word: &str) -> String {
        self.0.get(word).cloned().unwrap_or_else(|| word.to_owned())
    }
}

fn named(key: &VirtualKey) -> (String, String) {
    (key.id.to_string(), crate::pages::keys::name(key))
}

/// Whose clock an organization goes by.
///
/// # Errors
/// As [`Labels::of_words`].
pub async fn zone_of(store: &Store, id: &OrganizationId) -> Result<TimeZone, ActionError> {
    let found = store.organization(id.as_str()).await?;
    Ok(found
        .and_then(|one| one.time_zone.parse().ok())
        .unwrap_or_default())
}
