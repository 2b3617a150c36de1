//! Addresses that came through the API, looked at when a connection is made.

use std::net::IpAddr;

use domain::addresses::Egress;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Resolves names by the system, and leaves out addresses that may not be called. A name that has
/// no other is not reached.
pub struct Checking(pub Egress);

impl Resolve for Checking {
    fn resolve(&self, name: Name) -> Resolving {
        let egress = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<_> = found
                .filter(|address| egress.allows(address.ip()))
                .collect();
            if allowed.is_empty() {
                return Err("the name leads to no address that may be called".into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether the host of an address may be called, when it is no name: those are asked of nobody.
#[must_use]
pub fn allows_literal(egress: Egress, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>()
        .map_or(true, |address| egress.allows(address))
}
