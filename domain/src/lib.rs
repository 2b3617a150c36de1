//! The words of the gateway, shared by every crate; imports nothing of ours.
//!
//! | module | words |
//! |---|---|
//! | [`ids`] | request, attempt and deployment ids |
//! | [`time`] | the clock, a time stamp in milliseconds |
//! | [`spans`] | `30s`, `24h`, `30d`, `1mo` |
//! | [`lifetimes`] | when a key ends |
//! | [`windows`] | over which time a budget counts, in which zone |
//! | [`money`] | nano-dollars, pico-dollars per unit, decimal text |
//! | [`usage`] | what a provider counted, by kind |
//! | [`prices`] | what a unit costs, and the charge of a usage |
//! | [`keys`] | secrets that cannot be printed, virtual keys and their hashes |
//! | [`randomness`] | random bytes for secrets |
//! | [`hex`] | bytes as hexadecimal text |
//! | [`sealed`] | credentials at rest |
//! | [`passwords`] | which are taken, how they are kept |
//! | [`audit`] | who changed what, and the chain that shows every change of that |
//! | [`addresses`] | where a key may be used from, where a provider may be |
//! | [`routing`] | deployments, model groups, fallbacks, strategies |

pub mod addresses;
pub mod audit;
pub mod hex;
pub mod ids;
pub mod keys;
pub mod lifetimes;
mod macs;
pub mod money;
pub mod passwords;
pub mod prices;
pub mod randomness;
pub mod routing;
pub mod sealed;
pub mod spans;
pub mod time;
pub mod usage;
pub mod windows;
