//! The console under `/ui`: pages of the same actions that `/api/v1` calls, with the same permission.
//!
//! A handler asks for a [`visit::Visit`] with its permission in the signature, calls actions, fills a
//! page of `web_ui::pages` with ready texts, and answers with [`answers::page`]. An error of an action
//! goes out with `?`; [`around`] makes a page of it. `docs/console.md` says how a page is added.

mod account;
mod addresses;
mod alerts;
pub mod answers;
mod around;
mod at_stake;
mod audit;
mod audit_export;
mod bases;
mod budget_lines;
mod budgets;
mod clock;
mod compress;
mod daily;
mod deployments;
mod dialogs;
mod events;
mod everything;
mod fault;
mod file_now;
mod files;
mod first_request;
pub mod form;
mod frames;
mod homes;
mod invitations;
mod keys;
pub(crate) mod labels;
mod latency_lines;
mod latest;
mod licences;
mod lists;
mod looking;
mod measures;
mod names;
mod organizations;
mod overview;
mod people;
mod policy_templates;
mod policy_words;
mod provider_credentials;
mod ranges;
mod requests;
mod roles;
mod settings;
mod setup;
mod shared_budgets;
mod side_by_side;
mod sign_in;
mod single_sign_on;
mod teams;
mod tries;
mod usage;
mod usage_pivot;
pub mod visit;
mod welcome;

pub use self::around::around;
pub use self::fault::PageFault;

use crate::routes::Route;

/// The routes of every page.
pub const ROUTES: &[&[Route]] = &[
    files::ROUTES,
    sign_in::ROUTES,
    single_sign_on::ROUTES,
    setup::ROUTES,
    overview::ROUTES,
    welcome::ROUTES,
    first_request::ROUTES,
    requests::ROUTES,
    usage::ROUTES,
    keys::ROUTES,
    teams::ROUTES,
    people::ROUTES,
    invitations::ROUTES,
    organizations::ROUTES,
    deployments::ROUTES,
    provider_credentials::ROUTES,
    budgets::ROUTES,
    shared_budgets::ROUTES,
    alerts::ROUTES,
    policy_templates::ROUTES,
    audit::ROUTES,
    audit_export::ROUTES,
    settings::ROUTES,
    tries::ROUTES,
    licences::ROUTES,
    account::ROUTES,
];

/// Whether a path is a page's.
#[must_use]
pub fn is_one(path: &str) -> bool {
    path.strip_prefix("/ui")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
