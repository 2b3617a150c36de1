//! Virtual keys, by their hashes: callers keep them.

use std::collections::BTreeMap;

use domain::ids::{KeyId, OrganizationId, ProjectId, TeamId, UserId};
use domain::keys::{KeyHash, last_four};
use domain::permissions::Scope;
use domain::spend::{ScopeKind, SpendScope};
use domain::time::TimestampMs;
use domain::virtual_keys::{KeySecret, VirtualKey};
use store::page::Page;
use store::virtual_keys::KeyFilter;
use store::{Result, litellm};

use crate::commands::import_litellm::import::Import;
use crate::commands::import_litellm::row::Row;

/// What is kept of a key and shown.
const KEPT: &[&str] = &[
    "permissions",
    "config",
    "router_settings",
    "allowed_cache_controls",
    "access_group_ids",
    "policies",
    "budget_fallbacks",
    "agent_id",
    "object_permission_id",
    "auto_rotate",
    "rotation_interval",
];

/// The team of the keys that LiteLLM's console makes for a sign-in.
const CONSOLE_TEAM: &str = "litellm-dashboard";

/// What stands for the last characters of a secret of which only the hash is known.
const UNKNOWN: &str = "????";

/// To whom a key belongs.
struct Owner {
    organization_id: OrganizationId,
    team_id: Option<TeamId>,
    project_id: Option<ProjectId>,
    user_id: Option<UserId>,
    /// What it should belong to is not here: it would be wider than it was, so it is blocked.
    lost: bool,
}

impl Import<'_> {
    /// Brings keys with the secrets that they had before their rotation, while those work.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn keys(&mut self, rows: Vec<litellm::Row>, old: Vec<litellm::Row>) -> Result<()> {
        let mut old = self.old_secrets(old);
        for columns in rows {
            let mut row = Row::new("key", "key_name", columns);
            self.report.count("key", |count| count.found += 1);
            let Some(token) = row.text("token") else {
                self.left_out("key", "?", "it has no hash");
                continue;
            };
            let hash = match KeyHash::from_hex(&token) {
                Ok(hash) => hash,
                // The first versions kept keys in the clear.
                Err(_clear) => {
                    row.changed("token", "kept as its SHA-256");
                    KeyHash::of(&token)
                }
            };
            let name = row.text("key_name").unwrap_or_default();
            let four = if name.is_empty() {
                UNKNOWN.to_owned()
            } else {
                last_four(&name)
            };
            row.call(&format!("sk-...{four}"));
            let team = row.text("team_id");
            if team.as_deref() == Some(CONSOLE_TEAM) {
                let name = row.name().to_owned();
                let why = "a sign-in at LiteLLM's console; people sign in anew";
                self.left_out("key", &name, why);
                continue;
            }
            let known = self.store.virtual_key_by_hash(hash).await?;
            let id = known.as_ref().map(|known| known.id.clone());
            let id = id.unwrap_or_else(KeyId::generate);
            let mut key = self.key(&mut row, (id, hash, four), team).await?;
            let scope = SpendScope::new(ScopeKind::Key, key.id.as_str());
            self.spent(&mut row, scope, &key.policy).await?;
            row.drop_if_there("total_spend", "`spend` is what budgets count");
            if known.is_none() {
                self.own_alias(&mut row, &mut key).await?;
            }
            row.finish(&mut self.report);
            self.counted("key", known.is_some());
            if known.is_none() {
                let older = old.remove(&hash.to_string()).unwrap_or_default();
                self.plan_key(key, older);
            }
        }
        Ok(())
    }

    async fn key(
        &mut self,
        row: &mut Row,
        (id, hash, last_four): (KeyId, KeyHash, String),
        team: Option<String>,
    ) -> Result<VirtualKey> {
        let owner = self.owner(row, team);
        let expires_at = row.time("expires");
        let blocked = row.take("blocked").unwrap_or(false) || owner.lost;
        let stamps = row.stamps();
        // LiteLLM has put what it means into `allowed_routes`.
        row.take::<String>("key_type");
        let mut policy = row.policy();
        self.point(row, &mut policy, &owner.organization_id).await?;
        let blocked = row.blocked_as_wider() || blocked;
        row.keep(KEPT, &mut policy.extra);
        Ok(VirtualKey {
            id,
            organization_id: owner.organization_id,
            team_id: owner.team_id,
            project_id: owner.project_id,
            user_id: owner.user_id,
            service_account_id: None,
            alias: row.text("key_alias"),
            environment: None,
            hash,
            last_four,
            policy,
            expires_at,
            blocked,
            stamps,
        })
    }

    fn owner(&self, row: &mut Row, team: Option<String>) -> Owner {
        let mut lost = false;
        let mut missing = |row: &mut Row, field: &str| {
            lost = true;
            row.dropped(
                field,
                "it is not in LiteLLM any more: the key is blocked here",
            );
        };
        let team = team.and_then(|id| {
            let found = self.teams.get(&id).cloned();
            if found.is_none() {
                missing(row, "team_id");
            }
            found
        });
        let organization = row.text("organization_id").and_then(|id| {
            let found = self.organizations.get(&id).cloned();
            if found.is_none() && team.is_none() {
                missing(row, "organization_id");
            }
            found
        });
        let project_id = row.text("project_id").and_then(|id| {
            let found = self.projects.get(&id).cloned();
            if found.is_none() {
                missing(row, "project_id");
            }
            found
        });
        let user_id = row.text("user_id").and_then(|id| {
            let found = self.users.get(&id).cloned();
            if found.is_none() {
                row.dropped(
                    "user_id",
                    "LiteLLM has no such person: the key belongs to nobody",
                );
            }
            found
        });
        let (team_id, of_team) = team.unzip();
        let organization_id = of_team.or(organization);
        Owner {
            organization_id: organization_id.unwrap_or_else(OrganizationId::default_one),
            team_id,
            project_id,
            user_id,
            lost,
        }
    }

    /// A name that another key of the organization has is dropped: here it is unique there.
    async fn own_alias(&mut self, row: &mut Row, key: &mut VirtualKey) -> Result<()> {
        let Some(alias) = &key.alias else {
            return Ok(());
        };
        let place = (key.organization_id.clone(), alias.clone());
        if self.is_alias_taken(&place).await? {
            row.dropped("key_alias", "another key of the organization has this name");
            key.alias = None;
        } else {
            self.aliases.insert(place);
        }
        Ok(())
    }

    async fn is_alias_taken(&self, place: &(OrganizationId, String)) -> Result<bool> {
        if self.aliases.contains(place) {
            return Ok(true);
        }
        let filter = KeyFilter {
            scope: Scope {
                everything: true,
                ..Scope::default()
            },
            organization_id: Some(place.0.clone()),
            alias: Some(place.1.clone()),
            ..KeyFilter::default()
        };
        let found = self.store.virtual_keys(&filter, &Page::first(1)).await?;
        Ok(!found.items.is_empty())
    }

    fn plan_key(&mut self, key: VirtualKey, older: Vec<(KeyHash, TimestampMs)>) {
        let newest = secret(&key, key.hash, key.last_four.clone(), None);
        let older = older
            .into_iter()
            .map(|(hash, end)| secret(&key, hash, UNKNOWN.to_owned(), Some(end)));
        let secrets = std::iter::once(newest).chain(older).collect();
        self.plan.keys.push((key, secrets));
    }

    /// What rotated keys were before, by the hash of what they are now; those that have ended are
    /// left out.
    fn old_secrets(
        &mut self,
        rows: Vec<litellm::Row>,
    ) -> BTreeMap<String, Vec<(KeyHash, TimestampMs)>> {
        let now = TimestampMs::now();
        let mut all: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for columns in rows {
            let mut row = Row::new("old secret of a key", "id", columns);
            row.take::<String>("id");
            row.take::<String>("created_at");
            let hash = row.text("token");
            let hash = hash.and_then(|hash| KeyHash::from_hex(&hash).ok());
            let (active, end) = (row.text("active_token_id"), row.time("revoke_at"));
            let (Some(hash), Some(active), Some(end)) = (hash, active, end) else {
                continue;
            };
            if end > now {
                all.entry(active).or_default().push((hash, end));
            } else {
                row.dropped("token", "its time of grace is over");
            }
            row.finish(&mut self.report);
        }
        all
    }
}

fn secret(
    key: &VirtualKey,
    hash: KeyHash,
    last_four: String,
    ends_at: Option<TimestampMs>,
) -> KeySecret {
    KeySecret {
        key_id: key.id.clone(),
        hash,
        last_four,
        created_at: key.stamps.created_at,
        ends_at,
        uses: 0,
        last_used_at: None,
    }
}
