//! OpenAi: placeholder until the vendor's folder lands.

use crate::Provider;
use crate::dialect::Dialect;
use crate::failure::Failure;
use crate::wire::{Address, Operation, Target};

/// The vendor.
pub struct OpenAi;

impl Provider for OpenAi {
    fn name(&self) -> &'static str {
        "openai"
    }

    fn dialect(&self) -> Dialect {
        Dialect::OpenAi
    }

    fn default_base_url(&self) -> Option<&'static str> {
        Some("https://api.openai.com/v1")
    }

    fn key_variables(&self) -> &'static [&'static str] {
        &["OPENAI_API_KEY"]
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
