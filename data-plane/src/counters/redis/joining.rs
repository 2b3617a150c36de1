//! Before this node asks anything of an organization's counters, it says everything that it has under
//! way: to a memory that is new (a server that was started or emptied, a replica that was promoted)
//! or that it has not spoken to for some time.
//!
//! An *epoch* is a memory: it begins with the identity of the server's process and history. When it is
//! another, counters are not trusted, and none is opened before every live node has said what it has:
//! those that are registered by name, and those that the new memory has not heard of by
//! [`GRACE_MS`], in which each node with something under way notices.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::task::JoinSet;
use tokio::time::timeout;

use super::link::{DEADLINE, Fault, Link};
use super::organization::Organization;
use super::reply::Reply;
use super::script::{Call, Script};
use super::server::Server;
use super::{Inner, beating};
use crate::counters::upkeep::Reassert;
use crate::random;

/// How long a new memory waits for nodes that it does not know: a node with something under way
/// speaks every 250 ms, gives up after 200 ms without an answer, and connects anew within 250 ms
/// more. The rest is for machines that are busy; whoever is later still makes the counters that were
/// opened without it unknown.
const GRACE_MS: u64 = 1_250;

/// So many attempts are said at the same time.
const AT_ONCE: usize = 64;

/// Where an organization's counters are, for one question.
pub(super) struct Ready {
    pub(super) server: Arc<Server>,
    pub(super) link: Arc<Link>,
    pub(super) epoch: Arc<str>,
}

impl Inner {
    /// Calls a script of an organization: `fill` adds keys and arguments after the organization's own
    /// and the epoch. Never takes longer than [`DEADLINE`].
    pub(super) async fn run<'a>(
        self: &'a Arc<Self>,
        organization: &Arc<Organization>,
        script: &'a Script,
        fill: impl Fn(&mut Call<'a>) + Send,
    ) -> Result<Reply, Fault> {
        organization.used();
        let mut was_sent = false;
        let sent = &mut was_sent;
        let asking = async move {
            // A second time after an epoch that was over, a third after one that ended meanwhile.
            for _ in 0..3 {
                let ready = self.ready(organization).await?;
                let call = calling(script, organization, &ready.epoch, &fill);
                *sent = true;
                let reply = self.call(&ready.server, &ready.link, &call).await?;
                if reply.word() != "EPOCH" {
                    organization.answered();
                    return Ok(reply);
                }
                *sent = false;
                organization.lose();
            }
            Err(Fault::NotSent)
        };
        match timeout(DEADLINE, asking).await {
            Ok(answer) => answer,
            Err(_) if was_sent => Err(Fault::Lost),
            Err(_) => Err(Fault::NotSent),
        }
    }

    pub(super) async fn call(
        &self,
        server: &Server,
        link: &Link,
        call: &Call<'_>,
    ) -> Result<Reply, Fault> {
        let answer = server.call(link, call).await;
        if matches!(answer, Err(Fault::Elsewhere | Fault::Lost)) {
            self.topology.look();
        }
        answer
    }

    fn place(&self, organization: &Organization) -> Result<(Arc<Server>, Arc<Link>), Fault> {
        let server = self.topology.server(organization.slot);
        let server = server.ok_or(Fault::NotSent)?;
        let link = server.link().ok_or(Fault::NotSent)?;
        Ok((server, link))
    }

    pub(super) async fn ready(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
    ) -> Result<Ready, Fault> {
        let mut epochs = organization.epochs();
        loop {
            epochs.mark_unchanged();
            let (server, link) = self.place(organization)?;
            let is_its = |epoch: &Arc<str>| is_epoch_of(epoch, &link.identity);
            if let Some(epoch) = organization.epoch().filter(is_its) {
                return Ok(Ready {
                    server,
                    link,
                    epoch,
                });
            }
            self.begin_to_join(organization);
            epochs.changed().await.map_err(|_gone| Fault::NotSent)?;
        }
    }

    /// In the background: whoever waits for it may give up, it goes on.
    fn begin_to_join(self: &Arc<Self>, organization: &Arc<Organization>) {
        if organization.is_joining.swap(true, Ordering::AcqRel) {
            return;
        }
        let (inner, organization) = (Arc::clone(self), Arc::clone(organization));
        self.runtime.spawn(async move {
            let joined = inner.join(&organization).await;
            organization.is_joining.store(false, Ordering::Release);
            match joined {
                Ok(epoch) => organization.joined(&epoch),
                Err(fault) => {
                    tracing::debug!(?fault, organization = %organization.id, "not joined");
                }
            }
        });
    }

    async fn join(self: &Arc<Self>, organization: &Arc<Organization>) -> Result<Arc<str>, Fault> {
        let (server, link) = self.place(organization)?;
        let epoch = self.epoch(organization, &server, &link).await?;
        let ready = Ready {
            server,
            link,
            epoch,
        };
        let is_same = organization.epochs().borrow().as_ref() == Some(&ready.epoch);
        let is_dirty = organization.is_dirty.load(Ordering::Acquire);
        if is_same && !is_dirty {
            // It was silent for some time, nothing more.
            beating::say(self, organization, &ready, true).await?;
            return Ok(ready.epoch);
        }
        beating::say(self, organization, &ready, false).await?;
        let all = organization.table().all();
        if is_dirty || !all.is_empty() {
            let count = all.len();
            self.say_again(organization, &ready, all).await?;
            tracing::info!(organization = %organization.id, count, "said again what is under way");
        }
        if is_dirty {
            self.renew(organization, &ready).await?;
            organization.is_dirty.store(false, Ordering::Release);
        }
        beating::say(self, organization, &ready, true).await?;
        Ok(ready.epoch)
    }

    /// The epoch of this memory; begins one where there is none.
    async fn epoch(
        &self,
        organization: &Organization,
        server: &Server,
        link: &Link,
    ) -> Result<Arc<str>, Fault> {
        let marker = self.topology.marker(organization.slot);
        let marker = marker.ok_or(Fault::NotSent)?;
        let mut since = self.memory_since(server, link, &marker).await?;
        loop {
            let epoch = format!("{}/{:016x}", link.identity, random::bits());
            let mut call = self.scripts.epoch.call();
            call.key(organization.keys.one("m"));
            call.arg(&link.identity).arg(epoch).arg(new_age());
            call.arg(since.saturating_add(GRACE_MS));
            let mut reply = self.call(server, link, &call).await?;
            let epoch: Arc<str> = reply.text()?.into();
            // It may have been emptied between the two.
            let now_since = self.memory_since(server, link, &marker).await?;
            if now_since == since {
                return Ok(epoch);
            }
            since = now_since;
        }
    }

    async fn memory_since(&self, server: &Server, link: &Link, marker: &str) -> Result<u64, Fault> {
        let mut call = self.scripts.marker.call();
        call.key(marker.to_owned()).arg(&link.identity);
        let mut reply = self.call(server, link, &call).await?;
        let since = reply.number()?;
        self.observe(reply.number()?);
        Ok(since)
    }

    async fn say_again(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        ready: &Ready,
        all: Vec<Reassert>,
    ) -> Result<(), Fault> {
        let renounce = |call: &mut Call<'_>| {
            let keys = &organization.keys;
            call.key(keys.one("rv")).key(keys.one("ex"));
            call.arg(&self.node).arg(new_age());
        };
        self.call_in(organization, ready, &self.scripts.renounce, renounce)
            .await?;
        let mut all = all.into_iter().peekable();
        while all.peek().is_some() {
            let mut saying = JoinSet::new();
            for mut ask in all.by_ref().take(AT_ONCE) {
                // Counters that were opened without it have just been made unknown.
                ask.reserve.as_of = domain::directory::Revision(i64::MAX);
                let (inner, organization) = (Arc::clone(self), Arc::clone(organization));
                let ready = Ready {
                    server: Arc::clone(&ready.server),
                    link: Arc::clone(&ready.link),
                    epoch: Arc::clone(&ready.epoch),
                };
                saying.spawn(async move {
                    let fill = |call: &mut Call<'_>| inner.fill_reassert(&organization, &ask, call);
                    let script = &inner.scripts.reassert;
                    inner.call_in(&organization, &ready, script, fill).await
                });
            }
            while let Some(said) = saying.join_next().await {
                said.map_err(|_gone| Fault::NotSent)??;
            }
        }
        Ok(())
    }

    /// Makes every counter unknown.
    pub(super) async fn renew(
        &self,
        organization: &Organization,
        ready: &Ready,
    ) -> Result<(), Fault> {
        let fill = |call: &mut Call<'_>| {
            call.arg(new_age());
        };
        self.call_in(organization, ready, &self.scripts.forget_all, fill)
            .await?;
        Ok(())
    }

    /// Calls a script in one epoch, and in no other.
    pub(super) async fn call_in<'a>(
        &'a self,
        organization: &Organization,
        ready: &Ready,
        script: &'a Script,
        fill: impl Fn(&mut Call<'a>),
    ) -> Result<Reply, Fault> {
        let call = calling(script, organization, &ready.epoch, &fill);
        let reply = self.call(&ready.server, &ready.link, &call).await?;
        if reply.word() == "EPOCH" {
            organization.lose();
            return Err(Fault::NotSent);
        }
        Ok(reply)
    }
}

fn calling<'a>(
    script: &'a Script,
    organization: &Organization,
    epoch: &str,
    fill: &impl Fn(&mut Call<'a>),
) -> Call<'a> {
    let mut call = script.call();
    call.key(organization.keys.one("m")).arg(epoch);
    fill(&mut call);
    call
}

fn is_epoch_of(epoch: &str, identity: &str) -> bool {
    epoch
        .strip_prefix(identity)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// A name by chance for the counters of one time.
pub(super) fn new_age() -> String {
    format!("{:012x}", random::bits() >> 16)
}
