//! The names under which LiteLLM's callers know what a report is about: hashes and aliases of keys,
//! their own ids of teams, people and organizations.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{OrganizationId, UserId};
use domain::permissions::Scope;
use domain::teams::Team;
use domain::users::User;
use domain::virtual_keys::VirtualKey;
use serde_json::{Value, json};
use store::deleted_keys::DeletedKeyFilter;
use store::page::Page;
use store::teams::TeamFilter;
use store::usage::Dimension;
use store::users::UserFilter;
use store::virtual_keys::KeyFilter;

use crate::acting::{Acting, Permission};
use crate::error::ActionError;
use crate::litellm::names::known;

/// How many ids one query asks for.
const AT_ONCE: usize = 1_000;

/// What the words of a report's groups stand for. Things that are gone are shown by our ids.
#[derive(Default)]
pub struct ReportNames {
    keys: BTreeMap<String, VirtualKey>,
    deleted_keys: BTreeMap<String, VirtualKey>,
    teams: BTreeMap<String, Team>,
    users: BTreeMap<String, User>,
    organizations: BTreeMap<String, (String, String)>,
}

fn everything() -> Scope {
    Scope {
        everything: true,
        ..Scope::default()
    }
}

fn page(ids: &[String]) -> Page {
    Page::first(i64::try_from(ids.len()).unwrap_or(i64::MAX))
}

impl ReportNames {
    /// Reads what these words stand for; words of other dimensions stand for themselves. They come out
    /// of a report, which has only what the actor may see.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn read<'w, P: Permission>(
        &mut self,
        acting: &Acting<P>,
        dimension: Dimension,
        words: impl IntoIterator<Item = &'w str>,
    ) -> Result<(), ActionError> {
        let words: BTreeSet<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        for ids in words.chunks(AT_ONCE) {
            match dimension {
                Dimension::Key => self.read_keys(acting, ids).await?,
                Dimension::Team => self.read_teams(acting, ids).await?,
                Dimension::User => self.read_users(acting, ids).await?,
                Dimension::Organization => self.read_organizations(acting, ids).await?,
                _ => {}
            }
        }
        Ok(())
    }

    async fn read_keys<P: Permission>(
        &mut self,
        acting: &Acting<P>,
        ids: &[String],
    ) -> Result<(), ActionError> {
        let filter = KeyFilter {
            scope: everything(),
            ids: ids.to_vec(),
            ..KeyFilter::default()
        };
        let listed = acting.store().virtual_keys(&filter, &page(ids)).await?;
        let named = listed
            .items
            .into_iter()
            .map(|key| (key.id.to_string(), key));
        self.keys.extend(named);
        // While a deleted key may be restored, reports call it as they did before.
        let missing = ids.iter().filter(|id| !self.keys.contains_key(*id));
        let missing: Vec<String> = missing.cloned().collect();
        if missing.is_empty() {
            return Ok(());
        }
        let page = page(&missing);
        let filter = DeletedKeyFilter {
            scope: everything(),
            ids: missing,
            ..DeletedKeyFilter::default()
        };
        let deleted = acting.store().deleted_keys(&filter, &page).await?.items;
        let named = deleted
            .into_iter()
            .map(|one| (one.key.id.to_string(), one.key));
        self.deleted_keys.extend(named);
        Ok(())
    }

    async fn read_teams<P: Permission>(
        &mut self,
        acting: &Acting<P>,
        ids: &[String],
    ) -> Result<(), ActionError> {
        let filter = TeamFilter {
            scope: everything(),
            ids: ids.to_vec(),
            ..TeamFilter::default()
        };
        let listed = acting.store().teams(&filter, &page(ids)).await?;
        let named = listed
            .items
            .into_iter()
            .map(|team| (team.id.to_string(), team));
        self.teams.extend(named);
        Ok(())
    }

    async fn read_users<P: Permission>(
        &mut self,
        acting: &Acting<P>,
        ids: &[String],
    ) -> Result<(), ActionError> {
        let filter = UserFilter {
            scope: everything(),
            ids: ids.to_vec(),
            ..UserFilter::default()
        };
        let listed = acting.store().users(&filter, &page(ids)).await?;
        let named = listed
            .items
            .into_iter()
            .map(|user| (user.id.to_string(), user));
        self.users.extend(named);
        Ok(())
    }

    async fn read_organizations<P: Permission>(
        &mut self,
        acting: &Acting<P>,
        ids: &[String],
    ) -> Result<(), ActionError> {
        for id in ids {
            if let Some(found) = acting.store().organization(id).await? {
                let name = known(found.external_id.as_ref(), id);
                self.organizations.insert(id.clone(), (name, found.name));
            }
        }
        Ok(())
    }

    /// The id that callers know.
    #[must_use]
    pub fn id(&self, dimension: Dimension, word: &str) -> String {
        let known_id = match dimension {
            Dimension::Key => self.key(word).map(|key| key.hash.to_string()),
            Dimension::Team => self
                .teams
                .get(word)
                .and_then(|team| team.external_id.clone()),
            Dimension::User => self
                .users
                .get(word)
                .and_then(|user| user.external_id.clone()),
            Dimension::Organization => self.organizations.get(word).map(|(id, _name)| id.clone()),
            _ => None,
        };
        known_id.unwrap_or_else(|| word.to_owned())
    }

    /// A key, or one that was deleted and may be restored.
    #[must_use]
    pub fn key(&self, id: &str) -> Option<&VirtualKey> {
        self.keys.get(id).or_else(|| self.deleted_keys.get(id))
    }

    /// A team.
    #[must_use]
    pub fn team(&self, id: &str) -> Option<&Team> {
        self.teams.get(id)
    }

    /// A key's `sk-...abcd`.
    #[must_use]
    pub fn key_name(&self, id: &str) -> Option<String> {
        let key = self.key(id)?;
        Some(format!("sk-...{}", key.last_four))
    }

    /// What LiteLLM says of a key beside its figures.
    #[must_use]
    pub fn key_metadata(&self, id: &str) -> Value {
        let key = self.key(id);
        let team = key.and_then(|key| key.team_id.as_ref());
        let user = key.and_then(|key| key.user_id.as_ref());
        let person = user.and_then(|id| self.users.get(id.as_str()));
        json!({
            "key_alias": key.and_then(|key| key.alias.as_ref()),
            "team_id": team.map(|id| self.id(Dimension::Team, id.as_str())),
            "user_id": user.map(|id| self.id(Dimension::User, id.as_str())),
            "user_email": person.and_then(|user| user.email.as_ref()),
            "key_exists": self.keys.contains_key(id),
        })
    }

    /// What LiteLLM says of an entity beside its figures: its name for people.
    #[must_use]
    pub fn entity_metadata(&self, dimension: Dimension, word: &str) -> Value {
        match dimension {
            Dimension::Team => {
                json!({"team_alias": self.teams.get(word).map(|team| &team.name)})
            }
            Dimension::User => {
                let user = self.users.get(word);
                json!({
                    "user_email": user.and_then(|user| user.email.as_ref()),
                    "user_alias": user.and_then(|user| user.name.as_ref()),
                })
            }
            Dimension::Organization => {
                let name = self.organizations.get(word).map(|(_id, name)| name);
                json!({"organization_alias": name})
            }
            Dimension::Key => self.key_metadata(word),
            _ => json!({}),
        }
    }

    /// The teams and people of the keys that were read.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn read_owners<P: Permission>(
        &mut self,
        acting: &Acting<P>,
    ) -> Result<(), ActionError> {
        let of_keys = |of: fn(&VirtualKey) -> Option<String>| -> Vec<String> {
            let all = self.keys.values().chain(self.deleted_keys.values());
            all.filter_map(of).collect()
        };
        let teams = of_keys(|key| key.team_id.as_ref().map(ToString::to_string));
        let users = of_keys(|key| key.user_id.as_ref().map(UserId::to_string));
        let organizations = of_keys(|key| Some(OrganizationId::to_string(&key.organization_id)));
        let texts = |ids: &[String]| ids.to_vec();
        for (dimension, ids) in [
            (Dimension::Team, texts(&teams)),
            (Dimension::User, texts(&users)),
            (Dimension::Organization, texts(&organizations)),
        ] {
            self.read(acting, dimension, ids.iter().map(String::as_str))
                .await?;
        }
        Ok(())
    }
}
