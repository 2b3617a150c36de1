//! One structured line for each finished request. Lines are gathered and written by one thread,
//! so that no request waits for a disk or a pipe.

use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::admit::RequestFacts;
use crate::settle::Ended;
use crate::settlement_line;

/// Lines are written at least this often.
const FLUSH_INTERVAL: Duration = Duration::from_millis(50);

/// Above this many waiting bytes, whoever adds a line writes them out itself: nothing is lost,
/// and memory stays bounded when the reader is slow.
const MAX_WAITING_BYTES: usize = 4 << 20;

/// Where lines are gathered.
pub struct RequestLog {
    waiting: Mutex<Vec<u8>>,
    arrived: Condvar,
    sink: Mutex<Box<dyn Write + Send>>,
    text: bool,
}

impl RequestLog {
    /// Starts the writing thread.
    #[must_use]
    pub fn start(sink: Box<dyn Write + Send>, text: bool) -> Arc<Self> {
        let log = Arc::new(Self {
            waiting: Mutex::default(),
            arrived: Condvar::new(),
            sink: Mutex::new(sink),
            text,
        });
        let writer = Arc::downgrade(&log);
        std::thread::spawn(move || {
            while let Some(log) = writer.upgrade() {
                log.wait_for_lines();
                log.flush();
            }
        });
        log
    }

    /// Adds the line of a finished request, which took `duration`.
    pub fn add(&self, facts: &RequestFacts, ended: &Ended, duration: Duration) {
        let line = settlement_line::write(facts, ended, duration);
        if self.text {
            self.add_line(settlement_line::as_text(&line).as_bytes());
        } else {
            self.add_line(&line);
        }
    }

    fn add_line(&self, line: &[u8]) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let was_empty = waiting.is_empty();
        waiting.extend_from_slice(line);
        waiting.push(b'\n');
        let full = waiting.len() > MAX_WAITING_BYTES;
        drop(waiting);
        if full {
            self.flush();
        } else if was_empty {
            self.arrived.notify_one();
        }
    }

    /// Writes everything that waits. A sink that fails loses its lines: there is nobody to tell.
    pub fn flush(&self) {
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        let lines =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        if !lines.is_empty() {
            let _ = sink.write_all(&lines).and_then(|()| sink.flush());
        }
    }

    fn wait_for_lines(&self) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.is_empty() {
            let _ = self.arrived.wait_timeout(waiting, Duration::from_secs(1));
        } else {
            drop(waiting);
        }
        // Lets lines gather, so that a busy gateway makes few system calls.
        std::thread::sleep(FLUSH_INTERVAL);
    }
}
