//! Nodes, Redis and Postgres are killed at random while callers go on. Nothing that was answered is
//! lost or counted twice; what nobody knows the end of counts as held, and is listed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use harness::answer::Answer;
use harness::chance::Chance;
use harness::connection::Connection;
use harness::fleet::Fleet;
use harness::ledger::Tokens;
use harness::redis::Redis;

use crate::accounts::{self, Key, Limits, Shape};
use crate::books;
use crate::load::{self, Asked, Load, Terms};
use crate::requests::{self, Row};
use crate::setup::{self, INPUT_TOKENS, OUTPUT_TOKENS, Question, fleet, number, until};

/// What is killed. Two killers go about at the same time, each with its own.
#[derive(Clone, Copy, Debug)]
enum Victim {
    Node(usize),
    Redis,
    Postgres,
}

const OF_ONE: &[Victim] = &[
    Victim::Node(0),
    Victim::Node(1),
    Victim::Node(0),
    Victim::Node(1),
    Victim::Redis,
];
const OF_OTHER: &[Victim] = &[
    Victim::Node(2),
    Victim::Node(3),
    Victim::Node(2),
    Victim::Node(3),
    Victim::Postgres,
];

/// Far more than is spent: what is tested is that it is counted.
const PLENTY_NANOUSD: u64 = 1_000_000_000_000;

async fn pause(chance: &mut Chance, most_ms: u64) {
    // The time between kills is what is random here.
    tokio::time::sleep(Duration::from_millis(chance.below(most_ms))).await;
}

/// Kills so many of these, each when the one before is back.
async fn kill(fleet: &Fleet, victims: &[Victim], kills: u64, mut chance: Chance) {
    for _ in 0..kills {
        pause(&mut chance, 300).await;
        match *chance.of_these(victims) {
            Victim::Node(index) => {
                fleet.kill(index).await;
                pause(&mut chance, 200).await;
                fleet.revive(index).await;
            }
            Victim::Redis => {
                fleet.redis.kill(0).await;
                pause(&mut chance, 500).await;
                fleet.redis.start(0).await;
            }
            Victim::Postgres => {
                fleet.postgres.stop().await;
                pause(&mut chance, 500).await;
                fleet.postgres.start().await;
            }
        }
    }
}

/// Every key asks once more, so that every counter is there.
async fn count_again(fleet: &Fleet, keys: &[Key]) {
    for (index, key) in keys.iter().enumerate() {
        until("money budgets answer again", || async {
            let bill = format!("{}.last-{index}-{}", key.bill, Chance::seed("NONE"));
            let question = Question {
                key: &key.secret,
                bill: &bill,
                call_id: &bill,
                limit_tokens: Some(1),
                stream: false,
            };
            let mut connection = Connection::to(fleet.addresses()[0]);
            match connection.ask(&question.bytes()).await {
                Ok(answered) if answered.status == 200 => Ok(()),
                Ok(answered) => Err(answered.text()),
                Err(error) => Err(error.to_string()),
            }
        })
        .await;
    }
}

/// What is wrong with the ledger's row of one request.
fn wrong(row: Row, billed: u64, asked: Option<&Asked>) -> Option<&'static str> {
    if row.requests > 1 {
        return Some("doubled");
    }
    if row.charge_nanousd < billed {
        return Some("under-counted");
    }
    if row.charge_nanousd > billed && !row.is_orphaned {
        return Some("over-counted, and no orphan");
    }
    let was_answered = asked.is_some_and(|asked| asked.status == Some(200));
    if was_answered && (row.requests == 0 || row.is_orphaned || row.is_estimated) {
        return Some("answered, and not settled");
    }
    None
}

/// What is wrong with the ledger, request by request.
async fn faults(fleet: &Fleet, asked: &HashMap<String, Asked>) -> Result<(), String> {
    let (rows, billed) = (
        requests::rows(fleet).await,
        requests::billed(fleet, "openai"),
    );
    let mut names: Vec<&String> = rows
        .keys()
        .chain(billed.keys())
        .chain(asked.keys())
        .collect();
    names.sort();
    names.dedup();
    let wrong = names.into_iter().filter_map(|name| {
        let row = rows.get(name).copied().unwrap_or_default();
        let billed = billed.get(name).copied().unwrap_or_default();
        let why = wrong(row, billed, asked.get(name))?;
        Some(format!(
            "{name}: {why}: billed {billed}, {row:?}, {:?}",
            asked.get(name)
        ))
    });
    let wrong: Vec<String> = wrong.collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "{} are wrong, such as\n{}",
            wrong.len(),
            wrong[..wrong.len().min(10)].join("\n")
        )),
    }
}

/// Every orphan of the ledger is listed, and nothing else.
async fn orphans_are_listed(fleet: &Fleet) -> usize {
    let listed = fleet.admin().get("/api/v1/orphans?format=csv").await;
    assert_eq!(listed.status, 200, "{}", listed.text());
    let listed = listed.text().lines().count() - 1;
    let count = "SELECT count(*) FROM attempts WHERE outcome = 'orphaned'";
    let rows = fleet.database.rows(count).await;
    let rows: usize = rows[0][0].parse().unwrap();
    assert_eq!(listed, rows.min(10_000));
    rows
}

/// Budgets at every level, which are not used up.
async fn keys_with_plenty(fleet: &Fleet) -> Vec<Key> {
    let shape = Shape {
        organizations: 2,
        teams: 2,
        keys: 2,
    };
    let limits = Limits {
        organization_nanousd: Some(PLENTY_NANOUSD),
        team_nanousd: Some(PLENTY_NANOUSD),
        key_nanousd: Some(PLENTY_NANOUSD),
    };
    accounts::make(fleet, shape, limits).await
}

async fn survives(redis: Redis, kills: u64, seed: u64) {
    let _turn = setup::turn().await;
    println!("kills: {kills}, HEADGATE_KILLS_SEED={seed}");
    let fleet = Arc::new(fleet(redis, 4).await);
    let tokens = Tokens::new(INPUT_TOKENS, OUTPUT_TOKENS);
    let answer = Answer::text("So much was said before it was killed.");
    let answer = answer.tokens(tokens).heeding_limits();
    fleet
        .upstream("openai")
        .answers(answer.paced(Duration::from_millis(10)));
    let keys = keys_with_plenty(&fleet).await;
    count_again(&fleet, &keys).await;
    let mut chance = Chance::of(seed);
    let started = Instant::now();
    let terms = Terms {
        callers: 20,
        pace: Duration::from_millis(25),
        seed: chance.bits(),
    };
    let load = Load::begin(&fleet, &keys, terms);
    let (one, other) = (chance.branch(), chance.branch());
    tokio::join!(
        kill(&fleet, OF_ONE, kills / 2, one),
        kill(&fleet, OF_OTHER, kills - kills / 2, other),
    );
    let asked = load.end().await;
    println!(
        "kills: {:?}, {:?} in {:?}",
        load::statuses(&asked),
        load::reasons(&asked),
        started.elapsed()
    );
    let asked = asked.into_iter().map(|one| (one.bill.clone(), one));
    let asked: HashMap<String, Asked> = asked.collect();
    until("every request is in the ledger as it was", || {
        faults(&fleet, &asked)
    })
    .await;
    count_again(&fleet, &keys).await;
    until("the counters are what the ledger says", || async {
        let spend = books::of_rows(&fleet, &keys).await;
        books::differences("roll-ups", &spend, &books::of_quarters(&fleet, &keys).await)?;
        let counters = books::counters(&fleet, &keys);
        books::off(&counters, &spend)?;
        match counters.len() {
            8 => Ok(()),
            _ => Err(format!("{counters:?}")),
        }
    })
    .await;
    println!("kills: {} orphans", orphans_are_listed(&fleet).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_lose_and_double_nothing_when_redis_keeps_its_data() {
    let kills = number("HEADGATE_KILLS", 200) / 2;
    survives(
        Redis::durable().await,
        kills,
        Chance::seed("HEADGATE_KILLS_SEED"),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_lose_and_double_nothing_when_redis_comes_back_empty() {
    let kills = number("HEADGATE_KILLS", 200) / 2;
    survives(
        Redis::one().await,
        kills,
        Chance::seed("HEADGATE_KILLS_SEED"),
    )
    .await;
}
