//! Groq.

use super::Compatible;

pub(super) const VENDOR: Compatible = Compatible {
    name: "groq",
    base_url: Some("https://api.groq.com/openai/v1"),
    key_variables: &["GROQ_API_KEY"],
    base_url_variables: &["GROQ_API_BASE"],
    ..Compatible::USUAL
};
