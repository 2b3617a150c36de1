//! The admin side: REST, LiteLLM's management routes, sessions; every change an action.
//!
//! A request goes this way:
//!
//! | step | file | takes -> gives |
//! |---|---|---|
//! | accept | [`server`], [`edge`], [`routes`] | a connection -> a handler |
//! | who, and may they | [`credential`], [`live_session`], [`cross_site`], [`acting`] | headers -> [`acting::Acting`], which only that file can make |
//! | read | [`api`], [`litellm`], [`pages`] | a body -> what an action wants |
//! | do | [`actions`] | one change: checks, store, audit entry |
//! | answer | [`api`], [`litellm`], [`pages`], [`error`] | a thing -> its shape |
//! | listen | [`live`], [`pages`] | what ends -> rows of pages that are open |
//! | there and back | [`identity`] | somebody to whom an identity provider vouches for |
//! | beside | [`jobs`], [`alerts`], [`metrics`] | what runs without being asked: days of the ledger, alerts of budgets; what is counted of all this |

pub mod acting;
pub mod actions;
pub mod alerts;
pub mod api;
pub mod cookies;
pub mod credential;
pub mod cross_site;
pub mod edge;
pub mod egress;
pub mod error;
pub mod fields;
pub mod idempotency;
pub mod identity;
pub mod jobs;
pub mod litellm;
pub mod live;
pub mod live_session;
pub mod members_once;
pub mod metrics;
pub mod openapi;
pub mod origin;
pub mod pages;
pub mod routes;
pub mod server;
pub mod settings;
pub mod tokens;
pub mod unknown_paths;

use std::sync::Arc;

use store::Store;

use crate::live::Live;
use crate::metrics::AdminMetrics;
use crate::settings::Settings;

/// The admin side: what every handler reaches.
pub struct AdminApi {
    /// Tenants, keys, deployments, the audit trail.
    pub store: Arc<Store>,
    /// What the operator configured.
    pub settings: Settings,
    /// Held while a key is read, changed and written, so that of two who change it at the same time
    /// neither is sent away.
    pub key_changes: tokio::sync::Mutex<()>,
    /// Who listens to what ends.
    pub live: Arc<Live>,
    /// What Prometheus reads.
    pub metrics: Arc<AdminMetrics>,
}
