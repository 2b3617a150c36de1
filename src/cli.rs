//! The command line: our flags, and LiteLLM's in both spellings.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

use admin_api::settings::{ConfiguredValue, ValueSource};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::check;
use crate::commands::{self, Noun};
use crate::config::environment::Environment;
use crate::config::gateway::{GatewaySettings, LogLevel, TlsFiles};
use crate::config::report::Refused;
use crate::config::{self, Loaded, effective, schema};
use crate::demo::Demo;
use crate::litellm_flags;
use crate::storage;

/// An AI gateway: one OpenAI-compatible address in front of every model provider.
#[derive(Debug, Parser)]
#[command(
    name = "headgate",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Serving is the default command: `headgate --config FILE` is `headgate serve --config FILE`.\nWithout a file, every provider whose key is in the environment is offered as provider/*.\nFlags count before variables (HEADGATE_PORT, ...), variables before the file."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve requests (the default)
    Serve(Flags),
    /// Say what the gateway thinks of a configuration file; exit 0: nothing to say, 1: warnings, 78: refused
    Check(CheckFlags),
    /// Bring the database's schema up to date, and do nothing else
    Migrate(Flags),
    #[command(flatten)]
    Administer(Noun),
    /// Print the JSON Schema of the configuration file
    Schema,
    /// Print the version
    Version,
}

/// What `headgate check` is asked.
#[derive(Clone, Debug, Args)]
pub struct CheckFlags {
    /// The configuration file
    #[arg(value_name = "FILE")]
    pub file: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,
}

/// Which part of the gateway a process is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Both, behind one address
    #[default]
    All,
    /// Requests to models alone
    DataPlane,
    /// The admin API and the console alone
    Admin,
}

impl Role {
    /// As it is written on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::DataPlane => "data-plane",
            Self::Admin => "admin",
        }
    }
}

/// What serving is asked; every flag counts before the variable and the file.
#[derive(Clone, Debug, Default, Args)]
pub struct Flags {
    /// The configuration file (LiteLLM's config.yaml)
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<String>,
    /// The port to listen on [default: 4000]
    #[arg(short, long, value_name = "N")]
    pub port: Option<u16>,
    /// The address to listen on [default: 127.0.0.1 without a master key, 0.0.0.0 with one]
    #[arg(long, value_name = "ADDRESS")]
    pub host: Option<String>,
    /// Threads that serve [default: one for each core]
    #[arg(long, value_name = "N", aliases = ["num_workers", "num-workers"], value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Where the gateway keeps its files [default: ./headgate-data]
    #[arg(long, value_name = "FOLDER", alias = "data_dir")]
    pub data_dir: Option<PathBuf>,
    /// Which part of the gateway this process is
    #[arg(long, value_enum, default_value_t = Role::All)]
    pub role: Role,
    /// Do not change the database's schema: refuse to start on an old one
    #[arg(long, alias = "no_migrate")]
    pub no_migrate: bool,
    /// PEM file of the certificate chain: turns TLS on
    #[arg(long, value_name = "FILE", aliases = ["ssl_certfile_path", "ssl-certfile-path", "ssl_certfile"], requires = "ssl_keyfile")]
    pub ssl_certfile: Option<PathBuf>,
    /// PEM file of the private key
    #[arg(long, value_name = "FILE", aliases = ["ssl_keyfile_path", "ssl-keyfile-path", "ssl_keyfile"], requires = "ssl_certfile")]
    pub ssl_keyfile: Option<PathBuf>,
    /// error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", alias = "log_level", value_parser = level)]
    pub log_level: Option<LogLevel>,
    /// The same as --log-level debug
    #[arg(long)]
    pub debug: bool,
    /// The same as --log-level trace; prompts and keys are never logged
    #[arg(long, alias = "detailed_debug")]
    pub detailed_debug: bool,
    /// Treat warnings about the configuration as errors
    #[arg(long)]
    pub strict: bool,
    /// Serve a throw-away store with three months of made-up traffic, for a look around
    #[arg(long)]
    pub demo: bool,
}

fn level(word: &str) -> Result<LogLevel, String> {
    LogLevel::parse(word).ok_or_else(|| "write error, warn, info, debug or trace".to_owned())
}

impl Flags {
    /// Puts the flags over what the environment and the file say.
    pub fn apply(&self, gateway: &mut GatewaySettings) {
        let listen = &mut gateway.listen;
        listen.port = self.port.or(listen.port);
        listen.threads = self.threads.or(listen.threads);
        if let Some(host) = &self.host {
            listen.host = Some(host.clone());
        }
        if let (Some(certificate), Some(key)) = (&self.ssl_certfile, &self.ssl_keyfile) {
            listen.tls = Some(TlsFiles {
                certificate_file: certificate.clone(),
                key_file: key.clone(),
            });
        }
        if let Some(folder) = &self.data_dir {
            gateway.data_dir = Some(folder.clone());
        }
        if self.debug {
            gateway.log.level = LogLevel::Debug;
        }
        if self.detailed_debug {
            gateway.log.level = LogLevel::Trace;
        }
        if let Some(level) = self.log_level {
            gateway.log.level = level;
        }
    }

    /// Loads the configuration again, as at the start: for the reload too.
    ///
    /// # Errors
    /// When the file cannot mean anything, or `--strict` finds a warning.
    pub fn load(&self, environment: &Environment) -> Result<Loaded, Refused> {
        let variables = ["HEADGATE_CONFIG", "CONFIG_FILE_PATH"];
        let from_variable = environment.first(&variables).map(|(_, file)| file);
        let mut loaded = match self.config.as_deref().or(from_variable) {
            Some(file) => config::load_file(file, environment)?,
            None => config::without_file(environment)?,
        };
        if self.strict {
            loaded.report.make_strict();
        }
        if loaded.report.has_faults() {
            return Err(Refused {
                report: loaded.report,
            });
        }
        self.apply(&mut loaded.config.gateway);
        self.put_over(&mut loaded.config.effective);
        Ok(loaded)
    }

    /// Says of the values that flags replace that they do.
    fn put_over(&self, values: &mut Vec<ConfiguredValue>) {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let number = |number: Option<u16>| number.map(|number| number.to_string());
        let flags = [
            ("headgate.port", "--port", number(self.port)),
            ("headgate.host", "--host", self.host.clone()),
            ("headgate.threads", "--threads", number(self.threads)),
            ("headgate.data_dir", "--data-dir", path(&self.data_dir)),
            (
                "headgate.tls_certificate_file",
                "--ssl-certfile",
                path(&self.ssl_certfile),
            ),
        ];
        for (path, name, text) in flags {
            let name = name.to_owned();
            if let Some(text) = text {
                effective::put_over(values, path, (&text, ValueSource::Flag { name }));
            }
        }
    }
}

/// A gateway that is to be served.
pub struct Start {
    /// For the reload.
    pub flags: Flags,
    /// What it runs on.
    pub loaded: Loaded,
    /// The demo that it is; none in earnest.
    pub demo: Option<Demo>,
}

/// What the command line came to.
pub enum Outcome {
    /// The process ends with this code.
    Exit(u8),
    /// The gateway is to be served.
    Serve(Box<Start>),
}

/// Does what the command line asks, and writes what it has to say to `out`.
pub fn run(arguments: Vec<OsString>, environment: &Environment, out: &mut dyn Write) -> Outcome {
    let (arguments, foreign) = match serves(&arguments) {
        true => litellm_flags::take_out(arguments),
        // The other commands have flags of the same names.
        false => (arguments, Vec::new()),
    };
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            return said(out, &error.render().to_string(), code);
        }
    };
    match cli.command {
        Some(Command::Check(flags)) => check(&flags, environment, out),
        Some(Command::Schema) => said(out, &schema::text(), 0),
        Some(Command::Version) => {
            let version = concat!("headgate ", env!("CARGO_PKG_VERSION"), "\n");
            said(out, version, 0)
        }
        Some(Command::Administer(noun)) => {
            let said = commands::run(noun, environment);
            let _closed_terminal = std::io::stderr().write_all(said.notes.as_bytes());
            self::said(out, &said.out, said.code)
        }
        Some(Command::Migrate(flags)) => migrate(&flags, environment, out),
        Some(Command::Serve(flags)) => serve(flags, &foreign, environment, out),
        None if foreign.contains(&"--validate_config".to_owned()) => {
            let flags = CheckFlags {
                file: cli.flags.config.unwrap_or_default(),
                json: false,
                strict: cli.flags.strict,
            };
            check(&flags, environment, out)
        }
        None => serve(cli.flags, &foreign, environment, out),
    }
}

/// Whether this is the command line of a server: no command is named, or `serve` is.
fn serves(arguments: &[OsString]) -> bool {
    let first = arguments.get(1).and_then(|argument| argument.to_str());
    first.is_none_or(|first| first == "serve" || first.starts_with('-'))
}

fn check(flags: &CheckFlags, environment: &Environment, out: &mut dyn Write) -> Outcome {
    let checked = check::check(flags, environment);
    said(out, &checked.text, checked.exit_code)
}

fn serve(
    mut flags: Flags,
    foreign: &[String],
    environment: &Environment,
    out: &mut dyn Write,
) -> Outcome {
    if !foreign.is_empty() {
        let line = format!("not in effect: {}\n", foreign.join(", "));
        let _closed_terminal = out.write_all(line.as_bytes());
    }
    let demo = match flags.demo {
        true => Demo::prepare(&mut flags, environment).map(Some),
        false => Ok(None),
    };
    let demo = match demo {
        Ok(demo) => demo,
        Err(refusal) => return said(out, &format!("headgate: {refusal}\n"), Refused::EXIT_CODE),
    };
    let environment = demo.as_ref().map_or(environment, |demo| &demo.environment);
    match flags.load(environment) {
        Ok(loaded) => Outcome::Serve(Box::new(Start {
            flags,
            loaded,
            demo,
        })),
        Err(refused) => {
            let text = format!("{refused}the gateway does not start with this configuration\n");
            said(out, &text, Refused::EXIT_CODE)
        }
    }
}

fn migrate(flags: &Flags, environment: &Environment, out: &mut dyn Write) -> Outcome {
    if flags.demo {
        let text = "headgate: --demo belongs to `headgate serve`; a demo's store is always new\n";
        return said(out, text, 2);
    }
    match flags.load(environment) {
        Ok(loaded) => {
            let (text, code) = storage::migrate_only(&loaded.config.gateway);
            said(out, &text, code)
        }
        Err(refused) => said(out, &refused.to_string(), Refused::EXIT_CODE),
    }
}

fn said(out: &mut dyn Write, text: &str, code: u8) -> Outcome {
    let _closed_terminal = out.write_all(text.as_bytes());
    let _closed_terminal = out.flush();
    Outcome::Exit(code)
}
