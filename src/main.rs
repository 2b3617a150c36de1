//! Starts the gateway, or does what the command line asks instead.

use std::io::Write;
use std::process::ExitCode;

use headgate::banner;
use headgate::cli::{self, Outcome};
use headgate::config::environment::Environment;

fn main() -> ExitCode {
    let environment = Environment::of_process();
    let arguments = std::env::args_os().collect();
    let mut out = std::io::stdout();
    let start = match cli::run(arguments, &environment, &mut out) {
        Outcome::Exit(code) => return ExitCode::from(code),
        Outcome::Serve(start) => start,
    };
    let gateway = &start.loaded.config.gateway;
    let address = format!("http://{}:{}", gateway.host(), gateway.port());
    let lines = banner::banner(&start.loaded.config, &start.loaded.report, &address);
    let _closed_terminal = write!(out, "{lines}");
    let _closed_terminal = writeln!(std::io::stderr(), "this build has no server");
    ExitCode::FAILURE
}
