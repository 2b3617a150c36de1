//! When people were last here, and how they come in: for lists of them, read in four queries.

use std::collections::BTreeMap;

use diesel::dsl::max;
use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::ids::UserId;
use domain::time::TimestampMs;

use crate::Store;
use crate::column::Column;
use crate::connection::{Connection, on_either};
use crate::error::Result;
use crate::schema::{identities, invitations, key_secrets, users, virtual_keys};

/// How many ids one query asks for.
const AT_ONCE: usize = 1_000;

/// What is known of a person's coming.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// When they last used the console, signed in, or one of their own keys was used; none when
    /// they never did.
    pub last_active_at: Option<TimestampMs>,
    /// Whether a password is set.
    pub has_password: bool,
    /// The identity providers that know them, by their issuers, in order.
    pub issuers: Vec<String>,
    /// Whether a link is out, still good, with which they can come in or set a password.
    pub is_invited: bool,
}

impl Presence {
    fn active(&mut self, at_ms: Option<i64>) {
        let at = at_ms.and_then(|at| u64::try_from(at).ok()).map(TimestampMs);
        self.last_active_at = self.last_active_at.max(at);
    }
}

impl Store {
    /// The presence of each of these people.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn presence(
        &self,
        people: &[UserId],
        now: TimestampMs,
    ) -> Result<BTreeMap<UserId, Presence>> {
        let mut found = BTreeMap::new();
        for some in people.chunks(AT_ONCE) {
            let ids: Vec<&str> = some.iter().map(UserId::as_str).collect();
            let mut connection = self.connect().await?;
            let emails = seen(&mut connection, &ids, &mut found).await?;
            known(&mut connection, &ids, &mut found).await?;
            used(&mut connection, &ids, &mut found).await?;
            invited(&mut connection, (&ids, &emails), now, &mut found).await?;
        }
        Ok(found)
    }
}

type Found = BTreeMap<UserId, Presence>;

/// Who they are, by their addresses.
async fn seen(
    connection: &mut Connection,
    ids: &[&str],
    found: &mut Found,
) -> Result<BTreeMap<String, UserId>> {
    let rows: Vec<(String, Option<String>, bool, Option<i64>)> = on_either!(*connection, c => users::table
        .filter(users::id.eq_any(ids))
        .select((
            users::id,
            users::email,
            users::password_hash.is_not_null(),
            users::last_seen_at_ms,
        ))
        .load(c)
        .await?);
    let mut emails = BTreeMap::new();
    for (id, email, has_password, seen_at_ms) in rows {
        let id = UserId::new(id);
        let one = found.entry(id.clone()).or_default();
        one.has_password = has_password;
        one.active(seen_at_ms);
        emails.extend(email.map(|email| (email, id)));
    }
    Ok(emails)
}

/// By which providers they are known.
async fn known(connection: &mut Connection, ids: &[&str], found: &mut Found) -> Result<()> {
    let rows: Vec<(String, String, i64)> = on_either!(*connection, c => identities::table
        .filter(identities::user_id.eq_any(ids))
        .order(identities::issuer)
        .select((identities::user_id, identities::issuer, identities::last_used_at_ms))
        .load(c)
        .await?);
    for (id, issuer, used_at_ms) in rows {
        let one = found.entry(UserId::new(id)).or_default();
        one.active(Some(used_at_ms));
        if !one.issuers.contains(&issuer) {
            one.issuers.push(issuer);
        }
    }
    Ok(())
}

/// When their own keys were used.
async fn used(connection: &mut Connection, ids: &[&str], found: &mut Found) -> Result<()> {
    let rows: Vec<(Option<String>, Option<i64>)> = on_either!(*connection, c => virtual_keys::table
        .inner_join(key_secrets::table.on(key_secrets::key_id.eq(virtual_keys::id)))
        .filter(virtual_keys::user_id.eq_any(ids))
        .group_by(virtual_keys::user_id)
        .select((virtual_keys::user_id, max(key_secrets::last_used_at_ms)))
        .load(c)
        .await?);
    for (id, used_at_ms) in rows {
        if let Some(id) = id {
            found.entry(UserId::new(id)).or_default().active(used_at_ms);
        }
    }
    Ok(())
}

/// Who holds a link that is still good.
async fn invited(
    connection: &mut Connection,
    (ids, emails): (&[&str], &BTreeMap<String, UserId>),
    now: TimestampMs,
    found: &mut Found,
) -> Result<()> {
    let addresses: Vec<&str> = emails.keys().map(String::as_str).collect();
    let rows: Vec<(Option<String>, Option<String>)> = on_either!(*connection, c => invitations::table
        .filter(
            invitations::user_id
                .eq_any(ids)
                .or(invitations::email.eq_any(&addresses)),
        )
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::revoked_at.is_null())
        .filter(invitations::expires_at.gt(now.to_stored()))
        .select((invitations::user_id, invitations::email))
        .load(c)
        .await?);
    for (id, email) in rows {
        let by_email = email.and_then(|email| emails.get(&email).cloned());
        if let Some(id) = id.map(UserId::new).or(by_email) {
            found.entry(id).or_default().is_invited = true;
        }
    }
    Ok(())
}
