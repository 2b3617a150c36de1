//! The process that keeps Redis servers, and ends with the test's process.

use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const SCRIPT: &str = include_str!("keeper.sh");

/// How many ports are tried before a fault is taken for more than a taken port.
const TRIES: usize = 5;

/// Whose server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `redis-server`, 7 or newer.
    Redis,
    /// `valkey-server`.
    Valkey,
}

impl Kind {
    const fn programs(self) -> (&'static str, &'static str) {
        match self {
            Self::Redis => ("redis-server", "redis-cli"),
            Self::Valkey => ("valkey-server", "valkey-cli"),
        }
    }

    /// Whether its programs are on this machine.
    #[must_use]
    pub fn is_installed(self) -> bool {
        let (server, cli) = self.programs();
        find(server).is_some() && find(cli).is_some()
    }
}

/// Where a program is in `PATH`.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut files = std::env::split_paths(&path).map(|folder| folder.join(program));
    files.find(|file| file.is_file())
}

/// A shell that keeps servers in a directory of its own. It ends, and they with it, when the pipe to
/// it closes: when this is dropped, or this process has gone, by whatever signal.
pub struct Keeper {
    child: Child,
    orders: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
}

impl Keeper {
    /// Nothing runs yet.
    ///
    /// # Panics
    /// When the programs are not installed, or the temporary directory is not writable.
    pub fn begin(kind: Kind) -> Self {
        let (server, cli) = kind.programs();
        let find = |program| {
            find(program)
                .unwrap_or_else(|| panic!("{program} is needed; ./scripts/test installs it"))
        };
        let directory = tempfile::Builder::new()
            .prefix("headgate-redis-")
            .tempdir()
            .expect("the temporary directory is writable");
        let mut child = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "keeper.sh"])
            .args([&find(server), &find(cli), directory.path()])
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("LC_ALL", "C")
            .current_dir("/")
            // A signal from the terminal is for the tests; the end of their process reaches it by the pipe.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("there is a shell");
        // From here on the shell removes it.
        drop(directory.keep());
        let replies = child.stdout.take().expect("it is piped");
        Self {
            orders: child.stdin.take(),
            replies: BufReader::new(replies),
            child,
        }
    }

    /// Starts a server on a port that is free, and says which. The arguments are made for the port.
    ///
    /// # Panics
    /// When it does not start; the message has its last words.
    pub fn start_anywhere(&mut self, name: &str, arguments: &[&str]) -> u16 {
        let mut replies = Vec::new();
        for _ in 0..TRIES {
            let port = free_port();
            let reply = self.start_once(name, port, arguments);
            if reply == "started" {
                return port;
            }
            replies.push(reply);
        }
        panic!("Redis does not start: {replies:?}");
    }

    /// Starts the server on this port, on the data that it left.
    ///
    /// # Panics
    /// When it does not start; the message has its last words.
    pub fn start(&mut self, name: &str, port: u16, arguments: &[&str]) {
        assert_eq!(self.start_once(name, port, arguments), "started");
    }

    fn start_once(&mut self, name: &str, port: u16, arguments: &[&str]) -> String {
        self.order(&format!("start {name} {port} {}", arguments.join(" ")))
    }

    /// `kill`, `pause` or `resume`.
    ///
    /// # Panics
    /// When there is no such server.
    pub fn signal(&mut self, order: &str, name: &str) {
        assert_eq!(self.order(&format!("{order} {name}")), "done");
    }

    fn order(&mut self, order: &str) -> String {
        let orders = self.orders.as_mut().expect("it is open until the end");
        writeln!(orders, "{order}").expect("the keeper takes orders");
        let mut line = String::new();
        self.replies
            .read_line(&mut line)
            .expect("the keeper answers");
        line.trim_end().to_owned()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.orders.take());
        // So that nothing is left when the test's process ends. A fault shows nowhere else.
        let _ended = self.child.wait();
    }
}

/// A port that is free now, below those that the system gives out by itself (32768 and up): so
/// nobody takes it while a server is away that will come back to it.
pub fn free_port() -> u16 {
    let start = RandomState::new().hash_one(0_u8);
    let ports = (0..10_000_u64).map(|step| 20_000 + start.wrapping_add(step) % 10_000);
    ports
        .filter_map(|port| u16::try_from(port).ok())
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("one of ten thousand ports is free")
}
