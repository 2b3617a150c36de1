//! The simulated fleet: one thread, one clock, one source of chance, and what happens next.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use data_plane::counters::operation::CounterName;
use domain::directory::Revision;

use super::bug::Bug;
use super::ledger::Ledger;
use super::random::Random;
use super::server::Server;
use super::words::{Budget, Directory, Event, Node, Recovery, Settings, Truth};

pub struct World {
    pub random: Random,
    pub now: u64,
    queue: BTreeMap<(u64, u64), Event>,
    sequence: u64,
    pub bug: Option<Bug>,
    /// Whether things go wrong, and work comes in.
    pub faults: bool,
    /// One node with counters of its own: they go with it, and no question is lost.
    pub is_local: bool,
    pub server: Server,
    pub late_epochs: Vec<u64>,
    pub openings: BTreeMap<Arc<str>, u64>,
    pub opened: u64,
    pub ledger: Ledger,
    pub nodes: Vec<Node>,
    pub strands: usize,
    pub directory: Rc<Directory>,
    pub truth: Vec<Truth>,
    /// What happened, in one number.
    pub hash: u64,
    pub violation: Option<String>,
    pub names: BTreeMap<(usize, Option<u64>), CounterName>,
    pub scopes: Vec<Arc<str>>,
    pub organization: Arc<str>,
    pub answered: u32,
    pub quiet_since: u64,
}

/// What came of a run.
pub struct Outcome {
    pub hash: u64,
    pub violation: Option<String>,
    pub answered: u32,
    pub attempts: usize,
}

/// Plays one seed to its end: first with everything that may go wrong, then without, until all is
/// quiet.
pub fn run(settings: Settings) -> Outcome {
    let mut world = World::new(settings);
    for _ in 0..settings.events {
        world.step();
    }
    if world.violation.is_none() {
        world.settle_down();
    }
    Outcome {
        hash: world.hash,
        violation: world.violation,
        answered: world.answered,
        attempts: world.truth.len(),
    }
}

impl World {
    fn new(settings: Settings) -> Self {
        let mut random = Random::new(settings.seed);
        let nodes = 1 + random.index(8).min(random.index(8));
        let is_local = nodes == 1;
        let mut world = Self {
            now: 10_000_000,
            queue: BTreeMap::new(),
            sequence: 0,
            bug: settings.bug,
            faults: true,
            is_local,
            server: Server::new(settings.bug),
            late_epochs: Vec::new(),
            openings: BTreeMap::new(),
            opened: 0,
            ledger: Ledger::default(),
            nodes: Vec::new(),
            strands: 0,
            directory: Rc::default(),
            truth: Vec::new(),
            hash: 0xcbf2_9ce4_8422_2325,
            violation: None,
            names: BTreeMap::new(),
            scopes: super::words::SCOPES
                .iter()
                .map(|scope| Arc::from(*scope))
                .collect(),
            organization: "org_o".into(),
            answered: 0,
            quiet_since: 0,
            random,
        };
        world.directory = Rc::new(world.first_directory());
        for node in 0..nodes {
            let node_skew = i64::try_from(world.random.below(172_800_000)).unwrap() - 86_400_000;
            let directory = Rc::clone(&world.directory);
            world.nodes.push(new_node(directory, node_skew));
            world.after(0, Event::Start { node });
        }
        for event in [Event::Client, Event::Admin, Event::Fault, Event::Sweep] {
            world.after(20, event);
        }
        world
    }

    fn first_directory(&mut self) -> Directory {
        let mut directory = Directory {
            revision: Revision(1),
            ..Directory::default()
        };
        for scope in 0..7 {
            for windowed in [true, false] {
                if self.random.often(500) {
                    let limit = 300 + self.random.amount(3_000);
                    let (version, since) = (Revision(1), Revision(0));
                    directory.budgets.push(Budget {
                        scope,
                        windowed,
                        limit,
                        version,
                        since,
                    });
                }
            }
        }
        directory
    }

    /// What happens next happens.
    pub fn step(&mut self) {
        let Some(((at, _), event)) = self.queue.pop_first() else {
            return;
        };
        if self.violation.is_some() {
            return;
        }
        self.now = at;
        let changes = match event {
            Event::Alive { .. } | Event::Client | Event::Start { .. } => false,
            Event::Ship { node, .. } => !self.nodes[node].disk.is_empty(),
            _ => true,
        };
        self.handle(event);
        if changes {
            self.check();
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Client => self.client(),
            Event::Step { node, run, attempt } if self.runs(node, run) => {
                self.note(&[1, at(node), at(attempt)]);
                self.step_request(node, attempt);
            }
            Event::Ship { node, run } if self.runs(node, run) => {
                self.ship(node);
                self.after(500, event);
            }
            Event::Alive { node, run } if self.runs(node, run) => self.alive(node),
            Event::Sweep => self.sweep(),
            Event::Follow { node, run } if self.runs(node, run) => {
                self.follow(node);
                self.after(1_100, event);
            }
            Event::Reassert { node, run } if self.runs(node, run) => self.reassert(node),
            Event::Recover { node, run } if self.runs(node, run) => self.recover(node),
            Event::Start { node } => self.start(node),
            Event::Dies { node, run } => self.counts_as_dead(node, run),
            Event::Late(index) => self.late(index),
            Event::Admin => self.admin(),
            Event::Fault => self.fault(),
            Event::ServerUp => self.server.is_up = true,
            Event::LedgerUp => self.ledger.is_up = true,
            Event::Step { .. }
            | Event::Ship { .. }
            | Event::Alive { .. }
            | Event::Follow { .. }
            | Event::Reassert { .. }
            | Event::Recover { .. } => {}
        }
    }

    /// Whether a node still is what an event was meant for.
    pub fn runs(&self, node: usize, run: u64) -> bool {
        let node = &self.nodes[node];
        node.is_up && node.run == run
    }

    pub fn after(&mut self, ms: u64, event: Event) {
        self.sequence += 1;
        self.queue.insert((self.now + ms, self.sequence), event);
    }

    /// Writes down that something happened.
    pub fn note(&mut self, what: &[u64]) {
        for word in what.iter().chain(&[self.now]) {
            self.hash = (self.hash ^ word)
                .wrapping_mul(0x0100_0000_01b3)
                .rotate_left(5);
        }
    }

    pub fn fail(&mut self, what: String) {
        self.violation.get_or_insert(what);
    }

    pub fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    pub fn name(&mut self, scope: usize, window: Option<u64>) -> CounterName {
        let name = self.names.entry((scope, window)).or_insert_with(|| {
            let scope = super::words::SCOPES[scope];
            CounterName(match window {
                Some(number) => format!("{scope}/20s@{number}").into(),
                None => format!("{scope}/life").into(),
            })
        });
        name.clone()
    }
}

/// For the log.
pub fn at(index: usize) -> u64 {
    u64::try_from(index).unwrap()
}

fn new_node(directory: Rc<Directory>, skew_ms: i64) -> Node {
    Node {
        is_up: false,
        is_starting: false,
        is_registered: false,
        run: 0,
        epoch: 0,
        is_confirmed: false,
        directory,
        corrected_to: Revision(0),
        skew_ms,
        learned_ms: 0,
        requests: BTreeMap::new(),
        acknowledged: std::collections::BTreeSet::new(),
        to_settle: Vec::new(),
        strand: 0,
        disk: Vec::new(),
        positions: BTreeMap::new(),
        recovery: Recovery::Done,
    }
}
