//! Secrets: credentials that callers send and that providers ask for. They cannot be printed.

/// A credential in the clear. It has no `Debug`, no `Display` and no `Serialize`, so that it
/// cannot reach a log, an error or a page by accident.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Takes a credential.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The credential itself, for the wire and for comparison. Never log what this returns.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}
