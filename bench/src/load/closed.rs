//! The closed loop: so many connections, each sending its next request when the last answer is complete.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::{JoinSet, LocalSet};
use tokio::time::sleep;

use super::{Connection, Request};
use crate::subject::{Cpu, Subject};

/// How long and how wide.
#[derive(Clone, Copy)]
pub struct Width {
    pub connections: usize,
    pub warm_up: Duration,
    pub length: Duration,
}

/// What a closed loop found.
pub struct Tally {
    pub answered: u64,
    pub failed: u64,
    pub elapsed: Duration,
    /// What the subject's processes used meanwhile.
    pub cpu: Cpu,
}

#[derive(Default)]
struct Counters {
    answered: Cell<u64>,
    failed: Cell<u64>,
    stop: Cell<bool>,
}

/// Runs the loop against `subject` and counts within the window after the warm-up.
pub async fn run(subject: &Subject, request: &Request, width: Width) -> Tally {
    let counters = Rc::new(Counters::default());
    let request = Rc::new(request.clone());
    LocalSet::new()
        .run_until(async {
            let mut callers = JoinSet::new();
            for _ in 0..width.connections {
                callers.spawn_local(call_until_stopped(
                    Rc::clone(&request),
                    Rc::clone(&counters),
                ));
            }
            sleep(width.warm_up).await;
            let (began, cpu) = (Instant::now(), subject.cpu());
            let before = (counters.answered.get(), counters.failed.get());
            sleep(width.length).await;
            let tally = Tally {
                answered: counters.answered.get() - before.0,
                failed: counters.failed.get() - before.1,
                elapsed: began.elapsed(),
                cpu: subject.cpu().since(cpu),
            };
            counters.stop.set(true);
            // A caller that waits for a stuck answer is dropped with the set.
            let patience = Duration::from_secs(5);
            tokio::time::timeout(patience, async {
                while callers.join_next().await.is_some() {}
            })
            .await
            .ok();
            tally
        })
        .await
}

async fn call_until_stopped(request: Rc<Request>, counters: Rc<Counters>) {
    let mut connection = Connection::new();
    while !counters.stop.get() {
        let counter = match connection.exchange(&request).await {
            Ok(true) => &counters.answered,
            Ok(false) => &counters.failed,
            Err(_) => {
                // A subject that refuses connections must not be asked in a tight loop.
                sleep(Duration::from_millis(10)).await;
                &counters.failed
            }
        };
        counter.set(counter.get() + 1);
    }
}
