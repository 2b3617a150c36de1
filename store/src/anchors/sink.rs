//! Where do anchors go? A file, or syslog over UDP or a Unix socket.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use domain::audit::Anchor;
use thiserror::Error;

use super::{file, syslog};

/// How long one anchor may take: a name that is looked up, a disk that hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// The port of syslog over UDP (RFC 5426).
const SYSLOG_PORT: u16 = 514;

/// Where anchors go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnchorSink {
    /// A file that is appended to, one JSON object in each line.
    File(PathBuf),
    /// A syslog server: one datagram for each anchor. Nothing tells whether it arrives.
    SyslogUdp {
        /// Its name or address; IPv6 without brackets.
        host: String,
        /// Its port.
        port: u16,
    },
    /// The datagram socket of the machine's own syslog, such as `/dev/log`.
    SyslogUnix(PathBuf),
}

/// A text that says no place for anchors.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no place for audit anchors; write `file:///path/to/anchors.jsonl`, `syslog://host:514` or `unix:///dev/log`"
)]
pub struct NotAnAnchorSink(String);

impl FromStr for AnchorSink {
    type Err = NotAnAnchorSink;

    fn from_str(text: &str) -> Result<Self, NotAnAnchorSink> {
        let refused = || NotAnAnchorSink(text.to_owned());
        let (scheme, rest) = text.split_once("://").ok_or_else(refused)?;
        match scheme {
            "file" | "unix" if !rest.starts_with('/') || rest.ends_with('/') => Err(refused()),
            "file" => Ok(Self::File(PathBuf::from(rest))),
            "unix" => Ok(Self::SyslogUnix(PathBuf::from(rest))),
            "syslog" => {
                let (host, port) = authority(rest).ok_or_else(refused)?;
                Ok(Self::SyslogUdp { host, port })
            }
            _ => Err(refused()),
        }
    }
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`, as RFC 3986 writes it.
fn authority(text: &str) -> Option<(String, u16)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']')?,
        None => match text.find(':') {
            Some(colon) => text.split_at_checked(colon)?,
            None => (text, ""),
        },
    };
    let port = match port.strip_prefix(':') {
        Some(digits) => digits.parse().ok().filter(|port| *port != 0)?,
        None if port.is_empty() => SYSLOG_PORT,
        None => return None,
    };
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_:".contains(letter);
    (!host.is_empty() && host.chars().all(plain)).then(|| (host.to_owned(), port))
}

impl fmt::Display for AnchorSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file://{}", path.display()),
            Self::SyslogUdp { host, port } if host.contains(':') => {
                write!(f, "syslog://[{host}]:{port}")
            }
            Self::SyslogUdp { host, port } => write!(f, "syslog://{host}:{port}"),
            Self::SyslogUnix(path) => write!(f, "unix://{}", path.display()),
        }
    }
}

impl AnchorSink {
    /// Hands one anchor over. A file has it on the disk when this returns.
    ///
    /// # Errors
    /// When the file cannot be written, there is no such host or socket, or it takes ten seconds.
    pub async fn write(&self, anchor: &Anchor) -> io::Result<()> {
        let written = async {
            match self {
                Self::File(path) => file::append(path.clone(), *anchor).await,
                Self::SyslogUdp { host, port } => syslog::over_udp(host, *port, anchor).await,
                Self::SyslogUnix(path) => syslog::over_socket(path, anchor).await,
            }
        };
        tokio::time::timeout(PATIENCE, written)
            .await
            .map_err(|_elapsed| io::Error::from(io::ErrorKind::TimedOut))?
    }

    /// The last anchor that was written, where that can be known: of a file.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub async fn last(&self) -> io::Result<Option<Anchor>> {
        match self {
            Self::File(path) => Ok(file::read(path.clone()).await?.anchors.pop()),
            Self::SyslogUdp { .. } | Self::SyslogUnix(_) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_place_is_read_and_written_alike() {
        let udp = |host: &str, port| AnchorSink::SyslogUdp {
            host: host.to_owned(),
            port,
        };
        for (text, sink) in [
            (
                "file:///var/a.jsonl",
                AnchorSink::File("/var/a.jsonl".into()),
            ),
            ("unix:///dev/log", AnchorSink::SyslogUnix("/dev/log".into())),
            ("syslog://logs.example:6514", udp("logs.example", 6514)),
            ("syslog://[2001:db8::1]:514", udp("2001:db8::1", 514)),
        ] {
            assert_eq!(text.parse(), Ok(sink.clone()));
            assert_eq!(sink.to_string(), text);
        }
        assert_eq!("syslog://logs".parse(), Ok(udp("logs", 514)));
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in [
            "",
            "/var/a",
            "file://a",
            "file:///",
            "s3://bucket/a",
            "syslog://",
            "syslog://:514",
            "syslog://a:0",
            "syslog://a:70000",
            "syslog://a/b",
            "syslog://[::1",
            "syslog://[::1]5",
        ] {
            assert!(text.parse::<AnchorSink>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(text in "(syslog://|file://|unix://)?.{0,30}") {
            if let Ok(sink) = text.parse::<AnchorSink>() {
                prop_assert_eq!(sink.to_string().parse(), Ok(sink));
            }
        }
    }
}
