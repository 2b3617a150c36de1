//! Gemini: placeholder until the vendor's folder lands.

use crate::Provider;
use crate::dialect::Dialect;
use crate::failure::Failure;
use crate::wire::{Address, Operation, Target};

/// The vendor.
pub struct Gemini;

impl Provider for Gemini {
    fn name(&self) -> &'static str {
        "gemini"
    }

    fn dialect(&self) -> Dialect {
        Dialect::Gemini
    }

    fn default_base_url(&self) -> Option<&'static str> {
        Some("https://generativelanguage.googleapis.com/v1beta")
    }

    fn key_variables(&self) -> &'static [&'static str] {
        &["GEMINI_API_KEY"]
    }

    fn address(&self, _operation: Operation, target: &Target<'_>) -> Address {
        Address {
            url: target.base_url.to_owned(),
            headers: Vec::new(),
        }
    }

    fn failure(&self, status: u16, body: &[u8]) -> Failure {
        Failure::from_json(status, body)
    }
}
