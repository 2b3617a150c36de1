//! The binary's parts: the only place that knows every crate.
//!
//! | module | purpose |
//! |---|---|
//! | [`cli`] | the command line |
//! | [`config`] | the configuration file |
//! | [`check`] | `headgate check` |
//! | [`assemble`] | configuration to a node: the diagram of the system |
//! | [`serve`], [`reload`] | listening, signals, a changed configuration |
//! | [`banner`], [`telemetry`] | what is said on the terminal and in the log |

pub mod assemble;
pub mod banner;
pub mod check;
pub mod cli;
pub mod config;
mod litellm_flags;
pub mod reload;
pub mod serve;
pub mod telemetry;
