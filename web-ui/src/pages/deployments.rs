//! Models and the deployments behind each name.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::parts::Pager;

/// A deployment.
#[derive(Clone, Debug)]
pub struct DeploymentRow {
    /// Its id.
    pub id: String,
    /// The vendor and the vendor's name of the model.
    pub name: String,
    /// Whether it works.
    pub status: Markup,
    /// Why not.
    pub why: String,
    /// In the last day.
    pub requests: String,
    /// How many attempts in a second of the last hour.
    pub rate: String,
    /// How much of what the provider allows was used; empty where nobody said what that is.
    pub limit: String,
    /// Its share; empty where nobody said one.
    pub weight: String,
    /// The last hour, minute by minute.
    pub strip: Markup,
    /// How long the middle answer of the last hour took.
    pub p50: String,
    /// How long the slow ones took.
    pub p95: String,
    /// As a share.
    pub errors: String,
    /// Whether that are many.
    pub failing: bool,
    /// In the last day.
    pub spend: String,
    /// Where it was written.
    pub origin: String,
    /// What testing it is called.
    pub test: String,
    /// Where it is changed; empty for those of the file, and for who may not.
    pub href: String,
    /// Whether it takes no requests.
    pub blocked: bool,
}

/// A name for which callers ask.
#[derive(Clone, Debug)]
pub struct ModelGroup {
    /// The name.
    pub name: String,
    /// Others for it.
    pub aliases: Vec<String>,
    /// Where a request for it would go.
    pub way: String,
    /// What it costs.
    pub price: String,
    /// How its deployments are ordered; empty for one alone.
    pub strategy: String,
    /// What answers.
    pub deployments: Vec<DeploymentRow>,
}

/// The page.
#[derive(Template)]
#[template(path = "models.html")]
pub struct Models {
    /// What is around it.
    pub frame: Frame,
    /// How many there are.
    pub sub: String,
    /// Whether one may ask providers.
    pub may_check: bool,
    /// What was searched.
    pub q: String,
    /// The names.
    pub groups: Vec<ModelGroup>,
    /// Whether one may add deployments.
    pub may_write: bool,
    /// The credentials, for who may see them.
    pub credentials: String,
    /// What is asked for, when something is.
    pub dialog: Markup,
}

/// A provider credential.
#[derive(Clone, Debug)]
pub struct CredentialRow {
    /// Where it is changed, for who may.
    pub href: String,
    /// Its name.
    pub name: String,
    /// What people noted.
    pub note: String,
    /// Which secrets it has.
    pub members: Vec<String>,
    /// How many deployments name it.
    pub uses: String,
    /// When it was last changed.
    pub changed: String,
}

/// The provider credentials.
#[derive(Template)]
#[template(path = "credentials.html")]
pub struct Credentials {
    /// What is around it.
    pub frame: Frame,
    /// The page of credentials.
    pub rows: Vec<CredentialRow>,
    /// Where one is in the list.
    pub pager: Pager,
    /// Whether one may set them.
    pub may_write: bool,
    /// What is asked for, when something is.
    pub dialog: Markup,
}
