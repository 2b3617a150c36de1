//! Administration on the command line: one file per noun, over the actions of the admin side.

mod admin;
pub(crate) mod answer;
mod audit;
mod import_litellm;
mod journal;
mod key_tables;
mod keys;
mod listing;
pub(crate) mod operator;
mod organizations;
mod password;
mod policy_flags;
pub(crate) mod refusal;
mod table;
mod teams;
mod users;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::Flags;
use crate::commands::answer::{Answer, Said};
use crate::commands::operator::Operator;
use crate::commands::refusal::Refusal;
use crate::config::environment::Environment;

/// What is administered.
#[derive(Debug, Subcommand)]
pub enum Noun {
    /// Virtual keys: what callers send
    Keys(Command<keys::Verb>),
    /// Teams
    Teams(Command<teams::Verb>),
    /// People
    Users(Command<users::Verb>),
    /// Organizations
    Orgs(Command<organizations::Verb>),
    /// Administrators of the platform
    Admin(Command<admin::Verb>),
    /// The audit trail
    Audit(Command<audit::Verb>),
    /// What nodes have written and not shipped
    Journal(Command<journal::Verb>),
    /// Bring tenants, keys, budgets, spend and models of LiteLLM's database here
    ImportLitellm(Import),
}

/// One noun with its verb.
#[derive(Debug, Args)]
pub struct Command<V: Subcommand> {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    verb: V,
}

/// The import with what every command takes.
#[derive(Debug, Args)]
pub struct Import {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(flatten)]
    flags: import_litellm::ImportFlags,
}

/// What every command takes: where the store is, and for whom the answer is.
#[derive(Clone, Debug, Args)]
pub struct Everywhere {
    /// The configuration file, as for serving
    #[arg(short, long, value_name = "FILE", global = true)]
    config: Option<String>,
    /// Where the gateway keeps its files [default: ./headgate-data]
    #[arg(long, value_name = "FOLDER", global = true)]
    data_dir: Option<PathBuf>,
    /// Do not change the database's schema: refuse to work on an old one
    #[arg(long, global = true)]
    no_migrate: bool,
    /// Answer with JSON, for programs
    #[arg(long, global = true)]
    json: bool,
}

impl Everywhere {
    /// The flags of serving that say where the store is.
    fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            data_dir: self.data_dir.clone(),
            no_migrate: self.no_migrate,
            ..Flags::default()
        }
    }
}

/// Does what a command says, and says what came of it.
#[must_use]
pub fn run(noun: Noun, environment: &Environment) -> Said {
    match noun {
        Noun::Keys(command) => done(&command.everywhere, environment, async |operator| {
            keys::run(operator, command.verb).await
        }),
        Noun::Teams(command) => done(&command.everywhere, environment, async |operator| {
            teams::run(operator, command.verb).await
        }),
        Noun::Users(command) => done(&command.everywhere, environment, async |operator| {
            users::run(operator, command.verb).await
        }),
        Noun::Orgs(command) => done(&command.everywhere, environment, async |operator| {
            organizations::run(operator, command.verb).await
        }),
        Noun::Admin(command) => done(&command.everywhere, environment, async |operator| {
            admin::run(operator, command.verb).await
        }),
        Noun::Audit(command) => done(&command.everywhere, environment, async |operator| {
            audit::run(operator, command.verb).await
        }),
        Noun::Journal(command) if !command.verb.needs_store() => {
            let flags = command.everywhere.flags();
            let answered = journal::read(&flags, environment, &command.verb);
            said(answered, command.everywhere.json)
        }
        Noun::Journal(command) => done(&command.everywhere, environment, async |operator| {
            journal::run(operator, command.verb).await
        }),
        Noun::ImportLitellm(Import { everywhere, flags }) => {
            let file = everywhere.config.clone();
            done(&everywhere, environment, async |operator| {
                import_litellm::run(operator, file.as_deref(), flags).await
            })
        }
    }
}

/// Opens the store, does one thing with it, and says what came of it.
fn done(
    everywhere: &Everywhere,
    environment: &Environment,
    action: impl AsyncFnOnce(&Operator) -> Result<Answer, Refusal>,
) -> Said {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let answered = match runtime {
        Ok(runtime) => runtime.block_on(async {
            let operator = Operator::open(&everywhere.flags(), environment).await?;
            action(&operator).await
        }),
        Err(cause) => Err(Refusal::Refused(format!("cannot start: {cause}"))),
    };
    said(answered, everywhere.json)
}

fn said(answered: Result<Answer, Refusal>, json: bool) -> Said {
    match answered {
        Ok(answer) => answer.said(json),
        Err(refusal) => refusal.said(json),
    }
}
