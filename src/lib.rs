//! The binary's parts: the only place that knows every crate.
//!
//! | module | purpose |
//! |---|---|
//! | [`cli`] | the command line |
//! | [`commands`] | `headgate keys`, `teams` … |
//! | [`config`] | the configuration file |
//! | [`check`] | `headgate check` |
//! | [`demo`] | `headgate serve --demo` |
//! | [`assemble`] | configuration to a gateway: the diagram of the system |
//! | [`data_dir`], [`storage`] | the folder; the store in it or elsewhere, and its keys |
//! | [`tables`], [`stored_deployments`] | the models of the file and the store together |
//! | [`governing`], [`earlier_runs`] | counters and journal; what earlier runs left |
//! | [`presence`] | this process among the nodes |
//! | [`control`], [`fleet`], [`admin`] | what runs beside the requests; what nodes tell each other; the admin side |
//! | [`serve`], [`reload`] | listening, signals, a changed configuration |
//! | [`banner`], [`telemetry`] | what is said on the terminal and in the log |

pub mod admin;
pub mod assemble;
pub mod banner;
pub mod check;
pub mod cli;
pub mod commands;
pub mod config;
pub mod control;
pub mod data_dir;
pub mod demo;
mod earlier_runs;
mod fleet;
pub mod governing;
mod litellm_flags;
pub mod presence;
pub mod reload;
pub mod serve;
pub mod storage;
pub mod stored_deployments;
pub mod tables;
pub mod telemetry;
