//! Do providers answer? One small real call for each deployment.

mod call;

use std::sync::Arc;
use std::time::Duration;

use domain::addresses::Egress;
use domain::permissions::Scope;
use domain::routing::{Deployment, Origin};
use reqwest::Client;
use reqwest::redirect::Policy;
use tokio::task::JoinSet;

use crate::AdminApi;
use crate::acting::{Acting, may};
use crate::actions::deployments::{self, KnownDeployment, Listing, Written};
use crate::egress::Checking;
use crate::error::ActionError;

/// How long a provider has to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many providers are asked at the same time.
const AT_ONCE: usize = 4;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It answered.
    Healthy,
    /// It did not, or not with an answer; why, without a word of the provider's.
    Unhealthy(String),
}

/// A deployment that was checked.
pub struct Checked {
    /// Which.
    pub deployment: KnownDeployment,
    /// What the check found.
    pub health: Health,
}

/// Whom to ask.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Deployments of this model alone.
    pub model: Option<String>,
    /// This deployment alone.
    pub deployment_id: Option<String>,
}

/// Calls every deployment that is asked for, as the gateway would, and says which answered.
///
/// # Errors
/// When the store does not answer.
pub async fn check(
    acting: &Acting<may::CheckHealth>,
    asked: &Asked,
) -> Result<Vec<Checked>, ActionError> {
    let scope = Scope {
        everything: true,
        ..Scope::default()
    };
    let listing = Listing {
        model_name: asked.model.clone(),
        ..Listing::default()
    };
    let mut known = deployments::all(acting, scope, &listing).await?;
    if let Some(id) = &asked.deployment_id {
        known.retain(|one| one.id.as_str() == id);
    }
    known.retain(|one| !one.blocked);
    let clients = Arc::new(Clients::new(acting.api())?);
    let mut checked = Vec::new();
    let mut waiting = known.into_iter();
    let mut under_way = JoinSet::new();
    for deployment in waiting.by_ref().take(AT_ONCE) {
        under_way.spawn(of_one(Arc::clone(&clients), deployment));
    }
    while let Some(finished) = under_way.join_next().await {
        checked.extend(finished);
        if let Some(deployment) = waiting.next() {
            under_way.spawn(of_one(Arc::clone(&clients), deployment));
        }
    }
    checked.sort_by(|one, other| one.deployment.id.cmp(&other.deployment.id));
    Ok(checked)
}

/// Calls one deployment, which need not be written yet.
///
/// # Errors
/// When no connection can be made ready.
pub async fn try_one(
    acting: &Acting<may::CheckHealth>,
    known: &KnownDeployment,
) -> Result<Health, ActionError> {
    let clients = Clients::new(acting.api())?;
    Ok(health_of(&clients, known).await)
}

async fn of_one(clients: Arc<Clients>, deployment: KnownDeployment) -> Checked {
    let health = health_of(&clients, &deployment).await;
    Checked { deployment, health }
}

/// Connections for checks; those to addresses from the API look where they lead.
struct Clients {
    of_file: Client,
    of_store: Client,
}

impl Clients {
    fn new(api: &AdminApi) -> Result<Self, ActionError> {
        let builder = || {
            Client::builder()
                .tls_backend_preconfigured(rustls::ClientConfig::clone(
                    &api.settings.provider_trust,
                ))
                .redirect(Policy::none())
                .timeout(PATIENCE)
        };
        let fault = |fault: reqwest::Error| ActionError::Internal(fault.to_string());
        Ok(Self {
            of_file: builder().build().map_err(fault)?,
            of_store: builder()
                .dns_resolver(Checking(Egress::PlatformAdmin))
                .build()
                .map_err(fault)?,
        })
    }

    const fn of(&self, deployment: &Deployment) -> &Client {
        match deployment.origin {
            Origin::File => &self.of_file,
            Origin::Store => &self.of_store,
        }
    }
}

async fn health_of(clients: &Clients, known: &KnownDeployment) -> Health {
    let meant = match &known.meaning {
        Written::Meant(meant) => meant,
        Written::Nothing(said) => return Health::Unhealthy(said.clone()),
    };
    for deployment in meant {
        let health = match call::made(known, deployment) {
            Ok(None) => Health::Healthy,
            Ok(Some(call)) => call.send(clients.of(deployment)).await,
            Err(said) => Health::Unhealthy(said),
        };
        if health != Health::Healthy {
            return health;
        }
    }
    Health::Healthy
}
