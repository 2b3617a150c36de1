//! A password: typed twice on a terminal that does not show it, or a line of standard input. Never an
//! argument, which everybody on the machine may read.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use domain::keys::Secret;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::commands::refusal::Refusal;

/// More is no password of ours.
const MOST_BYTES: u64 = 4_096;

/// Asks for a password.
///
/// # Errors
/// When there is none, or the two that were typed are not the same.
pub fn ask(prompt: &str) -> Result<Secret, Refusal> {
    let input = io::stdin();
    if !input.is_terminal() {
        return line().and_then(some);
    }
    let silenced = Silenced::begin()?;
    say(prompt);
    let first = line();
    say("\nThe same again: ");
    let again = line();
    say("\n");
    drop(silenced);
    let (first, again) = (first?, again?);
    if first != again {
        return Err(Refusal::Refused(
            "these two are not the same; nothing was changed".to_owned(),
        ));
    }
    some(first)
}

fn some(password: String) -> Result<Secret, Refusal> {
    if password.is_empty() {
        return Err(Refusal::Usage(
            "no password was given: type it on a terminal, or write it to standard input"
                .to_owned(),
        ));
    }
    Ok(Secret::new(password))
}

fn line() -> Result<String, Refusal> {
    let mut text = String::new();
    io::stdin()
        .lock()
        .take(MOST_BYTES)
        .read_line(&mut text)
        .map_err(|cause| Refusal::Refused(format!("cannot read the password: {cause}")))?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

fn say(text: &str) {
    let mut terminal = io::stderr();
    let _closed = terminal.write_all(text.as_bytes());
    let _closed = terminal.flush();
}

/// A terminal that does not show what is typed, while this lives.
struct Silenced {
    before: Termios,
}

impl Silenced {
    fn begin() -> Result<Self, Refusal> {
        let refused = |cause| Refusal::Refused(format!("cannot silence the terminal: {cause}"));
        let before = tcgetattr(io::stdin()).map_err(refused)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent).map_err(refused)?;
        Ok(Self { before })
    }
}

impl Drop for Silenced {
    fn drop(&mut self) {
        let _gone = tcsetattr(io::stdin(), OptionalActions::Flush, &self.before);
    }
}
