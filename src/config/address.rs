//! Addresses of providers: their spelling, and whether a key would travel in the clear.

use std::net::IpAddr;

/// An address with a scheme and without a trailing slash. A bare host gets `http://` if it is
/// private and `https://` if not; a bare host of Ollama's gets its port.
#[must_use]
pub fn normalise(text: &str) -> String {
    let text = text.trim().trim_end_matches('/');
    if text.contains("://") {
        return text.to_owned();
    }
    let scheme = if is_private(host_of(text)) {
        "http"
    } else {
        "https"
    };
    format!("{scheme}://{text}")
}

/// `OLLAMA_HOST` as Ollama reads it: scheme and port may be missing, and the address to listen on
/// may stand for the address to call.
#[must_use]
pub fn of_ollama(text: &str) -> String {
    let text = text.trim().trim_end_matches('/');
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let rest = rest.replacen("0.0.0.0", "127.0.0.1", 1);
    let has_port = rest
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.starts_with(|c: char| c.is_ascii_digit()));
    let is_bare = !rest.contains('/') && !has_port && !text.contains("://");
    if is_bare {
        return format!("{scheme}://{rest}:11434");
    }
    format!("{scheme}://{rest}")
}

/// Whether a credential sent there could be read on the way.
#[must_use]
pub fn is_public_and_plain(url: &str) -> bool {
    url.strip_prefix("http://")
        .is_some_and(|rest| !is_private(host_of(rest)))
}

/// The host of an address, without user, port and path; lower case is the caller's business.
#[must_use]
pub fn host_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    if let Some(bracketed) = host.strip_prefix('[') {
        return bracketed.split(']').next().unwrap_or(bracketed);
    }
    match host.rsplit_once(':') {
        Some((name, _)) if !name.contains(':') => name,
        _ => host,
    }
}

fn is_private(host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        return match address {
            IpAddr::V4(v4) => {
                let shared = v4.octets().first() == Some(&100);
                v4.is_loopback()
                    || v4.is_private()
                    || v4.is_link_local()
                    || v4.is_unspecified()
                    || shared
            }
            IpAddr::V6(v6) => {
                v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local()
            }
        };
    }
    let host = host.to_lowercase();
    let inner = [
        ".local",
        ".internal",
        ".lan",
        ".home",
        ".svc",
        ".localhost",
        ".test",
    ];
    !host.contains('.') || inner.iter().any(|end| host.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ollamas_variable_is_read_as_ollama_reads_it() {
        assert_eq!(of_ollama("0.0.0.0"), "http://127.0.0.1:11434");
        assert_eq!(of_ollama("0.0.0.0:8080"), "http://127.0.0.1:8080");
        assert_eq!(of_ollama("my-box"), "http://my-box:11434");
        assert_eq!(
            of_ollama("https://ollama.example/"),
            "https://ollama.example"
        );
        assert_eq!(
            of_ollama("http://localhost:11434"),
            "http://localhost:11434"
        );
    }

    #[test]
    fn only_a_public_host_without_tls_is_warned_of() {
        for url in [
            "http://localhost:1/v1",
            "http://10.0.0.1",
            "http://[::1]:8080",
            "http://vllm:8000",
            "http://host.docker.internal:11434",
            "https://api.example.com",
        ] {
            assert!(!is_public_and_plain(url), "{url}");
        }
        assert!(is_public_and_plain("http://api.example.com/v1"));
        assert!(is_public_and_plain("http://8.8.8.8"));
    }
}
