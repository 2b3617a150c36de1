//! Real Redis servers on free ports of the loopback, with data that is thrown away.
//!
//! One server ([`Redis::one`]), a primary and a replica with a sentinel ([`Redis::guarded`]), or a
//! cluster of three ([`Redis::cluster`]). A test may kill, pause, empty and fail them over. Servers
//! and data go when the process of the tests goes, however that is.

mod keeper;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::{Client, Connection, FromRedisValue, RedisResult};

use crate::deadline::{PATIENCE, within};
pub use keeper::Kind;
use keeper::{Keeper, free_port};

/// What every server is started with: nothing is written to disk, nothing is put out by itself.
const PLAIN: &[&str] = &["--save", "\"\"", "--appendonly", "no"];

/// What a replica signs in with at its primary.
const REPLICATES: &[&str] = &["--masteruser", "replica", "--masterauth", "replica"];

/// The sentinel's name for the primary.
pub const SERVICE: &str = "counters";

/// Servers that belong together.
pub struct Redis {
    keeper: Arc<Mutex<Keeper>>,
    servers: Vec<Server>,
    url: String,
}

struct Server {
    name: String,
    port: u16,
    arguments: Vec<String>,
}

impl Redis {
    /// One server.
    ///
    /// # Panics
    /// When it is not installed, or does not start; so do the others.
    pub async fn one() -> Self {
        Self::one_of(Kind::Redis).await
    }

    /// One server of a kind.
    ///
    /// # Panics
    /// As [`Redis::one`].
    pub async fn one_of(kind: Kind) -> Self {
        begin(
            move |keeper| {
                let servers = vec![server(keeper, "one", PLAIN)];
                let url = servers
                    .first()
                    .map(|one| format!("redis://127.0.0.1:{}", one.port));
                (servers, url.unwrap_or_default(), kind)
            },
            kind,
        )
        .await
    }

    /// One server that writes every command to disk before it answers, so that a kill loses nothing.
    ///
    /// # Panics
    /// As [`Redis::one`].
    pub async fn durable() -> Self {
        let arguments = [
            "--save",
            "\"\"",
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
        ];
        begin(
            move |keeper| {
                let servers = vec![server(keeper, "one", &arguments)];
                let url = servers
                    .first()
                    .map(|one| format!("redis://127.0.0.1:{}", one.port));
                (servers, url.unwrap_or_default(), Kind::Redis)
            },
            Kind::Redis,
        )
        .await
    }

    /// A primary (0), its replica (1) and a sentinel (2) that puts the replica in the primary's place.
    ///
    /// # Panics
    /// As [`Redis::one`].
    pub async fn guarded() -> Self {
        let redis = begin(guarded, Kind::Redis).await;
        redis.until("the replica follows", |redis| {
            redis
                .says::<String>(0, &["INFO", "replication"])
                .contains("state=online")
        });
        redis.until("the sentinel knows the replica", |redis| {
            let replicas = redis.says::<Vec<redis::Value>>(2, &["SENTINEL", "REPLICAS", SERVICE]);
            !replicas.is_empty()
        });
        redis
    }

    /// A cluster of three primaries.
    ///
    /// # Panics
    /// As [`Redis::one`].
    pub async fn cluster() -> Self {
        let redis = begin(clustered, Kind::Redis).await;
        let slots = ["0 5461", "5462 10922", "10923 16383"];
        for (index, range) in slots.iter().enumerate() {
            let (from, to) = range.split_once(' ').expect("two numbers");
            redis.says::<()>(index, &["CLUSTER", "ADDSLOTSRANGE", from, to]);
            redis.says::<()>(
                index,
                &["CLUSTER", "SET-CONFIG-EPOCH", &(index + 1).to_string()],
            );
        }
        let first = redis.port(0).to_string();
        let bus = redis.servers[0]
            .arguments
            .last()
            .expect("the bus's port")
            .clone();
        for index in 1..redis.servers.len() {
            redis.says::<()>(index, &["CLUSTER", "MEET", "127.0.0.1", &first, &bus]);
        }
        for index in 0..redis.servers.len() {
            redis.until("the cluster is whole", |redis| {
                let info = redis.says::<String>(index, &["CLUSTER", "INFO"]);
                info.contains("cluster_state:ok")
                    && info.contains("cluster_known_nodes:3")
                    && info.contains("cluster_slots_ok:16384")
            });
        }
        redis
    }

    /// What a gateway is to be told: `redis://…`, `redis-cluster://…` or `redis-sentinel://…`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The port of a server.
    #[must_use]
    pub fn port(&self, index: usize) -> u16 {
        self.servers[index].port
    }

    /// Which server has a key: in a cluster by its slot, else the first.
    #[must_use]
    pub fn index_of(&self, key: &str) -> usize {
        if !self.url.starts_with("redis-cluster:") {
            return 0;
        }
        let slot: usize = self.says(0, &["CLUSTER", "KEYSLOT", key]);
        [5_461, 10_922].iter().filter(|last| slot > **last).count()
    }

    /// Which server has the data now: the first, or, where a sentinel guards them, the one that it says.
    ///
    /// # Panics
    /// When the sentinel says something else.
    #[must_use]
    pub fn primary(&self) -> usize {
        if !self.url.starts_with("redis-sentinel:") {
            return 0;
        }
        let asked = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE];
        let (_host, port): (String, String) = self.says(2, &asked);
        let mut ports = self.servers.iter().map(|server| server.port.to_string());
        ports
            .position(|own| own == port)
            .expect("the sentinel names one of ours")
    }

    /// How many servers there are, sentinels among them.
    #[must_use]
    pub fn count(&self) -> usize {
        self.servers.len()
    }

    /// Ends a server as `kill -9` does.
    pub async fn kill(&self, index: usize) {
        self.signal("kill", index).await;
    }

    /// Stops a server's process; its connections stay.
    pub async fn pause(&self, index: usize) {
        self.signal("pause", index).await;
    }

    /// Lets a paused server go on.
    pub async fn resume(&self, index: usize) {
        self.signal("resume", index).await;
    }

    /// Starts a killed server on the same port, with what it left on disk: nothing.
    pub async fn start(&self, index: usize) {
        let keeper = Arc::clone(&self.keeper);
        let Server {
            name,
            port,
            arguments,
        } = &self.servers[index];
        let (name, port, arguments) = (name.clone(), *port, arguments.clone());
        let started = tokio::task::spawn_blocking(move || {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            locked(&keeper).start(&name, port, &arguments);
        });
        within("Redis starts again", started)
            .await
            .expect("it starts");
    }

    async fn signal(&self, order: &'static str, index: usize) {
        let keeper = Arc::clone(&self.keeper);
        let name = self.servers[index].name.clone();
        let done = tokio::task::spawn_blocking(move || locked(&keeper).signal(order, &name));
        within(order, done).await.expect("the keeper does as told");
    }

    /// Lets the replica get nothing more, though it still seems to be one.
    pub fn cut_replication(&self) {
        self.says::<()>(0, &["ACL", "SETUSER", "replica", "off"]);
        self.says::<i64>(0, &["CLIENT", "KILL", "TYPE", "replica"]);
    }

    /// What a server answers to a command.
    ///
    /// # Panics
    /// When it is away, or refuses.
    pub fn says<T: FromRedisValue>(&self, index: usize, command: &[&str]) -> T {
        let mut connection = self.connection(index);
        let (name, arguments) = command.split_first().expect("a command has a name");
        let answer = redis::cmd(name).arg(arguments).query(&mut connection);
        answer.unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    /// A connection to a server.
    ///
    /// # Panics
    /// When it is away.
    #[must_use]
    pub fn connection(&self, index: usize) -> Connection {
        self.connected(index).expect("Redis takes connections")
    }

    fn connected(&self, index: usize) -> RedisResult<Connection> {
        let client = Client::open(format!("redis://127.0.0.1:{}", self.port(index)))?;
        client.get_connection_with_timeout(PATIENCE)
    }

    /// Waits until a server is a primary.
    pub async fn until_primary(&self, index: usize) {
        let turned = async {
            while !self.is_primary(index) {
                // Redis tells nobody when it takes over: it is asked.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        within("the replica takes over", turned).await;
    }

    /// While it takes over it may close a connection: then it is not one yet.
    fn is_primary(&self, index: usize) -> bool {
        let said = self.connected(index).and_then(|mut connection| {
            redis::cmd("INFO")
                .arg("replication")
                .query::<String>(&mut connection)
        });
        said.is_ok_and(|said| said.contains("role:master"))
    }

    fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let started = std::time::Instant::now();
        while !holds(self) {
            assert!(
                started.elapsed() < PATIENCE,
                "waited and it did not happen: {what}"
            );
            // Redis tells nobody when it is ready: it is asked.
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn locked(keeper: &Mutex<Keeper>) -> std::sync::MutexGuard<'_, Keeper> {
    keeper.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Away from the test's own thread, so that what it drives goes on.
async fn begin(
    start: impl FnOnce(&mut Keeper) -> (Vec<Server>, String, Kind) + Send + 'static,
    kind: Kind,
) -> Redis {
    let begun = tokio::task::spawn_blocking(move || {
        let mut keeper = Keeper::begin(kind);
        let (servers, url, _kind) = start(&mut keeper);
        Redis {
            keeper: Arc::new(Mutex::new(keeper)),
            servers,
            url,
        }
    });
    within("Redis starts", begun).await.expect("it starts")
}

fn server(keeper: &mut Keeper, name: &str, arguments: &[&str]) -> Server {
    Server {
        name: name.to_owned(),
        port: keeper.start_anywhere(name, arguments),
        arguments: arguments
            .iter()
            .map(|argument| (*argument).to_owned())
            .collect(),
    }
}

fn clustered(keeper: &mut Keeper) -> (Vec<Server>, String, Kind) {
    let mut servers = Vec::new();
    for name in ["one", "two", "three"] {
        let bus = free_port().to_string();
        let own = [
            "--cluster-enabled",
            "yes",
            "--cluster-node-timeout",
            "2000",
            "--cluster-port",
            &bus,
        ];
        let arguments = [PLAIN, &own].concat();
        servers.push(server(keeper, name, &arguments));
    }
    let hosts: Vec<String> = servers
        .iter()
        .map(|one| format!("127.0.0.1:{}", one.port))
        .collect();
    (
        servers,
        format!("redis-cluster://{}", hosts.join(",")),
        Kind::Redis,
    )
}

fn guarded(keeper: &mut Keeper) -> (Vec<Server>, String, Kind) {
    let arguments = [PLAIN, REPLICATES].concat();
    let primary = server(keeper, "primary", &arguments);
    let order = |port: u16, command: &[&str]| {
        let client = Client::open(format!("redis://127.0.0.1:{port}")).expect("an address");
        let mut connection = client
            .get_connection_with_timeout(PATIENCE)
            .expect("it answers");
        let (name, arguments) = command.split_first().expect("a command has a name");
        let done: RedisResult<()> = redis::cmd(name).arg(arguments).query(&mut connection);
        done.expect("it does as told");
    };
    let rights = [
        "ACL",
        "SETUSER",
        "replica",
        "on",
        ">replica",
        "+psync",
        "+replconf",
        "+ping",
    ];
    order(primary.port, &rights);
    let replica = server(keeper, "replica", &arguments);
    order(replica.port, &rights);
    order(
        replica.port,
        &["REPLICAOF", "127.0.0.1", &primary.port.to_string()],
    );
    let sentinel = server(keeper, "sentinel", &["--sentinel"]);
    let port = primary.port.to_string();
    order(
        sentinel.port,
        &["SENTINEL", "MONITOR", SERVICE, "127.0.0.1", &port, "1"],
    );
    for (setting, value) in [
        ("down-after-milliseconds", "300"),
        ("failover-timeout", "3000"),
    ] {
        order(sentinel.port, &["SENTINEL", "SET", SERVICE, setting, value]);
    }
    let url = format!("redis-sentinel://127.0.0.1:{}/{SERVICE}", sentinel.port);
    (vec![primary, replica, sentinel], url, Kind::Redis)
}
