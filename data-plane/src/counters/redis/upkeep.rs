//! Signs of life, sweeping, and revocations.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::money::NanoUsd;

use super::Inner;
use super::keys::{CHANNEL, escape, unescape};
use super::link::Fault;
use super::organization::Organization;
use super::script::Call;
use crate::counters::operation::AttemptId;
use crate::counters::upkeep::{KeepAlive, Revoke, Sweep, Swept};

/// So many orphans are made in one call.
const AT_ONCE: usize = 100;

/// So many attempts that were left are told in one answer.
const LEFT_AT_ONCE: usize = 1_000;

impl Inner {
    pub(super) async fn keep_alive(self: &Arc<Self>, ask: &KeepAlive) -> Result<(), Fault> {
        let organization = self.organization(&ask.organization);
        let keys = &organization.keys;
        let fill = |call: &mut Call<'_>| {
            call.key(keys.one("ex")).arg(ask.time_to_live_ms);
            for (slot, member) in &ask.places {
                call.key(keys.slot(slot)).arg(escape(&member.0));
            }
            for attempt in &ask.attempts {
                call.arg(escape(&attempt.0));
            }
        };
        self.run(&organization, &self.scripts.keep_alive, fill)
            .await?;
        Ok(())
    }

    pub(super) async fn sweep(self: &Arc<Self>, ask: &Sweep) -> Result<Swept, Fault> {
        let organization = self.organization(&ask.organization);
        let mut swept = Swept::default();
        loop {
            let (attempts, names) = self.expired(&organization).await?;
            if attempts.is_empty() {
                swept.orphaned.sort();
                return Ok(swept);
            }
            let keys = &organization.keys;
            let fill = |call: &mut Call<'_>| {
                call.key(keys.one("rv")).key(keys.one("ex"));
                call.arg(keys.counters());
                for name in &names {
                    call.key([&keys.counters(), name.as_str()].concat());
                }
                for attempt in &attempts {
                    call.arg(attempt);
                }
            };
            let mut reply = self.run(&organization, &self.scripts.orphan, fill).await?;
            while reply.left() > 0 {
                let attempt = AttemptId(unescape(&reply.text()?).into());
                swept.orphaned.push((attempt, NanoUsd(reply.number()?)));
            }
        }
    }

    /// Attempts that gave no sign of life, and the counters that they are on, as Redis has the names.
    async fn expired(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
    ) -> Result<(Vec<String>, BTreeSet<String>), Fault> {
        let keys = &organization.keys;
        let fill = |call: &mut Call<'_>| {
            call.key(keys.one("rv")).key(keys.one("ex")).arg(AT_ONCE);
        };
        let mut reply = self.run(organization, &self.scripts.expired, fill).await?;
        let (mut attempts, mut names) = (Vec::new(), BTreeSet::new());
        while reply.left() > 0 {
            attempts.push(reply.text()?);
            names.extend(reply.text()?.lines().map(str::to_owned));
        }
        Ok((attempts, names))
    }

    /// Attempts that wait for their node's journal, a thousand at once: those of these runs, or, when
    /// none is named, orphans.
    pub(super) async fn left(
        self: &Arc<Self>,
        id: &Arc<str>,
        gone: &[String],
    ) -> Result<Vec<AttemptId>, Fault> {
        let organization = self.organization(id);
        let fill = |call: &mut Call<'_>| {
            call.key(organization.keys.one("rv")).arg(LEFT_AT_ONCE);
            for name in gone {
                call.arg(name);
            }
        };
        let mut reply = self.run(&organization, &self.scripts.left, fill).await?;
        let attempts = reply.texts()?.into_iter();
        Ok(attempts
            .map(|attempt| AttemptId(unescape(&attempt).into()))
            .collect())
    }

    /// Takes this run from the nodes that openings wait for, wherever it has nothing to say any more.
    pub(super) async fn resign(self: &Arc<Self>) {
        self.has_resigned.store(true, Ordering::Release);
        let own = [self.node.clone()];
        for organization in self.organizations() {
            let is_said = organization.table().is_empty() && self.queue.len() == 0;
            let is_over = is_said && organization.is_clean(self.shipped());
            if is_over && let Err(fault) = self.leave(&organization.id, &own).await {
                tracing::debug!(?fault, organization = %organization.id, "not left");
                return;
            }
        }
    }

    /// Takes these runs from the nodes that openings wait for.
    pub(super) async fn leave(
        self: &Arc<Self>,
        id: &Arc<str>,
        gone: &[String],
    ) -> Result<(), Fault> {
        let organization = self.organization(id);
        let fill = |call: &mut Call<'_>| {
            call.key(organization.keys.one("n"));
            for name in gone {
                call.arg(name);
            }
        };
        self.run(&organization, &self.scripts.leave, fill).await?;
        Ok(())
    }

    /// Needs no epoch: what was revoked holds in every memory that hears of it.
    pub(super) async fn tell(&self, ask: &Revoke, is_revoked: bool) -> Result<(), Fault> {
        // Who only tells does not begin to speak for the organization: nobody waits for its journal.
        let organization = Organization::new(&ask.organization);
        let server = self.topology.server(organization.slot);
        let server = server.ok_or(Fault::NotSent)?;
        let link = server.link().ok_or(Fault::NotSent)?;
        let mut call = self.scripts.revoke.call();
        call.key(organization.keys.one("rk"));
        call.arg(if is_revoked { "R" } else { "G" });
        call.arg(ask.revision.0).arg(CHANNEL).arg(&ask.organization);
        for id in &ask.ids {
            call.arg(escape(id));
        }
        self.call(&server, &link, &call).await?;
        Ok(())
    }
}
