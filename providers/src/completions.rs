//! A legacy text completion, in our own words.

use serde_json::{Map, Value};

use crate::chat::{ChatAnswer, EventReader};
use crate::wire::{Malformed, Stamp, Target, Untranslatable, WireBody};

/// A vendor's text completion. Its answers and events are those of a chat without roles: text,
/// finish, usage.
pub trait CompletionsApi: Sync {
    /// Puts a call into the vendor's words.
    ///
    /// # Errors
    /// When the vendor cannot honour a parameter and nobody allowed to drop it.
    fn encode(
        &self,
        call: &CompletionCall,
        target: &Target<'_>,
    ) -> Result<WireBody, Untranslatable>;

    /// Reads a whole answer.
    ///
    /// # Errors
    /// When the body is not of the vendor's shape.
    fn decode(&self, body: &[u8], stamp: &Stamp) -> Result<ChatAnswer, Malformed>;

    /// A reader for one streamed answer.
    fn events(&self, stamp: &Stamp) -> Box<dyn EventReader>;
}

/// A text completion.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CompletionCall {
    /// The text to go on from; several are several choices.
    pub prompts: Vec<String>,
    /// The text that follows.
    pub suffix: Option<String>,
    /// The most tokens to write.
    pub max_tokens: Option<u64>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// Whether the answer is streamed.
    pub stream: bool,
    /// OpenAI's other parameters (`temperature`, `top_p`, `seed`, `n`, `logprobs`, `echo` …), by
    /// name, as they came.
    pub openai_parameters: Map<String, Value>,
    /// Members that OpenAI does not have: they travel along as they are.
    pub extra: Map<String, Value>,
}
