//! Requests that a browser was made to send by another site: told by where they come from, and by
//! the token that only our own pages have.

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, ORIGIN};
use domain::keys::Secret;
use domain::sessions::Session;

use crate::AdminApi;
use crate::error::ActionError;
use crate::tokens;

/// The header with the session's token.
pub const TOKEN_HEADER: &str = "x-csrf-token";

const FOREIGN: &str = "The request comes from another site's page. Open the console at the address \
of this gateway (public_base_url), and try again there.";
const NO_TOKEN: &str = "The request lacks this session's token. Send `x-csrf-token` with the \
`csrf_token` of GET /api/v1/sessions/current, or use a key in place of the cookie.";

/// Refuses what a page of another site sends. Programs, which send neither header, pass.
///
/// # Errors
/// [`ActionError::CrossSite`].
pub fn check_origin(api: &AdminApi, request: &HttpRequest) -> Result<(), ActionError> {
    let text = |name: &str| {
        let value = request.headers().get(name)?;
        Some(value.to_str().unwrap_or_default())
    };
    let from_here =
        text("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    let host = text(HOST.as_str());
    let is_ours = |origin: &str| {
        let public = api.settings.public_url.as_deref();
        public.is_some_and(|public| origin_of(public).eq_ignore_ascii_case(origin))
            || authority(origin)
                .zip(host)
                .is_some_and(|(authority, host)| authority.eq_ignore_ascii_case(host))
    };
    if from_here && text(ORIGIN.as_str()).is_none_or(is_ours) {
        return Ok(());
    }
    Err(ActionError::CrossSite(FOREIGN))
}

/// Refuses a request whose token is not the session's.
///
/// # Errors
/// [`ActionError::CrossSite`].
pub fn check_token(request: &HttpRequest, session: &Session) -> Result<(), ActionError> {
    let given = request.headers().get(TOKEN_HEADER);
    let given = given.and_then(|value| value.to_str().ok()).map(Secret::new);
    match given {
        Some(token) if tokens::is(&token, &session.csrf_hash) => Ok(()),
        _ => Err(ActionError::CrossSite(NO_TOKEN)),
    }
}

/// The token of a session. It follows from the cookie, so that every page of a browser gets the same
/// one and nothing but digests is kept; the cookie does not follow from it.
#[must_use]
pub fn token_of(cookie: &Secret) -> Secret {
    tokens::derived(cookie, "headgate form token v1")
}

/// `https://host:port` of an address.
fn origin_of(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return String::new();
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    format!("{scheme}://{authority}")
}

fn authority(origin: &str) -> Option<&str> {
    origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_the_origin_that_browsers_send() {
        assert_eq!(origin_of("https://gate.example/ui"), "https://gate.example");
        assert_eq!(origin_of("http://127.0.0.1:4000"), "http://127.0.0.1:4000");
        assert_eq!(authority("null"), None);
    }
}
