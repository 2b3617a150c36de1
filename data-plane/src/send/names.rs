//! Names of providers to addresses. Where an address came through the API, what its name leads to
//! is looked at now, when the connection is made: a name may lead elsewhere than it did before.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use domain::addresses::Egress;
use http::Uri;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

/// Asks the system, and leaves out addresses that may not be called.
#[derive(Clone)]
pub struct Names {
    system: GaiResolver,
    egress: Option<Egress>,
}

impl Names {
    /// Names whose addresses are bounded by `egress`; none bounds nothing.
    #[must_use]
    pub fn new(egress: Option<Egress>) -> Self {
        Self {
            system: GaiResolver::new(),
            egress,
        }
    }

    /// Whether an address that stands in a URL itself may be called: it is never resolved.
    #[must_use]
    pub fn allow_literal(&self, address: &Uri) -> bool {
        let host = address.host().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match (self.egress, bare.parse::<IpAddr>()) {
            (Some(egress), Ok(literal)) => egress.allows(literal),
            _ => true,
        }
    }
}

impl Service<Name> for Names {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.system.poll_ready(cx)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let found = self.system.call(name);
        let egress = self.egress;
        Box::pin(async move {
            let allowed: Vec<SocketAddr> = found
                .await?
                .filter(|address| egress.is_none_or(|egress| egress.allows(address.ip())))
                .collect();
            if allowed.is_empty() {
                return Err(io::Error::other("no address that may be called"));
            }
            Ok(allowed.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDED: Option<Egress> = Some(Egress::PlatformAdmin);

    async fn found(egress: Option<Egress>, name: &str) -> io::Result<Vec<IpAddr>> {
        let name = name.parse().expect("a name");
        let found = Names::new(egress).call(name).await?;
        Ok(found.map(|address| address.ip()).collect())
    }

    // The system reads numbers in a name as an address, so that no name server is asked here.
    #[tokio::test]
    async fn a_name_that_leads_to_a_metadata_service_is_not_connected_to() {
        for name in [
            "169.254.169.254",
            "2852039166",
            "0xa9fea9fe",
            "169.254.43518",
        ] {
            assert!(found(BOUNDED, name).await.is_err(), "{name}");
            assert!(found(None, name).await.is_ok(), "{name}");
        }
        assert!(found(BOUNDED, "localhost").await.is_ok());
    }

    #[test]
    fn an_address_in_a_url_is_looked_at_too() {
        let allows = |egress, text: &str| {
            let address: Uri = text.parse().expect("an address");
            Names::new(egress).allow_literal(&address)
        };
        assert!(!allows(BOUNDED, "http://169.254.169.254/latest"));
        assert!(!allows(BOUNDED, "http://[::ffff:169.254.169.254]/"));
        assert!(!allows(BOUNDED, "http://[fd00:ec2::254]/"));
        assert!(allows(BOUNDED, "http://127.0.0.1:11434/"));
        assert!(allows(BOUNDED, "https://api.openai.com/v1"));
        assert!(allows(None, "http://169.254.169.254/latest"));
    }
}
