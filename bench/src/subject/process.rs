//! A child process pinned to cores: its CPU time and memory, read from the kernel, and its end.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// CPU time used, of all processes and threads of a subject.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Cpu {
    /// User and system, nanoseconds.
    pub total_ns: u64,
    /// User alone, in steps of 10 ms.
    pub user_ns: u64,
}

/// One tick of `utime` in `/proc/PID/stat`; the kernel shows it as 1/100 s whatever its own tick is.
const TICK_NS: u64 = 10_000_000;

impl Cpu {
    /// What was used since `earlier`.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            total_ns: self.total_ns.saturating_sub(earlier.total_ns),
            user_ns: self.user_ns.saturating_sub(earlier.user_ns),
        }
    }
}

/// How to start a program.
pub struct Launch<'a> {
    pub program: &'a str,
    pub arguments: Vec<String>,
    pub environment: Vec<(&'static str, String)>,
    /// What `taskset -c` takes.
    pub cores: &'a str,
    /// Where it runs, and where its output goes as `log`.
    pub directory: &'a Path,
}

/// A running child and its children; ended when dropped.
pub struct Process {
    child: Child,
    /// The child and its descendants, as they were when it was ready.
    tree: Vec<u32>,
}

impl Process {
    /// Starts the program, pinned. The kernel ends it should this program die first.
    pub fn start(launch: &Launch<'_>) -> io::Result<Self> {
        let log = File::create(launch.directory.join("log"))?;
        let child = Command::new("setpriv")
            .args([
                "--pdeathsig",
                "TERM",
                "taskset",
                "-c",
                launch.cores,
                launch.program,
            ])
            .args(&launch.arguments)
            .envs(launch.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(launch.directory)
            .stdin(std::process::Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let tree = vec![child.id()];
        Ok(Self { child, tree })
    }

    /// Whether it still runs.
    pub fn alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Looks for descendants again (a master's workers, say).
    pub fn find_descendants(&mut self) {
        self.tree = vec![self.child.id()];
        let parents: Vec<(u32, u32)> = numbers_in("/proc")
            .filter_map(|pid| Some((pid, parent(pid)?)))
            .collect();
        let mut at = 0;
        while let Some(&pid) = self.tree.get(at) {
            let children = parents.iter().filter(|(_, parent)| *parent == pid);
            self.tree.extend(children.map(|(child, _)| child));
            at += 1;
        }
    }

    /// CPU time used so far.
    pub fn cpu(&self) -> Cpu {
        Cpu {
            total_ns: self.tree.iter().map(|pid| scheduled_ns(*pid)).sum(),
            user_ns: self.tree.iter().map(|pid| user_ns(*pid)).sum(),
        }
    }

    /// Resident memory now, KiB.
    pub fn resident_kib(&self) -> u64 {
        self.tree.iter().map(|pid| status_kib(*pid, "VmRSS:")).sum()
    }

    /// The most resident memory since [`Process::forget_peak`], KiB.
    pub fn peak_kib(&self) -> u64 {
        self.tree.iter().map(|pid| status_kib(*pid, "VmHWM:")).sum()
    }

    /// Starts the peak again from what is resident now.
    pub fn forget_peak(&self) {
        for pid in &self.tree {
            fs::write(format!("/proc/{pid}/clear_refs"), "5").ok();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.alive() {
            let pid = self.child.id().to_string();
            Command::new("kill").args(["-TERM", &pid]).status().ok();
        }
        let deadline = Instant::now() + Duration::from_secs(2);
        while self.alive() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn numbers_in(directory: &str) -> impl Iterator<Item = u32> {
    fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// The fields of `/proc/PID/stat` after the program's name, which may hold spaces.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

fn parent(pid: u32) -> Option<u32> {
    stat(pid)?.get(1)?.parse().ok()
}

fn user_ns(pid: u32) -> u64 {
    let ticks: Option<u64> = stat(pid).and_then(|fields| fields.get(11)?.parse().ok());
    ticks.unwrap_or(0) * TICK_NS
}

/// `schedstat` counts in nanoseconds, but for one thread at a time.
fn scheduled_ns(pid: u32) -> u64 {
    numbers_in(&format!("/proc/{pid}/task"))
        .filter_map(|thread| {
            fs::read_to_string(format!("/proc/{pid}/task/{thread}/schedstat")).ok()
        })
        .filter_map(|text| text.split_whitespace().next()?.parse::<u64>().ok())
        .sum()
}

fn status_kib(pid: u32, name: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    text.lines()
        .find_map(|line| {
            line.strip_prefix(name)?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        })
        .unwrap_or(0)
}
