//! The cases: what is done to a subject in one round, and which metrics come out of it.

use std::time::Duration;

use crate::load::{Expect, closed, open, quantile, streams};
use crate::subject::{Kind, Subject};

/// What a case does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    /// 64 connections, JSON bodies of these sizes (request, answer).
    Json(usize, usize),
    /// The same, asked in OpenAI's dialect of an Anthropic provider.
    CrossJson,
    /// So many streams of 100 chunks, one every 5 ms; the flag: from an Anthropic provider.
    Streams(u32, bool),
    /// A fixed rate.
    Latency,
    /// A new process: start-up, idle memory, memory with open streams.
    Memory,
    /// A new process: how far the peak of memory grows with bodies of 1 MB, one at a time.
    Copies,
}

/// One case; its name is what `--only` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    pub name: &'static str,
    work: Work,
    /// Left out of `--quick`.
    pub long: bool,
}

const fn case(name: &'static str, work: Work) -> Case {
    Case {
        name,
        work,
        long: false,
    }
}

const fn long_case(name: &'static str, work: Work) -> Case {
    Case {
        name,
        work,
        long: true,
    }
}

/// All cases, in the order in which they run: memory first, while slow subjects, which are started once, are still new.
pub const CASES: [Case; 13] = [
    case("memory", Work::Memory),
    case("copies", Work::Copies),
    case("plain", Work::Json(1_024, 1_024)),
    case("10k", Work::Json(10_240, 10_240)),
    case("50k", Work::Json(51_200, 51_200)),
    case("1m", Work::Json(1_048_576, 1_048_576)),
    long_case("1m-request", Work::Json(1_048_576, 1_024)),
    long_case("1m-answer", Work::Json(1_024, 1_048_576)),
    case("streams-32", Work::Streams(32, false)),
    case("streams-1000", Work::Streams(1_000, false)),
    case("cross", Work::CrossJson),
    case("cross-streams", Work::Streams(32, true)),
    case("latency", Work::Latency),
];

/// How long things take.
#[derive(Clone, Copy)]
pub struct Pace {
    pub rounds: u32,
    pub warm_up: Duration,
    pub window: Duration,
    /// Streams one after another on each connection.
    pub generations: u32,
    pub latency: Duration,
}

impl Pace {
    /// About a minute in all.
    pub const QUICK: Self = Self {
        rounds: 2,
        warm_up: Duration::from_millis(150),
        window: Duration::from_millis(600),
        generations: 1,
        latency: Duration::from_millis(1_000),
    };

    /// About eight minutes in all.
    pub const FULL: Self = Self {
        rounds: 5,
        warm_up: Duration::from_millis(200),
        window: Duration::from_millis(1_500),
        generations: 3,
        latency: Duration::from_secs(3),
    };
}

/// The rate of the latency case, requests a second; slow subjects are asked 50 times less often.
const RATE: u32 = 1_000;

/// What one round of one case found.
#[derive(Default)]
pub struct Outcome {
    pub metrics: Vec<(&'static str, f64)>,
    /// Wrong or missing answers.
    pub failed: u64,
}

impl Case {
    /// Whether the case wants a process of its own.
    pub fn fresh(self) -> bool {
        matches!(self.work, Work::Memory | Work::Copies)
    }

    /// Whether the case means anything for `kind`, and can be afforded with it.
    pub fn suits(self, kind: Kind) -> bool {
        if kind.governs() && !matches!(self.name, "plain" | "streams-32" | "latency" | "memory") {
            return false;
        }
        match self.work {
            Work::CrossJson => kind.translates(),
            Work::Streams(_, true) => kind.translates(),
            Work::Streams(count, false) => kind.streams() && (count < 1_000 || !kind.slow()),
            Work::Json(request, answer) => {
                kind != Kind::Direct && (request.max(answer) == 1_024 || !kind.slow())
            }
            Work::Latency => true,
            Work::Memory => kind != Kind::Direct,
            Work::Copies => kind != Kind::Direct && !kind.slow(),
        }
    }

    /// Runs the case once against `subject`.
    pub async fn run(self, subject: &Subject, pace: Pace) -> Outcome {
        match self.work {
            Work::Json(request, answer) => {
                json(subject, subject.json_request(answer, request), pace).await
            }
            Work::CrossJson => {
                json(
                    subject,
                    subject.request("anthropic-answer-1024", 1_024),
                    pace,
                )
                .await
            }
            Work::Streams(count, cross) => paced_streams(subject, (count, cross), pace).await,
            Work::Latency => latency(subject, pace),
            Work::Memory => memory(subject).await,
            Work::Copies => copies(subject).await,
        }
    }
}

async fn json(subject: &Subject, request: crate::load::Request, pace: Pace) -> Outcome {
    let stretch = if subject.kind.slow() { 4 } else { 1 };
    let width = closed::Width {
        connections: 64,
        warm_up: pace.warm_up * stretch,
        length: pace.window * stretch,
    };
    let tally = closed::run(subject, &request, width).await;
    let mut outcome = Outcome {
        failed: tally.failed,
        ..Outcome::default()
    };
    if tally.answered > 0 {
        let (answered, seconds) = (tally.answered as f64, tally.elapsed.as_secs_f64());
        outcome.metrics = vec![
            ("cpu_us", tally.cpu.total_ns as f64 / 1e3 / answered),
            ("user_us", tally.cpu.user_ns as f64 / 1e3 / answered),
            ("rps", answered / seconds),
            ("busy", tally.cpu.total_ns as f64 / 1e9 / seconds),
        ];
    }
    outcome
}

async fn paced_streams(subject: &Subject, what: (u32, bool), pace: Pace) -> Outcome {
    let (count, cross) = what;
    let vendor = if cross { "anthropic-" } else { "" };
    let request = subject
        .request(&format!("{vendor}stream-100-5"), 1_024)
        .expecting(Expect::Chunks(100));
    let warm_up = subject.request(&format!("{vendor}answer-1024"), 1_024);
    let shape = streams::Shape {
        streams: count,
        generations: if count >= 1_000 || subject.kind.slow() {
            1
        } else {
            pace.generations
        },
        spacing: Duration::from_millis(5),
    };
    let tally = streams::run(subject, (&warm_up, &request), shape).await;
    let mut outcome = Outcome {
        failed: tally.failed,
        ..Outcome::default()
    };
    if tally.chunks > 0 {
        outcome.metrics = vec![
            (
                "cpu_us",
                tally.cpu.total_ns as f64 / 1e3 / tally.chunks as f64,
            ),
            ("delay_p50_ms", quantile(&tally.delays_us, 0.5) / 1e3),
            ("delay_p99_ms", quantile(&tally.delays_us, 0.99) / 1e3),
            ("gap_p99_ms", quantile(&tally.gaps_us, 0.99) / 1e3),
        ];
    }
    outcome
}

fn latency(subject: &Subject, pace: Pace) -> Outcome {
    let slower = if subject.kind.slow() { 50 } else { 1 };
    let rate = open::Rate {
        per_second: RATE / slower,
        length: pace.latency * if slower > 1 { 4 } else { 1 },
    };
    let before = subject.cpu();
    let found = open::run(&subject.json_request(1_024, 1_024), rate);
    let cpu = subject.cpu().since(before);
    let sent = f64::from(rate.per_second) * rate.length.as_secs_f64();
    Outcome {
        metrics: vec![
            ("p50_us", quantile(&found.sorted_us, 0.5)),
            ("p99_us", quantile(&found.sorted_us, 0.99)),
            ("cpu_us", cpu.total_ns as f64 / 1e3 / sent),
        ],
        failed: found.failed,
    }
}

/// `subject` is new: it has answered one request.
async fn memory(subject: &Subject) -> Outcome {
    let streams = if subject.kind.slow() { 100 } else { 1_000 };
    tokio::time::sleep(Duration::from_millis(300)).await;
    let idle_kib = subject.process().resident_kib();
    let mut outcome = Outcome {
        metrics: vec![
            ("start_ms", subject.start_up.as_secs_f64() * 1e3),
            ("idle_mib", idle_kib as f64 / 1024.0),
        ],
        failed: 0,
    };
    if !subject.kind.streams() {
        return outcome;
    }
    let request = subject
        .request("stream-10-1000", 1_024)
        .expecting(Expect::Chunks(10));
    let (held_kib, ended) =
        streams::hold(&request, streams, || subject.process().resident_kib()).await;
    outcome.failed = ended;
    let grown_kib = held_kib.saturating_sub(idle_kib) as f64;
    outcome
        .metrics
        .push(("stream_kib", grown_kib / f64::from(streams)));
    outcome
}

async fn copies(subject: &Subject) -> Outcome {
    let mut outcome = Outcome::default();
    let mut connection = crate::load::Connection::new();
    for (metric, sizes) in [
        ("request_mib", (1_024, 1_048_576)),
        ("answer_mib", (1_048_576, 1_024)),
    ] {
        subject.process().forget_peak();
        let before = subject.process().peak_kib();
        let request = subject.json_request(sizes.0, sizes.1);
        for _ in 0..4 {
            let right = connection.exchange(&request).await.unwrap_or(false);
            outcome.failed += u64::from(!right);
        }
        let grown = subject.process().peak_kib().saturating_sub(before);
        outcome.metrics.push((metric, grown as f64 / 1024.0));
    }
    outcome
}
