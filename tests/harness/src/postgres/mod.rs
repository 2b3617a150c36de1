//! A real PostgreSQL on a free port of the loopback, with data that is thrown away.
//!
//! One server serves all tests of a process ([`Postgres::shared`]); each test has a database of
//! its own ([`Postgres::database`], or [`Postgres::copy_of`] a template that is prepared once). A
//! test of outages has a server of its own ([`Postgres::own`]). Servers and data go when the
//! process of the tests goes, however that is.

mod installation;
mod watcher;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::task::JoinSet;
use tokio_postgres::{Config, NoTls, SimpleQueryMessage, SimpleQueryRow};

use crate::deadline::within;
use watcher::Watcher;

/// The role that databases belong to. It is no superuser, as the gateway's should not be, so that
/// row-level security holds for it.
const ROLE: &str = "headgate";

/// A server.
#[derive(Clone)]
pub struct Postgres {
    server: Arc<Server>,
}

struct Server {
    watcher: Mutex<Watcher>,
    port: AtomicU16,
    databases: AtomicU64,
    templates: tokio::sync::Mutex<HashSet<String>>,
    /// Databases that no test has any more.
    unused: Mutex<Vec<String>>,
}

/// A database of one test. It goes when this is dropped, or soon after.
pub struct Database {
    server: Arc<Server>,
    name: String,
}

impl Postgres {
    /// The server of this process; the first caller waits until it runs.
    ///
    /// # Panics
    /// When PostgreSQL 15 or newer is not installed, or does not start.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Self::begin)
    }

    /// Another server, for one test to stop and start.
    ///
    /// # Panics
    /// As [`Postgres::shared`].
    pub async fn own() -> Self {
        let begun = tokio::task::spawn_blocking(Self::begin);
        within("PostgreSQL starts", begun).await.expect("it starts")
    }

    fn begin() -> Self {
        let mut watcher = Watcher::begin();
        let port = watcher.start_anywhere();
        let server = Server {
            watcher: Mutex::new(watcher),
            port: AtomicU16::new(port),
            databases: AtomicU64::new(0),
            templates: tokio::sync::Mutex::default(),
            unused: Mutex::default(),
        };
        Self {
            server: Arc::new(server),
        }
    }

    /// An empty database.
    pub async fn database(&self) -> Database {
        self.copy_of("empty", |_url| async {}).await
    }

    /// A copy of a template; the first caller prepares that, by its URL, and closes its connections.
    pub async fn copy_of<F, Prepared>(&self, template: &str, prepare: F) -> Database
    where
        F: FnOnce(String) -> Prepared,
        Prepared: Future<Output = ()>,
    {
        let source = format!("template_{template}");
        let mut templates = self.server.templates.lock().await;
        if !templates.contains(template) {
            self.server.make_template(&source, prepare).await;
            templates.insert(template.to_owned());
        }
        drop(templates);
        let number = self.server.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        let unused = std::mem::take(&mut *self.server.unused());
        let mut statements: Vec<String> = unused
            .iter()
            .map(|name| format!("DROP DATABASE {name} WITH (FORCE)"))
            .collect();
        statements.push(format!(
            "CREATE DATABASE {name} TEMPLATE {source} OWNER {ROLE}"
        ));
        self.server.execute(&statements).await;
        Database {
            server: Arc::clone(&self.server),
            name,
        }
    }

    /// Stops the server as a kill would. What was committed is still there after [`Postgres::start`].
    pub async fn stop(&self) {
        self.with_watcher("PostgreSQL stops", |watcher, _port| watcher.stop())
            .await;
    }

    /// Starts a stopped server, on the same port and data.
    pub async fn start(&self) {
        self.with_watcher("PostgreSQL starts again", Watcher::start)
            .await;
    }

    /// Away from the test's own thread, so that what it drives goes on.
    async fn with_watcher(
        &self,
        what: &str,
        order: impl FnOnce(&mut Watcher, u16) + Send + 'static,
    ) {
        let server = Arc::clone(&self.server);
        let done = tokio::task::spawn_blocking(move || {
            let port = server.port.load(Ordering::Relaxed);
            let mut watcher = server
                .watcher
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            order(&mut watcher, port);
        });
        within(what, done).await.expect("the watcher does as told");
    }
}

impl Server {
    fn unused(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.unused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn url(&self, database: &str) -> String {
        let port = self.port.load(Ordering::Relaxed);
        format!("postgres://{ROLE}:{ROLE}@127.0.0.1:{port}/{database}")
    }

    async fn make_template<F, Prepared>(&self, name: &str, prepare: F)
    where
        F: FnOnce(String) -> Prepared,
        Prepared: Future<Output = ()>,
    {
        let role = format!(
            "DO $$ BEGIN CREATE ROLE {ROLE} LOGIN PASSWORD '{ROLE}'; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        );
        self.execute(&[
            role,
            // What is left of a preparation that failed.
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            format!("CREATE DATABASE {name} OWNER {ROLE}"),
        ])
        .await;
        prepare(self.url(name)).await;
        // A database that somebody is connected to cannot be copied.
        self.execute(&[
            format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"),
            format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            ),
        ])
        .await;
    }

    /// Executes statements as the superuser, one after the other.
    async fn execute(&self, statements: &[String]) {
        let mut config = Config::new();
        config
            .host("127.0.0.1")
            .port(self.port.load(Ordering::Relaxed))
            .user("postgres")
            .dbname("postgres");
        let connecting = within("PostgreSQL takes a connection", config.connect(NoTls));
        let (client, connection) = connecting.await.expect("PostgreSQL takes connections");
        let mut driving = JoinSet::new();
        driving.spawn(async { drop(connection.await) });
        for statement in statements {
            let done = within(statement, client.batch_execute(statement)).await;
            if let Err(error) = done {
                panic!("{statement}: {error:?}");
            }
        }
    }
}

impl Database {
    /// `postgres://headgate:headgate@127.0.0.1:PORT/NAME`, for a role that owns it and is no superuser.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url(&self.name)
    }
}

impl Database {
    /// Executes statements, as its owner.
    ///
    /// # Panics
    /// When one of them fails.
    pub async fn execute(&self, statements: &str) {
        self.rows(statements).await;
    }

    /// What the statements answer, as its owner: the rows' columns as text, null as nothing.
    ///
    /// # Panics
    /// When one of them fails.
    pub async fn rows(&self, statements: &str) -> Vec<Vec<String>> {
        let config: Config = self.url().parse().expect("it is our own address");
        let connecting = within("PostgreSQL takes a connection", config.connect(NoTls));
        let (client, connection) = connecting.await.expect("PostgreSQL takes connections");
        let mut driving = JoinSet::new();
        driving.spawn(async { drop(connection.await) });
        let answered = within("the statements end", client.simple_query(statements)).await;
        let messages = answered.unwrap_or_else(|error| panic!("{error:?}"));
        let rows = messages.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let text = |row: &SimpleQueryRow, column| row.get(column).unwrap_or_default().to_owned();
        rows.map(|row| (0..row.len()).map(|column| text(row, column)).collect())
            .collect()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.server.unused().push(std::mem::take(&mut self.name));
    }
}
