//! The heads of a forwarded request and of its answer: what stays on each connection, and what is ours to say.

use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::incoming::Incoming;

/// The caller's address as we see it. Trusted on the socket only.
pub const X_PEER: HeaderName = HeaderName::from_static("x-headgate-peer");
/// Whether the caller came over `http` or `https`.
pub const X_SCHEME: HeaderName = HeaderName::from_static("x-headgate-scheme");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What we say ourselves begins so; a caller's copies are removed.
const OURS: &str = "x-headgate-";

/// Headers of one connection, not of the message (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// The headers that the admin side gets. `Host` and `Origin` stay as they came.
#[must_use]
pub fn for_admin(incoming: &Incoming, is_tls: bool) -> HeaderMap {
    let mut headers = incoming.headers.clone();
    drop_hop_by_hop(&mut headers);
    // The body's length is told by the body, and the caller has our word to send it already.
    headers.remove(CONTENT_LENGTH);
    headers.remove(EXPECT);
    let forged: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with(OURS))
        .cloned()
        .collect();
    for name in forged {
        headers.remove(name);
    }
    let ours = [
        (X_PEER, text(&incoming.peer.to_canonical().to_string())),
        (X_REQUEST_ID, text(incoming.request_id.as_str())),
        (X_SCHEME, text(if is_tls { "https" } else { "http" })),
        (HOST, incoming.host()),
    ];
    for (name, value) in ours {
        headers.remove(&name);
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
    headers
}

fn text(value: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(value).ok()
}

/// Removes what concerns one connection only, and what `Connection` names.
pub fn drop_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_connection_names_stays_on_the_connection() {
        let mut headers = HeaderMap::new();
        headers.append(CONNECTION, HeaderValue::from_static("close, X-A"));
        headers.append(CONNECTION, HeaderValue::from_static("x-b"));
        for name in ["x-a", "x-b", "x-c", "keep-alive", "te"] {
            headers.insert(name, HeaderValue::from_static("1"));
        }
        drop_hop_by_hop(&mut headers);
        let left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left, ["x-c"]);
    }
}
