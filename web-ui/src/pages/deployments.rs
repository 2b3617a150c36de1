//! Models and the deployments behind each name.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;

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
    /// On average.
    pub latency: String,
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
}

/// A name for which callers ask.
#[derive(Clone, Debug)]
pub struct ModelGroup {
    /// The name.
    pub name: String,
    /// Others for it.
    pub aliases: Vec<String>,
    /// What it costs.
    pub price: String,
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
}
