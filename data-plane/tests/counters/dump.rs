//! Everything that Redis has of one organization, read key by key, against everything the model has.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use data_plane::counters::model::{AttemptState, Phase, Standing, State};
use data_plane::counters::operation::{AttemptId, Balance, CounterName};
use domain::directory::Revision;
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use redis::{Cmd, ConnectionLike, Value, cmd};

/// What there is at one moment.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Dump {
    pub counters: BTreeMap<CounterName, Standing>,
    pub attempts: BTreeMap<AttemptId, AttemptState>,
    pub members: BTreeMap<String, Vec<AttemptId>>,
}

type Hash = HashMap<String, String>;

fn unescape(name: &str) -> String {
    let name = name.replace("%7D", "}").replace("%7B", "{");
    name.replace("%0A", "\n").replace("%25", "%")
}

fn number<T: std::str::FromStr>(hash: &Hash, field: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    hash[field].parse().unwrap()
}

/// Reads Redis.
pub struct Reader<'a> {
    connection: &'a mut redis::Connection,
    prefix: String,
    now: TimestampMs,
}

impl<'a> Reader<'a> {
    pub fn new(
        connection: &'a mut redis::Connection,
        organization: &str,
        now: TimestampMs,
    ) -> Self {
        let prefix = format!("h1:{{o:{organization}}}:");
        Self {
            connection,
            prefix,
            now,
        }
    }

    fn ask<T: redis::FromRedisValue>(&mut self, command: &Cmd) -> T {
        command.query(self.connection).unwrap()
    }

    fn keys(&mut self) -> Vec<String> {
        // What a pattern takes for more than itself.
        let pattern = format!("{}*", self.prefix.replace('[', "\\["));
        self.ask(cmd("KEYS").arg(pattern))
    }

    /// Leaves nothing of the organization, so that the next one's keys are found soon.
    pub fn clear(mut self) {
        let keys = self.keys();
        let _count: i64 = self.ask(cmd("UNLINK").arg(keys));
    }

    /// Everything, in two round trips: which keys there are, and what they hold.
    pub fn dump(mut self) -> Dump {
        assert!(self.connection.check_connection());
        let (mut counters, mut slots) = (Vec::new(), Vec::new());
        for key in self.keys() {
            let rest = &key[self.prefix.len()..];
            if let Some(name) = rest.strip_prefix("b:") {
                counters.push(name.to_owned());
            } else if let Some(name) = rest.strip_prefix("c:") {
                slots.push(name.to_owned());
            }
        }
        let mut answers = self.read(&counters, &slots).into_iter();
        let mut next = || answers.next().unwrap();
        let organization = hash(next());
        let expiries: HashMap<String, u64> = redis::from_redis_value(next()).unwrap();
        let records = hash(next());
        let mut dump = Dump::default();
        let mut generations = HashMap::new();
        for name in counters {
            let hash = hash(next());
            if hash["e"] == organization["a"] && self.now.0 < number(&hash, "k") {
                generations.insert(name.clone(), hash["g"].clone());
                let name = CounterName(unescape(&name).into());
                dump.counters.insert(name, standing(&hash));
            }
        }
        for name in slots {
            let members: Vec<String> = redis::from_redis_value(next()).unwrap();
            let members = members.iter();
            let mut members: Vec<_> = members
                .map(|member| AttemptId(unescape(member).into()))
                .collect();
            members.sort();
            if !members.is_empty() {
                dump.members.insert(unescape(&name), members);
            }
        }
        for (attempt, record) in records {
            let expires_ms = expiries.get(&attempt).copied();
            let state = attempt_state(&record, &generations, expires_ms);
            dump.attempts
                .insert(AttemptId(unescape(&attempt).into()), state);
        }
        dump
    }

    /// The organization, expiries, records, then these counters and slots.
    fn read(&mut self, counters: &[String], slots: &[String]) -> Vec<Value> {
        let key = |name: &str| format!("{}{name}", self.prefix);
        let mut pipe = redis::pipe();
        pipe.cmd("HGETALL").arg(key("m"));
        pipe.cmd("ZRANGE")
            .arg(key("ex"))
            .arg(0)
            .arg(-1)
            .arg("WITHSCORES");
        pipe.cmd("HGETALL").arg(key("rv"));
        for name in counters {
            pipe.cmd("HGETALL").arg(key(&format!("b:{name}")));
        }
        for name in slots {
            let from = format!("({}", self.now.0);
            let key = key(&format!("c:{name}"));
            pipe.cmd("ZRANGEBYSCORE").arg(key).arg(from).arg("+inf");
        }
        pipe.query(self.connection).unwrap()
    }
}

fn hash(value: Value) -> Hash {
    redis::from_redis_value(value).unwrap()
}

fn standing(hash: &Hash) -> Standing {
    Standing {
        balance: Balance {
            settled: NanoUsd(number(hash, "s")),
            reserved: NanoUsd(number(hash, "r")),
            orphaned: NanoUsd(number(hash, "x")),
        },
        is_seeded: hash["t"] == "S",
        limit: hash["l"].parse().ok().map(NanoUsd),
        version: Revision(number(hash, "v")),
        since: Revision(number(hash, "n")),
    }
}

fn attempt_state(
    record: &str,
    generations: &HashMap<String, String>,
    expires_ms: Option<u64>,
) -> AttemptState {
    let (head, _scopes) = record.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    let fields: Vec<&str> = lines.next().unwrap().split('|').collect();
    let on = lines.filter_map(|line| {
        let (generation, name) = line.split_once(' ').unwrap();
        let is_on = generations.get(name).is_some_and(|now| now == generation);
        is_on.then(|| CounterName(unescape(name).into()))
    });
    let mut counters: Vec<_> = on.collect();
    counters.sort();
    let phase = match fields[0] {
        "A" => Phase::Active,
        "O" => Phase::Orphaned,
        other => panic!("no phase: {other}"),
    };
    // Who has become an orphan waits for nothing.
    assert_eq!(expires_ms.is_some(), phase == Phase::Active, "{record}");
    AttemptState {
        phase,
        amount: NanoUsd(fields[1].parse().unwrap()),
        counters,
        reserved_at: TimestampMs(fields[2].parse().unwrap()),
        expires_at: TimestampMs(expires_ms.unwrap_or(0)),
    }
}

/// The same of the model.
pub fn of_model(state: &State, now: TimestampMs, slots: &[Arc<str>]) -> Dump {
    let names = state.counter_names(now);
    let standings = names.iter().map(|name| {
        let standing = state.standing(name, now).unwrap();
        (name.clone(), standing)
    });
    let counters: BTreeMap<_, _> = standings.collect();
    let attempts = state.attempts().into_iter().map(|id| {
        let mut attempt = state.attempt(&id).unwrap();
        // A counter that is over for long is there until somebody looks.
        attempt.counters.retain(|name| counters.contains_key(name));
        if attempt.phase == Phase::Orphaned {
            attempt.expires_at = TimestampMs(0);
        }
        (id, attempt)
    });
    let attempts = attempts.collect();
    let members = slots.iter().filter_map(|slot| {
        let members = state.members(slot, now);
        (!members.is_empty()).then(|| (slot.to_string(), members))
    });
    Dump {
        members: members.collect(),
        attempts,
        counters,
    }
}
