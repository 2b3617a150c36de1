//! A change: what is written, its audit entry and a higher revision, in one transaction.
//!
//! Invariant: every function that writes tenants, keys, deployments or sessions takes a
//! [`Transaction`], which [`Store::begin`] alone makes and [`Transaction::commit`] alone completes,
//! and that asks for an audit entry. A dropped one leaves nothing behind.

use std::collections::BTreeSet;

use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::{AsyncConnection, RunQueryDsl, TransactionManager};
use domain::actors::{Actor, ActorKind};
use domain::audit::{AuditEntry, AuditKey, Mac};
use domain::directory::Revision;
use domain::ids::OrganizationId;
use domain::revocations::Revocation;
use domain::time::TimestampMs;
use serde_json::Value;

use crate::Store;
use crate::audit::{AuditRow, head_mac};
use crate::connection::{Connection, on_either};
use crate::error::{Result, StoreError};
use crate::insert::insert;
use crate::schema::{changes, head};
use crate::sql::{Cell, Given, Kind};

/// Which kind of thing a change touched, for data planes that follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Touched {
    /// An organization, team, project, person, member, end user, deployment or credential: read anew as a whole.
    Level,
    /// A key.
    Key,
}

impl Touched {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Key => "key",
        }
    }
}

/// How many revisions are kept with what they touched. A data plane that is further behind reads
/// everything anew.
const KEPT_REVISIONS: i64 = 10_000;

/// The last revision of which nothing is kept any more, when this one is the newest.
pub(crate) const fn forgotten(newest: Revision) -> Revision {
    Revision(newest.0.saturating_sub(KEPT_REVISIONS))
}

/// What an entry is about besides what it names alone.
const ABOUT: [(&str, Kind); 2] = [("object_id", Kind::Text), ("sequence", Kind::Number)];

/// What is said of a change in the audit trail.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// What was done: `key.create`.
    pub action: &'static str,
    /// To which kind of thing: `key`.
    pub object_kind: &'static str,
    /// To which thing; several by commas.
    pub object_id: String,
    /// What else it was done to: the entry is found by these ids as well.
    pub also_about: Vec<String>,
    /// In which organization.
    pub organization_id: Option<String>,
    /// In which team.
    pub team_id: Option<String>,
    /// As it was; secrets as digests.
    pub before: Option<Value>,
    /// As it is now; secrets as digests.
    pub after: Option<Value>,
    /// Why, where somebody said so.
    pub reason: Option<String>,
}

/// An open change. Dropped without [`Transaction::commit`], nothing of it remains.
#[must_use = "a change that is not committed leaves nothing behind"]
pub struct Transaction<'s> {
    store: &'s Store,
    connection: Option<Connection>,
    revision: Revision,
    /// The number and link of the last audit entry.
    audit_head: (i64, Mac),
    touched: BTreeSet<(Touched, String)>,
    revocations: Vec<Revocation>,
    events: Vec<Event>,
    _writing: Option<tokio::sync::MutexGuard<'s, ()>>,
}

/// Raises the revision; the row is locked from here on. Works on a connection of either database,
/// so it is a macro's body and not a function with a page of bounds.
macro_rules! raise {
    ($c:expr) => {{
        begin_transaction($c).await?;
        diesel::update(head::table)
            .set(head::revision.eq(head::revision + 1))
            .returning((head::revision, head::audit_sequence, head::audit_mac))
            .get_result::<(i64, i64, String)>($c)
            .await
    }};
}

impl Store {
    /// Begins a change. Changes happen one after the other: the first thing done is to raise the
    /// revision, whose row stays locked until the end.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(&self) -> Result<Transaction<'_>> {
        let writing = self.writing().await;
        let mut connection = self.connect().await?;
        let raised = on_either!(connection, c => (async { raise!(c) }).await);
        let raised = raised
            .map_err(StoreError::from)
            .and_then(|(revision, sequence, mac)| {
                Ok((revision, (sequence, head_mac(sequence, &mac)?)))
            });
        let (revision, audit_head) = match raised {
            Ok(raised) => raised,
            Err(cause) => {
                connection.close();
                return Err(cause);
            }
        };
        Ok(Transaction {
            store: self,
            connection: Some(connection),
            revision: Revision(revision),
            audit_head,
            touched: BTreeSet::new(),
            revocations: Vec::new(),
            events: Vec::new(),
            _writing: writing,
        })
    }

    /// Writes an audit entry of something that changed nothing: a denial, a failed sign-in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn record(&self, actor: &Actor, event: Event) -> Result<()> {
        self.begin().await?.commit(actor, event).await.map(|_at| ())
    }
}

async fn begin_transaction<C: AsyncConnection>(connection: &mut C) -> diesel::QueryResult<()> {
    C::TransactionManager::begin_transaction(connection).await
}

async fn commit_transaction<C: AsyncConnection>(connection: &mut C) -> diesel::QueryResult<()> {
    C::TransactionManager::commit_transaction(connection).await
}

impl Transaction<'_> {
    /// The connection, for the functions of this crate that write.
    pub(crate) fn connection(&mut self) -> Result<&mut Connection> {
        self.connection
            .as_mut()
            .ok_or_else(|| StoreError::Query("the transaction has ended".to_owned()))
    }

    /// The revision that this change makes.
    pub(crate) const fn revision(&self) -> Revision {
        self.revision
    }

    /// Notes what data planes have to read anew.
    pub(crate) fn touch(&mut self, kind: Touched, object_id: &str) {
        self.touched.insert((kind, object_id.to_owned()));
    }

    /// Notes whether something may be used from now on.
    pub(crate) fn note(&mut self, organization: &OrganizationId, id: &str, is_revoked: bool) {
        self.revocations.push(Revocation {
            organization_id: organization.clone(),
            object_id: id.to_owned(),
            is_revoked,
        });
    }

    /// Something more that this change does: it gets an audit entry of its own, before the one of the
    /// whole.
    pub fn also(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Ends the change: it and its audit entry are kept, together or not at all. When this returns,
    /// data planes in the same process have been told.
    ///
    /// # Errors
    /// When the database refuses the entry or does not answer; then nothing has changed.
    pub async fn commit(mut self, actor: &Actor, event: Event) -> Result<Revision> {
        let key = &self.store.audit_key;
        let mut head = self.audit_head;
        let events = std::mem::take(&mut self.events);
        let mut about = Given::new(&ABOUT);
        let entries = events.into_iter().chain([event]).map(|mut event| {
            let also_about = std::mem::take(&mut event.also_about);
            let entry = key.append(head, entry_of(actor, without_secrets(key, event)));
            head = (entry.sequence, entry.mac);
            let also_about: BTreeSet<String> = also_about.into_iter().collect();
            for id in also_about.iter().filter(|id| **id != entry.entry.object_id) {
                about.row([Cell::from(id.as_str()), Cell::from(entry.sequence)]);
            }
            AuditRow::from(&entry)
        });
        let rows: Vec<AuditRow> = entries.collect();
        let (revision, touched) = (self.revision, std::mem::take(&mut self.touched));
        let (sequence, mac) = (head.0, head.1.to_string());
        let connection = self.connection()?;
        insert(connection, "audit_objects", about).await?;
        on_either!(*connection, c => {
            for row in &rows {
                diesel::insert_into(crate::schema::audit_entries::table)
                    .values(row)
                    .execute(c)
                    .await?;
            }
            diesel::update(head::table)
                .set((head::audit_sequence.eq(sequence), head::audit_mac.eq(&mac)))
                .execute(c)
                .await?;
            diesel::delete(changes::table.filter(changes::revision.le(forgotten(revision).0)))
                .execute(c)
                .await?;
            for (kind, object_id) in &touched {
                diesel::insert_into(changes::table)
                    .values((
                        changes::revision.eq(revision.0),
                        changes::kind.eq(kind.as_str()),
                        changes::object_id.eq(object_id),
                    ))
                    .execute(c)
                    .await?;
            }
            commit_transaction(c).await?;
        });
        drop(self.connection.take());
        let revocations = std::mem::take(&mut self.revocations);
        self.store.propagation.committed(revision, revocations);
        Ok(revision)
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.close();
        }
    }
}

/// The event with every secret in it as a digest: who knows a secret can see that it was changed,
/// and nobody can read it.
fn without_secrets(key: &AuditKey, mut event: Event) -> Event {
    for value in [&mut event.before, &mut event.after].into_iter().flatten() {
        key.digest_secrets(value);
    }
    event
}

fn entry_of(actor: &Actor, event: Event) -> AuditEntry {
    let session = match &actor.kind {
        ActorKind::Session(session, _) | ActorKind::OperatorSession(session) => {
            Some(session.to_string())
        }
        _ => None,
    };
    AuditEntry {
        at: TimestampMs::now(),
        organization_id: event.organization_id,
        team_id: event.team_id,
        actor_kind: actor.kind_word().to_owned(),
        actor_id: actor.id(),
        address: actor.address.clone(),
        session_id: session,
        on_behalf_of: actor.on_behalf_of.clone(),
        request_id: actor.request_id.clone(),
        action: event.action.to_owned(),
        object_kind: event.object_kind.to_owned(),
        object_id: event.object_id,
        before: event.before.map(|value| value.to_string()),
        after: event.after.map(|value| value.to_string()),
        reason: event.reason,
    }
}
