//! How a stream breaks off, and what its caller is told.

/// How a stream failed after its first event.
#[derive(Clone, Copy)]
pub enum Break {
    /// Its end is missing.
    Truncated,
    /// Nothing came for too long.
    Idle,
    /// It took longer than its time-out.
    TooLong,
    /// It means nothing.
    Malformed,
    /// We are shutting down.
    ShuttingDown,
}

impl Break {
    /// A sentence for the caller, and our code.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Truncated => (
                "The provider's stream broke off before its end.",
                "upstream_truncated",
            ),
            Self::Idle => ("The provider sent nothing for too long.", "upstream_idle"),
            Self::TooLong => (
                "The answer took longer than its time-out.",
                "upstream_timeout",
            ),
            Self::Malformed => (
                "The provider's stream could not be understood.",
                "upstream_malformed",
            ),
            Self::ShuttingDown => ("This gateway is shutting down.", "server_shutdown"),
        }
    }
}
