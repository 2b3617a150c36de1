//! The pages of the console, one value each, and what they are dressed in.
//!
//! Nothing in a page is inline: neither scripts nor styles. Everything comes from this program, so
//! that pages work without any other address.

pub mod api_reference;

/// The policy that every page is served with.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; \
style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; \
base-uri 'none'; frame-ancestors 'none'";
