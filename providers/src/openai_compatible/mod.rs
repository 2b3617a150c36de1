//! Vendors that speak OpenAI's dialect at an address of their own: one short file each.

mod cerebras;
mod deepinfra;
mod deepseek;
mod fireworks_ai;
mod groq;
mod llamafile;
mod lm_studio;
mod mistral;
mod moonshot;
mod nvidia_nim;
mod openrouter;
mod perplexity;
mod sambanova;
mod together_ai;
mod vllm;
mod xai;

use crate::Provider;
use crate::chat::ChatApi;
use crate::completions::CompletionsApi;
use crate::dialect::Dialect;
use crate::embeddings::EmbeddingsApi;
use crate::failure::Failure;
use crate::openai::completions::Completions;
use crate::openai::embeddings::Embeddings;
use crate::openai::{self, Chat};
use crate::wire::{Address, Operation, Target};

/// Every such vendor, one line each.
pub static ALL: &[&dyn Provider] = &[
    &cerebras::VENDOR,
    &deepinfra::VENDOR,
    &deepseek::VENDOR,
    &fireworks_ai::VENDOR,
    &groq::VENDOR,
    &llamafile::VENDOR,
    &lm_studio::VENDOR,
    &mistral::VENDOR,
    &moonshot::VENDOR,
    &nvidia_nim::VENDOR,
    &openrouter::VENDOR,
    &perplexity::VENDOR,
    &sambanova::VENDOR,
    &together_ai::VENDOR,
    &vllm::VENDOR,
    &xai::VENDOR,
];

/// What sets such a vendor apart from OpenAI.
struct Compatible {
    name: &'static str,
    other_names: &'static [&'static str],
    base_url: Option<&'static str>,
    key_variables: &'static [&'static str],
    base_url_variables: &'static [&'static str],
    catalogue_names: &'static [&'static str],
    needs_key: bool,
    is_local: bool,
    asks_stream_usage: bool,
}

impl Compatible {
    /// What most of them have in common.
    const USUAL: Self = Self {
        name: "",
        other_names: &[],
        base_url: None,
        key_variables: &[],
        base_url_variables: &[],
        catalogue_names: &[],
        needs_key: true,
        is_local: false,
        asks_stream_usage: true,
    };
}

/// Chat of the vendors that refuse `stream_options`.
static CHAT_COUNTED_UNASKED: Chat = Chat {
    asks_stream_usage: false,
};

impl Provider for Compatible {
    fn name(&self) -> &'static str {
        self.name
    }

    fn other_names(&self) -> &'static [&'static str] {
        self.other_names
    }

    fn dialect(&self) -> Dialect {
        Dialect::OpenAi
    }

    fn default_base_url(&self) -> Option<&'static str> {
        self.base_url
    }

    fn key_variables(&self) -> &'static [&'static str] {
        self.key_variables
    }

    fn base_url_variables(&self) -> &'static [&'static str] {
        self.base_url_variables
    }

    fn needs_key(&self) -> bool {
        self.needs_key
    }

    fn is_local(&self) -> bool {
        self.is_local
    }

    fn catalogue_names(&self) -> &'static [&'static str] {
        self.catalogue_names
    }

    fn asks_stream_usage(&self) -> bool {
        self.asks_stream_usage
    }

    fn address(&self, operation: Operation, target: &Target<'_>) -> Address {
        openai::address(operation, target)
    }

    fn chat(&self) -> Option<&dyn ChatApi> {
        Some(if self.asks_stream_usage {
            &openai::CHAT
        } else {
            &CHAT_COUNTED_UNASKED
        })
    }

    fn completions(&self) -> Option<&dyn CompletionsApi> {
        Some(&Completions)
    }

    fn embeddings(&self) -> Option<&dyn EmbeddingsApi> {
        Some(&Embeddings)
    }

    fn failure(&self, status: u16, body: &[u8]) -> Failure {
        Failure::from_json(status, body)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_a_vendor_is_listed() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/openai_compatible");
        let files = fs::read_dir(folder).unwrap();
        let vendors = files.filter(|entry| entry.as_ref().unwrap().file_name() != "mod.rs");
        assert_eq!(vendors.count(), ALL.len());
    }

    #[test]
    fn every_folder_of_a_vendor_is_listed() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let with_cases = fs::read_dir(source)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.join("cases").is_dir())
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned());
        for folder in with_cases {
            let listed = crate::ALL.iter().any(|vendor| vendor.name() == folder);
            assert!(listed, "{folder}");
        }
    }

    #[test]
    fn no_two_vendors_share_a_name_and_each_can_be_found() {
        let mut names = BTreeSet::new();
        for vendor in crate::ALL.iter().chain(ALL) {
            for &name in vendor.other_names().iter().chain([&vendor.name()]) {
                assert!(names.insert(name), "{name} names two vendors");
                assert_eq!(crate::find(name).unwrap().name(), vendor.name());
                assert_eq!(name, name.to_ascii_lowercase());
            }
        }
    }

    #[test]
    fn addresses_have_no_trailing_slash_and_remote_ones_are_encrypted() {
        for vendor in ALL {
            if let Some(url) = vendor.default_base_url() {
                assert!(!url.ends_with('/'), "{url}");
                assert!(vendor.is_local() || url.starts_with("https://"), "{url}");
            }
            assert!(!vendor.key_variables().is_empty(), "{}", vendor.name());
        }
    }
}
