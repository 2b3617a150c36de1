//! How much has been used, and may this much more be? Two engines with one meaning: `memory` for
//! one node, `redis` for a fleet. The words of both are in [`operation`] and [`upkeep`], their
//! meaning is [`model`]: a pure function of state, operation and time.
//!
//! Counters are a cache of the ledger. A counter that an engine does not have is *opened* and then
//! *seeded* from the ledger before it is trusted (by [`openings`]); so a restart, an emptied Redis, a
//! failover and a new budget are one case.

use std::sync::Arc;

use domain::time::TimestampMs;
use thiserror::Error;

pub use memory::Memory;
use operation::{
    Correct, Extend, Extended, Open, Opened, Reserve, Reserved, Seed, Seeded, Settle, Settled,
};
pub use redis::Redis;
use upkeep::{KeepAlive, Reassert, Reasserted, Revoke, Sweep, Swept};

pub mod fences;
pub mod memory;
pub mod model;
pub mod opening;
pub mod openings;
pub mod operation;
mod quick_map;
pub mod reconciling;
pub mod redis;
pub mod upkeep;

/// The counters cannot be reached. Whether what was asked has been done is not known: every question
/// may be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the counters cannot be reached")]
pub struct Away;

/// The engine that counts.
pub enum Counters {
    /// In this process.
    Memory(Memory),
    /// In Redis, for a fleet.
    Redis(Redis),
}

impl Counters {
    /// The engine in this process, which answers without waiting.
    #[must_use]
    pub const fn as_memory(&self) -> Option<&Memory> {
        match self {
            Self::Memory(memory) => Some(memory),
            Self::Redis(_) => None,
        }
    }

    /// Holds what an attempt asks for: all of it, or nothing.
    ///
    /// # Errors
    /// [`Away`], as all of these.
    pub async fn reserve(&self, ask: &Reserve) -> Result<Reserved, Away> {
        match self {
            Self::Memory(memory) => Ok(memory.reserve(ask)),
            Self::Redis(redis) => redis.reserve(ask).await,
        }
    }

    /// Makes an attempt's hold larger or smaller.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn extend(&self, ask: &Extend) -> Result<Extended, Away> {
        match self {
            Self::Memory(memory) => Ok(memory.extend(ask)),
            Self::Redis(redis) => redis.extend(ask).await,
        }
    }

    /// Puts an attempt's charge in the place of its hold.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn settle(&self, ask: &Settle) -> Result<Settled, Away> {
        match self {
            Self::Memory(memory) => Ok(memory.settle(ask)),
            Self::Redis(redis) => redis.settle(ask).await,
        }
    }

    /// Takes from rates and parallel requests only, while the counters are away: this node's share of
    /// them. None where they never are.
    #[must_use]
    pub fn reserve_locally(&self, ask: &Reserve) -> Option<Reserved> {
        match self {
            Self::Memory(_) => None,
            Self::Redis(redis) => Some(redis.reserve_locally(ask)),
        }
    }

    /// Ends what was taken by [`Counters::reserve_locally`].
    pub fn settle_locally(&self, ask: &Settle) {
        match self {
            Self::Memory(memory) => drop(memory.settle(ask)),
            Self::Redis(redis) => drop(redis.settle_locally(ask)),
        }
    }

    /// Settles an attempt without waiting for it: from where a request ends.
    pub fn settle_soon(&self, ask: Settle) {
        match self {
            Self::Memory(memory) => drop(memory.settle(&ask)),
            Self::Redis(redis) => redis.settle_later(ask),
        }
    }

    /// Begins a counter.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn open(&self, ask: &Open) -> Result<Opened, Away> {
        match self {
            Self::Memory(memory) => Ok(memory.open(ask)),
            Self::Redis(redis) => redis.open(ask).await,
        }
    }

    /// Gives an opened counter what the ledger has.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn seed(&self, ask: &Seed) -> Result<Seeded, Away> {
        match self {
            Self::Memory(memory) => Ok(memory.seed(ask)),
            Self::Redis(redis) => redis.seed(ask).await,
        }
    }

    /// Corrects a counter.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn correct(&self, ask: &Correct) -> Result<(), Away> {
        match self {
            Self::Memory(memory) => memory.correct(ask),
            Self::Redis(redis) => redis.correct(ask).await?,
        }
        Ok(())
    }

    /// Says that requests go on.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn keep_alive(&self, ask: &KeepAlive) -> Result<(), Away> {
        match self {
            Self::Memory(memory) => memory.keep_alive(ask),
            Self::Redis(redis) => redis.keep_alive(ask).await?,
        }
        Ok(())
    }

    /// Says an attempt again that the engine may have lost.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn reassert(&self, ask: &Reassert) -> Result<Reasserted, Away> {
        match self {
            Self::Memory(memory) => Ok(memory.reassert(ask)),
            Self::Redis(redis) => redis.reassert(ask).await,
        }
    }

    /// Looks for attempts that gave no sign of life.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn sweep(&self, ask: &Sweep) -> Result<Swept, Away> {
        match self {
            Self::Memory(memory) => Ok(memory.sweep(ask)),
            Self::Redis(redis) => redis.sweep(ask).await,
        }
    }

    /// Makes every counter of an organization unknown: its ledger was rewritten. What is under way
    /// stays.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn forget_all(&self, organization: &Arc<str>) -> Result<(), Away> {
        match self {
            Self::Memory(memory) => memory.forget_all(organization),
            Self::Redis(redis) => redis.forget_all(organization).await?,
        }
        Ok(())
    }

    /// Takes away the right to reserve.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn revoke(&self, ask: &Revoke) -> Result<(), Away> {
        match self {
            Self::Memory(memory) => memory.revoke(ask),
            Self::Redis(redis) => redis.revoke(ask).await?,
        }
        Ok(())
    }

    /// Gives the right to reserve back.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn restore(&self, ask: &Revoke) -> Result<(), Away> {
        match self {
            Self::Memory(memory) => memory.restore(ask),
            Self::Redis(redis) => redis.restore(ask).await?,
        }
        Ok(())
    }

    /// How long the engine waits for a sign of life of an attempt. What is in this process cannot die
    /// without it: its attempts hold, and its requests count as parallel ones, until they end.
    #[must_use]
    pub const fn time_to_live_ms(&self) -> u64 {
        match self {
            Self::Memory(_) => 365 * 24 * 60 * 60 * 1_000,
            Self::Redis(_) => redis::TIME_TO_LIVE_MS,
        }
    }

    /// What time it is by the counters' clock, as far as this node knows: it decides windows.
    #[must_use]
    pub fn now(&self) -> TimestampMs {
        match self {
            Self::Memory(memory) => memory.now(),
            Self::Redis(redis) => redis.now(),
        }
    }
}
