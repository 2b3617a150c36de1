//! How much has been used, and may this much more be? Two engines with one meaning: `memory` for
//! one node, `redis` for a fleet. The words of both are in [`operation`], their meaning is
//! `model`: a pure function of state, operation and time.
//!
//! Counters are a cache of the ledger. A counter that an engine does not have is *opened* and then
//! *seeded* from the ledger before it is trusted (by `opening`); so a restart, an emptied Redis, a
//! failover and a new budget are one case.

pub mod operation;
