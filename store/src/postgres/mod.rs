//! How a connection to Postgres is made: encrypted as `sslmode` says, with limits on how long
//! anything may take.

mod tls;

use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, Error};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::postgres::tls::{Encryption, Verification};

/// How long one attempt to reach one address may take, and data may stay unacknowledged.
const PATIENCE: Duration = Duration::from_secs(3);
const UNACKNOWLEDGED: Duration = Duration::from_secs(10);

/// No query of ours takes that long; one that waits for a lock so long had better fail and be told
/// of. Nor is any worth processes of its own: to start them takes longer than most of ours run, and
/// pages with several took twice as long. Nor code of its own, which Postgres makes for what it thinks
/// is dear and which takes a tenth of a second. Set once the connection is there, since poolers refuse them
/// among the startup parameters.
const LIMITS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '5s'; \
    SET max_parallel_workers_per_gather = 0; SET jit = off";

/// Connects to the database of a URL.
///
/// # Errors
/// When the URL cannot be read (no part of it is told, since it holds a password), the server does
/// not answer, or its certificate is not what `sslmode` asks for.
pub(crate) async fn connect(url: &str) -> ConnectionResult<AsyncPgConnection> {
    let (config, encryption) = settings(url)?;
    let mut connection = match encryption {
        Encryption::Never => unencrypted(&config).await,
        Encryption::Refused => match unencrypted(&config).await {
            Err(refused) if not_this_way(&refused) => {
                encrypted(&config, SslMode::Require, &Verification::None).await
            }
            made => made,
        },
        Encryption::Tried => match encrypted(&config, SslMode::Prefer, &Verification::None).await {
            Err(refused) if not_this_way(&refused) => {
                unencrypted(&config).await.map_err(|_same| refused)
            }
            made => made,
        },
        Encryption::Always(verification) => {
            encrypted(&config, SslMode::Require, &verification).await
        }
    }
    .map_err(|refused| refused.told())?;
    connection
        .batch_execute(LIMITS)
        .await
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

/// Why there is no connection.
enum Refused {
    /// The server's answer, or the network's.
    Server(Error),
    /// What stands in the URL, or in the file that it names.
    Setting(String),
    /// The connection was made and then could not be used.
    Setup(ConnectionError),
}

impl Refused {
    fn told(self) -> ConnectionError {
        match self {
            Self::Server(error) => ConnectionError::BadConnection(with_causes(&error)),
            Self::Setting(text) => ConnectionError::InvalidConnectionUrl(text),
            Self::Setup(error) => error,
        }
    }
}

/// An error and what caused it, which its own text leaves out.
fn with_causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        text.push_str(": ");
        text.push_str(&deeper.to_string());
        cause = deeper.source();
    }
    text
}

/// Whether the other way, with or without TLS, may work: the handshake failed, or `pg_hba.conf` has
/// no line for this way. A wrong password is not tried twice.
fn not_this_way(refused: &Refused) -> bool {
    match refused {
        Refused::Server(error) => error
            .code()
            .is_none_or(|code| *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION),
        Refused::Setting(_) | Refused::Setup(_) => false,
    }
}

async fn unencrypted(config: &Config) -> Result<AsyncPgConnection, Refused> {
    let mut config = config.clone();
    let (client, connection) = config
        .ssl_mode(SslMode::Disable)
        .connect(tokio_postgres::NoTls)
        .await
        .map_err(Refused::Server)?;
    AsyncPgConnection::try_from_client_and_connection(client, connection)
        .await
        .map_err(Refused::Setup)
}

async fn encrypted(
    config: &Config,
    mode: SslMode,
    verification: &Verification,
) -> Result<AsyncPgConnection, Refused> {
    let connector = MakeRustlsConnect::new(tls::client(verification).map_err(Refused::Setting)?);
    let mut config = config.clone();
    let (client, connection) = config
        .ssl_mode(mode)
        .connect(connector)
        .await
        .map_err(Refused::Server)?;
    AsyncPgConnection::try_from_client_and_connection(client, connection)
        .await
        .map_err(Refused::Setup)
}

/// What the URL says; `sslmode` and `sslrootcert` are read here, since `tokio-postgres` knows three
/// of the six modes.
fn settings(url: &str) -> ConnectionResult<(Config, Encryption)> {
    let malformed = |what: &str| ConnectionError::InvalidConnectionUrl(what.to_owned());
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut mode, mut root, mut rest) = (None, None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value),
            Some(("sslrootcert", value)) => root = Some(value),
            _ => rest.push(pair),
        }
    }
    let url = format!("{address}?{}", rest.join("&"));
    let mut config: Config = url.parse().map_err(|cause: Error| {
        let reason = std::error::Error::source(&cause).map(ToString::to_string);
        malformed(&reason.unwrap_or_else(|| cause.to_string()))
    })?;
    let encryption = match on_this_machine(&config) {
        true => Encryption::Never,
        false => Encryption::of(mode, root).map_err(|what| malformed(&what))?,
    };
    if config.get_application_name().is_none() {
        config.application_name("headgate");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(PATIENCE);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNACKNOWLEDGED);
    }
    Ok((config, encryption))
}

/// Whether all addresses are Unix sockets, over which libpq does not encrypt either.
fn on_this_machine(config: &Config) -> bool {
    !config.get_hosts().is_empty()
        && config
            .get_hosts()
            .iter()
            .all(|host| matches!(host, Host::Unix(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encryption(url: &str) -> Encryption {
        settings(url).unwrap().1
    }

    #[test]
    fn the_six_modes_mean_what_libpq_means_by_them() {
        let of = |query: &str| encryption(&format!("postgres://me:p%3F@db.example/hg{query}"));
        assert_eq!(of(""), Encryption::Tried);
        assert_eq!(of("?sslmode=disable"), Encryption::Never);
        assert_eq!(of("?sslmode=allow"), Encryption::Refused);
        assert_eq!(of("?sslmode=prefer"), Encryption::Tried);
        assert_eq!(
            of("?sslmode=require"),
            Encryption::Always(Verification::None)
        );
        let webpki = Verification::Full(None);
        assert_eq!(
            of("?sslmode=verify-full"),
            Encryption::Always(webpki.clone())
        );
        assert_eq!(
            of("?sslmode=verify-full&sslrootcert=system"),
            Encryption::Always(webpki)
        );
        let file = Some("/etc/ca.pem".into());
        let ca = Encryption::Always(Verification::Issuer(file));
        assert_eq!(of("?sslrootcert=/etc/ca.pem&sslmode=verify-ca"), ca);
        assert_eq!(of("?sslrootcert=%2Fetc%2Fca.pem&sslmode=require"), ca);
    }

    #[test]
    fn other_settings_of_the_url_are_kept_and_a_socket_is_not_encrypted() {
        let url = "postgres:///hg?host=/run/postgresql&application_name=mine&sslmode=require";
        let (config, encryption) = settings(url).unwrap();
        assert_eq!(config.get_application_name(), Some("mine"));
        assert_eq!(config.get_dbname(), Some("hg"));
        assert_eq!(encryption, Encryption::Never);
    }

    #[test]
    fn an_error_about_the_url_does_not_tell_the_password() {
        for url in [
            "postgres://me:hunter2@h:port/x",
            "postgres://me:hunter2@h/x?sslmode=maybe",
        ] {
            let told = settings(url).map(|_settings| ()).unwrap_err().to_string();
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}
