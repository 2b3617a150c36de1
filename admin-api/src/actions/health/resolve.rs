//! Names of providers that came through the API, looked at when a connection is made.

use domain::addresses::Egress;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Resolves names by the system, and leaves out addresses that may not be called. A name that has
/// no other is not reached.
pub(super) struct Checking;

impl Resolve for Checking {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<_> = found
                .filter(|address| Egress::PlatformAdmin.allows(address.ip()))
                .collect();
            if allowed.is_empty() {
                return Err("the name leads to no address that may be called".into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}
