//! What data planes ask of the store: everything, what changed, one key; each as of one moment.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use domain::budgets::SharedBudget;
use domain::credentials::Credential;
use domain::deployments::StoredDeployment;
use domain::directory::{
    Asked, Delta, Directory, KeyGrant, Levels, Revision, Snapshot, Unavailable,
};
use domain::end_users::EndUser;
use domain::identity::{KnownIdentity, StoredKeySet};
use domain::keys::KeyHash;
use domain::members::Member;
use domain::organizations::Organization;
use domain::projects::Project;
use domain::tags::Tag;
use domain::teams::Team;
use domain::time::TimestampMs;
use domain::users::User;
use domain::virtual_keys::{KeySecret, Uses, VirtualKey};

use crate::Store;
use crate::budgets::BudgetRow;
use crate::column::Column;
use crate::connection::on_either;
use crate::credentials::CredentialRow;
use crate::deployments::DeploymentRow;
use crate::end_users::EndUserRow;
use crate::error::{Result, StoreError};
use crate::identities::IdentityRow;
use crate::identity_keys::IdentityKeysRow;
use crate::key_secrets::{KeySecretRow, live};
use crate::members::MemberRow;
use crate::organizations::OrganizationRow;
use crate::projects::ProjectRow;
use crate::schema::{
    budgets, changes, credentials, deployments, end_users, head, identities, identity_keys,
    key_secrets, members, organizations, projects, tags, teams, users, virtual_keys,
};
use crate::tags::TagRow;
use crate::teams::TeamRow;
use crate::transaction::{Touched, forgotten};
use crate::users::UserRow;
use crate::virtual_keys::VirtualKeyRow;

/// How many changed keys one query asks for: SQLite takes 32,766 values at most.
const AT_ONCE: usize = 1_000;

/// The secrets of keys that may still be used, by key.
type LiveSecrets = HashMap<String, Vec<(KeyHash, Option<TimestampMs>)>>;

/// All that a query finds, read into the domain's words.
macro_rules! every {
    ($c:ident, $row:ident of $entity:ident, $query:expr) => {{
        let rows: Vec<$row> = $query.select($row::as_select()).load($c).await?;
        rows.into_iter()
            .map($entity::try_from)
            .collect::<Result<Vec<$entity>>>()?
    }};
}

/// The levels above keys.
macro_rules! levels {
    ($c:ident) => {
        Levels {
            organizations: every!($c, OrganizationRow of Organization, organizations::table),
            teams: every!($c, TeamRow of Team, teams::table),
            projects: every!($c, ProjectRow of Project, projects::table),
            users: every!($c, UserRow of User, users::table),
            members: every!($c, MemberRow of Member, members::table),
            end_users: every!($c, EndUserRow of EndUser, end_users::table.filter(
                end_users::blocked.eq(true).or(end_users::policy.ne("{}")))),
            tags: every!($c, TagRow of Tag, tags::table.filter(tags::policy.ne("{}"))),
            budgets: every!($c, BudgetRow of SharedBudget, budgets::table),
            identities: every!($c, IdentityRow of KnownIdentity, identities::table),
            key_sets: every!($c, IdentityKeysRow of StoredKeySet, identity_keys::table),
            deployments: every!($c, DeploymentRow of StoredDeployment, deployments::table),
            credentials: every!($c, CredentialRow of Credential, credentials::table),
        }
    };
}

/// The grants of the keys that a query finds; it is run twice, for the keys and for their secrets.
macro_rules! grants {
    ($c:ident, $now:ident, $keys:expr) => {{
        let rows = every!($c, VirtualKeyRow of VirtualKey, $keys);
        let secrets = every!($c, KeySecretRow of KeySecret, key_secrets::table
            .filter(key_secrets::key_id.eq_any($keys.select(virtual_keys::id)))
            .filter(live!($now))
            .order(key_secrets::created_at_ms.desc()));
        granted(rows, secrets)
    }};
}

/// The newest revision.
macro_rules! newest {
    ($c:ident) => {
        Revision(head::table.select(head::revision).first::<i64>($c).await?)
    };
}

/// Runs `$body` on one connection, in a transaction that sees one moment from its first query on.
macro_rules! at_one_moment {
    ($store:expr, $c:ident => $body:expr) => {{
        let mut connection = $store.connect().await?;
        connection.begin_reading().await?;
        let read: Result<_> = on_either!(connection, $c => (async { Ok($body) }).await);
        match read {
            Ok(read) => {
                connection.end_reading().await?;
                Ok(read)
            }
            Err(cause) => {
                connection.close();
                Err(cause)
            }
        }
    }};
}

impl Store {
    async fn newest_revision(&self) -> Result<Revision> {
        let mut connection = self.connect().await?;
        Ok(on_either!(connection, c => newest!(c)))
    }

    async fn everything(&self, most_keys: usize) -> Result<Snapshot> {
        let most = i64::try_from(most_keys).unwrap_or(i64::MAX);
        let now = TimestampMs::now().to_stored();
        at_one_moment!(self, c => {
            let revision = newest!(c);
            let levels = levels!(c);
            let count: i64 = virtual_keys::table.count().get_result(c).await?;
            let complete = count <= most;
            let keys = if complete {
                grants!(c, now, virtual_keys::table)
            } else {
                let ended = virtual_keys::expires_at.le(now);
                grants!(c, now, virtual_keys::table
                    .filter(virtual_keys::blocked.eq(true).or(ended))
                    .order(virtual_keys::id.desc())
                    .limit(most))
            };
            Snapshot { revision, levels, keys, complete }
        })
    }

    /// None when what changed is no longer known: too long ago, or in a past that this database
    /// never had (it was restored from an older copy).
    async fn changed_after(&self, since: Revision) -> Result<Option<Delta>> {
        let now = TimestampMs::now().to_stored();
        at_one_moment!(self, c => {
            let revision = newest!(c);
            if since > revision || since < forgotten(revision) {
                None
            } else {
                let touched: Vec<(String, String)> = changes::table
                    .filter(changes::revision.gt(since.0))
                    .select((changes::kind, changes::object_id))
                    .distinct()
                    .load(c)
                    .await?;
                let (keys, levels): (Vec<_>, Vec<_>) = touched
                    .into_iter()
                    .partition(|(kind, _id)| kind == Touched::Key.as_str());
                let levels = match levels.is_empty() {
                    true => None,
                    false => Some(levels!(c)),
                };
                let ids: BTreeSet<String> = keys.into_iter().map(|(_kind, id)| id).collect();
                let mut found = Vec::new();
                for ids in ids.iter().collect::<Vec<_>>().chunks(AT_ONCE) {
                    found.extend(grants!(c, now, virtual_keys::table
                        .filter(virtual_keys::id.eq_any(ids.iter().copied()))));
                }
                let keys = with_the_gone(ids, found);
                Some(Delta { revision, levels, keys })
            }
        })
    }

    async fn grant_of(&self, hash: KeyHash) -> Result<Option<KeyGrant>> {
        let now = TimestampMs::now().to_stored();
        at_one_moment!(self, c => {
            let id: Option<String> = key_secrets::table
                .find(hash.to_stored())
                .filter(live!(now))
                .select(key_secrets::key_id)
                .first(c)
                .await
                .optional()?;
            match id {
                Some(id) => grants!(c, now, virtual_keys::table.find(&id)).pop(),
                None => None,
            }
        })
    }
}

fn granted(keys: Vec<VirtualKey>, secrets: Vec<KeySecret>) -> Vec<KeyGrant> {
    let mut by_key = LiveSecrets::new();
    for secret in secrets {
        by_key
            .entry(secret.key_id.as_str().to_owned())
            .or_default()
            .push((secret.hash, secret.ends_at));
    }
    keys.into_iter()
        .map(|key| KeyGrant {
            secrets: by_key.remove(key.id.as_str()).unwrap_or_default(),
            id: key.id,
            organization_id: key.organization_id,
            team_id: key.team_id,
            project_id: key.project_id,
            user_id: key.user_id,
            service_account_id: key.service_account_id,
            alias: key.alias,
            environment: key.environment,
            policy: Arc::new(key.policy),
            expires_at: key.expires_at,
            blocked: key.blocked,
            created_at: key.stamps.created_at,
        })
        .collect()
}

/// Every key that changed with its grant; none for those that are gone.
fn with_the_gone(
    changed: BTreeSet<String>,
    found: Vec<KeyGrant>,
) -> Vec<(domain::ids::KeyId, Option<KeyGrant>)> {
    let mut found: HashMap<String, KeyGrant> = found
        .into_iter()
        .map(|grant| (grant.id.as_str().to_owned(), grant))
        .collect();
    changed
        .into_iter()
        .map(|id| {
            let grant = found.remove(&id);
            (domain::ids::KeyId::new(id), grant)
        })
        .collect()
}

impl Directory for Store {
    fn revision(&self) -> Asked<'_, Revision> {
        Box::pin(async { self.newest_revision().await.map_err(unavailable) })
    }

    fn snapshot(&self, most_keys: usize) -> Asked<'_, Snapshot> {
        Box::pin(async move { self.everything(most_keys).await.map_err(unavailable) })
    }

    fn changes(&self, since: Revision) -> Asked<'_, Option<Delta>> {
        Box::pin(async move { self.changed_after(since).await.map_err(unavailable) })
    }

    fn key(&self, hash: KeyHash) -> Asked<'_, Option<KeyGrant>> {
        Box::pin(async move { self.grant_of(hash).await.map_err(unavailable) })
    }

    fn want_keys(&self, url: String) -> Asked<'_, ()> {
        Box::pin(async move {
            let wanted = self.want_identity_keys(&url, TimestampMs::now()).await;
            wanted.map_err(unavailable)
        })
    }

    fn record_uses(&self, uses: Uses) -> Asked<'_, ()> {
        Box::pin(async move { self.add_uses(&uses).await.map_err(unavailable) })
    }
}

fn unavailable(cause: StoreError) -> Unavailable {
    Unavailable(cause.to_string())
}
