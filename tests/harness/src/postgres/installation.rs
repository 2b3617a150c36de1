//! Where PostgreSQL's programs are on this machine, and as whom they may run.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest PostgreSQL that the gateway is tested with.
const OLDEST: u32 = 15;

/// The folder of the newest PostgreSQL that is installed: in `PATH`, where `pg_config` says, or
/// where Debian keeps it.
///
/// # Panics
/// When there is none of version 15 or newer.
pub fn binaries() -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = candidates()
        .into_iter()
        .filter_map(|folder| Some((version(&folder)?, folder)))
        .collect();
    found.sort();
    match found.pop() {
        Some((version, folder)) if version >= OLDEST => folder,
        other => panic!(
            "PostgreSQL {OLDEST} or newer is needed, found {other:?}; ./scripts/test installs it"
        ),
    }
}

fn candidates() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // A program in PATH may be a link to where its kin are.
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path)
        .filter_map(|folder| folder.join("postgres").canonicalize().ok())
        .filter_map(|program| program.parent().map(Path::to_owned))
        .collect();
    if let Ok(said) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(String::from_utf8_lossy(&said.stdout).trim().into());
    }
    let debian = std::fs::read_dir("/usr/lib/postgresql");
    folders.extend(
        debian
            .into_iter()
            .flatten()
            .flatten()
            .map(|version| version.path().join("bin")),
    );
    folders
}

/// The major version of the server in a folder; none when a program is missing there.
fn version(folder: &Path) -> Option<u32> {
    if !["initdb", "pg_ctl"]
        .iter()
        .all(|name| folder.join(name).is_file())
    {
        return None;
    }
    let said = Command::new(folder.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    // `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`
    let words = String::from_utf8_lossy(&said.stdout).into_owned();
    let number = words.split(") ").nth(1)?;
    number.split(['.', ' ']).next()?.trim().parse().ok()
}

/// The user and group that PostgreSQL runs as when the tests run as root, as which it refuses to.
///
/// # Panics
/// When the machine has neither a user `postgres` nor `nobody`.
pub fn user_in_roots_place() -> (u32, u32) {
    let users = std::fs::read_to_string("/etc/passwd").expect("the system lists its users");
    let find = |name: &str| {
        users.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let [found, _, user, group, ..] = fields.as_slice() else {
                return None;
            };
            (*found == name).then_some((user.parse().ok()?, group.parse().ok()?))
        })
    };
    find("postgres")
        .or_else(|| find("nobody"))
        .expect("PostgreSQL does not run as root: there has to be a user `postgres`")
}
