//! Many streams at once: counts their chunks and the delay of each, from the time of writing that it carries.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use memchr::memmem::Finder;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{sleep, timeout};

use super::{Connection, Request};
use crate::mock::now_ns;
use crate::subject::{Cpu, Subject};

/// How many streams at once and how many one after another on each connection.
#[derive(Clone, Copy)]
pub struct Shape {
    pub streams: u32,
    pub generations: u32,
    /// The pace of the mock's chunks: streams begin spread over it.
    pub spacing: Duration,
}

/// What the streams found.
pub struct Tally {
    pub chunks: u64,
    /// Streams that broke, had the wrong number of chunks or no end.
    pub failed: u64,
    /// From the mock's write to the reader, sorted.
    pub delays_us: Vec<u64>,
    /// Between a stream's chunks as they arrive, sorted.
    pub gaps_us: Vec<u64>,
    pub cpu: Cpu,
}

/// A stream that takes longer than this is counted as failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a chunk's text begins with; 19 digits of nanoseconds follow.
const STAMP: &str = "\"@";
const STAMP_DIGITS: usize = 19;

/// Runs the streams; `warm_up` is a plain request that opens every connection beforehand.
pub async fn run(subject: &Subject, requests: (&Request, &Request), shape: Shape) -> Tally {
    let (warm_up, request) = (Rc::new(requests.0.clone()), Rc::new(requests.1.clone()));
    LocalSet::new()
        .run_until(async move {
            let mut connections = Vec::new();
            for _ in 0..shape.streams {
                let mut connection = Connection::new();
                connection.exchange(&warm_up).await.ok();
                connections.push(connection);
            }
            let before = subject.cpu();
            let mut readers = JoinSet::new();
            for (number, connection) in (0..).zip(connections) {
                let delay = shape.spacing * number / shape.streams;
                let request = Rc::clone(&request);
                readers.spawn_local(read_generations(
                    connection,
                    request,
                    (shape.generations, delay),
                ));
            }
            let mut all = Seen::default();
            while let Some(seen) = readers.join_next().await {
                all.add(seen.unwrap());
            }
            all.tally(subject.cpu().since(before))
        })
        .await
}

/// Opens `streams` streams that last longer, waits until all run, asks `look` once and drops them.
///
/// Returns with it how many had ended by then: those were never held.
pub async fn hold<T>(request: &Request, streams: u32, look: impl FnOnce() -> T) -> (T, u64) {
    let request = Rc::new(request.clone());
    LocalSet::new()
        .run_until(async move {
            let mut readers = JoinSet::new();
            for _ in 0..streams {
                let plan = (1, Duration::ZERO);
                readers.spawn_local(read_generations(
                    Connection::new(),
                    Rc::clone(&request),
                    plan,
                ));
            }
            sleep(Duration::from_millis(1_500)).await;
            let seen = look();
            let mut ended = 0;
            while readers.try_join_next().is_some() {
                ended += 1;
            }
            (seen, ended)
        })
        .await
}

#[derive(Default)]
struct Seen {
    chunks: u32,
    failed: u64,
    delays_us: Vec<u64>,
    gaps_us: Vec<u64>,
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.chunks += other.chunks;
        self.failed += other.failed;
        self.delays_us.extend(other.delays_us);
        self.gaps_us.extend(other.gaps_us);
    }

    fn tally(mut self, cpu: Cpu) -> Tally {
        self.delays_us.sort_unstable();
        self.gaps_us.sort_unstable();
        Tally {
            chunks: u64::from(self.chunks),
            failed: self.failed,
            delays_us: self.delays_us,
            gaps_us: self.gaps_us,
            cpu,
        }
    }
}

async fn read_generations(
    mut connection: Connection,
    request: Rc<Request>,
    plan: (u32, Duration),
) -> Seen {
    let (generations, delay) = plan;
    let mut all = Seen::default();
    sleep(delay).await;
    for _ in 0..generations {
        let mut seen = Seen::default();
        let outcome = timeout(PATIENCE, read_stream(&mut connection, &request, &mut seen)).await;
        if !matches!(outcome, Ok(Ok(true))) {
            seen.failed = 1;
            connection = Connection::new();
        }
        all.add(seen);
    }
    all
}

async fn read_stream(
    connection: &mut Connection,
    request: &Request,
    seen: &mut Seen,
) -> io::Result<bool> {
    let stamp = Finder::new(STAMP);
    let (mut scanned, mut last_ns) = (0, None);
    connection.send(request).await?;
    while connection.receive().await? {
        let arrived_ns = now_ns();
        let body = &connection.reply.body;
        while let Some((written_ns, end)) = next_stamp(&stamp, body, scanned) {
            scanned = end;
            seen.chunks += 1;
            seen.delays_us
                .push(arrived_ns.saturating_sub(written_ns) / 1_000);
            if let Some(last_ns) = last_ns.replace(arrived_ns) {
                seen.gaps_us
                    .push(arrived_ns.saturating_sub(last_ns) / 1_000);
            }
        }
    }
    Ok(request.expect.met_by(&connection.reply, seen.chunks))
}

/// The next complete stamp from `from` on: its time, and where it ends.
fn next_stamp(stamp: &Finder<'_>, body: &[u8], from: usize) -> Option<(u64, usize)> {
    let digits = from + stamp.find(&body[from..])? + STAMP.len();
    let end = digits + STAMP_DIGITS;
    let written_ns = str::from_utf8(body.get(digits..end)?).ok()?.parse().ok()?;
    Some((written_ns, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stamp_is_found_once_wherever_the_stream_is_cut() {
        let body = br#"{"content":"@1795341600000000001"} {"content":"@1795341600000000002"}"#;
        let stamp = Finder::new(STAMP);
        for cut in 0..body.len() {
            let (mut scanned, mut found) = (0, Vec::new());
            for arrived in [&body[..cut], body.as_slice()] {
                while let Some((written, end)) = next_stamp(&stamp, arrived, scanned) {
                    scanned = end;
                    found.push(written);
                }
            }
            assert_eq!(
                found,
                [1_795_341_600_000_000_001, 1_795_341_600_000_000_002],
                "cut at {cut}"
            );
        }
    }
}
