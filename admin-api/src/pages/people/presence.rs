//! When somebody was last here and how they sign in, in words.

use domain::users::User;
use store::presence::Presence;
use web_ui::markup::{Markup, plain};

use crate::acting::Permission;
use crate::actions::users::{SignInMethod, sign_in_methods};
use crate::identity::settings::IssuerSource;
use crate::pages::visit::Visit;

/// When they last used the console or a key of their own.
pub(super) fn last_active<P: Permission>(visit: &Visit<P>, presence: &Presence) -> Markup {
    match presence.last_active_at {
        Some(at) => visit.clock.ago(at),
        None => plain(&visit.words().t("never")),
    }
}

/// How they sign in. Who has no way in will have one, unless they were made for keys alone: without an
/// address and without a role over the platform.
pub(super) fn sign_in<P: Permission>(visit: &Visit<P>, user: &User, presence: &Presence) -> String {
    let words = visit.words();
    let methods = sign_in_methods(presence).into_iter();
    let told: Vec<String> = methods
        .map(|method| match method {
            SignInMethod::Password => words.t("password"),
            SignInMethod::Provider(issuer) => title(visit, &issuer),
            SignInMethod::Invited => words.t("sign-in-invited"),
        })
        .collect();
    match told.is_empty() {
        true if user.email.is_none() && user.platform_role.is_none() => words.t("sign-in-not"),
        true => words.t("sign-in-not-yet"),
        false => told.join(" · "),
    }
}

/// What the configuration calls the provider; its host when it is not in there any more.
fn title<P: Permission>(visit: &Visit<P>, issuer: &str) -> String {
    let providers = visit.acting.api().settings.sign_in.providers().iter();
    let named = providers.map(|one| &one.settings).find(|settings| {
        matches!(&settings.issuer, IssuerSource::Named(named)
            if named.trim_end_matches('/') == issuer.trim_end_matches('/'))
    });
    if let Some(settings) = named {
        return settings.title.clone();
    }
    let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest).to_owned()
}
