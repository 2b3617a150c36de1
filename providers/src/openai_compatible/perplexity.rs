//! Perplexity.

use super::Compatible;

pub(super) const VENDOR: Compatible = Compatible {
    name: "perplexity",
    base_url: Some("https://api.perplexity.ai"),
    key_variables: &["PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"],
    base_url_variables: &["PERPLEXITY_API_BASE"],
    ..Compatible::USUAL
};
