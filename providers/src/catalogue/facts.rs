//! What the catalogue says of one model.

use domain::money::PicoUsd;
use domain::prices::Price;

/// What the catalogue says of one model at one vendor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelFacts {
    /// `chat`, `completion`, `embedding`, …
    pub mode: String,
    /// The most tokens that the model reads.
    pub max_input_tokens: Option<u64>,
    /// The most tokens that the model writes.
    pub max_output_tokens: Option<u64>,
    /// How many numbers a vector of an embedding model has.
    pub output_vector_size: Option<u64>,
    /// Whether the model reasons.
    pub reasons: bool,
    /// What else the model can do.
    pub supports: Features,
    /// Whether the vendor has withdrawn the model.
    pub retired: bool,
    /// The day on which the vendor withdraws the model, `2026-10-14`.
    pub deprecation_date: Option<String>,
    /// The price; none when the catalogue has no price per token of input.
    pub price: Option<Price>,
    /// Prices that a charge of tokens does not use.
    pub other_prices: Vec<(Unit, PicoUsd)>,
}

/// What is priced besides the kinds of tokens that a usage counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A token of an image in the output.
    ImageOutputToken,
    /// A token of audio read from a cache.
    AudioCacheReadToken,
    /// A token of an image read from a cache.
    ImageCacheReadToken,
    /// A token of video in the input.
    VideoInputToken,
    /// An image in the input.
    InputImage,
    /// An image in the output.
    OutputImage,
    /// A second of audio or video in the input, or of time.
    InputSecond,
    /// A second of audio or video in the output, or of time.
    OutputSecond,
    /// A character of the input.
    InputCharacter,
    /// A search.
    Query,
}

/// A set of [`Feature`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Features(u16);

/// Something that a model can do or take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Feature {
    /// Reads images.
    Vision,
    /// Reads PDF files.
    PdfInput,
    /// Calls functions.
    FunctionCalling,
    /// Honours `tool_choice`.
    ToolChoice,
    /// Follows a JSON Schema.
    ResponseSchema,
    /// Has a prompt cache.
    PromptCaching,
    /// Reasons.
    Reasoning,
    /// Honours system messages.
    SystemMessages,
    /// Searches the web.
    WebSearch,
    /// Reads audio.
    AudioInput,
    /// Speaks.
    AudioOutput,
    /// Reads video.
    VideoInput,
    /// Goes on from a beginning of its own answer.
    AssistantPrefill,
    /// Works a computer.
    ComputerUse,
    /// Calls several functions at once.
    ParallelFunctionCalling,
}

impl Features {
    /// Whether the feature is in the set.
    #[must_use]
    pub const fn has(self, feature: Feature) -> bool {
        self.0 & feature.bit() != 0
    }

    pub(super) const fn add(&mut self, feature: Feature) {
        self.0 |= feature.bit();
    }
}

impl Feature {
    /// Reads the catalogue's word.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "vision" => Self::Vision,
            "pdf_input" => Self::PdfInput,
            "function_calling" => Self::FunctionCalling,
            "tool_choice" => Self::ToolChoice,
            "response_schema" => Self::ResponseSchema,
            "prompt_caching" => Self::PromptCaching,
            "reasoning" => Self::Reasoning,
            "system_messages" => Self::SystemMessages,
            "web_search" => Self::WebSearch,
            "audio_input" => Self::AudioInput,
            "audio_output" => Self::AudioOutput,
            "video_input" => Self::VideoInput,
            "assistant_prefill" => Self::AssistantPrefill,
            "computer_use" => Self::ComputerUse,
            "parallel_function_calling" => Self::ParallelFunctionCalling,
            _ => return None,
        })
    }

    const fn bit(self) -> u16 {
        1 << match self {
            Self::Vision => 0,
            Self::PdfInput => 1,
            Self::FunctionCalling => 2,
            Self::ToolChoice => 3,
            Self::ResponseSchema => 4,
            Self::PromptCaching => 5,
            Self::Reasoning => 6,
            Self::SystemMessages => 7,
            Self::WebSearch => 8,
            Self::AudioInput => 9,
            Self::AudioOutput => 10,
            Self::VideoInput => 11,
            Self::AssistantPrefill => 12,
            Self::ComputerUse => 13,
            Self::ParallelFunctionCalling => 14,
        }
    }
}
