//! Where Redis is: one server, a cluster, or what sentinels watch.

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion};
use thiserror::Error;

/// Sentinels' own port.
const SENTINEL_PORT: u16 = 26_379;

/// Where Redis is.
#[derive(Clone, Debug)]
pub enum Address {
    /// `redis://…`, `rediss://…`, `valkey://…`, `valkeys://…`: one server, or what stands before several.
    One(ConnectionInfo),
    /// `redis-cluster://h1,h2,h3`: some of a cluster's servers.
    Cluster(Vec<ConnectionInfo>),
    /// `redis-sentinel://h1,h2/service`: sentinels, and their name for the primary.
    Sentinel {
        /// The sentinels.
        sentinels: Vec<ConnectionInfo>,
        /// The primary's name.
        service: String,
        /// How to sign in at the primary, and in which database to work; its host is the sentinels'.
        primary: ConnectionInfo,
    },
}

/// Why a text is no address of Redis.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotAnAddress {
    /// Another scheme.
    #[error(
        "the address of Redis begins with redis://, rediss://, redis-cluster://, rediss-cluster://, \
         redis-sentinel:// or rediss-sentinel://"
    )]
    Scheme,
    /// A sentinel's address without a service.
    #[error("redis-sentinel://HOST:PORT/SERVICE needs the name of the service that it watches")]
    NoService,
    /// A cluster has one database only.
    #[error("a cluster of Redis has no numbered databases: leave `/{0}` away")]
    Database(String),
    /// One of the hosts cannot be read. The text has no password.
    #[error("the address of Redis cannot be read: {0}")]
    Unreadable(String),
}

impl Address {
    /// Reads an address. Several hosts are separated by commas; user and password, before the first
    /// host's `@`, are those of all.
    ///
    /// # Errors
    /// For everything else.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let (scheme, rest) = text.split_once("://").ok_or(NotAnAddress::Scheme)?;
        match scheme {
            "redis" | "rediss" | "valkey" | "valkeys" => Ok(Self::One(info(text)?)),
            "redis-cluster" | "valkey-cluster" => cluster("redis", rest),
            "rediss-cluster" | "valkeys-cluster" => cluster("rediss", rest),
            "redis-sentinel" | "valkey-sentinel" => sentinel("redis", rest),
            "rediss-sentinel" | "valkeys-sentinel" => sentinel("rediss", rest),
            _ => Err(NotAnAddress::Scheme),
        }
    }
}

/// One server. Version 3 of the protocol tells what is published on the same connection.
fn info(url: &str) -> Result<ConnectionInfo, NotAnAddress> {
    let unreadable =
        |error: redis::RedisError| NotAnAddress::Unreadable(error.category().to_owned());
    let info = url.into_connection_info().map_err(unreadable)?;
    let settings = info.redis_settings().clone();
    Ok(info.set_redis_settings(settings.set_protocol(ProtocolVersion::RESP3)))
}

/// Everything before the hosts, the hosts, and what comes after them.
fn parts(rest: &str) -> (&str, Vec<&str>, &str) {
    let (before, after) = rest.split_once('/').unwrap_or((rest, ""));
    let (sign_in, hosts) = before.rsplit_once('@').unwrap_or(("", before));
    let hosts = hosts
        .split(',')
        .map(str::trim)
        .filter(|host| !host.is_empty());
    (sign_in, hosts.collect(), after)
}

fn url(scheme: &str, sign_in: &str, host: &str) -> String {
    let at = if sign_in.is_empty() { "" } else { "@" };
    format!("{scheme}://{sign_in}{at}{host}")
}

fn cluster(scheme: &str, rest: &str) -> Result<Address, NotAnAddress> {
    let (sign_in, hosts, after) = parts(rest);
    if !matches!(after, "" | "0") {
        return Err(NotAnAddress::Database(after.to_owned()));
    }
    let servers: Result<Vec<_>, _> = hosts
        .into_iter()
        .map(|host| info(&url(scheme, sign_in, host)))
        .collect();
    let servers = servers?;
    if servers.is_empty() {
        return Err(NotAnAddress::Unreadable("no host".to_owned()));
    }
    Ok(Address::Cluster(servers))
}

fn sentinel(scheme: &str, rest: &str) -> Result<Address, NotAnAddress> {
    let (sign_in, hosts, after) = parts(rest);
    let (service, database) = after.split_once('/').unwrap_or((after, ""));
    if service.is_empty() {
        return Err(NotAnAddress::NoService);
    }
    let first = hosts.first().copied().unwrap_or_default();
    let primary = info(&format!("{}/{database}", url(scheme, sign_in, first)))?;
    let sentinels: Result<Vec<_>, _> = hosts
        .into_iter()
        .map(|host| {
            let has_port = host
                .rsplit_once(':')
                .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
            let host = if has_port {
                host.to_owned()
            } else {
                format!("{host}:{SENTINEL_PORT}")
            };
            info(&url(scheme, "", &host))
        })
        .collect();
    Ok(Address::Sentinel {
        sentinels: sentinels?,
        service: service.to_owned(),
        primary,
    })
}

/// The same way in, to another host.
pub(super) fn elsewhere(like: &ConnectionInfo, host: &str, port: u16) -> ConnectionInfo {
    let mut addr = like.addr().clone();
    match &mut addr {
        ConnectionAddr::Tcp(old_host, old_port)
        | ConnectionAddr::TcpTls {
            host: old_host,
            port: old_port,
            ..
        } => {
            host.clone_into(old_host);
            *old_port = port;
        }
        _ => addr = ConnectionAddr::Tcp(host.to_owned(), port),
    }
    like.clone().set_addr(addr)
}

#[cfg(test)]
mod tests {
    use super::{Address, NotAnAddress};

    #[test]
    fn every_kind_of_address_is_understood() {
        let Ok(Address::One(one)) = Address::parse("rediss://u:p%40@redis.example:6380/2") else {
            panic!("one server");
        };
        assert_eq!(one.addr().to_string(), "redis.example:6380");
        assert_eq!(one.redis_settings().password(), Some("p@"));
        assert_eq!(one.redis_settings().db(), 2);
        let Ok(Address::Cluster(servers)) = Address::parse("redis-cluster://u:p@a:1,b:2,c") else {
            panic!("a cluster");
        };
        let addresses: Vec<_> = servers
            .iter()
            .map(|server| server.addr().to_string())
            .collect();
        assert_eq!(addresses, ["a:1", "b:2", "c:6379"]);
        assert!(
            servers
                .iter()
                .all(|server| server.redis_settings().password() == Some("p"))
        );
        let parsed = Address::parse("redis-sentinel://:p@a,b:2/mymaster/3");
        let Ok(Address::Sentinel {
            sentinels,
            service,
            primary,
        }) = parsed
        else {
            panic!("sentinels");
        };
        let addresses: Vec<_> = sentinels.iter().map(|one| one.addr().to_string()).collect();
        assert_eq!(addresses, ["a:26379", "b:2"]);
        assert_eq!(service, "mymaster");
        assert_eq!(primary.redis_settings().db(), 3);
        assert_eq!(primary.redis_settings().password(), Some("p"));
    }

    #[test]
    fn what_is_no_address_says_why_and_tells_no_password() {
        let refused = |text| Address::parse(text).unwrap_err();
        assert_eq!(refused("localhost:6379"), NotAnAddress::Scheme);
        assert_eq!(refused("http://localhost"), NotAnAddress::Scheme);
        assert_eq!(refused("redis-sentinel://a:1"), NotAnAddress::NoService);
        assert_eq!(
            refused("redis-cluster://a/3"),
            NotAnAddress::Database("3".to_owned())
        );
        let error = refused("redis://u:hunter2@host:99999").to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
