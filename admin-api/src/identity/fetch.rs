//! What is asked of an identity provider: over TLS, within ten seconds, at most so many bytes, and
//! never at another address than the one asked.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Url};
use rustls::ClientConfig;
use serde_json::Value;

/// How long a provider may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a connection may take.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);

/// The most bytes of an answer.
const MOST_BYTES: usize = 256 * 1024;

/// Asks providers.
pub struct Fetcher {
    client: Client,
}

/// With what we say who we are, where a code is exchanged.
pub enum Proof<'a> {
    /// In the header (RFC 6749, 2.3.1).
    Basic(&'a str, &'a str),
    /// In the body, or not at all.
    InBody,
}

impl Fetcher {
    /// Makes one that trusts the same authorities as calls to providers of models.
    ///
    /// # Errors
    /// When there is no TLS to be had.
    pub fn new(trust: &ClientConfig) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .tls_backend_preconfigured(trust.clone())
            .redirect(Policy::none())
            .connect_timeout(CONNECT_PATIENCE)
            .timeout(PATIENCE)
            .build()?;
        Ok(Self { client })
    }

    /// Gets a JSON document.
    ///
    /// # Errors
    /// Why there is none, in words that hold no secret.
    pub async fn get(&self, url: &str) -> Result<Value, String> {
        let (status, body) = self.ask(self.client.get(allowed(url)?), url).await?;
        success(status, url)?;
        Ok(body)
    }

    /// Gets what is told to the bearer of a token.
    ///
    /// # Errors
    /// As [`Fetcher::get`].
    pub async fn get_as(&self, url: &str, access_token: &str) -> Result<Value, String> {
        let request = self.client.get(allowed(url)?).bearer_auth(access_token);
        let (status, body) = self.ask(request, url).await?;
        success(status, url)?;
        Ok(body)
    }

    /// Posts a form; gives the status and the document.
    ///
    /// # Errors
    /// As [`Fetcher::get`].
    pub async fn post(
        &self,
        url: &str,
        form: &[(&str, &str)],
        proof: Proof<'_>,
    ) -> Result<(u16, Value), String> {
        let content = HeaderValue::from_static("application/x-www-form-urlencoded");
        let request = self
            .client
            .post(allowed(url)?)
            .header(CONTENT_TYPE, content);
        let request = match proof {
            Proof::Basic(id, secret) => {
                request.basic_auth(form_encoded(id), Some(form_encoded(secret)))
            }
            Proof::InBody => request,
        };
        self.ask(request.body(form_of(form)), url).await
    }

    async fn ask(&self, request: RequestBuilder, url: &str) -> Result<(u16, Value), String> {
        let request = request.header(ACCEPT, HeaderValue::from_static("application/json"));
        let mut answer = request.send().await.map_err(|fault| {
            match (fault.is_timeout(), fault.is_connect()) {
                (true, _) => format!("{url} did not answer within 10 seconds"),
                (_, true) => format!("{url} cannot be reached"),
                _ => format!("{url} broke the connection"),
            }
        })?;
        let status = answer.status().as_u16();
        let mut bytes = Vec::new();
        let broke = |_fault: reqwest::Error| format!("{url} broke the connection");
        while let Some(chunk) = answer.chunk().await.map_err(broke)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MOST_BYTES {
                return Err(format!("{url} answered more than {MOST_BYTES} bytes"));
            }
        }
        let body = serde_json::from_slice(&bytes);
        let body = body.map_err(|_no_json| format!("{url} answered {status} and no JSON"))?;
        Ok((status, body))
    }
}

fn success(status: u16, url: &str) -> Result<(), String> {
    match status {
        200..=299 => Ok(()),
        _ => Err(format!("{url} answered with status {status}")),
    }
}

/// An address that may be asked: https; http on this very machine only.
pub(crate) fn allowed(url: &str) -> Result<Url, String> {
    let parsed = Url::parse(url).map_err(|_no_url| format!("`{url}` is no address"))?;
    let host = parsed.host_str().unwrap_or_default();
    let is_near = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    match parsed.scheme() {
        "https" => Ok(parsed),
        "http" if is_near => Ok(parsed),
        _ => Err(format!("{url} is not https")),
    }
}

/// Members as `application/x-www-form-urlencoded`.
pub(super) fn form_of(members: &[(&str, &str)]) -> String {
    let members = members.iter();
    let members: Vec<String> = members
        .map(|(name, value)| format!("{}={}", form_encoded(name), form_encoded(value)))
        .collect();
    members.join("&")
}

fn form_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                encoded.push(char::from(byte));
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_is_asked_but_for_this_machine() {
        for good in [
            "https://sso.example/x",
            "http://localhost:8080/",
            "http://127.0.0.1:1/",
            "http://[::1]:1/",
        ] {
            assert!(allowed(good).is_ok(), "{good}");
        }
        for bad in [
            "http://sso.example/",
            "http://127.0.0.1.evil.example/",
            "ftp://sso.example/",
            "file:///etc/passwd",
            "sso.example",
            "",
        ] {
            assert!(allowed(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn forms_are_encoded_so_that_nothing_breaks_out() {
        assert_eq!(
            form_of(&[("a", "b c"), ("d", "&=%é")]),
            "a=b%20c&d=%26%3D%25%C3%A9"
        );
    }
}
