//! One message of syslog for each anchor, as RFC 5424 has it, in one datagram.

use std::io;
use std::path::Path;

use domain::audit::Anchor;
use tokio::net::{UdpSocket, UnixDatagram};

/// Facility 13, log audit, times eight, and severity 5, notice (RFC 5424, 6.2.1).
const PRIORITY: u8 = 13 * 8 + 5;

/// Sends an anchor to a server (RFC 5426): to the first of its addresses that takes it.
pub(super) async fn over_udp(host: &str, port: u16, anchor: &Anchor) -> io::Result<()> {
    let message = message(anchor)?;
    let mut why = io::Error::from(io::ErrorKind::NotFound);
    for address in tokio::net::lookup_host((host, port)).await? {
        let here = if address.is_ipv4() {
            "0.0.0.0:0"
        } else {
            "[::]:0"
        };
        let socket = UdpSocket::bind(here).await?;
        match socket.send_to(message.as_bytes(), address).await {
            Ok(_bytes) => return Ok(()),
            Err(refused) => why = refused,
        }
    }
    Err(why)
}

/// Sends an anchor to a Unix socket.
pub(super) async fn over_socket(path: &Path, anchor: &Anchor) -> io::Result<()> {
    let message = message(anchor)?;
    let socket = UnixDatagram::unbound()?;
    socket.send_to(message.as_bytes(), path).await.map(drop)
}

/// `<109>1 time - headgate pid audit-anchor - {"sequence":…}`: no host, which the receiver knows,
/// and no structured data, for which one needs a number of one's own.
fn message(anchor: &Anchor) -> io::Result<String> {
    let at = i64::try_from(anchor.at.0).map_err(io::Error::other)?;
    let at = jiff::Timestamp::from_millisecond(at).map_err(io::Error::other)?;
    let process = std::process::id();
    let json = serde_json::to_string(anchor)?;
    Ok(format!(
        "<{PRIORITY}>1 {at} - headgate {process} audit-anchor - {json}"
    ))
}

#[cfg(test)]
mod tests {
    use domain::audit::{AuditKey, Mac};
    use domain::time::TimestampMs;

    use super::*;

    #[test]
    fn a_message_has_the_eight_parts_of_rfc_5424() {
        let anchor = AuditKey::new([7; 32]).anchor(3, Mac::GENESIS, TimestampMs(1_795_000_000_123));
        let message = message(&anchor).unwrap();
        let parts: Vec<&str> = message.splitn(8, ' ').collect();
        assert_eq!(
            parts[..4],
            ["<109>1", "2026-11-18T11:06:40.123Z", "-", "headgate"]
        );
        assert_eq!(parts[5..7], ["audit-anchor", "-"]);
        assert_eq!(serde_json::from_str::<Anchor>(parts[7]).unwrap(), anchor);
    }
}
