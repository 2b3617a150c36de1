//! Whether a connection to Postgres is encrypted and how its server proves itself, as libpq's
//! `sslmode` and `sslrootcert` have it
//! (<https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION>).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

/// When a connection is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    /// `disable`.
    Never,
    /// `allow`: when the server refuses one that is not.
    Refused,
    /// `prefer`, and unless said otherwise: when the server can.
    Tried,
    /// `require`, `verify-ca`, `verify-full`.
    Always(Verification),
}

/// How a server proves itself. The file holds the certificates that are trusted; without one those
/// of the web's roots are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verification {
    /// Not at all: nobody reads along, but it may be anybody.
    None,
    /// By a certificate of somebody trusted, for whatever name.
    Issuer(Option<PathBuf>),
    /// By one for the name that was connected to.
    Full(Option<PathBuf>),
}

impl Encryption {
    /// Reads the two settings of a URL.
    pub(super) fn of(mode: Option<&str>, root: Option<&str>) -> Result<Self, String> {
        // libpq: `system` means the roots that the machine trusts.
        let file = root
            .filter(|root| *root != "system")
            .map(|root| PathBuf::from(unescaped(root)));
        match mode.unwrap_or("prefer") {
            "disable" => Ok(Self::Never),
            "allow" => Ok(Self::Refused),
            "prefer" => Ok(Self::Tried),
            // libpq: with a root certificate, `require` is `verify-ca`.
            "require" if file.is_some() => Ok(Self::Always(Verification::Issuer(file))),
            "require" => Ok(Self::Always(Verification::None)),
            "verify-ca" => Ok(Self::Always(Verification::Issuer(file))),
            "verify-full" => Ok(Self::Always(Verification::Full(file))),
            other => Err(format!(
                "sslmode `{other}` is none of disable, allow, prefer, require, verify-ca and \
                 verify-full"
            )),
        }
    }
}

/// A path with its `%2F` and the like read.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A TLS client that asks for this proof.
pub(super) fn client(verification: &Verification) -> Result<ClientConfig, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match verification {
        Verification::None => Arc::new(Anybody(Arc::clone(&provider))),
        Verification::Issuer(file) => Arc::new(AnyName(trusting(file.as_deref(), &provider)?)),
        Verification::Full(file) => trusting(file.as_deref(), &provider)?,
    };
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map(|builder| {
            builder
                .dangerous()
                .with_custom_certificate_verifier(verifier)
                .with_no_client_auth()
        })
        .map_err(|unsupported| unsupported.to_string())
}

fn trusting(
    file: Option<&Path>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, String> {
    let roots = match file {
        None => RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        },
        Some(path) => from_file(path)?,
    };
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|cause| cause.to_string())
}

fn from_file(path: &Path) -> Result<RootCertStore, String> {
    let named = |cause: String| format!("sslrootcert `{}`: {cause}", path.display());
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path).map_err(|why| named(why.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|why| named(why.to_string()))?;
        roots
            .add(certificate)
            .map_err(|why| named(why.to_string()))?;
    }
    match roots.is_empty() {
        true => Err(named("there is no certificate in it".to_owned())),
        false => Ok(roots),
    }
}

/// Lets every certificate pass; that its owner holds the key is checked all the same.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Lets a certificate of somebody trusted pass, whatever name is in it.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // The name is what rustls looks at last: whoever fails by it has passed the rest.
        match self
            .0
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
