//! Opening, seeding, correcting and forgetting counters.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::Inner;
use super::joining::new_age;
use super::keys::{CHANNEL, escape, unescape};
use super::link::Fault;
use super::organization::{Organization, SILENT_MS};
use super::script::Call;
use crate::counters::operation::{AttemptId, Correct, Open, Opened, Seed, Seeded};
use crate::counters::upkeep::kept_until;

/// The longest that an opening waits for other nodes: one that is dead is waited for 5 s.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked whether they are past the fence.
const LOOK: Duration = Duration::from_millis(20);

/// The longest pause before it is tried again to open.
const PAUSE_MS: u64 = 100;

impl Inner {
    pub(super) async fn open(self: &Arc<Self>, ask: &Open) -> Result<Opened, Fault> {
        let organization = self.organization(&ask.organization);
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let mut reply = self.ask_to_open(&organization, ask).await?;
            match reply.word() {
                "READY" => return Ok(Opened::Ready),
                "WAIT" => {
                    let wait_ms = reply.number::<u64>()?.min(PAUSE_MS);
                    sleep(Duration::from_millis(wait_ms)).await;
                }
                "WAITS" => {
                    let opening = reply.number()?;
                    let fence = reply.number()?;
                    let attempts = attempts(&reply.text()?);
                    self.pass(&organization, fence, started).await?;
                    return Ok(Opened::Waits { attempts, opening });
                }
                _ => return Err(reply.unexpected()),
            }
        }
        Err(Fault::NotSent)
    }

    async fn ask_to_open(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        ask: &Open,
    ) -> Result<super::reply::Reply, Fault> {
        let keys = &organization.keys;
        let fill = |call: &mut Call<'_>| {
            call.key(keys.one("rv")).key(keys.counter(&ask.counter.0));
            call.key(keys.one("n"));
            call.arg(escape(&ask.counter.0));
            call.arg(format!("\n{}\n", escape(&ask.scope)));
            call.arg(ask.window.0.0).arg(ask.window.1.0);
            call.arg(kept_until(ask.window).0).arg(ask.since.0);
            call.arg(ask.opening).arg(SILENT_MS);
            call.arg(CHANNEL).arg(&ask.organization);
        };
        self.run(organization, &self.scripts.open, fill).await
    }

    /// Waits until what other nodes had settled is in the ledger.
    async fn pass(
        self: &Arc<Self>,
        organization: &Arc<Organization>,
        fence: u64,
        started: Instant,
    ) -> Result<(), Fault> {
        let keys = &organization.keys;
        let fill = |call: &mut Call<'_>| {
            call.key(keys.one("n"));
            call.arg(&self.node).arg(fence).arg(SILENT_MS);
        };
        while started.elapsed() < PATIENCE {
            let mut reply = self.run(organization, &self.scripts.fence, fill).await?;
            if reply.number::<u64>()? == 0 {
                return Ok(());
            }
            sleep(LOOK).await;
        }
        Err(Fault::NotSent)
    }

    pub(super) async fn seed(self: &Arc<Self>, ask: &Seed) -> Result<Seeded, Fault> {
        let organization = self.organization(&ask.organization);
        let fill = |call: &mut Call<'_>| {
            call.key(organization.keys.counter(&ask.counter.0));
            call.arg(ask.settled.0).arg(ask.revision.0);
            call.arg(ask.opening);
        };
        let reply = self.run(&organization, &self.scripts.seed, fill).await?;
        match reply.word() {
            "READY" => Ok(Seeded::Ready),
            "VOID" => Ok(Seeded::Void),
            _ => Err(reply.unexpected()),
        }
    }

    pub(super) async fn correct(self: &Arc<Self>, ask: &Correct) -> Result<(), Fault> {
        let organization = self.organization(&ask.organization);
        let fill = |call: &mut Call<'_>| {
            call.key(organization.keys.counter(&ask.counter.0));
            call.arg(ask.amount.0).arg(ask.revision.0);
            call.arg(kept_until(ask.window).0);
        };
        self.run(&organization, &self.scripts.correct, fill).await?;
        Ok(())
    }

    pub(super) async fn forget_all(self: &Arc<Self>, id: &Arc<str>) -> Result<(), Fault> {
        let organization = self.organization(id);
        let fill = |call: &mut Call<'_>| {
            call.arg(new_age());
        };
        self.run(&organization, &self.scripts.forget_all, fill)
            .await?;
        Ok(())
    }
}

/// Sorted, as the model has them.
fn attempts(lines: &str) -> Vec<AttemptId> {
    let names = lines.lines().map(|name| AttemptId(unescape(name).into()));
    let mut attempts: Vec<_> = names.collect();
    attempts.sort();
    attempts
}
