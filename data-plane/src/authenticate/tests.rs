//! Who is let in, and who is told what.

use domain::keys::Secret;
use domain::routing::RoutingTable;
use http::HeaderValue;

use super::*;

/// What a node without a store says.
fn authenticate(
    settings: &Settings,
    headers: &HeaderMap,
    peer: IpAddr,
) -> Result<Caller, GatewayError> {
    let state = State::compile(settings.clone(), &RoutingTable::default());
    let shown = Shown {
        headers,
        peer,
        path: "/v1/chat/completions",
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(super::authenticate(&Tenants::default(), &state, shown))
}

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
    let refused = authenticate(&open(), &headers(&[]), AWAY).err().unwrap();
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
