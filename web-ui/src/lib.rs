//! The pages of the console, one value each, and what they are dressed in.
//!
//! Nothing in a page is inline: neither scripts nor styles. Everything comes from this program, so
//! that pages work without any other address. `docs/console.md` says how a page is added.

pub mod api_reference;
pub mod assets;
pub mod chart;
mod faults;
pub mod figures;
pub mod frame;
pub mod language;
pub mod licences;
pub mod locale;
pub mod markup;
pub mod pages;
pub mod typed;
pub mod words;

/// The policy that the page of the API is served with.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; \
style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; \
base-uri 'none'; frame-ancestors 'none'";

/// The policy that a page of the console is served with: its scripts carry this answer's nonce, and
/// only htmx may make markup of text.
#[must_use]
pub fn content_security_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
         trusted-types htmx"
    )
}
