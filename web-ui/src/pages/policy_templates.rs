//! Policy templates: what keys of an environment get, and the most they may have.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::parts::Pager;

/// A template.
#[derive(Clone, Debug)]
pub struct TemplateRow {
    /// Where it is changed, for who may.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Whose keys it is for.
    pub organization: String,
    /// Keys of which environment.
    pub environment: String,
    /// What a new key gets.
    pub gives: Vec<String>,
    /// The most that a key may have.
    pub caps: Vec<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "policy_templates.html")]
pub struct Templates {
    /// What is around it.
    pub frame: Frame,
    /// The page of templates.
    pub rows: Vec<TemplateRow>,
    /// Where one is in the list.
    pub pager: Pager,
    /// Whether one may make one.
    pub may_create: bool,
    /// What is asked for, when something is.
    pub dialog: Markup,
}
