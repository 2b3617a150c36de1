//! The process that keeps a PostgreSQL, and ends with the test's process.

use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::postgres::installation;

const SCRIPT: &str = include_str!("watcher.sh");

/// How many ports are tried before a fault is taken for more than a taken port.
const TRIES: usize = 5;

/// A shell that keeps one cluster in a directory of its own. It ends when the pipe to it closes:
/// when this is dropped, or this process has gone, by whatever signal.
pub struct Watcher {
    child: Child,
    orders: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
}

impl Watcher {
    /// Makes a cluster. Nothing runs yet.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or the temporary directory is not for its user.
    pub fn begin() -> Self {
        let binaries = installation::binaries();
        let directory = tempfile::Builder::new()
            .prefix("headgate-postgres-")
            .tempdir()
            .expect("the temporary directory is writable");
        let mut command = Command::new("/bin/sh");
        let owner = std::fs::metadata(directory.path())
            .expect("it is there")
            .uid();
        if owner == 0 {
            let (user, group) = installation::user_in_roots_place();
            chown(directory.path(), Some(user), Some(group)).expect("root may give it away");
            command.uid(user).gid(group);
        }
        let mut child = command
            .args(["-c", SCRIPT, "watcher.sh"])
            .args([&binaries, directory.path()])
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
        let mut watcher = Self {
            orders: child.stdin.take(),
            replies: BufReader::new(replies),
            child,
        };
        let reply = watcher.reply();
        assert_eq!(reply, "made", "PostgreSQL in {}", binaries.display());
        watcher
    }

    /// Starts the server on a port that is free, and says which.
    ///
    /// # Panics
    /// When it does not start; the message has its last words.
    pub fn start_anywhere(&mut self) -> u16 {
        let mut replies = Vec::new();
        for _ in 0..TRIES {
            let port = free_port();
            let reply = self.order(&format!("start {port}"));
            if reply == "started" {
                return port;
            }
            replies.push(reply);
        }
        panic!("PostgreSQL does not start: {replies:?}");
    }

    /// Starts the server on this port.
    ///
    /// # Panics
    /// When it does not start; the message has its last words.
    pub fn start(&mut self, port: u16) {
        assert_eq!(self.order(&format!("start {port}")), "started");
    }

    /// Stops the server as a kill would.
    pub fn stop(&mut self) {
        assert_eq!(self.order("stop"), "stopped");
    }

    fn order(&mut self, order: &str) -> String {
        let orders = self.orders.as_mut().expect("it is open until the end");
        writeln!(orders, "{order}").expect("the watcher takes orders");
        self.reply()
    }

    fn reply(&mut self) -> String {
        let mut line = String::new();
        self.replies
            .read_line(&mut line)
            .expect("the watcher answers");
        line.trim_end().to_owned()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        drop(self.orders.take());
        // So that nothing is left when the test's process ends. A fault shows nowhere else.
        let _ended = self.child.wait();
    }
}

/// A port that is free now, below those that the system gives out by itself (32768 and up): so
/// nobody takes it while a server is away that will come back to it.
fn free_port() -> u16 {
    let start = RandomState::new().hash_one(0_u8);
    let ports = (0..10_000_u64).map(|step| 20_000 + start.wrapping_add(step) % 10_000);
    ports
        .filter_map(|port| u16::try_from(port).ok())
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("one of ten thousand ports is free")
}
