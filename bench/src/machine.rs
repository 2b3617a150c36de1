//! The machine: which cores to pin to, and what the report says of it (never its name or its paths).

use std::fs;
use std::process::Command;

/// What `taskset -c` takes for each part.
pub struct Cores {
    pub subject: String,
    pub provider: String,
    /// The load generator's: this process.
    pub load: String,
}

/// The subject gets a core of its own; provider and load share another, or have one each where there are more.
///
/// The second thread of a core is not a core: with it as the load's, the subject would be slowed by its own callers.
pub fn cores() -> Cores {
    let allowed = expand(&status_line("/proc/self/status", "Cpus_allowed_list:"));
    let mut real: Vec<u32> = Vec::new();
    for core in allowed {
        let path = format!("/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list");
        let siblings = expand(fs::read_to_string(path).unwrap_or_default().trim());
        if !real.iter().any(|chosen| siblings.contains(chosen)) {
            real.push(core);
        }
    }
    let nth = |at: usize| real[at.min(real.len() - 1)].to_string();
    Cores {
        subject: nth(0),
        provider: nth(1),
        load: nth(2),
    }
}

/// `0-2,5` as numbers.
fn expand(list: &str) -> Vec<u32> {
    let number = |text: &str| text.trim().parse::<u32>().ok();
    list.split(',')
        .filter_map(|part| match part.split_once('-') {
            Some((first, last)) => Some(number(first)?..=number(last)?),
            None => Some(number(part)?..=number(part)?),
        })
        .flatten()
        .collect()
}

fn status_line(path: &str, name: &str) -> String {
    fs::read_to_string(path)
        .unwrap_or_default()
        .lines()
        .find_map(|line| {
            Some(
                line.strip_prefix(name)?
                    .trim_start_matches([' ', '\t', ':'])
                    .trim()
                    .to_owned(),
            )
        })
        .unwrap_or_default()
}

/// Processor, cores, memory, kernel: one line each.
pub fn description() -> Vec<String> {
    let cores = core_count();
    let kib: u64 = status_line("/proc/meminfo", "MemTotal:")
        .split_whitespace()
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let system = status_line("/etc/os-release", "PRETTY_NAME=");
    vec![
        format!(
            "Machine: {}, {cores} cores, {} GiB of memory{}",
            status_line("/proc/cpuinfo", "model name"),
            kib / 1024 / 1024,
            if virtual_machine() {
                " (virtual machine)"
            } else {
                ""
            },
        ),
        format!("System: {}, Linux {}", system.trim_matches('"'), kernel()),
    ]
}

fn virtual_machine() -> bool {
    fs::read_to_string("/proc/cpuinfo").is_ok_and(|text| text.contains(" hypervisor"))
}

/// `6.1.0`: what follows the version names a build, not a kernel.
fn kernel() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    text.split(['-', '\n'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The one-minute load average.
pub fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// The first line that a command prints, on either output; empty when it cannot be run.
pub fn first_line_of(program: &str, arguments: &[&str]) -> String {
    let Ok(output) = Command::new(program).args(arguments).output() else {
        return String::new();
    };
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    text.lines().next().unwrap_or_default().trim().to_owned()
}

/// Busy time of all cores since the machine started, in seconds: what others used meanwhile is the rest.
pub fn busy_seconds() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields: Vec<u64> = text
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    let idle: u64 = fields.iter().skip(3).take(2).sum();
    // Guest time (the last two) is in user time already.
    let all: u64 = fields.iter().take(8).sum();
    (all - idle) as f64 / 100.0
}

/// CPU seconds of this process and of all children that have ended.
pub fn own_seconds() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text
        .rsplit_once(')')
        .map(|(_, fields)| fields)
        .unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(4);
    ticks
        .filter_map(|field| field.parse::<u64>().ok())
        .sum::<u64>() as f64
        / 100.0
}

/// Cores of the machine, as a divisor.
pub fn core_count() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    text.lines()
        .filter(|line| line.starts_with("cpu"))
        .count()
        .saturating_sub(1)
        .max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_cores_are_read_as_the_kernel_writes_them() {
        assert_eq!(expand("0-2,5"), [0, 1, 2, 5]);
        assert_eq!(expand("1"), [1]);
        assert_eq!(expand(""), Vec::<u32>::new());
    }
}
