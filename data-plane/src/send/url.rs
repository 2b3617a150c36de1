//! A provider's address, taken apart once for all requests that go there.

use http::uri::{PathAndQuery, Scheme};
use http::{HeaderValue, Uri};

/// A provider's address.
pub struct Url {
    /// All of it, as HTTP/2 and connectors want it.
    pub whole: Uri,
    /// Path and query, as HTTP/1 wants them.
    pub path: Uri,
    /// The `host` header for HTTP/1.
    pub host: HeaderValue,
    /// Scheme and authority: connections are kept by it.
    pub origin: String,
}

impl Url {
    /// Takes an address apart; none when it is no URL with scheme and host.
    #[must_use]
    pub fn parse(url: String) -> Option<Self> {
        let whole = Uri::try_from(url).ok()?;
        let (scheme, authority) = (whole.scheme()?, whole.authority()?);
        let usual_port = match scheme {
            scheme if *scheme == Scheme::HTTPS => 443,
            scheme if *scheme == Scheme::HTTP => 80,
            _ => return None,
        };
        let host = match authority.port_u16().filter(|port| *port != usual_port) {
            Some(port) => HeaderValue::try_from(format!("{}:{port}", authority.host())),
            None => HeaderValue::try_from(authority.host()),
        };
        let path = whole.path_and_query().map_or("/", PathAndQuery::as_str);
        Some(Self {
            path: Uri::try_from(path).ok()?,
            host: host.ok()?,
            origin: format!("{scheme}://{authority}"),
            whole,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Option<(String, String, String)> {
        let url = Url::parse(url.to_owned())?;
        let host = url.host.to_str().unwrap().to_owned();
        Some((url.origin, host, url.path.to_string()))
    }

    #[test]
    fn only_an_unusual_port_and_no_credential_stand_in_the_host_header() {
        let of = |url| parsed(url).unwrap();
        let (origin, host, path) = of("https://api.test:443/v1/chat?a=b");
        assert_eq!(host, "api.test");
        assert_eq!(path, "/v1/chat?a=b");
        assert_eq!(origin, "https://api.test:443");
        assert_eq!(of("http://u:p@api.test:8080").1, "api.test:8080");
        assert_eq!(of("http://[::1]:80/").1, "[::1]");
        assert_eq!(of("http://api.test").2, "/");
    }

    #[test]
    fn what_is_no_web_address_is_refused() {
        for url in ["", "/v1", "api.test/v1", "ftp://api.test/", "http://"] {
            assert_eq!(parsed(url), None, "{url}");
        }
    }
}
