//! The session's cookie: its two names, and which of them a connection may carry.
//!
//! Over https it is `__Host-hg_session`, `Secure`: no other host and no unencrypted page can set or
//! read it. Over plain http a browser would drop a cookie of that name, so that nobody could sign in
//! to a gateway on their own machine before it has a certificate. There, and only there (the caller
//! is on the loopback interface, and no proxy stands between), it is `hg_session` without `Secure`:
//! its way never leaves the machine.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use domain::keys::Secret;

use crate::AdminApi;
use crate::credential::peer;

const SECURE_NAME: &str = "__Host-hg_session";
const NEAR_NAME: &str = "hg_session";

/// What a sign-in at an identity provider is known by while it is under way.
const SECURE_FLOW_NAME: &str = "__Host-hg_sign_in";
const NEAR_FLOW_NAME: &str = "hg_sign_in";

/// The data plane's word for how a caller came; taken on our own socket only.
const SCHEME_HEADER: &str = "x-headgate-scheme";

/// The headers of proxies: with one of them the peer is not the caller.
const PROXY_HEADERS: [&str; 4] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-real-ip",
];

/// The cookie that came with a request.
#[must_use]
pub fn given(api: &AdminApi, request: &HttpRequest) -> Option<Secret> {
    let cookie = request.cookie(SECURE_NAME).or_else(|| {
        // Elsewhere a page of another port or of a sub-domain could have planted it.
        is_plain_and_near(api, request)
            .then(|| request.cookie(NEAR_NAME))
            .flatten()
    });
    cookie.map(|cookie| Secret::new(cookie.value()))
}

/// The cookie to set. It ends with the browser; the session itself ends here.
#[must_use]
pub fn set(api: &AdminApi, request: &HttpRequest, token: &Secret) -> Cookie<'static> {
    let near = is_plain_and_near(api, request);
    let name = if near { NEAR_NAME } else { SECURE_NAME };
    Cookie::build(name, token.expose().to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(!near)
        .finish()
}

/// The cookie that makes a browser forget the session's.
#[must_use]
pub fn cleared(api: &AdminApi, request: &HttpRequest) -> Cookie<'static> {
    let mut cookie = set(api, request, &Secret::new(""));
    cookie.set_max_age(Duration::ZERO);
    cookie
}

/// The cookie of a sign-in under way, for so long. The provider's page sends the browser back, and so
/// it has to come along with what another site's page leads to.
#[must_use]
pub fn set_flow(
    api: &AdminApi,
    request: &HttpRequest,
    flow: &Secret,
    lifetime: Duration,
) -> Cookie<'static> {
    let near = is_plain_and_near(api, request);
    let name = if near {
        NEAR_FLOW_NAME
    } else {
        SECURE_FLOW_NAME
    };
    let mut cookie = set(api, request, flow);
    cookie.set_name(name);
    cookie.set_max_age(lifetime);
    cookie
}

/// The cookie of a sign-in under way that came with a request.
#[must_use]
pub fn given_flow(api: &AdminApi, request: &HttpRequest) -> Option<Secret> {
    let cookie = request.cookie(SECURE_FLOW_NAME).or_else(|| {
        is_plain_and_near(api, request)
            .then(|| request.cookie(NEAR_FLOW_NAME))
            .flatten()
    });
    cookie.map(|cookie| Secret::new(cookie.value()))
}

/// Whether the caller is on this machine itself, with no proxy between.
#[must_use]
pub fn is_near(api: &AdminApi, request: &HttpRequest) -> bool {
    peer(api, request).is_some_and(|peer| peer.to_canonical().is_loopback())
        && !PROXY_HEADERS
            .iter()
            .any(|name| request.headers().contains_key(*name))
}

/// Whether the caller's browser holds the page over https, as far as we are told.
#[must_use]
pub fn is_https(api: &AdminApi, request: &HttpRequest) -> bool {
    let public = api.settings.public_url.as_deref();
    let scheme = request.headers().get(SCHEME_HEADER);
    public.is_some_and(|url| url.starts_with("https://"))
        || (api.settings.peer_from_header && scheme.is_some_and(|scheme| scheme == "https"))
}

fn is_plain_and_near(api: &AdminApi, request: &HttpRequest) -> bool {
    !is_https(api, request) && is_near(api, request)
}
