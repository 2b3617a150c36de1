//! Callers that ask steadily at every node that lives, and remember what became of each question.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use harness::chance::Chance;
use harness::connection::Connection;
use harness::fleet::Fleet;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::accounts::Key;
use crate::setup::{OUTPUT_TOKENS, Question, until};

/// How hard they ask.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How many.
    pub callers: u64,
    /// Each of them asks so often at most.
    pub pace: Duration,
    /// What they ask is by chance.
    pub seed: u64,
}

/// One question, and what became of it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The name of its bill, and the caller's own id for it.
    pub bill: String,
    /// When it was asked.
    pub at: Instant,
    /// How long it took.
    pub took: Duration,
    /// The status, if an answer came whole.
    pub status: Option<u16>,
    /// The answer, unless it is 200.
    pub text: String,
}

/// A load that goes on until it is ended.
pub struct Load {
    stop: Arc<AtomicBool>,
    numbers: Arc<AtomicU64>,
    callers: JoinSet<Vec<Asked>>,
}

struct Caller {
    fleet: Arc<Fleet>,
    keys: Arc<Vec<Key>>,
    chance: Chance,
    numbers: Arc<AtomicU64>,
    connections: Vec<Option<Connection>>,
}

impl Load {
    /// Begins to ask with all of these keys.
    pub fn begin(fleet: &Arc<Fleet>, keys: &[Key], terms: Terms) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (keys, numbers) = (Arc::new(keys.to_vec()), Arc::new(AtomicU64::new(0)));
        let mut chance = Chance::of(terms.seed);
        let mut callers = JoinSet::new();
        for _ in 0..terms.callers {
            let caller = Caller {
                fleet: Arc::clone(fleet),
                keys: Arc::clone(&keys),
                chance: chance.branch(),
                numbers: Arc::clone(&numbers),
                connections: (0..fleet.count()).map(|_| None).collect(),
            };
            callers.spawn(caller.run(terms.pace, Arc::clone(&stop)));
        }
        Self {
            stop,
            numbers,
            callers,
        }
    }

    /// How many questions have been asked so far.
    pub fn asked(&self) -> u64 {
        self.numbers.load(Ordering::Relaxed)
    }

    /// Waits until so many have been asked.
    pub async fn has_asked(&self, count: u64) {
        until("callers go on", || async {
            match self.asked() {
                asked if asked >= count => Ok(()),
                asked => Err(format!("{asked} of {count} were asked")),
            }
        })
        .await;
    }

    /// Lets every caller finish what it asks, and gives all.
    pub async fn end(self) -> Vec<Asked> {
        self.stop.store(true, Ordering::Relaxed);
        self.callers.join_all().await.concat()
    }
}

impl Caller {
    async fn run(mut self, pace: Duration, stop: Arc<AtomicBool>) -> Vec<Asked> {
        let mut all = Vec::new();
        let mut ticks = tokio::time::interval(pace);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !stop.load(Ordering::Relaxed) {
            ticks.tick().await;
            all.extend(self.ask().await);
        }
        all
    }

    /// One question at a node that lives, if one does.
    async fn ask(&mut self) -> Option<Asked> {
        let node = self.chance.below(self.fleet.count() as u64) as usize;
        let key = self.chance.below(self.keys.len() as u64) as usize;
        let address = self.fleet.address(node)?;
        let kept = self.connections[node].take();
        let kept = kept.filter(|kept| kept.address() == address);
        let mut connection = kept.unwrap_or_else(|| Connection::to(address));
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let bill = format!("{}.{number}", self.keys[key].bill);
        let question = Question {
            key: &self.keys[key].secret,
            bill: &bill,
            call_id: &bill,
            limit_tokens: Some(1 + self.chance.below(OUTPUT_TOKENS)),
            stream: self.chance.below(4) == 0,
        };
        let at = Instant::now();
        let answered = connection.ask(&question.bytes()).await;
        let took = at.elapsed();
        let (status, text) = match answered {
            Ok(answered) => {
                self.connections[node] = Some(connection);
                let text = match answered.status {
                    200 => String::new(),
                    _ => answered.text(),
                };
                (Some(answered.status), text)
            }
            Err(error) => (None, error.to_string()),
        };
        Some(Asked {
            bill,
            at,
            took,
            status,
            text,
        })
    }
}

/// How many were not answered with 200, by the code of the error or by what went wrong instead.
pub fn reasons(asked: &[Asked]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for one in asked.iter().filter(|one| one.status != Some(200)) {
        let body: serde_json::Value = serde_json::from_str(&one.text).unwrap_or_default();
        let code = body["error"]["code"].as_str().unwrap_or("no answer");
        *counts.entry(code.to_owned()).or_default() += 1;
    }
    counts
}

/// How many were answered with which status; 0 stands for none.
pub fn statuses(asked: &[Asked]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for one in asked {
        *counts.entry(one.status.unwrap_or(0)).or_default() += 1;
    }
    counts
}
