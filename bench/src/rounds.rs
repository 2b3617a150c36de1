//! The run: starts the subjects, goes through the cases in alternating rounds, and hands the values to the report.

use std::collections::BTreeMap;
use std::io;
use std::process::Command;
use std::time::Instant;

use crate::cases::{CASES, Case, Pace};
use crate::machine;
use crate::options::Options;
use crate::report::{self, Run};
use crate::subject::{Ground, Kind, Subject, free_address};
use crate::values::Values;

/// Measures what `options` ask for, prints the table and writes it where they say.
pub async fn measure(options: &Options) -> io::Result<()> {
    let began = Instant::now();
    let (load_before, busy_before) = (machine::load_average(), machine::busy_seconds());
    let cores = machine::cores();
    pin_this_process(&cores.load)?;
    let ground = Ground {
        options,
        cores: &cores,
        provider: free_address()?,
        directory: options.work.clone(),
    };
    let cases = chosen(options)?;
    let subjects = start_all(&ground).await?;
    let pace = if options.quick {
        Pace::QUICK
    } else {
        Pace::FULL
    };
    let mut record = Record::default();
    for case in cases {
        let rounds = if case.fresh() {
            pace.rounds.div_ceil(2)
        } else {
            pace.rounds
        };
        for round in 0..rounds {
            run_round(&ground, &subjects, (case, pace, round), &mut record).await?;
        }
    }
    record.add_differences();
    drop(subjects);
    let seconds = began.elapsed().as_secs_f64();
    let others = machine::busy_seconds() - busy_before - machine::own_seconds();
    let run = Run {
        options,
        rounds: pace.rounds,
        seconds,
        others_share: (others / seconds / machine::core_count()).clamp(0.0, 1.0),
        load_average: (load_before, machine::load_average()),
        values: record.values,
        failed: record.failed,
    };
    report::publish(&run)
}

fn chosen(options: &Options) -> io::Result<Vec<Case>> {
    for name in &options.only {
        if !CASES.iter().any(|case| case.name == name) {
            let names: Vec<&str> = CASES.iter().map(|case| case.name).collect();
            return Err(io::Error::other(format!(
                "--only {name}: the cases are {}",
                names.join(", ")
            )));
        }
    }
    let asked = |case: &Case| match options.only.as_slice() {
        [] => !(options.quick && case.long),
        names => names.iter().any(|name| name == case.name),
    };
    Ok(CASES.into_iter().filter(asked).collect())
}

/// The load generator's threads all stay on its core.
fn pin_this_process(core: &str) -> io::Result<()> {
    let pid = std::process::id().to_string();
    let pinned = Command::new("taskset")
        .args(["-a", "-c", "-p", core, &pid])
        .output()?;
    if pinned.status.success() {
        Ok(())
    } else {
        Err(io::Error::other("taskset cannot pin this process"))
    }
}

/// The mock provider first (it is the subject `Direct`), then everything that is installed.
async fn start_all(ground: &Ground<'_>) -> io::Result<Vec<Subject>> {
    let mut subjects = vec![Subject::start(Kind::Direct, ground).await?];
    for kind in Kind::ALL {
        if kind == Kind::Direct || !installed(kind, ground.options) {
            continue;
        }
        match Subject::start(kind, ground).await {
            Ok(subject) => {
                eprintln!(
                    "{} answers after {:.0} ms",
                    kind.name(),
                    subject.start_up.as_secs_f64() * 1e3
                );
                subjects.push(subject);
            }
            // A peer that does not start leaves its column empty; ours must start.
            Err(error) if kind != Kind::Headgate => eprintln!("left out: {error}"),
            Err(error) => return Err(error),
        }
    }
    Ok(subjects)
}

fn installed(kind: Kind, options: &Options) -> bool {
    match kind {
        Kind::Headgate | Kind::Governed => !options.headgate.is_empty(),
        Kind::GovernedRedis => !options.headgate.is_empty() && !options.redis.is_empty(),
        Kind::Nginx => !options.nginx.is_empty(),
        Kind::Haproxy => !options.haproxy.is_empty(),
        Kind::LiteLlm => !options.litellm.is_empty(),
        Kind::Portkey => !options.portkey.is_empty(),
        Kind::Relay | Kind::Direct => true,
    }
}

#[derive(Default)]
struct Record {
    values: Values,
    failed: BTreeMap<(&'static str, Kind), u64>,
}

impl Record {
    /// What each subject adds to the direct latency, round by round: neighbours' noise then falls on both.
    fn add_differences(&mut self) {
        for (metric, added) in [("p50_us", "added_p50_us"), ("p99_us", "added_p99_us")] {
            let direct = self
                .values
                .rounds(("latency", metric), Kind::Direct)
                .to_vec();
            for kind in self.values.kinds() {
                // Asked at another rate, a slow subject's latency is not comparable with the direct one.
                if kind == Kind::Direct || kind.slow() {
                    continue;
                }
                let own = self.values.rounds(("latency", metric), kind).to_vec();
                for (own, direct) in own.iter().zip(&direct) {
                    self.values.add(("latency", added), kind, own - direct);
                }
            }
        }
    }
}

async fn run_round(
    ground: &Ground<'_>,
    subjects: &[Subject],
    what: (Case, Pace, u32),
    record: &mut Record,
) -> io::Result<()> {
    let (case, pace, round) = what;
    // Every round begins with another subject, so that no one always follows the same neighbour.
    let start = usize::try_from(round).unwrap_or(0) % subjects.len();
    for subject in subjects.iter().cycle().skip(start).take(subjects.len()) {
        let kind = subject.kind;
        if !case.suits(kind) || (kind.slow() && round > 0) {
            continue;
        }
        let outcome = if case.fresh() && !kind.slow() {
            match Subject::start(kind, ground).await {
                Ok(fresh) => case.run(&fresh, pace).await,
                Err(error) => {
                    // A peer's cell stays empty, as at the start of the run.
                    if kind == Kind::Headgate {
                        return Err(error);
                    }
                    eprintln!("left out: {error}");
                    continue;
                }
            }
        } else {
            case.run(subject, pace).await
        };
        eprintln!(
            "{} {}/{} {}: {}",
            case.name,
            round + 1,
            pace.rounds,
            kind.name(),
            line(&outcome.metrics)
        );
        for (metric, value) in outcome.metrics {
            record.values.add((case.name, metric), kind, value);
        }
        if outcome.failed > 0 {
            eprintln!("  {} wrong or missing answers", outcome.failed);
            *record.failed.entry((case.name, kind)).or_default() += outcome.failed;
        }
    }
    Ok(())
}

fn line(metrics: &[(&'static str, f64)]) -> String {
    let words: Vec<String> = metrics
        .iter()
        .map(|(metric, value)| format!("{metric} {value:.2}"))
        .collect();
    words.join(", ")
}
