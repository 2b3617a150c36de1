//! A trickle of requests through the gateway itself, so that the demo's lists move.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use domain::keys::PlainKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::demo::numbers::Numbers;

/// The longest answer of the demo's models is far shorter.
const LONGEST_BYTES: u64 = 1 << 20;

/// Sends requests of these keys until the process ends, in a thread of its own.
///
/// # Errors
/// When the system gives no thread.
pub fn begin(address: SocketAddr, keys: Vec<(PlainKey, [&'static str; 2])>) -> io::Result<()> {
    let address = near(address);
    let thread = std::thread::Builder::new().name("demo".to_owned());
    thread.spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        if let Ok(runtime) = runtime {
            runtime.block_on(trickle(address, &keys));
        }
    })?;
    Ok(())
}

/// The address under which this machine reaches itself.
fn near(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

async fn trickle(address: SocketAddr, keys: &[(PlainKey, [&'static str; 2])]) {
    let mut numbers = Numbers::of(1);
    loop {
        tokio::time::sleep(Duration::from_millis(250 + numbers.below(2_400))).await;
        let count = u64::try_from(keys.len()).unwrap_or(0);
        let place = usize::try_from(numbers.below(count)).unwrap_or(0);
        let Some((key, [usual, other])) = keys.get(place) else {
            return;
        };
        let model = if numbers.happens(2_000) { other } else { usual };
        let stream = numbers.happens(5_000);
        // A gateway that is ending or not yet there is asked again later.
        let _answered = ask(address, key, (model, stream)).await;
    }
}

async fn ask(address: SocketAddr, key: &PlainKey, (model, stream): (&str, bool)) -> io::Result<()> {
    let body = serde_json::json!({
        "model": model,
        "stream": stream,
        "max_completion_tokens": 400,
        "messages": [{"role": "user", "content": "What is new since yesterday?"}],
    });
    let body = body.to_string();
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        key.expose(),
        body.len()
    );
    let mut socket = TcpStream::connect(address).await?;
    socket.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    socket.take(LONGEST_BYTES).read_to_end(&mut answer).await?;
    Ok(())
}
