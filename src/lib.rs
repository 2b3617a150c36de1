//! The binary's parts: the only place that knows every crate.
//!
//! | module | purpose |
//! |---|---|
//! | [`cli`] | the command line |
//! | [`config`] | the configuration file |
//! | [`check`] | `headgate check` |
//! | [`banner`] | the first lines on the terminal |

pub mod banner;
pub mod check;
pub mod cli;
pub mod config;
mod litellm_flags;
