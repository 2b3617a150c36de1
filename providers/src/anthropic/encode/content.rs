//! Parts of messages into blocks: text, images, documents.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use super::super::wire::{Block, Source};
use super::parameters::Parameters;
use crate::chat::{MediaSource, Part};
use crate::wire::Untranslatable;

const PDF: &str = "application/pdf";

/// Clients write base 64 with and without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Anthropic refuses blocks of white space alone, which say nothing.
pub(super) fn says_something(text: &str) -> bool {
    !text.trim().is_empty()
}

/// Puts the parts of one message into blocks; `message` is its place in the call.
pub(super) fn blocks<'a>(
    parts: &'a [Part],
    message: usize,
    parameters: &mut Parameters<'_>,
) -> Result<Vec<Block<'a>>, Untranslatable> {
    let mut blocks = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Part::Text {
                text,
                cache_control,
            } => blocks.extend(says_something(text).then_some(Block::Text {
                text: text.into(),
                cache_control: cache_control.as_ref(),
            })),
            Part::Refusal(text) => {
                blocks.extend(says_something(text).then(|| Block::text(text)));
            }
            Part::Image {
                source,
                detail,
                cache_control,
            } => {
                if detail.as_deref().is_some_and(|detail| detail != "auto") {
                    parameters.left_out("image_url.detail");
                }
                blocks.push(image(source, cache_control.as_ref()));
            }
            Part::File {
                file,
                cache_control,
            } => blocks.push(document(file, cache_control.as_ref(), message)?),
            Part::Audio { .. } => parameters.refuse("input_audio")?,
            Part::Other(block) => blocks.push(Block::Native(block)),
        }
    }
    Ok(blocks)
}

fn image<'a>(source: &'a MediaSource, cache_control: Option<&'a Value>) -> Block<'a> {
    match source {
        MediaSource::Base64 { media_type, data } => {
            media(media_type, data, None).with(cache_control)
        }
        MediaSource::Url(url) => Block::Image {
            source: Source::Url { url },
            cache_control,
        },
    }
}

/// A block of its type: a PDF is a document wherever the caller put it.
fn media<'a>(media_type: &'a str, data: &'a str, title: Option<&'a str>) -> Block<'a> {
    let source = Source::Base64 {
        media_type: match media_type {
            "image/jpg" => "image/jpeg",
            other => other,
        },
        data,
    };
    if media_type == PDF {
        Block::Document {
            source,
            title,
            cache_control: None,
        }
    } else {
        Block::Image {
            source,
            cache_control: None,
        }
    }
}

impl<'a> Block<'a> {
    fn with(mut self, cache_control: Option<&'a Value>) -> Self {
        self.mark(cache_control);
        self
    }
}

/// OpenAI's `file` object; callers of LiteLLM also put addresses into `file_id` and `file_data`,
/// and a MIME type into `format`.
fn document<'a>(
    file: &'a Map<String, Value>,
    cache_control: Option<&'a Value>,
    message: usize,
) -> Result<Block<'a>, Untranslatable> {
    let text = |name: &str| file.get(name).and_then(Value::as_str);
    // A title has 1 to 500 characters.
    let title = text("filename").filter(|name| (1..=500).contains(&name.chars().count()));
    let format = text("format");
    let block = match (text("file_data"), text("file_id")) {
        (Some(data), _) if !is_address(data) => in_request(data, format, title, message)?,
        (Some(address), _) => elsewhere(Source::Url { url: address }, format, title),
        (None, Some(id)) if is_address(id) => elsewhere(Source::Url { url: id }, format, title),
        (None, Some(file_id)) => elsewhere(Source::File { file_id }, format, title),
        (None, None) => {
            return Err(invalid(
                message,
                "a file needs `file_data` with a data URL, or `file_id`",
            ));
        }
    };
    Ok(block.with(cache_control))
}

fn is_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

fn elsewhere<'a>(source: Source<'a>, format: Option<&str>, title: Option<&'a str>) -> Block<'a> {
    if format.is_some_and(|format| format.starts_with("image/")) {
        Block::Image {
            source,
            cache_control: None,
        }
    } else {
        Block::Document {
            source,
            title,
            cache_control: None,
        }
    }
}

fn in_request<'a>(
    file_data: &'a str,
    format: Option<&'a str>,
    title: Option<&'a str>,
    message: usize,
) -> Result<Block<'a>, Untranslatable> {
    let (media_type, data) = match file_data.strip_prefix("data:") {
        Some(url) => url
            .split_once(',')
            .and_then(|(head, data)| Some((head.strip_suffix(";base64")?, data)))
            .ok_or_else(|| invalid(message, "a data URL must be `data:TYPE;base64,DATA`"))?,
        None => (format.unwrap_or(PDF), file_data),
    };
    // Parameters such as `;charset=utf-8` follow the type.
    let media_type = media_type.split(';').next().unwrap_or(media_type);
    if media_type == PDF || media_type.starts_with("image/") {
        return Ok(media(media_type, data, title));
    }
    if !media_type.starts_with("text/") && media_type != "application/json" {
        return Err(invalid(
            message,
            "anthropic takes files of type application/pdf, text/* and image/*",
        ));
    }
    let text = BASE64
        .decode(data)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| invalid(message, "a text file must be UTF-8 in base 64"))?;
    Ok(Block::Document {
        source: Source::Text {
            media_type: "text/plain",
            data: text,
        },
        title,
        cache_control: None,
    })
}

pub(super) fn invalid(message: usize, reason: &str) -> Untranslatable {
    Untranslatable::InvalidValue {
        param: format!("messages[{message}].content"),
        reason: reason.to_owned(),
    }
}
