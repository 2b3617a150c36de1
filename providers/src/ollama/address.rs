//! Where does a call go?

use domain::keys::Secret;

use crate::wire::{Address, Operation, Target};

/// The address of an operation; a key, which only a proxy in front of Ollama asks for, is sent as
/// `Authorization: Bearer`.
pub(super) fn address(operation: Operation, target: &Target<'_>) -> Address {
    let path = match operation {
        Operation::Chat | Operation::ChatStream => "chat",
        Operation::Completion | Operation::CompletionStream => "generate",
        Operation::Embeddings => "embed",
    };
    let key = target.api_key.map(Secret::expose);
    Address {
        url: format!("{}/api/{path}", base(target.base_url)),
        headers: key
            .map(|key| ("authorization", format!("Bearer {key}")))
            .into_iter()
            .collect(),
    }
}

/// The address without what people add to it (`/v1`, `/api`, `/api/chat`), with the scheme and
/// the port that `OLLAMA_HOST` may leave out. The address that Ollama listens on at all interfaces
/// (`0.0.0.0`) is this machine.
fn base(given: &str) -> String {
    let mut base = given.trim().trim_end_matches('/');
    for end in ["/chat", "/generate", "/embed"] {
        if let Some(rest) = base.strip_suffix(end).filter(|rest| rest.ends_with("/api")) {
            base = rest;
        }
    }
    let base = base
        .strip_suffix("/v1")
        .or_else(|| base.strip_suffix("/api"))
        .unwrap_or(base)
        .trim_end_matches('/');
    let (scheme, rest) = base.split_once("://").unwrap_or(("", base));
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let (host, port) = split_port(authority);
    let host = match host {
        "" | "0.0.0.0" => "127.0.0.1",
        "[::]" => "[::1]",
        host => host,
    };
    match (scheme, port) {
        ("", port) => format!("http://{host}:{}{path}", port.unwrap_or("11434")),
        (scheme, Some(port)) => format!("{scheme}://{host}:{port}{path}"),
        (scheme, None) => format!("{scheme}://{host}{path}"),
    }
}

/// Splits `host:port`; the colons within `[…]` belong to the host.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (host, Some(port).filter(|port| !port.is_empty()))
        }
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_ollamas_own_tools_read_it() {
        for (given, expected) in [
            ("http://localhost:11434", "http://localhost:11434"),
            (
                "http://host.docker.internal:11434",
                "http://host.docker.internal:11434",
            ),
            ("localhost", "http://localhost:11434"),
            ("localhost:8080", "http://localhost:8080"),
            (":8080", "http://127.0.0.1:8080"),
            ("0.0.0.0", "http://127.0.0.1:11434"),
            ("0.0.0.0:11434", "http://127.0.0.1:11434"),
            ("http://0.0.0.0:11434", "http://127.0.0.1:11434"),
            ("https://ollama.example", "https://ollama.example"),
            ("[::1]:11435", "http://[::1]:11435"),
            ("[::1]", "http://[::1]:11434"),
            ("[::]:11434", "http://[::1]:11434"),
            ("example.com/path/", "http://example.com:11434/path"),
        ] {
            assert_eq!(base(given), expected, "{given}");
        }
    }

    #[test]
    fn the_addresses_of_other_interfaces_are_repaired() {
        for given in [
            "http://o.example:1/v1",
            "http://o.example:1/v1/",
            "http://o.example:1/api",
            "http://o.example:1/api/chat",
            "http://o.example:1/api/generate/",
        ] {
            assert_eq!(base(given), "http://o.example:1", "{given}");
        }
    }
}
