//! Starts the gateway, or does what the command line asks instead.

use std::process::ExitCode;

use headgate::cli::{self, Outcome};
use headgate::config::environment::Environment;
use headgate::serve;

fn main() -> ExitCode {
    let environment = Environment::of_process();
    let arguments = std::env::args_os().collect();
    let mut out = std::io::stdout();
    match cli::run(arguments, &environment, &mut out) {
        Outcome::Exit(code) => ExitCode::from(code),
        Outcome::Serve(start) => serve::serve(*start, &environment, &mut out),
    }
}
