//! Configuration to a gateway: the diagram of the system.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use admin_api::AdminApi;
use admin_api::server::Listener;
use admin_api::settings::ReadFile;

use data_plane::journal::JournalFault;
use data_plane::metrics::Metrics;
use data_plane::node::{Node, State};
use data_plane::send::client::{self, TlsFault};
use data_plane::settings::{Fixed, Proxies, Settings, TlsFiles};

use domain::keys::Secret;
use thiserror::Error;
use tokio_rustls::rustls::ClientConfig;

use crate::admin::{self, AdminSide};
use crate::cli::{Role, Start};
use crate::config::environment::Environment;
use crate::config::gateway::{GatewaySettings, LogLevel, Waits};
use crate::control::Control;
use crate::data_dir::{DataDir, DataDirFault};
use crate::governing;
use crate::presence::{NotAlone, Presence};
use crate::storage::{Storage, StorageFault};
use crate::tables::Tables;

/// Everything that one process is made of; which of it, its role says.
pub struct Gateway {
    /// Requests to models; none in the role `admin`.
    pub node: Arc<Node>,
    /// The models of the file and the store.
    pub tables: Arc<Tables>,
    /// What runs beside the requests.
    pub control: Control,
    /// The admin side; none in the role `data-plane`.
    pub admin: Option<AdminSide>,
    /// With what the first administrator is made, while there is none.
    pub setup_token: Option<Secret>,
    _folder: DataDir,
}

/// Why a gateway cannot be assembled.
#[derive(Debug, Error)]
pub enum Fault {
    /// No folder.
    #[error("{0}")]
    Folder(#[from] DataDirFault),
    /// No store.
    #[error("{0}")]
    Storage(#[from] StorageFault),
    /// The certificate authorities cannot be read.
    #[error("{0}")]
    Authorities(#[from] TlsFault),
    /// The journal cannot be written.
    #[error("{0}")]
    Journal(#[from] JournalFault),
    /// Another data plane counts by itself.
    #[error("{0}")]
    NotAlone(#[from] NotAlone),
    /// The system gives no threads or sockets.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}

/// Puts a gateway together; its log lines go to standard error. In the role `admin` it takes the
/// listener that the data plane has otherwise.
///
/// # Errors
/// When a part of it cannot be had; the store may be away, and is waited for in the background.
pub fn gateway(
    start: &Start,
    environment: &Environment,
    listener: &TcpListener,
) -> Result<Gateway, Fault> {
    let config = &start.loaded.config;
    let role = start.flags.role;
    let folder = DataDir::open(&config.gateway.data_dir())?;
    let storage = Storage::open(&config.gateway.storage, folder.path())?;
    let mut control = Control::start()?;
    control.prepare(&storage, !start.flags.no_migrate)?;
    let shares_counters = config.gateway.redis.is_some();
    let presence = Presence::new(&storage.store, &folder, role, shares_counters)?;
    control.handle().block_on(presence.is_alone())?;
    control.keep(&storage, &config.gateway.storage, &folder);
    let (keys, variables) = (storage.keys.clone(), environment.clone());
    let tables = Arc::new(Tables::new(config, keys, variables));
    let socket = (role == Role::All).then(|| folder.socket());
    let metrics = Arc::new(Metrics::new());
    let journal = &metrics.journal;
    let governing = governing::open(&config.gateway, &folder, journal, control.handle())?;
    let node = Node::new(
        State::compile(settings(&config.gateway), &config.table),
        Fixed {
            admin_socket: socket.clone(),
            ..fixed(&config.gateway)
        },
        Arc::clone(&governing.governance),
        metrics,
        log_sink(start),
    )?;
    control.join_fleet(&node.governance, &storage);
    if role != Role::Admin {
        control.follow(&node, &storage, &tables, &folder);
        control.ship(&node, &storage, governing.earlier);
    }
    control.be_present(presence, &node, &tables);
    let listener = match (&socket, role) {
        (Some(path), _) => Some(Listener::Unix(admin::socket(path)?)),
        (None, Role::Admin) => Some(Listener::Tcp(listener.try_clone()?)),
        (None, _) => None,
    };
    let api = admin_api(start, environment, (&storage, &tables))?;
    work(&mut control, start, (&storage, &tables), &api)?;
    let admin = listener.map(|listener| AdminSide::start(api, listener, socket));
    let setup_token = match role {
        Role::DataPlane => None,
        Role::All | Role::Admin => control.setup_token(&storage),
    };
    Ok(Gateway {
        node,
        tables,
        control,
        setup_token,
        admin: admin.transpose()?,
        _folder: folder,
    })
}

/// Where a line for each request goes. A demo makes its requests itself, and nobody asked to see them.
fn log_sink(start: &Start) -> Box<dyn io::Write + Send> {
    if start.flags.demo && start.loaded.config.gateway.log.level < LogLevel::Info {
        return Box::new(io::sink());
    }
    Box::new(io::stderr())
}

/// Reads the configuration as a reload would, to compare; none without a file.
fn file_reader(start: &Start, environment: &Environment) -> Option<ReadFile> {
    if start.loaded.config.files.is_empty() {
        return None;
    }
    let (flags, environment) = (start.flags.clone(), environment.clone());
    Some(Arc::new(move || match flags.load(&environment) {
        Ok(loaded) => Ok(loaded.config.effective),
        Err(refused) => Err(refused.to_string()),
    }))
}

/// The admin side, which knows how the configuration was read.
fn admin_api(
    start: &Start,
    environment: &Environment,
    (storage, tables): (&Storage, &Tables),
) -> Result<AdminApi, Fault> {
    let gateway = &start.loaded.config.gateway;
    let behind = start.flags.role == Role::All;
    let mut api = admin::api(gateway, storage, tables, behind, trust(gateway)?)?;
    api.settings.read_file = file_reader(start, environment);
    Ok(api)
}

/// Begins the jobs of the admin side, where this process has one.
fn work(
    control: &mut Control,
    start: &Start,
    (storage, tables): (&Storage, &Tables),
    api: &AdminApi,
) -> io::Result<()> {
    if start.flags.role != Role::DataPlane {
        let settings = &start.loaded.config.gateway;
        let trust = &api.settings.provider_trust;
        let (trusted, metrics) = (Arc::clone(trust), Arc::clone(&api.metrics));
        let jobs = admin::jobs(settings, (storage, tables), trusted, metrics)?;
        control.work(jobs);
        control.fetch_keys(admin::caller_keys(settings, storage, trust)?);
    }
    Ok(())
}

impl Gateway {
    /// Ends what runs beside the requests: first the admin side, whose last changes are followed.
    pub fn end(self) {
        if let Some(admin) = self.admin {
            admin.end();
        }
        self.control.end();
        self.node.governance.journal.close();
    }
}

/// Whom calls to providers trust.
///
/// # Errors
/// When the certificate authorities cannot be read.
pub fn trust(gateway: &GatewaySettings) -> Result<Arc<ClientConfig>, TlsFault> {
    client::trust(&fixed(gateway))
}

/// The settings that are swapped at a reload.
#[must_use]
pub fn settings(gateway: &GatewaySettings) -> Settings {
    let usual = Settings::default();
    let Waits {
        connect_timeout_ms,
        first_byte_timeout_ms,
        idle_timeout_ms,
        keepalive_comment_interval_ms,
        request_header_timeout_ms,
        request_body_timeout_ms,
        drain_timeout_ms,
    } = gateway.waits;
    let master_key = gateway.access.master_key.as_ref();
    let first_byte_timeout = first_byte_timeout_ms.map(Duration::from_millis);
    Settings {
        master_key: master_key.map(|key| key.secret.clone()),
        master_key_is_weak: master_key.is_some_and(|key| key.weakness.is_some())
            && !gateway.access.permit_weak_master_key,
        allow_anonymous: gateway.access.allow_anonymous,
        trusted_proxy_hops: gateway.web.trusted_proxy_hops,
        key_header: gateway.access.key_header.clone(),
        callers: gateway.callers.rules.clone().map(Arc::new),
        metrics_need_key: gateway.web.require_auth_for_metrics,
        max_request_bytes: usize::try_from(gateway.limits.max_request_bytes).unwrap_or(usize::MAX),
        max_response_bytes: usize::try_from(gateway.limits.max_response_bytes)
            .unwrap_or(usize::MAX),
        first_byte_timeout: first_byte_timeout.unwrap_or(usual.first_byte_timeout),
        reasoning_first_byte_timeout: first_byte_timeout
            .unwrap_or(usual.reasoning_first_byte_timeout),
        stream_idle_timeout: Duration::from_millis(idle_timeout_ms),
        keep_alive_interval: keepalive_comment_interval_ms.map(Duration::from_millis),
        request_head_timeout: Duration::from_millis(request_header_timeout_ms),
        request_body_timeout: Duration::from_millis(request_body_timeout_ms),
        connect_timeout: Duration::from_millis(connect_timeout_ms),
        drain_timeout: Duration::from_millis(drain_timeout_ms),
        cors_origins: gateway.web.cors_allowed_origins.clone(),
        litellm_headers: gateway.web.litellm_headers,
        root_path: gateway.web.root_path.clone(),
    }
}

fn fixed(gateway: &GatewaySettings) -> Fixed {
    let outgoing = &gateway.outgoing;
    Fixed {
        workers: gateway.listen.threads.map_or(0, usize::from),
        tls: gateway.listen.tls.as_ref().map(|files| TlsFiles {
            certificates: files.certificate_file.clone(),
            key: files.key_file.clone(),
        }),
        extra_authorities: outgoing.extra_ca_file.clone(),
        verify_providers: outgoing.verify_certificates,
        log_text: !gateway.log.json,
        admin_socket: None,
        proxies: Proxies {
            https: outgoing.https_proxy.clone(),
            http: outgoing.http_proxy.clone(),
            none_for: outgoing.no_proxy.clone(),
        },
    }
}
