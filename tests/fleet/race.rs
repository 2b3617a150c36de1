//! Everybody wants the last cent at once: budgets nested in one another on four nodes, callers that
//! send the same twice, and money that ends on the way.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use harness::chance::Chance;
use harness::connection::Connection;
use harness::fleet::Fleet;
use harness::redis::Redis;
use tokio::task::JoinSet;

use crate::accounts::{self, Key, Limits, Shape};
use crate::books::{self, Spend};
use crate::setup::{self, OUTPUT_TOKENS, Question, dearest_nanousd, fleet, number, until};

/// Callers at the same time.
const CALLERS: u64 = 200;

/// Of a hundred requests, so many are sent twice, to two nodes.
const DUPLICATES_PERCENT: u64 = 2;

/// How many were answered with which status.
type Statuses = BTreeMap<u16, u64>;

struct Caller {
    chance: Chance,
    keys: Arc<Vec<Key>>,
    own: Connection,
    other: Connection,
    left: Arc<AtomicU64>,
}

impl Caller {
    async fn run(mut self) -> Statuses {
        let mut statuses = Statuses::new();
        loop {
            let number = self.left.fetch_sub(1, Ordering::Relaxed);
            // Below zero it wraps around.
            if number == 0 || number > u64::MAX / 2 {
                return statuses;
            }
            for status in self.ask(number).await {
                *statuses.entry(status).or_default() += 1;
                // Redis answered too late, on a machine that is too busy: another one is asked.
                self.left
                    .fetch_add(u64::from(status == 503), Ordering::Relaxed);
            }
        }
    }

    async fn ask(&mut self, number: u64) -> Vec<u16> {
        let key = self.chance.of_these(&self.keys).clone();
        let limit_tokens = match self.chance.below(10) {
            0 => None,
            _ => Some(1 + self.chance.below(OUTPUT_TOKENS)),
        };
        let name = format!("{}.{number}", key.bill);
        let question = Question {
            key: &key.secret,
            bill: &name,
            call_id: &name,
            limit_tokens,
            stream: self.chance.below(20) == 0,
        };
        let bytes = question.bytes();
        if self.chance.below(100) < DUPLICATES_PERCENT {
            let (first, second) = tokio::join!(self.own.ask(&bytes), self.other.ask(&bytes));
            return vec![first.unwrap().status, second.unwrap().status];
        }
        vec![self.own.ask(&bytes).await.unwrap().status]
    }
}

/// So many questions by all callers.
async fn race(addresses: &[SocketAddr], keys: &[Key], attempts: u64, seed: u64) -> Statuses {
    let mut chance = Chance::of(seed);
    let left = Arc::new(AtomicU64::new(attempts));
    let keys = Arc::new(keys.to_vec());
    let mut callers = JoinSet::new();
    for number in 0..CALLERS {
        let at = |step: u64| addresses[(number + step) as usize % addresses.len()];
        let caller = Caller {
            chance: chance.branch(),
            keys: Arc::clone(&keys),
            own: Connection::to(at(0)),
            other: Connection::to(at(1)),
            left: Arc::clone(&left),
        };
        callers.spawn(caller.run());
    }
    let mut statuses = Statuses::new();
    for some in callers.join_all().await {
        for (status, count) in some {
            *statuses.entry(status).or_default() += count;
        }
    }
    statuses
}

/// A first question of each key: its counters are read from the ledger.
async fn begun(fleet: &Fleet, keys: &[Key]) {
    for key in keys {
        let name = format!("{}.first", key.bill);
        let question = Question {
            key: &key.secret,
            bill: &name,
            call_id: &name,
            limit_tokens: Some(1),
            stream: false,
        };
        until("the counters are read from the ledger", || async {
            let mut connection = Connection::to(fleet.addresses()[0]);
            match connection.ask(&question.bytes()).await.unwrap() {
                answered if answered.status == 200 => Ok(()),
                answered => Err(answered.text()),
            }
        })
        .await;
    }
}

/// No limit is passed, and of the limits over each key one is used up.
fn are_used_up(bill: &Spend, keys: &[Key], limits: Limits) {
    let rest = |scope: String, limit: Option<u64>| {
        let (limit, spent) = (limit.unwrap() as i64, bill[&scope]);
        assert!(spent <= limit, "{scope}: {spent} of {limit} nano-dollars");
        limit - spent
    };
    let is_first = |name: &str| name == "0";
    for key in keys {
        let mut names = key.bill.split('-').skip(2);
        let in_first_team = names.next().is_some_and(is_first);
        let mut rests = vec![rest(
            format!("organization:{}", key.organization_id),
            limits.organization_nanousd,
        )];
        if in_first_team {
            let scope = format!("team:{}", key.team_id);
            rests.push(rest(scope, limits.team_nanousd));
        }
        if names.next().is_some_and(is_first) {
            rests.push(rest(format!("key:{}", key.id), limits.key_nanousd));
        }
        let is_spent = rests.iter().any(|rest| *rest < dearest_nanousd() as i64);
        assert!(is_spent, "{}: {rests:?} are left", key.bill);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_paid_past_a_limit_by_a_nano_dollar_and_all_books_agree() {
    let _turn = setup::turn().await;
    let attempts = number("HEADGATE_RACE_ATTEMPTS", 50_000);
    let seed = Chance::seed("HEADGATE_RACE_SEED");
    println!("race: {attempts} attempts, HEADGATE_RACE_SEED={seed}");
    let fleet = fleet(Redis::one().await, 4).await;
    let shape = Shape {
        organizations: 2,
        teams: 2,
        keys: 4,
    };
    // A question costs half of the dearest on average. An organization pays for half of its own,
    // its first team for a fifth of them and a first key for a fortieth.
    let of_organization = attempts / 2 * dearest_nanousd() / 2;
    let limits = Limits {
        organization_nanousd: Some(of_organization / 2 + 1),
        team_nanousd: Some(of_organization / 5 + 7),
        key_nanousd: Some(of_organization / 40 + 3),
    };
    let keys = accounts::make(&fleet, shape, limits).await;
    begun(&fleet, &keys).await;
    let started = Instant::now();
    let mut statuses = race(&fleet.addresses(), &keys, attempts, seed).await;
    println!("race: {statuses:?} in {:?}", started.elapsed());
    are_used_up(&books::of_provider(&fleet, &keys), &keys, limits);
    // Two organizations, a team of each, a key of each team.
    books::agree(&fleet, &keys, 8).await;
    let too_late = statuses.remove(&503).unwrap_or_default();
    assert!(too_late <= attempts / 2, "{too_late} were 503");
    let is_expected = |status: &u16| [200, 429].contains(status);
    assert!(statuses.keys().all(is_expected), "{statuses:?}");
}
