//! The scripts, and what is passed to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use redis::Cmd;

use crate::counters::memory::Clock;

/// What asks for the server's time in scripts: the only clock that counts.
const ITS_TIME: &str = "local time = redis.call('TIME')\n\
                        local now = time[1] * 1000 + math.floor(time[2] / 1000)\n";

/// The same where a test says what time it is: the last argument.
const TOLD_TIME: &str = "local now = tonumber(ARGV[#ARGV])\n";

const PROLOGUE: &str = include_str!("lua/prologue.lua");

/// A script, by its hash.
#[derive(Clone, Debug)]
pub(super) struct Script {
    source: String,
    hash: String,
    /// What is told of the time, as the last argument.
    told: Option<Arc<AtomicU64>>,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Scripts {
    pub(super) reserve: Script,
    pub(super) extend: Script,
    pub(super) settle: Script,
    pub(super) open: Script,
    pub(super) seed: Script,
    pub(super) correct: Script,
    pub(super) keep_alive: Script,
    pub(super) expired: Script,
    pub(super) orphan: Script,
    pub(super) left: Script,
    pub(super) reassert: Script,
    pub(super) forget_all: Script,
    pub(super) beat: Script,
    pub(super) leave: Script,
    pub(super) fence: Script,
    pub(super) renounce: Script,
    pub(super) revoke: Script,
    pub(super) marker: Script,
    pub(super) epoch: Script,
}

impl Scripts {
    pub(super) fn new(clock: &Clock) -> Self {
        let of = |body: &str| Script::timed(body, clock);
        Self {
            reserve: of(include_str!("lua/reserve.lua")),
            extend: of(include_str!("lua/extend.lua")),
            settle: of(include_str!("lua/settle.lua")),
            open: of(include_str!("lua/open.lua")),
            seed: of(include_str!("lua/seed.lua")),
            correct: of(include_str!("lua/correct.lua")),
            keep_alive: of(include_str!("lua/keep_alive.lua")),
            expired: of(include_str!("lua/expired.lua")),
            orphan: of(include_str!("lua/orphan.lua")),
            left: of(include_str!("lua/left.lua")),
            reassert: of(include_str!("lua/reassert.lua")),
            forget_all: of(include_str!("lua/forget_all.lua")),
            // Nodes come and go by the server's clock, whatever a test says of the counters'.
            beat: Script::timed(include_str!("lua/beat.lua"), &Clock::System),
            leave: Script::timed(include_str!("lua/leave.lua"), &Clock::System),
            fence: Script::timed(include_str!("lua/fence.lua"), &Clock::System),
            renounce: of(include_str!("lua/renounce.lua")),
            revoke: Script::plain(include_str!("lua/revoke.lua").to_owned()),
            marker: Script::plain(include_str!("lua/marker.lua").to_owned()),
            epoch: Script::plain(include_str!("lua/epoch.lua").to_owned()),
        }
    }

    pub(super) fn all(&self) -> [&Script; 19] {
        [
            &self.reserve,
            &self.extend,
            &self.settle,
            &self.open,
            &self.seed,
            &self.correct,
            &self.keep_alive,
            &self.expired,
            &self.orphan,
            &self.left,
            &self.reassert,
            &self.forget_all,
            &self.beat,
            &self.leave,
            &self.fence,
            &self.renounce,
            &self.revoke,
            &self.marker,
            &self.epoch,
        ]
    }
}

impl Script {
    fn plain(source: String) -> Self {
        let hash = redis::Script::new(&source).get_hash().to_owned();
        Self {
            source,
            hash,
            told: None,
        }
    }

    fn timed(body: &str, clock: &Clock) -> Self {
        match clock {
            Clock::System => Self::plain([PROLOGUE, body].concat()),
            Clock::Set(told) => Self {
                told: Some(Arc::clone(told)),
                ..Self::plain([&PROLOGUE.replace(ITS_TIME, TOLD_TIME), body].concat())
            },
        }
    }

    /// What makes a server know it.
    pub(super) fn load(&self) -> Cmd {
        let mut load = redis::cmd("SCRIPT");
        load.arg("LOAD").arg(&self.source);
        load
    }

    /// A call of it.
    pub(super) fn call(&self) -> Call<'_> {
        Call {
            script: self,
            keys: Vec::new(),
            arguments: Vec::new(),
        }
    }
}

/// A call of a script: its keys, all that it touches, and its arguments.
pub(super) struct Call<'a> {
    pub(super) script: &'a Script,
    keys: Vec<String>,
    arguments: Vec<String>,
}

impl Call<'_> {
    pub(super) fn key(&mut self, key: String) -> &mut Self {
        self.keys.push(key);
        self
    }

    pub(super) fn arg(&mut self, argument: impl ToString) -> &mut Self {
        self.arguments.push(argument.to_string());
        self
    }

    /// As it is sent.
    pub(super) fn command(&self) -> Cmd {
        let mut command = redis::cmd("EVALSHA");
        command.arg(&self.script.hash).arg(self.keys.len());
        command.arg(&self.keys).arg(&self.arguments);
        if let Some(told) = &self.script.told {
            command.arg(told.load(Ordering::Relaxed));
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use super::{ITS_TIME, PROLOGUE, Scripts};
    use crate::counters::memory::Clock;
    use crate::counters::upkeep::CLOCK_JUMP_MS;

    #[test]
    fn the_scripts_ask_the_server_for_the_time_at_one_place() {
        assert_eq!(PROLOGUE.matches(ITS_TIME).count(), 1);
        assert_eq!(PROLOGUE.matches("'TIME'").count(), 1);
    }

    #[test]
    fn the_scripts_and_the_model_know_the_same_jump_of_clocks() {
        let line = format!("local CLOCK_JUMP_MS = {CLOCK_JUMP_MS}\n");
        assert!(PROLOGUE.contains(&line), "{line}");
    }

    #[test]
    fn no_script_writes_a_number_as_lua_does_by_itself() {
        for script in Scripts::new(&Clock::System).all() {
            assert!(!script.source.contains("tostring"), "{}", script.source);
        }
    }
}
