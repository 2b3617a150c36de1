//! A certificate made for one test, and a connection that trusts it alone.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// A self-made certificate for `localhost`, as two PEM files.
#[derive(Clone)]
pub struct Certificate {
    /// The certificate's file.
    pub certificate_path: PathBuf,
    /// The private key's file.
    pub key_path: PathBuf,
    der: CertificateDer<'static>,
}

impl Certificate {
    /// Makes a certificate and writes it into the directory.
    ///
    /// # Panics
    /// When the files cannot be written.
    #[must_use]
    pub fn make_in(directory: &Path) -> Self {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).expect("the names are valid");
        let certificate_path = directory.join("certificate.pem");
        let key_path = directory.join("key.pem");
        std::fs::write(&certificate_path, made.cert.pem()).expect("the directory is writable");
        std::fs::write(&key_path, made.signing_key.serialize_pem())
            .expect("the directory is writable");
        Self {
            certificate_path,
            key_path,
            der: made.cert.der().clone(),
        }
    }

    /// What a server accepts with.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let key = PrivateKeyDer::from_pem_file(&self.key_path).expect("it was written");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("they are safe")
            .with_no_client_auth()
            .with_single_cert(vec![self.der.clone()], key)
            .expect("key and certificate belong together");
        TlsAcceptor::from(Arc::new(config))
    }

    pub(crate) async fn connect(
        &self,
        stream: TcpStream,
        is_http2: bool,
    ) -> io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).map_err(io::Error::other)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        let protocol: &[u8] = if is_http2 { b"h2" } else { b"http/1.1" };
        config.alpn_protocols = vec![protocol.to_vec()];
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        let stream = TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await?;
        let (_, session) = stream.get_ref();
        if session.alpn_protocol() != Some(protocol) {
            return Err(io::Error::other(
                "the gateway did not agree to the protocol",
            ));
        }
        Ok(stream)
    }
}
