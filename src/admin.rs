//! The admin side's thread: behind the data plane's socket, or on an address of its own.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use actix_web::web::Data;
use admin_api::AdminApi;
use admin_api::identity::SignIn;
use admin_api::identity::callers::CallerKeys;
use admin_api::jobs::{JobSettings, Jobs};
use admin_api::live::Live;
use admin_api::metrics::AdminMetrics;
use admin_api::server::{self, Listener};
use admin_api::settings::{Retention, Settings};
use tokio::sync::watch;
use tokio_rustls::rustls::ClientConfig;

use crate::config::gateway::GatewaySettings;
use crate::storage::Storage;
use crate::tables::Tables;

/// The admin side, while it runs.
pub struct AdminSide {
    thread: JoinHandle<io::Result<()>>,
    stop: watch::Sender<bool>,
    socket: Option<PathBuf>,
    live: Arc<Live>,
}

impl AdminSide {
    /// Starts it.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(api: AdminApi, listener: Listener, socket: Option<PathBuf>) -> io::Result<Self> {
        let (stop, mut asked) = watch::channel(false);
        let live = Arc::clone(&api.live);
        let thread = std::thread::Builder::new()
            .name("admin".to_owned())
            .spawn(move || {
                server::serve(Data::new(api), listener, async move {
                    let _asked = asked.wait_for(|asked| *asked).await;
                })
            })?;
        Ok(Self {
            thread,
            stop,
            socket,
            live,
        })
    }

    /// Who listens to it: their streams have to be ended before the data plane can end, on whose
    /// connections they are.
    #[must_use]
    pub fn live(&self) -> Arc<Live> {
        Arc::clone(&self.live)
    }

    /// Ends it: running requests may finish.
    pub fn end(self) {
        self.stop.send_replace(true);
        match self.thread.join() {
            Ok(Ok(())) => {}
            Ok(Err(cause)) => tracing::error!("the admin side ended: {cause}"),
            Err(_panicked) => tracing::error!("the admin side panicked"),
        }
        if let Some(socket) = self.socket {
            let _gone_already = std::fs::remove_file(socket);
        }
    }
}

/// The admin side of a configuration.
///
/// # Errors
/// When there is no TLS to be had.
pub fn api(
    gateway: &GatewaySettings,
    storage: &Storage,
    tables: &Tables,
    behind: bool,
    trust: Arc<ClientConfig>,
) -> io::Result<AdminApi> {
    let master_key = gateway.access.master_key.as_ref();
    let sign_in = SignIn::new(gateway.sign_in.clone(), &trust).map_err(io::Error::other)?;
    Ok(AdminApi {
        store: Arc::clone(&storage.store),
        key_changes: tokio::sync::Mutex::default(),
        settings: Settings {
            master_key: master_key.map(|key| key.secret.clone()),
            master_key_is_weak: master_key.is_some_and(|key| key.weakness.is_some())
                && !gateway.access.permit_weak_master_key,
            peer_from_header: behind,
            encryption: storage.keys.clone(),
            file: Arc::clone(&tables.file),
            public_url: gateway.web.public_base_url.clone(),
            // A split admin side is reached at its own port, where nothing stands before its routes.
            root_path: if behind {
                gateway.web.root_path.clone()
            } else {
                String::new()
            },
            metrics_need_key: gateway.web.require_auth_for_metrics,
            language: gateway.web.language,
            anchor_file: gateway.storage.anchor_file(&gateway.data_dir()),
            read_deployment: tables.reader(),
            provider_trust: trust,
            sign_in: Arc::new(sign_in),
            alerts: Arc::clone(&tables.alerts),
            // Whoever serves knows how it was read.
            read_file: None,
            retention: Retention {
                requests_kept_ms: gateway.requests_kept_ms,
                journal_max_bytes: gateway.governing.journal_max_bytes,
            },
        },
        live: Arc::default(),
        metrics: Arc::default(),
    })
}

/// What fetches the keys of callers' tokens for data planes.
///
/// # Errors
/// When there is no TLS to be had.
pub fn caller_keys(
    gateway: &GatewaySettings,
    storage: &Storage,
    trust: &ClientConfig,
) -> io::Result<CallerKeys> {
    let rules = gateway.callers.rules.as_ref();
    let urls: BTreeSet<String> = rules
        .into_iter()
        .flat_map(|rules| &rules.issuers)
        .map(|issuer| issuer.keys_url.clone())
        .collect();
    let (store, kept) = (Arc::clone(&storage.store), gateway.callers.keys_kept);
    let keys = CallerKeys::new(store, trust, urls.into_iter().collect(), kept);
    keys.map_err(io::Error::other)
}

/// What the admin side does without being asked.
///
/// # Errors
/// When there is no TLS to be had.
pub fn jobs(
    gateway: &GatewaySettings,
    (storage, tables): (&Storage, &Tables),
    trust: Arc<ClientConfig>,
    metrics: Arc<AdminMetrics>,
) -> io::Result<Jobs> {
    let settings = JobSettings {
        alerts: Arc::clone(&tables.alerts),
        keys: storage.keys.clone(),
        trust,
        requests_kept_ms: gateway.requests_kept_ms,
        metrics,
    };
    Jobs::new(Arc::clone(&storage.store), settings).map_err(io::Error::other)
}

/// A socket for our own data plane alone; what a process that was killed left there is removed.
///
/// # Errors
/// When it cannot be made.
pub fn socket(path: &Path) -> io::Result<UnixListener> {
    use std::os::unix::fs::PermissionsExt;
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}
