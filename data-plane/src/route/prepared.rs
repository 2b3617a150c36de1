//! A deployment's address and headers, ready for the wire.

use std::sync::{Arc, PoisonError};

use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use providers::Provider;
use providers::wire::{Address, Operation, Target};

use crate::route::candidate::Candidate;
use crate::send::url::Url;

/// Where to send, ready for the wire.
#[derive(Clone)]
pub struct Prepared {
    /// Where to.
    pub url: Arc<Url>,
    /// All headers of the request but its length.
    pub headers: HeaderMap,
}

impl Candidate {
    /// Address and headers for one operation; `of_body` are headers that the body asks for. None
    /// when the address is no URL or a value cannot stand in a header. Made once for each operation
    /// when nothing in it depends on the request.
    #[must_use]
    pub fn prepare(
        &self,
        provider: &dyn Provider,
        operation: Operation,
        target: &Target<'_>,
        of_body: Vec<(&'static str, String)>,
    ) -> Option<Prepared> {
        if !of_body.is_empty() || target.model != self.model {
            return self.made(provider.address(operation, target), of_body);
        }
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = prepared.iter().find(|(known, _)| *known == operation) {
            return Some(known.clone());
        }
        let made = self.made(provider.address(operation, target), of_body)?;
        prepared.push((operation, made.clone()));
        Some(made)
    }

    fn made(&self, address: Address, of_body: Vec<(&'static str, String)>) -> Option<Prepared> {
        let Address {
            url,
            headers: of_address,
        } = address;
        let url = Arc::new(Url::parse(url)?);
        let mut headers = HeaderMap::with_capacity(12);
        // The length is filled in for each request.
        headers.insert(HOST, url.host.clone());
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        for (name, value) in of_address.into_iter().chain(of_body) {
            let mut value = HeaderValue::try_from(value).ok()?;
            value.set_sensitive(matches!(
                name,
                "authorization" | "x-api-key" | "x-goog-api-key"
            ));
            headers.insert(HeaderName::from_static(name), value);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in &self.extra_headers {
            let value = match headers.get(name).filter(|_| name == BETA) {
                Some(ours) => joined(ours, value)?,
                None => value.clone(),
            };
            headers.insert(name.clone(), value);
        }
        Some(Prepared { url, headers })
    }
}

/// What we call ourselves.
const AGENT: &str = concat!("headgate/", env!("CARGO_PKG_VERSION"));

/// Anthropic's header of beta features is a list: the operator's come beside those of the body.
const BETA: &str = "anthropic-beta";

fn joined(ours: &HeaderValue, theirs: &HeaderValue) -> Option<HeaderValue> {
    let both = format!("{},{}", ours.to_str().ok()?, theirs.to_str().ok()?);
    HeaderValue::try_from(both).ok()
}
