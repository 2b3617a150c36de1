//! The open loop: requests start at fixed times, whether or not earlier ones have been answered.
//!
//! Latency counts from the time at which a request *should* have started, so that a subject that stalls cannot hide the
//! requests it kept waiting. Threads with blocking sockets, not tasks: tokio's timer has steps of a millisecond.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use super::{Reply, Request};

/// How fast and how long.
#[derive(Clone, Copy)]
pub struct Rate {
    pub per_second: u32,
    pub length: Duration,
}

/// Connections that share the rate; at 1,000 a second each sends one request every 32 ms.
const CONNECTIONS: u32 = 32;

/// Latencies in microseconds, sorted, and how many requests failed.
pub struct Latencies {
    pub sorted_us: Vec<u64>,
    pub failed: u64,
}

/// Sends at the rate and returns the latencies of all requests but the first tenth, which warms up.
pub fn run(request: &Request, rate: Rate) -> Latencies {
    // Threads inherit it: without it the kernel may wake a sleeper 50 us late.
    std::fs::write("/proc/self/timerslack_ns", "1").ok();
    let each = Schedule {
        start: Instant::now() + Duration::from_millis(50),
        spacing: Duration::from_secs(1) / rate.per_second,
        requests: (rate.length.as_secs_f64() * f64::from(rate.per_second)) as u32 / CONNECTIONS,
    };
    let results: Vec<(Vec<u64>, u64)> = thread::scope(|scope| {
        let callers: Vec<_> = (0..CONNECTIONS)
            .map(|number| scope.spawn(move || caller(request, each, number)))
            .collect();
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .collect()
    });
    let failed = results.iter().map(|(_, failed)| failed).sum();
    let mut sorted_us: Vec<u64> = results
        .into_iter()
        .flat_map(|(latencies, _)| latencies)
        .collect();
    sorted_us.sort_unstable();
    Latencies { sorted_us, failed }
}

#[derive(Clone, Copy)]
struct Schedule {
    start: Instant,
    spacing: Duration,
    /// Of each connection.
    requests: u32,
}

fn caller(request: &Request, schedule: Schedule, number: u32) -> (Vec<u64>, u64) {
    let (mut latencies, mut failed) = (Vec::new(), 0);
    let mut reply = Reply::default();
    let mut socket = None;
    for turn in 0..schedule.requests {
        let due = schedule.start + schedule.spacing * (turn * CONNECTIONS + number);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        match exchange(&mut socket, request, &mut reply) {
            Ok(true) if turn >= schedule.requests / 10 => {
                latencies.push(u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX));
            }
            Ok(true) => {}
            Ok(false) => failed += 1,
            Err(_) => {
                socket = None;
                failed += 1;
            }
        }
    }
    (latencies, failed)
}

fn exchange(
    socket: &mut Option<TcpStream>,
    request: &Request,
    reply: &mut Reply,
) -> io::Result<bool> {
    if socket.is_none() {
        let opened = TcpStream::connect(request.address)?;
        opened.set_nodelay(true)?;
        opened.set_read_timeout(Some(Duration::from_secs(10)))?;
        *socket = Some(opened);
    }
    let socket = socket.as_mut().ok_or(io::ErrorKind::NotConnected)?;
    reply.reset();
    socket.write_all(&request.wire)?;
    let mut piece = [0; 16 * 1024];
    while !reply.complete() {
        let length = socket.read(&mut piece)?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        reply.feed(&piece[..length]);
    }
    Ok(request.expect.met_by(reply, 0))
}
