//! Callers that go away at any moment: what the provider made for them is charged, and nothing stays
//! reserved.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use harness::answer::Answer;
use harness::chance::Chance;
use harness::connection;
use harness::fleet::Fleet;
use harness::ledger::Tokens;
use harness::redis::Redis;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::accounts::{self, Key, Limits, Shape};
use crate::books;
use crate::requests::{self, Row};
use crate::setup::{self, CHAT, INPUT_TOKENS, fleet, number, until};

/// Callers at the same time.
const CALLERS: usize = 32;

/// What the provider writes: a token for a word, which is what a tokenizer makes of it.
const OUTPUT_TOKENS: u64 = 64;

/// The models, one for each dialect that the gateway speaks to providers, and the lanes behind them.
const LANES: &[(&str, &str)] = &[
    ("priced", "openai"),
    ("claude", "anthropic"),
    ("gemini", "gemini"),
    ("llama", "ollama"),
];

/// One question, whose answer is read for so long.
struct Gone {
    bytes: Vec<u8>,
    /// Of the question, so many bytes are sent.
    sent: usize,
    /// Of the answer, so many are read, …
    read: usize,
    /// … for at most so long.
    within: Duration,
}

impl Gone {
    /// At random: while the question is sent, while nothing has come, or within the answer.
    fn new(chance: &mut Chance, key: &Key, bill: &str) -> Self {
        let (model, _) = chance.of_these(LANES);
        let stream = chance.below(3) > 0;
        let in_own_words = *model == "claude" && chance.below(2) == 0;
        let path = if in_own_words { "/v1/messages" } else { CHAT };
        let body = format!(
            "{{\"model\":\"{model}\",\"max_tokens\":500,\"stream\":{stream},\"messages\":[{{\"role\":\"user\",\"content\":\"bill:{bill} why use a gateway?\"}}]}}"
        );
        let headers = format!("x-litellm-call-id: {bill}\r\n");
        let bytes = connection::post(path, &key.secret, &headers, &body);
        let all = bytes.len();
        let (mut sent, mut read) = (all, usize::MAX);
        let mut within = Duration::from_secs(20);
        match chance.below(10) {
            0 => sent = chance.below(all as u64) as usize,
            1..=3 => within = Duration::from_micros(chance.below(40_000)),
            _ => read = chance.below(6_000) as usize,
        }
        Self {
            bytes,
            sent,
            read,
            within,
        }
    }

    async fn run(self, address: SocketAddr) {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(&self.bytes[..self.sent]).await.unwrap();
        let reading = async {
            let (mut seen, mut left) = (Vec::new(), self.read);
            while left > 0 && !ended(&seen) {
                let mut piece = vec![0; left.min(512)];
                match stream.read(&mut piece).await {
                    Ok(count) if count > 0 => {
                        seen.extend_from_slice(&piece[..count]);
                        left -= count;
                    }
                    _ => return,
                }
            }
        };
        if self.sent == self.bytes.len() {
            // Out of patience is one way to go.
            let _gone = timeout(self.within, reading).await;
        }
    }
}

/// Whether the whole answer is here.
fn ended(seen: &[u8]) -> bool {
    let text = String::from_utf8_lossy(seen);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    match length {
        Some(length) => length
            .parse()
            .is_ok_and(|length: usize| body.len() >= length),
        None => body.ends_with("0\r\n\r\n"),
    }
}

/// What the provider billed, by request, of all lanes.
fn billed(fleet: &Fleet) -> HashMap<String, u64> {
    let lanes = LANES.iter();
    lanes
        .flat_map(|(_, lane)| requests::billed(fleet, lane))
        .collect()
}

/// What is wrong with the ledger's row of one request.
fn wrong(row: Row, billed: u64) -> Option<&'static str> {
    if row.requests > 1 {
        return Some("doubled");
    }
    if billed > 0 && row.charge_nanousd == 0 {
        return Some("unbilled");
    }
    if row.charge_nanousd < billed {
        return Some("charged below the provider's ledger");
    }
    if row.charge_nanousd > billed && !row.is_estimated {
        return Some("charged above the provider's ledger, and not marked estimated");
    }
    None
}

/// Everything that the provider billed is charged.
async fn faults(fleet: &Fleet) -> Result<(), String> {
    let (rows, billed) = (requests::rows(fleet).await, billed(fleet));
    let names = billed
        .keys()
        .chain(rows.keys().filter(|name| !billed.contains_key(*name)));
    let wrong = names.filter_map(|name| {
        let row = rows.get(name).copied().unwrap_or_default();
        let billed = billed.get(name).copied().unwrap_or_default();
        let why = wrong(row, billed)?;
        Some(format!("{name}: {why}: billed {billed}, {row:?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    match wrong.len() {
        0 => Ok(()),
        count => Err(format!(
            "{count} are wrong, such as\n{}",
            wrong[..count.min(12)].join("\n")
        )),
    }
}

fn answers(fleet: &Fleet) {
    let text = "word ".repeat(usize::try_from(OUTPUT_TOKENS).unwrap());
    let answer = Answer::text(text.trim_end())
        .tokens(Tokens::new(INPUT_TOKENS, OUTPUT_TOKENS))
        .pieces(16)
        .billed_by_text()
        .paced(Duration::from_millis(2));
    for (_, lane) in LANES {
        fleet.upstream(lane).answers(answer.clone());
        fleet.upstream(lane).keeps_no_requests();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_goes_away_is_charged_for_what_was_made_and_leaves_nothing_reserved() {
    let _turn = setup::turn().await;
    let count = number("HEADGATE_CALLERS_GONE", 2_000);
    let seed = Chance::seed("HEADGATE_RACE_SEED");
    println!("callers gone: {count}, HEADGATE_RACE_SEED={seed}");
    let fleet = Arc::new(fleet(Redis::one().await, 2).await);
    answers(&fleet);
    let shape = Shape {
        organizations: 1,
        teams: 1,
        keys: 1,
    };
    let limits = Limits {
        organization_nanousd: Some(1_000_000_000_000),
        team_nanousd: Some(1_000_000_000_000),
        key_nanousd: Some(1_000_000_000_000),
    };
    let keys = Arc::new(accounts::make(&fleet, shape, limits).await);
    let mut chance = Chance::of(seed);
    let numbers = Arc::new(AtomicU64::new(0));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (keys, numbers, addresses) =
            (Arc::clone(&keys), Arc::clone(&numbers), fleet.addresses());
        let mut chance = chance.branch();
        callers.spawn(async move {
            loop {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return;
                }
                let bill = format!("{}.{number}", keys[0].bill);
                let gone = Gone::new(&mut chance, &keys[0], &bill);
                gone.run(*chance.of_these(&addresses)).await;
            }
        });
    }
    callers.join_all().await;
    until("whatever the provider bills is charged", || faults(&fleet)).await;
    until("nothing stays reserved", || async {
        let spend = books::of_rows(&fleet, &keys).await;
        let counters = books::counters(&fleet, &keys);
        books::off(&counters, &spend)?;
        match counters.len() {
            3 => Ok(()),
            _ => Err(format!("{counters:?}")),
        }
    })
    .await;
    let rows = requests::rows(&fleet).await;
    let estimated = rows.values().filter(|row| row.is_estimated).count();
    println!(
        "callers gone: {} were billed, {} have rows, {estimated} of them estimated",
        billed(&fleet).len(),
        rows.len()
    );
    assert!(estimated as u64 > count / 20, "most callers went away");
}
