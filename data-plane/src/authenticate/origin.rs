//! From where does a request come: from this very machine, from which address?

use std::net::IpAddr;

use http::HeaderMap;
use http::header::{FORWARDED, HOST, ORIGIN};

use crate::cors;
use crate::settings::Settings;

/// Whether a request comes from this very machine, and not through a proxy or a web page: the
/// peer is loopback, no proxy header is there, and `Host` and `Origin` name loopback. A page whose
/// origin the operator has named may call as well; `*` names none, for with it any page that a
/// person on this machine opens could spend the provider's money.
pub(super) fn is_from_loopback(settings: &Settings, headers: &HeaderMap, peer: IpAddr) -> bool {
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

/// The caller's address. Behind proxies that the operator trusts it is the one that the outermost
/// of them saw: so many places from the right in `X-Forwarded-For`.
pub(super) fn caller_address(settings: &Settings, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
    let hops = usize::from(settings.trusted_proxy_hops);
    let Some(hop) = hops.checked_sub(1) else {
        return peer.to_canonical();
    };
    let seen: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let named = seen.iter().rev().nth(hop);
    named
        .and_then(|text| text.trim().parse::<IpAddr>().ok())
        .unwrap_or(peer)
        .to_canonical()
}
