//! Where people reach the console: for links that leave it.

use actix_web::HttpRequest;
use actix_web::http::header::HOST;

use crate::{AdminApi, cookies};

/// `https://host` and the path below which the console lies, without a slash at the end: the
/// operator's public address, else the one that the browser asked.
#[must_use]
pub fn of_console(api: &AdminApi, request: &HttpRequest) -> String {
    if let Some(public) = &api.settings.public_url {
        return public.trim_end_matches('/').to_owned();
    }
    let scheme = match cookies::is_https(api, request) {
        true => "https",
        false => "http",
    };
    let host = request.headers().get(HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    format!("{scheme}://{host}")
}
