//! Who is calling? A credential to a [`Caller`], which only this file can make.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::{AUTHORIZATION, FORWARDED, HOST, ORIGIN};
use subtle::ConstantTimeEq;

use crate::cors;
use crate::error::GatewayError;
use crate::settings::Settings;

const NO_KEY: &str = "No API key came with the request. Send `Authorization: Bearer <key>`.";
const NOT_LOOPBACK: &str = "This gateway has no master key, so it answers callers on its own machine only, and \
this request is not from there (or came through a proxy, under another host's name, or from a web page \
that `headgate.cors_allowed_origins` does not name). Set HEADGATE_MASTER_KEY and send it as \
`Authorization: Bearer <key>`, or set HEADGATE_ALLOW_ANONYMOUS=true to let everybody in.";
const WEAK: &str = "This gateway's master key is short or published, so it passes on its own machine only. \
Set HEADGATE_MASTER_KEY to a long random value, such as `openssl rand -hex 32` prints.";

/// The verified sender of a request.
#[derive(Clone, Debug)]
pub struct Caller {
    kind: CallerKind,
}

/// By what right a caller is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerKind {
    /// With the master key.
    Master,
    /// Without a key, from this machine or by the operator's leave.
    Anonymous,
}

impl Caller {
    /// By what right.
    #[must_use]
    pub const fn kind(&self) -> CallerKind {
        self.kind
    }

    /// A word for logs.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self.kind {
            CallerKind::Master => "master_key",
            CallerKind::Anonymous => "anonymous",
        }
    }
}

/// Verifies the credential of a request from `peer`.
///
/// # Errors
/// [`GatewayError::MissingKey`] and [`GatewayError::InvalidKey`], which name the setting.
pub fn authenticate(
    settings: &Settings,
    headers: &HeaderMap,
    peer: IpAddr,
) -> Result<Caller, GatewayError> {
    let Some(master) = &settings.master_key else {
        return if settings.allow_anonymous || is_from_loopback(settings, headers, peer) {
            Ok(Caller {
                kind: CallerKind::Anonymous,
            })
        } else {
            Err(GatewayError::MissingKey(NOT_LOOPBACK))
        };
    };
    let given = credential(settings, headers)?.ok_or(GatewayError::MissingKey(NO_KEY))?;
    if !bool::from(given.as_bytes().ct_eq(master.expose().as_bytes())) {
        return Err(GatewayError::InvalidKey);
    }
    if settings.master_key_is_weak && !is_from_loopback(settings, headers, peer) {
        return Err(GatewayError::MissingKey(WEAK));
    }
    Ok(Caller {
        kind: CallerKind::Master,
    })
}

/// The first credential among the headers that clients use, none when there is no such header.
fn credential<'a>(
    settings: &Settings,
    headers: &'a HeaderMap,
) -> Result<Option<&'a str>, GatewayError> {
    if let Some(value) = settings
        .key_header
        .as_deref()
        .and_then(|name| headers.get(name))
    {
        let text = value
            .to_str()
            .map_err(|_not_text| GatewayError::InvalidKey)?;
        return Ok(Some(bearer(text).unwrap_or(text)));
    }
    if let Some(value) = headers.get(AUTHORIZATION) {
        let text = value
            .to_str()
            .map_err(|_not_text| GatewayError::InvalidKey)?;
        return bearer(text).map(Some).ok_or(GatewayError::InvalidKey);
    }
    for name in [
        "x-api-key",
        "api-key",
        "x-goog-api-key",
        "x-litellm-api-key",
        "ocp-apim-subscription-key",
    ] {
        if let Some(value) = headers.get(name) {
            let text = value
                .to_str()
                .map_err(|_not_text| GatewayError::InvalidKey)?;
            return Ok(Some(bearer(text).unwrap_or(text)));
        }
    }
    Ok(None)
}

fn bearer(text: &str) -> Option<&str> {
    let (scheme, key) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

/// Whether a request comes from this very machine, and not through a proxy or a web page: the
/// peer is loopback, no proxy header is there, and `Host` and `Origin` name loopback. A page whose
/// origin the operator has named may call as well; `*` names none, for with it any page that a
/// person on this machine opens could spend the provider's money.
fn is_from_loopback(settings: &Settings, headers: &HeaderMap, peer: IpAddr) -> bool {
    let proxied = [
        FORWARDED.as_str(),
        "x-forwarded-for",
        "x-forwarded-host",
        "x-real-ip",
        "via",
    ];
    let header =
        |name: &http::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let origin =
        header(&ORIGIN).map(|origin| origin.split_once("://").map_or(origin, |(_, host)| host));
    peer.to_canonical().is_loopback()
        && !proxied.iter().any(|name| headers.contains_key(*name))
        && header(&HOST).is_none_or(is_loopback_host)
        && (origin.is_none_or(is_loopback_host) || cors::is_named(settings, headers))
}

fn is_loopback_host(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use domain::keys::Secret;
    use http::HeaderValue;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const AWAY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 7));

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    http::HeaderName::from_static(name),
                    HeaderValue::from_str(value).unwrap(),
                )
            })
            .collect()
    }

    fn open() -> Settings {
        Settings::default()
    }

    fn keyed(key: &str) -> Settings {
        Settings {
            master_key: Some(Secret::new(key)),
            ..Settings::default()
        }
    }

    #[test]
    fn a_page_of_a_named_origin_is_let_in_on_this_machine_and_others_are_not() {
        let named = |origin: &str| Settings {
            cors_origins: vec![origin.to_owned()],
            ..Settings::default()
        };
        let page = headers(&[
            ("host", "localhost:4000"),
            ("origin", "https://app.example"),
        ]);
        assert!(authenticate(&named("https://app.example"), &page, HERE).is_ok());
        assert!(authenticate(&named("https://other.example"), &page, HERE).is_err());
        assert!(authenticate(&named("*"), &page, HERE).is_err());
        assert!(authenticate(&named("https://app.example"), &page, AWAY).is_err());
    }

    #[test]
    fn without_a_master_key_only_this_machine_is_let_in() {
        assert!(authenticate(&open(), &headers(&[("host", "localhost:4000")]), HERE).is_ok());
        assert!(
            authenticate(
                &open(),
                &headers(&[("authorization", "Bearer sk-anything")]),
                HERE
            )
            .is_ok()
        );
        assert!(authenticate(&open(), &headers(&[]), "::ffff:127.0.0.1".parse().unwrap()).is_ok());
        for pairs in [
            [("x-forwarded-for", "1.2.3.4")],
            [("forwarded", "for=1.2.3.4")],
            [("host", "gateway.example")],
            [("host", "127.0.0.1.example")],
            [("origin", "https://evil.example")],
            [("origin", "null")],
        ] {
            assert!(
                authenticate(&open(), &headers(&pairs), HERE).is_err(),
                "{pairs:?}"
            );
        }
        let refused = authenticate(&open(), &headers(&[]), AWAY).unwrap_err();
        assert!(refused.to_string().contains("HEADGATE_ALLOW_ANONYMOUS"));
        assert!(
            authenticate(
                &Settings {
                    allow_anonymous: true,
                    ..open()
                },
                &headers(&[]),
                AWAY
            )
            .is_ok()
        );
    }

    #[test]
    fn the_master_key_passes_in_every_header_that_clients_use() {
        let settings = keyed("sk-master-key-0123456789");
        for pair in [
            ("authorization", "Bearer sk-master-key-0123456789"),
            ("authorization", "bearer sk-master-key-0123456789"),
            ("x-api-key", "sk-master-key-0123456789"),
            ("api-key", "sk-master-key-0123456789"),
            ("x-goog-api-key", "sk-master-key-0123456789"),
        ] {
            assert!(
                authenticate(&settings, &headers(&[pair]), AWAY).is_ok(),
                "{pair:?}"
            );
        }
    }

    #[test]
    fn anything_but_the_master_key_is_refused() {
        let settings = keyed("sk-master-key-0123456789");
        for value in [
            "Bearer sk-master-key-012345678",
            "Bearer sk-master-key-01234567899",
            "Bearer",
            "",
            "Basic c2s6c2s=",
            "sk-master-key-0123456789",
            "Bearer SK-MASTER-KEY-0123456789",
        ] {
            assert!(
                authenticate(&settings, &headers(&[("authorization", value)]), HERE).is_err(),
                "{value}"
            );
        }
        assert!(matches!(
            authenticate(&settings, &headers(&[]), HERE),
            Err(GatewayError::MissingKey(_))
        ));
    }

    #[test]
    fn a_weak_master_key_passes_from_this_machine_only() {
        let settings = Settings {
            master_key_is_weak: true,
            ..keyed("sk-1234")
        };
        let key = [("authorization", "Bearer sk-1234")];
        assert!(authenticate(&settings, &headers(&key), HERE).is_ok());
        assert!(authenticate(&settings, &headers(&key), AWAY).is_err());
    }
}
