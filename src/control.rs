//! What runs beside the requests: the store's schema, the data plane's follower, the audit trail's
//! anchors. All of it ends before the process does.

use std::sync::Arc;
use std::time::Duration;

use admin_api::actions::{sessions, setup};
use admin_api::identity::callers::CallerKeys;
use admin_api::jobs::Jobs;
use data_plane::counters::openings::Openings;
use data_plane::counters::reconciling::{self, EarlierRuns};
use data_plane::counters::{Counters, fences};
use data_plane::governance::Governance;
use data_plane::journal::Shipper;
use data_plane::node::Node;
use data_plane::tenants::corrections;
use data_plane::tenants::disk::SnapshotFiles;
use data_plane::tenants::follow::{Follower, Sources};
use domain::directory::Revision;
use domain::keys::Secret;
use domain::ledger::Ledger;
use domain::time::TimestampMs;
use store::anchors::AnchorTask;
use store::{Store, StoreError};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::storage::StorageSettings;
use crate::data_dir::DataDir;
use crate::earlier_runs::Names;
use crate::fleet;
use crate::presence::{Presence, Signs};
use crate::storage::{Storage, StorageFault};
use crate::tables::Tables;

/// How long the start waits for a database before it goes on without.
const START_PATIENCE: Duration = Duration::from_secs(4);

/// How often a database that is away is tried again.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// How often what is over is swept away.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// How long the tasks have to end.
const LAST_PATIENCE: Duration = Duration::from_secs(8);

/// How long telling others that this node ends may take.
const FAREWELL_PATIENCE: Duration = Duration::from_secs(1);

/// The runtime of everything that is no request, and its tasks.
pub struct Control {
    runtime: Runtime,
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
    shipped: Option<watch::Receiver<TimestampMs>>,
    presence: Option<Arc<Presence>>,
    counters: Option<Arc<Counters>>,
}

impl Control {
    /// Starts the runtime.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(8)
            .thread_name("control")
            .enable_all()
            .build()?;
        Ok(Self {
            runtime,
            tasks: JoinSet::new(),
            stop: watch::channel(false).0,
            shipped: None,
            presence: None,
            counters: None,
        })
    }

    /// Makes the store ready. One that is away is tried again in the background while the gateway
    /// serves by what it has.
    ///
    /// # Errors
    /// When the store is there and cannot be used.
    pub fn prepare(&mut self, storage: &Storage, may_migrate: bool) -> Result<(), StorageFault> {
        let prepared = self.runtime.block_on(async {
            tokio::time::timeout(START_PATIENCE, storage.prepare(may_migrate)).await
        });
        let cause = match prepared {
            Ok(Err(StorageFault::Store(StoreError::Unavailable(cause)))) => cause,
            Ok(prepared) => return prepared,
            Err(_late) => "it did not answer in time".to_owned(),
        };
        tracing::warn!("the database does not answer; it is tried again each second: {cause}");
        let storage = storage.clone();
        self.beside(async move { prepare_later(&storage, may_migrate).await });
        Ok(())
    }

    /// Where tasks run that are no request.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        self.runtime.handle()
    }

    /// Begins to follow the store for this node; when it returns, what the store or the disk knows
    /// is served by.
    pub fn follow(
        &mut self,
        node: &Arc<Node>,
        storage: &Storage,
        tables: &Arc<Tables>,
        folder: &DataDir,
    ) {
        let store = Arc::clone(&storage.store);
        let (tables, told) = (Arc::clone(tables), Arc::clone(&store));
        let (follow, followed) = watch::channel(Revision::default());
        let sources = Sources {
            directory: store.clone(),
            commits: Some(store.propagation.commits()),
            tables: Arc::new(move |levels| tables.merged(levels)),
            followed: Box::new(move |revision| {
                told.propagation.followed(revision);
                follow.send_replace(revision);
            }),
            files: Some(SnapshotFiles::in_directory(folder.path())),
        };
        let begun = Follower::begin(Arc::clone(node), sources);
        let follower = self.runtime.block_on(begun);
        let since = node.state().known.revision().unwrap_or_default();
        let corrected = corrections::follow(Arc::clone(node), store, since, followed);
        self.tasks.spawn_on(corrected, self.runtime.handle());
        let mut stop = self.stop.subscribe();
        self.tasks.spawn_on(
            follower.follow(async move {
                let _asked = stop.wait_for(|asked| *asked).await;
            }),
            self.runtime.handle(),
        );
    }

    /// Moves the journal into the store from now on, lets counters begin with what is there, and
    /// settles what earlier runs left in them.
    pub fn ship(&mut self, node: &Node, storage: &Storage, earlier: Option<Names>) {
        let governance = &node.governance;
        let ledger: Arc<dyn Ledger> = storage.store.clone();
        let shipper = Shipper::new(&governance.journal, Arc::clone(&ledger));
        self.shipped = Some(shipper.shipped_until());
        let counters = Arc::clone(&governance.counters);
        self.counters = Some(Arc::clone(&counters));
        let fences = fences::keep(Arc::clone(&counters), &shipper);
        self.tasks.spawn_on(fences, self.runtime.handle());
        if let Some(names) = earlier {
            let known = &node.state().known;
            let organizations = known.levels().organizations.iter();
            let runs = EarlierRuns {
                names: names.earlier.clone(),
                organizations: organizations.map(|one| one.id.to_string()).collect(),
                late: shipper.of_earlier_runs(),
                flush: shipper.flush(),
            };
            let (counters, ledger) = (Arc::clone(&counters), Arc::clone(&ledger));
            self.beside(async move {
                reconciling::settle_earlier_runs(&counters, &*ledger, runs).await;
                names.forget_earlier();
                reconciling::orphans(counters, ledger).await;
            });
        }
        let control = self.runtime.handle().clone();
        governance.attach(Openings::new(counters, ledger, shipper.flush(), control));
        let mut stop = self.stop.subscribe();
        self.tasks.spawn_on(
            shipper.run(async move {
                let _asked = stop.wait_for(|asked| *asked).await;
            }),
            self.runtime.handle(),
        );
    }

    /// Joins the nodes of a fleet, where there is one: from now on they are told of what changes here,
    /// and this node hears of what changes elsewhere.
    pub fn join_fleet(&mut self, governance: &Governance, storage: &Storage) {
        if governance.counters.as_memory().is_some() {
            return;
        }
        let (counters, store) = (&governance.counters, &storage.store);
        self.beside(fleet::hear(Arc::clone(counters), Arc::clone(store)));
        if let Some(commits) = store.propagation.for_fleet() {
            let told = fleet::tell(Arc::clone(counters), Arc::clone(store), commits);
            self.beside(told);
        }
    }

    /// Says from now on that this process lives; when it ends, that it has.
    pub fn be_present(&mut self, presence: Presence, node: &Arc<Node>, tables: &Arc<Tables>) {
        let presence = Arc::new(presence);
        let signs = Signs {
            node: Arc::clone(node),
            tables: Arc::clone(tables),
            shipped: self.shipped.clone(),
        };
        self.presence = Some(Arc::clone(&presence));
        self.beside(async move { presence.say(signs).await });
    }

    /// Runs a task until the process ends.
    fn beside(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        let mut stop = self.stop.subscribe();
        self.tasks.spawn_on(
            async move {
                tokio::select! {
                    () = task => {}
                    _asked = stop.wait_for(|asked| *asked) => {}
                }
            },
            self.runtime.handle(),
        );
    }

    /// Notes the end of the audit trail outside the database from now on, and sweeps away what has
    /// expired.
    pub fn keep(&mut self, storage: &Storage, settings: &StorageSettings, folder: &DataDir) {
        let sink = settings.anchor_sink(folder.path());
        let anchors = AnchorTask::new(Arc::clone(&storage.store), sink);
        let mut stop = self.stop.subscribe();
        self.tasks.spawn_on(
            anchors.run(async move {
                let _asked = stop.wait_for(|asked| *asked).await;
            }),
            self.runtime.handle(),
        );
        let store = Arc::clone(&storage.store);
        self.beside(async move { sweep_each_minute(&store).await });
    }

    /// Does the admin side's jobs from now on.
    pub fn work(&mut self, jobs: Jobs) {
        let stop = self.stop.subscribe();
        self.tasks.spawn_on(jobs.run(stop), self.runtime.handle());
    }

    /// Fetches the keys of callers' tokens from now on.
    pub fn fetch_keys(&mut self, keys: CallerKeys) {
        let stop = self.stop.subscribe();
        self.tasks.spawn_on(keys.run(stop), self.runtime.handle());
    }

    /// The one-time token with which the first administrator is made, while there is none and the
    /// store answers.
    #[must_use]
    pub fn setup_token(&self, storage: &Storage) -> Option<Secret> {
        let asked = setup::first_token(&storage.store);
        let made = self
            .runtime
            .block_on(async { tokio::time::timeout(START_PATIENCE, asked).await });
        match made {
            Ok(Ok(token)) => token,
            Ok(Err(cause)) => {
                tracing::warn!("no token for a first administrator could be made: {cause}");
                None
            }
            Err(_late) => None,
        }
    }

    /// Ends the tasks, each in order, within 8 seconds.
    pub fn end(mut self) {
        self.stop.send_replace(true);
        let ended = self.runtime.block_on(async {
            tokio::time::timeout(LAST_PATIENCE, async {
                while self.tasks.join_next().await.is_some() {}
            })
            .await
        });
        let _late = self.runtime.block_on(async {
            tokio::time::timeout(FAREWELL_PATIENCE, async {
                if let Some(Counters::Redis(redis)) = self.counters.as_deref() {
                    redis.resign().await;
                }
                if let Some(presence) = self.presence {
                    presence.end().await;
                }
            })
            .await
        });
        if ended.is_err() {
            tracing::warn!("not everything beside the requests ended in time");
        }
        self.runtime.shutdown_timeout(Duration::from_secs(1));
    }
}

/// Forgets sessions that are over and answers that are not told again.
async fn sweep_each_minute(store: &Store) {
    loop {
        tokio::time::sleep(SWEEP_INTERVAL).await;
        if let Err(cause) = sessions::sweep(store).await {
            tracing::warn!("what is over could not be swept away: {cause}");
        }
    }
}

async fn prepare_later(storage: &Storage, may_migrate: bool) {
    loop {
        tokio::time::sleep(RETRY_INTERVAL).await;
        match storage.prepare(may_migrate).await {
            Ok(()) => {
                tracing::info!("the database answers, and its schema is as it should be");
                return;
            }
            Err(StorageFault::Store(StoreError::Unavailable(_))) => {}
            Err(refused) => {
                tracing::error!("the store cannot be used: {refused}");
                return;
            }
        }
    }
}
