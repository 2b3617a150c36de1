//! Ollama: placeholder until the vendor's folder lands.

use crate::Provider;
use crate::dialect::Dialect;
use crate::failure::Failure;
use crate::wire::{Address, Operation, Target};

/// The vendor.
pub struct Ollama;

impl Provider for Ollama {
    fn name(&self) -> &'static str {
        "ollama"
    }

    fn dialect(&self) -> Dialect {
        Dialect::Ollama
    }

    fn default_base_url(&self) -> Option<&'static str> {
        Some("http://localhost:11434")
    }

    fn key_variables(&self) -> &'static [&'static str] {
        &["OLLAMA_API_KEY"]
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
