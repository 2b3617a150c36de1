//! How the binary is linked. Where code and tables lie in memory is known when it starts, and 80,000 places
//! that say so are filled in then: the list of them takes two megabytes, which stay in memory, and a
//! hundredth of that in the packed form, which loaders know since glibc 2.36.

use std::io::Write;
use std::process::Command;

/// The first glibc whose loader knows the packed form.
const LEAST: (u32, u32) = (2, 36);

/// The version of this machine's glibc; none where there is another C library.
fn glibc() -> Option<(u32, u32)> {
    let told = Command::new("getconf")
        .arg("GNU_LIBC_VERSION")
        .output()
        .ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    let (major, minor) = told.trim().strip_prefix("glibc ")?.split_once('.')?;
    let minor = minor.split('.').next()?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn main() -> std::io::Result<()> {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let is_for_here = variable("HOST") == variable("TARGET");
    let is_gnu =
        variable("CARGO_CFG_TARGET_OS") == "linux" && variable("CARGO_CFG_TARGET_ENV") == "gnu";
    // A build script's instructions to Cargo are lines of its output.
    let mut instructions = std::io::stdout();
    writeln!(instructions, "cargo::rerun-if-changed=src/build.rs")?;
    if is_for_here && is_gnu && glibc().is_some_and(|version| version >= LEAST) {
        writeln!(
            instructions,
            "cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs"
        )?;
    }
    Ok(())
}
