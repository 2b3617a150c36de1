//! How connections to providers are made: trust, proxies, time-outs.

use std::sync::Arc;
use std::time::Duration;

use domain::addresses::Egress;
use domain::routing::Origin;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use thiserror::Error;

use crate::send::connector::Connector;
use crate::send::names::Names;
use crate::send::pool::Pool;
use crate::send::trust_anybody::TrustAnybody;
use crate::settings::{Fixed, Proxies};

/// Why calls to providers cannot be secured.
#[derive(Debug, Error)]
pub enum TlsFault {
    /// The file with more authorities cannot be read.
    #[error("cannot read the certificate authorities in {path}: {cause}")]
    Authorities {
        /// The file.
        path: String,
        /// Why.
        cause: String,
    },
    /// The cryptography library refuses.
    #[error("cannot set up TLS: {0}")]
    Setup(#[from] rustls::Error),
}

/// Makes the trust for calls to providers: Mozilla's authorities, the system's, and the
/// operator's; or trust in anybody, when the operator says so.
///
/// # Errors
/// When the operator's file cannot be read.
pub fn trust(fixed: &Fixed) -> Result<Arc<ClientConfig>, TlsFault> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    if !fixed.verify_providers {
        let anybody = Arc::new(TrustAnybody { provider });
        return Ok(Arc::new(
            builder
                .dangerous()
                .with_custom_certificate_verifier(anybody)
                .with_no_client_auth(),
        ));
    }
    let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let system = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(system.certs);
    if let Some(path) = &fixed.extra_authorities {
        let fault = |cause: String| TlsFault::Authorities {
            path: path.display().to_string(),
            cause,
        };
        let certificates = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| fault(error.to_string()))?;
        roots.add_parsable_certificates(certificates);
    }
    Ok(Arc::new(
        builder.with_root_certificates(roots).with_no_client_auth(),
    ))
}

/// Where a runtime's connections go.
pub struct Pools {
    /// To addresses of the operator's file.
    of_file: Pool,
    /// To addresses that came through the API, each looked at when it is connected to.
    of_store: Pool,
}

impl Pools {
    /// Makes the pools; called once on each runtime.
    #[must_use]
    pub fn new(trust: &Arc<ClientConfig>, connect_timeout: Duration, proxies: &Proxies) -> Self {
        let pool = |egress| pool((trust, egress), connect_timeout, proxies);
        Self {
            of_file: pool(None),
            of_store: pool(Some(Egress::PlatformAdmin)),
        }
    }

    /// The connections for a deployment that was written there.
    #[must_use]
    pub const fn of(&self, origin: Origin) -> &Pool {
        match origin {
            Origin::File => &self.of_file,
            Origin::Store => &self.of_store,
        }
    }
}

fn pool(
    (trust, egress): (&Arc<ClientConfig>, Option<Egress>),
    connect_timeout: Duration,
    proxies: &Proxies,
) -> Pool {
    let names = Names::new(egress);
    let mut tcp = HttpConnector::new_with_resolver(names.clone());
    tcp.set_nodelay(true);
    tcp.enforce_http(false);
    tcp.set_connect_timeout(Some(connect_timeout));
    tcp.set_keepalive(Some(Duration::from_secs(60)));
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(ClientConfig::clone(trust))
        .https_or_http()
        .enable_http1()
        .enable_http2()
        .wrap_connector(Connector::new(tcp, names, proxies));
    Pool::new(connector)
}
