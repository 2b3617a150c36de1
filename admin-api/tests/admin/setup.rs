//! The admin side on a socket of its own, with a fresh store, and a client that speaks to it.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;

use actix_web::web;
use admin_api::AdminApi;
use admin_api::identity::SignIn;
use admin_api::server::{self, Listener};
use admin_api::settings::{FileModels, Language, OpenDeployment, Retention, Settings};
use arc_swap::ArcSwap;
use domain::actors::Actor;
use domain::audit::AuditKey;
use domain::ids::{OrganizationId, TeamId, UserId};
use domain::keys::Secret;
use domain::members::Member;
use domain::organizations::Organization;
use domain::permissions::{PlatformRole, Role};
use domain::policies::Policy;
use domain::routing::{Deployment, ModelInfo, Origin, ParameterPolicy};
use domain::sealed::{EncryptionKey, KeyRing};
use domain::stamps::Stamps;
use domain::teams::Team;
use domain::templates::Template;
use domain::users::User;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Map, Value};
use store::audit::{AuditFilter, AuditPage};
use store::{Event, Location, Store, migrate};
use tempfile::TempDir;
use tokio::sync::oneshot;

/// The admin side, served until this is dropped.
pub struct Served {
    /// `http://127.0.0.1:…`.
    pub url: String,
    /// The master key.
    pub master: String,
    /// What it keeps.
    pub store: Arc<Store>,
    /// With what it encrypts.
    pub encryption: KeyRing,
    client: Client,
    ask_to_stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _folder: TempDir,
}

/// An answer.
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body; null when there is none.
    pub body: Value,
    /// Its body as it came.
    pub text: String,
}

impl Answer {
    /// The body of an answer that says yes.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status < 300, "{}: {}", self.status, self.text);
        self.body
    }

    /// The message of a refusal with this status, of either dialect.
    #[track_caller]
    pub fn refused(self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        let said = [&self.body["error"]["message"], &self.body["detail"]];
        let said = said.iter().find_map(|text| text.as_str());
        said.unwrap_or_else(|| panic!("no message in {}", self.text))
            .to_owned()
    }
}

/// Serves the admin side.
pub async fn served() -> Served {
    served_with(None).await
}

/// Serves the admin side with the configuration's template of keys.
pub async fn served_with(key_template: Option<Template>) -> Served {
    served_by(|settings| settings.file = file(key_template)).await
}

/// Serves the admin side as behind a data plane that puts this path before every route.
pub async fn served_below(root_path: &str) -> Served {
    served_by(|settings| root_path.clone_into(&mut settings.root_path)).await
}

/// Serves the admin side with settings that are changed so.
pub async fn served_by(change: impl FnOnce(&mut Settings)) -> Served {
    let _installed_before = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = TempDir::new().unwrap();
    let location = Location::Sqlite(folder.path().join("headgate.db"));
    migrate::migrate(&location).await.unwrap();
    let store = Arc::new(Store::open(&location, AuditKey::new([7; 32])).unwrap());
    store.ensure_default_organization().await.unwrap();
    let master = "sk-the-master-key-of-the-tests".to_owned();
    let mut settings = settings(Some(&master), None);
    change(&mut settings);
    let encryption = settings.encryption.clone();
    let api = web::Data::new(AdminApi {
        store: Arc::clone(&store),
        key_changes: tokio::sync::Mutex::default(),
        settings,
        live: Arc::default(),
        metrics: Arc::default(),
    });
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let (ask_to_stop, asked) = oneshot::channel();
    let thread = std::thread::spawn(move || {
        let asked = async {
            let _asked_or_dropped = asked.await;
        };
        server::serve(api, Listener::Tcp(socket), asked).unwrap();
    });
    Served {
        url,
        master,
        store,
        encryption,
        client: Client::new(),
        ask_to_stop: Some(ask_to_stop),
        thread: Some(thread),
        _folder: folder,
    }
}

/// A file without models.
pub fn file(key_template: Option<Template>) -> Arc<ArcSwap<FileModels>> {
    Arc::new(ArcSwap::from_pointee(FileModels {
        key_template,
        ..FileModels::default()
    }))
}

/// What the admin side is told by the configuration.
pub fn settings(master_key: Option<&str>, key_template: Option<Template>) -> Settings {
    Settings {
        master_key: master_key.map(Secret::new),
        master_key_is_weak: false,
        peer_from_header: false,
        encryption: KeyRing::new(EncryptionKey::generate().unwrap(), Vec::new()),
        file: file(key_template),
        public_url: None,
        root_path: String::new(),
        metrics_need_key: false,
        language: Language::default(),
        anchor_file: None,
        read_deployment: Arc::new(read_deployment),
        provider_trust: nobody(),
        sign_in: Arc::new(SignIn::with_password()),
        alerts: Arc::default(),
        read_file: None,
        retention: Retention::default(),
    }
}

/// Reads a deployment as far as these tests go; the configuration's own reader is the binary's.
pub fn read_deployment(open: &OpenDeployment) -> Result<Vec<Deployment>, String> {
    let model = open.params.get("model").and_then(Value::as_str);
    let (provider, model) = model
        .and_then(|model| model.split_once('/'))
        .ok_or("litellm_params has no `model`")?;
    if providers::find(provider).is_none() {
        return Err(format!("there is no provider `{provider}`"));
    }
    let of_credential = |name: &str| open.credential.as_ref()?.1.get(name).cloned();
    let text = |name: &str| {
        let given = open
            .params
            .get(name)
            .cloned()
            .or_else(|| of_credential(name));
        given.and_then(|value| value.as_str().map(str::to_owned))
    };
    Ok(vec![Deployment {
        id: open.stored.id.clone(),
        group: open.stored.model_name.clone(),
        organization_id: open.stored.organization_id.clone(),
        provider: provider.to_owned(),
        model: model.to_owned(),
        base_url: text("api_base"),
        api_key: text("api_key").map(Secret::new),
        api_version: None,
        organization: None,
        extra_headers: Vec::new(),
        extra_body: Map::new(),
        weight: None,
        rpm: None,
        tpm: None,
        order: 0,
        timeout_ms: None,
        stream_timeout_ms: None,
        num_retries: None,
        parameters: ParameterPolicy::default(),
        mock_response: None,
        info: ModelInfo::default(),
        origin: Origin::Store,
    }])
}

/// Trust in nobody: the providers of these tests speak in the clear.
pub fn nobody() -> Arc<rustls::ClientConfig> {
    let none = rustls::RootCertStore::empty();
    let config = rustls::ClientConfig::builder().with_root_certificates(none);
    Arc::new(config.with_no_client_auth())
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.ask_to_stop.take());
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

impl Served {
    /// Asks with a key.
    pub async fn ask(&self, key: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(key);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Self::answer(path, request).await
    }

    /// Posts a text as it is, with the master key.
    pub async fn post_text(&self, path: &str, body: &'static str) -> Answer {
        let request = self.client.post(format!("{}{path}", self.url));
        let request = request.header("content-type", "application/json");
        Self::answer(path, request.bearer_auth(&self.master).body(body)).await
    }

    async fn answer(path: &str, request: RequestBuilder) -> Answer {
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{path}: {text}");
        Answer {
            status: status.as_u16(),
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        }
    }

    /// Posts with the master key.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(&self.master, "POST", path, Some(body)).await
    }

    /// Gets with the master key.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(&self.master, "GET", path, None).await
    }

    /// The newest words of the audit trail, the newest first: action and object.
    pub async fn audited(&self, limit: i64) -> Vec<(String, String)> {
        let filter = AuditFilter {
            scope: everything(),
            ..AuditFilter::default()
        };
        let page = AuditPage {
            limit,
            ..AuditPage::default()
        };
        let listed = self.store.audit_entries(&filter, &page).await.unwrap();
        let entries = listed.items.into_iter();
        entries
            .map(|entry| (entry.entry.action.clone(), entry.entry.object_id.clone()))
            .collect()
    }

    /// Everything that the audit trail holds, as one text.
    pub async fn audit_text(&self) -> String {
        let filter = AuditFilter {
            scope: everything(),
            ..AuditFilter::default()
        };
        let page = AuditPage {
            limit: 1_000,
            ..AuditPage::default()
        };
        let listed = self.store.audit_entries(&filter, &page).await.unwrap();
        format!("{:?}", listed.items)
    }

    /// How many entries the audit trail has.
    pub async fn entries(&self) -> i64 {
        self.store.audit_head().await.unwrap().0
    }

    /// A new organization.
    pub async fn organization(&self, id: &str) -> OrganizationId {
        organization(&self.store, OrganizationId::new(id)).await
    }

    /// A new team.
    pub async fn team(&self, organization: &OrganizationId, policy: Policy) -> TeamId {
        let team = Team {
            id: TeamId::generate(),
            organization_id: organization.clone(),
            external_id: None,
            name: "Team".to_owned(),
            policy,
            member_policy: Policy::default(),
            blocked: false,
            stamps: Stamps::now("test"),
        };
        let mut change = self.store.begin().await.unwrap();
        change.insert_team(&team).await.unwrap();
        change
            .commit(&Actor::system(), Event::default())
            .await
            .unwrap();
        team.id
    }

    /// A new person with a role over the platform or in some place.
    pub async fn person(
        &self,
        platform_role: Option<PlatformRole>,
        place: Option<(Role, &OrganizationId, Option<&TeamId>)>,
    ) -> UserId {
        let user = User {
            id: UserId::generate(),
            external_id: None,
            email: None,
            name: None,
            platform_role,
            policy: Policy::default(),
            blocked: false,
            stamps: Stamps::now("test"),
        };
        let mut change = self.store.begin().await.unwrap();
        change.insert_user(&user).await.unwrap();
        if let Some((role, organization, team)) = place {
            let member = Member {
                organization_id: organization.clone(),
                team_id: team.cloned(),
                user_id: user.id.clone(),
                role,
                policy: Policy::default(),
                stamps: Stamps::now("test"),
            };
            change.put_member(&member).await.unwrap();
        }
        change
            .commit(&Actor::system(), Event::default())
            .await
            .unwrap();
        user.id
    }

    /// A key that acts for a person on the admin side.
    pub async fn key_of(&self, person: &UserId, organization: &OrganizationId) -> String {
        let body = serde_json::json!({"user_id": person, "organization_id": organization});
        let made = self.post("/key/generate", body).await.ok();
        made["key"].as_str().unwrap().to_owned()
    }
}

/// What sees everything.
pub fn everything() -> domain::permissions::Scope {
    domain::permissions::Scope {
        everything: true,
        ..domain::permissions::Scope::default()
    }
}

async fn organization(store: &Store, id: OrganizationId) -> OrganizationId {
    let organization = Organization {
        id,
        external_id: None,
        name: "Organization".to_owned(),
        time_zone: "UTC".to_owned(),
        policy: Policy::default(),
        blocked: false,
        stamps: Stamps::now("test"),
    };
    let mut change = store.begin().await.unwrap();
    change.insert_organization(&organization).await.unwrap();
    change
        .commit(&Actor::system(), Event::default())
        .await
        .unwrap();
    organization.id
}
