//! The words of the gateway, shared by every crate; imports nothing of ours.
//!
//! | module | words |
//! |---|---|
//! | [`ids`] | request, attempt and deployment ids |
//! | [`time`] | the clock, a time stamp in milliseconds |
//! | [`money`] | nano-dollars, pico-dollars per unit, decimal text |
//! | [`usage`] | what a provider counted, by kind |
//! | [`prices`] | what a unit costs, and the charge of a usage |
//! | [`keys`] | secrets that cannot be printed |
//! | [`routing`] | deployments, model groups, fallbacks, strategies |

pub mod decimal;
pub mod ids;
pub mod keys;
pub mod money;
pub mod prices;
pub mod routing;
pub mod time;
pub mod usage;
