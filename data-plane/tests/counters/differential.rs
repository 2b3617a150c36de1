//! The same questions at the same times to Redis and to the model: the same answers, and the same
//! state, every time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use data_plane::counters::Away;
use data_plane::counters::memory::Clock;
use data_plane::counters::model::State;
use data_plane::counters::operation::{Open, Opened};
use data_plane::counters::redis::{Address, Redis};
use domain::time::TimestampMs;
use harness::deadline::within;
use harness::redis::{Kind, Redis as Servers};
use tokio::task::JoinSet;

use crate::asks::{Ask, Asker};
use crate::dump::{Reader, of_model};

/// How many questions a seed asks.
const QUESTIONS: u64 = 200;

/// How often the whole state is compared: every so many questions, and at the end.
const COMPARED: u64 = 20;

/// How many seeds are asked at the same time: most of the time of one is waiting for fences. With many
/// more, a slow machine comes to none of them before Redis has been waited for long enough.
const AT_ONCE: u64 = 8;

/// An answer of either.
#[derive(Debug, PartialEq, Eq)]
struct Answer(String);

/// One organization in both.
struct Pair {
    organization: Arc<str>,
    model: State,
    asker: Asker,
    now_ms: Arc<AtomicU64>,
}

impl Pair {
    fn now(&self) -> TimestampMs {
        TimestampMs(self.now_ms.load(Ordering::Relaxed))
    }

    /// Mostly some milliseconds, sometimes past windows, signs of life, and what is remembered.
    fn pass_time(&mut self) {
        let chance = &mut self.asker.chance;
        let ms = match chance.below(100) {
            0..60 => chance.below(20),
            60..95 => chance.below(400),
            95..99 => chance.below(10_000),
            _ => chance.below(1_200_000),
        };
        self.now_ms.fetch_add(ms, Ordering::Relaxed);
    }

    fn of_model(&mut self, ask: &Ask) -> Answer {
        let now = self.now();
        let model = &mut self.model;
        Answer(match ask {
            Ask::Reserve(ask) => format!("{:?}", model.reserve(ask, now)),
            Ask::Extend(ask) => format!("{:?}", model.extend(ask, now)),
            Ask::Settle(ask) => format!("{:?}", model.settle(ask, now)),
            Ask::Open(ask) => format!("{:?}", model.open(ask, now)),
            Ask::Seed(ask) => format!("{:?}", model.seed(ask, now)),
            Ask::Correct(ask) => format!("{:?}", model.correct(ask, now)),
            Ask::KeepAlive(ask) => format!("{:?}", model.keep_alive(ask, now)),
            Ask::Reassert(ask) => format!("{:?}", model.reassert(ask, now)),
            Ask::Sweep(_) => format!("{:?}", model.sweep(now)),
            Ask::ForgetAll => format!("{:?}", model.forget_all()),
            Ask::Revoke(ask) => format!("{:?}", model.revoke(ask)),
            Ask::Restore(ask) => format!("{:?}", model.restore(ask)),
        })
    }

    async fn of_redis(&self, redis: &Redis, ask: &Ask) -> Result<Answer, Away> {
        Ok(Answer(match ask {
            Ask::Reserve(ask) => format!("{:?}", redis.reserve(ask).await?),
            Ask::Extend(ask) => format!("{:?}", redis.extend(ask).await?),
            Ask::Settle(ask) => format!("{:?}", redis.settle(ask).await?),
            Ask::Open(ask) => format!("{:?}", redis.open(ask).await?),
            Ask::Seed(ask) => format!("{:?}", redis.seed(ask).await?),
            Ask::Correct(ask) => format!("{:?}", redis.correct(ask).await?),
            Ask::KeepAlive(ask) => format!("{:?}", redis.keep_alive(ask).await?),
            Ask::Reassert(ask) => format!("{:?}", redis.reassert(ask).await?),
            Ask::Sweep(ask) => format!("{:?}", redis.sweep(ask).await?),
            Ask::ForgetAll => format!("{:?}", redis.forget_all(&self.organization).await?),
            Ask::Revoke(ask) => format!("{:?}", redis.revoke(ask).await?),
            Ask::Restore(ask) => format!("{:?}", redis.restore(ask).await?),
        }))
    }

    /// Remembers under which number a counter was opened.
    fn remember(&mut self, ask: &Ask) {
        let Ask::Open(Open { counter, .. }) = ask else {
            return;
        };
        if let Opened::Waits { opening, .. } = self.model.open(open_of(ask), self.now()) {
            self.asker.openings.push((counter.clone(), opening));
        }
    }
}

fn open_of(ask: &Ask) -> &Open {
    match ask {
        Ask::Open(open) => open,
        other => panic!("no opening: {other:?}"),
    }
}

/// How far a seed came.
enum Ended {
    Compared,
    /// Redis did not answer in time (the machine was busy): nobody knows what it did.
    Away,
}

async fn compare(
    (seed, tries): (u64, u32),
    redis: &Redis,
    servers: &Servers,
    now_ms: &Arc<AtomicU64>,
) -> Ended {
    let organization: Arc<str> = format!("org_{seed}_{tries}").into();
    let mut pair = Pair {
        asker: Asker::new(seed, &organization),
        organization: Arc::clone(&organization),
        model: State::default(),
        now_ms: Arc::clone(now_ms),
    };
    let slots: Vec<Arc<str>> = vec!["key:k0/parallel".into(), "team:\n/parallel".into()];
    let mut connection = servers.connection(servers.index_of(&format!("{{o:{organization}}}")));
    for number in 0..QUESTIONS {
        pair.pass_time();
        let ask = pair.asker.next(pair.now());
        let Ok(answer) = pair.of_redis(redis, &ask).await else {
            return Ended::Away;
        };
        let expected = pair.of_model(&ask);
        assert_eq!(answer, expected, "seed {seed}, question {number}: {ask:#?}");
        pair.remember(&ask);
        if number % COMPARED == COMPARED - 1 {
            let there = Reader::new(&mut connection, &organization, pair.now()).dump();
            let expected = of_model(&pair.model, pair.now(), &slots);
            assert_eq!(
                there, expected,
                "seed {seed}, after question {number}: {ask:#?}"
            );
        }
    }
    Reader::new(&mut connection, &organization, pair.now()).clear();
    Ended::Compared
}

/// Asks so many seeds, and answers how many questions were compared.
async fn differ(servers: Servers, seeds: std::ops::Range<u64>) -> u64 {
    let servers = Arc::new(servers);
    let next = Arc::new(AtomicU64::new(seeds.start));
    let compared = Arc::new(AtomicU64::new(0));
    let mut asking = JoinSet::new();
    for worker in 0..AT_ONCE {
        let (servers, next, compared) = (
            Arc::clone(&servers),
            Arc::clone(&next),
            Arc::clone(&compared),
        );
        let end = seeds.end;
        asking.spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            // Far enough ahead that nothing ends by the server's own clock.
            let now_ms = TimestampMs::now().0 + 3_600_000 * (worker + 1);
            let now_ms = Arc::new(AtomicU64::new(now_ms));
            runtime.block_on(async {
                let address = Address::parse(servers.url()).unwrap();
                let redis = Redis::start(address, &Clock::Set(Arc::clone(&now_ms)));
                connected(&redis).await;
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    let mut tries = 0;
                    while let Ended::Away = compare((seed, tries), &redis, &servers, &now_ms).await
                    {
                        println!("seed {seed}: Redis did not answer in time, from the beginning");
                        tries += 1;
                        assert!(tries < 20, "Redis does not answer");
                        connected(&redis).await;
                    }
                    compared.fetch_add(QUESTIONS, Ordering::Relaxed);
                }
            });
        });
    }
    while let Some(asked) = asking.join_next().await {
        asked.unwrap();
    }
    compared.load(Ordering::Relaxed)
}

/// Waits until it answers.
pub async fn connected(redis: &Redis) {
    let answers = async {
        while redis.forget_all(&"org_first".into()).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    within("Redis answers", answers).await;
}

fn seeds(default: u64) -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let from = number("HEADGATE_TEST_SEED").unwrap_or(1);
    from..from + number("HEADGATE_TEST_SEEDS").unwrap_or(default)
}

#[tokio::test]
async fn redis_and_the_model_never_differ() {
    let seeds = seeds(1_050);
    let compared = differ(Servers::one().await, seeds.clone()).await;
    println!("{compared} questions of seeds {seeds:?}: no difference");
    assert_eq!(compared, (seeds.end - seeds.start) * QUESTIONS);
}

#[tokio::test]
async fn a_cluster_and_the_model_never_differ() {
    let compared = differ(Servers::cluster().await, 1_000_000..1_000_060).await;
    println!("{compared} questions to a cluster: no difference");
    assert_eq!(compared, 60 * QUESTIONS);
}

/// Where Valkey is installed; Debian has it from its version 13 on.
#[tokio::test]
async fn valkey_and_the_model_never_differ() {
    let kind = if Kind::Valkey.is_installed() {
        Kind::Valkey
    } else {
        Kind::Redis
    };
    let compared = differ(Servers::one_of(kind).await, 2_000_000..2_000_060).await;
    println!("{compared} questions to {kind:?}: no difference");
    assert_eq!(compared, 60 * QUESTIONS);
}
