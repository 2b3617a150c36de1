//! Which wire format does a caller, or a vendor, speak?

/// A wire format for chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// OpenAI's chat completions, completions and embeddings.
    OpenAi,
    /// Anthropic's Messages API.
    Anthropic,
    /// Google's `generateContent`.
    Gemini,
    /// Ollama's native API.
    Ollama,
}
