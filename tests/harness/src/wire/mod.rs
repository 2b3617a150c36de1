//! A scripted answer in the vendor's wire format; the request's path says which.

mod anthropic;
mod gemini;
mod ollama;
mod openai;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::answer::{ErrorWords, LineEnds, Words};

/// A response, ready to be written.
pub(crate) enum Rendered {
    Whole {
        status: u16,
        content_type: String,
        body: Bytes,
    },
    Stream {
        content_type: String,
        pieces: Vec<Bytes>,
    },
}

impl Rendered {
    fn json(body: &Value) -> Self {
        Self::Whole {
            status: 200,
            content_type: "application/json".to_owned(),
            body: body.to_string().into(),
        }
    }
}

enum Vendor {
    OpenAi,
    Anthropic,
    Gemini,
    Ollama,
}

fn vendor(path: &str) -> Vendor {
    if path.ends_with("/messages") {
        Vendor::Anthropic
    } else if path.contains("/api/") {
        Vendor::Ollama
    } else if path.contains("/models/") && path.contains(':') {
        Vendor::Gemini
    } else {
        Vendor::OpenAi
    }
}

/// A model's answer to a request.
pub(crate) fn render(target: &str, body: &Value, words: &Words) -> Rendered {
    let path = target.split('?').next().unwrap_or_default();
    let mut words = words.clone();
    if words.echo {
        words.text = last_user_text(body);
    }
    match vendor(path) {
        Vendor::OpenAi => openai::render(path, body, &words),
        Vendor::Anthropic => anthropic::render(body, &words),
        Vendor::Gemini => gemini::render(path, body, &words),
        Vendor::Ollama => ollama::render(path, body, &words),
    }
}

/// An error in the vendor's shape.
pub(crate) fn render_error(target: &str, error: &ErrorWords) -> Rendered {
    let path = target.split('?').next().unwrap_or_default();
    let body = match vendor(path) {
        Vendor::OpenAi => openai::error(error),
        Vendor::Anthropic => anthropic::error(error),
        Vendor::Gemini => gemini::error(error),
        Vendor::Ollama => json!({ "error": error.message }),
    };
    Rendered::Whole {
        status: error.status,
        content_type: "application/json".to_owned(),
        body: body.to_string().into(),
    }
}

/// The text of the last message or content whose role is the user's, in any vendor's shape.
fn last_user_text(body: &Value) -> String {
    let turns = body["messages"].as_array().or(body["contents"].as_array());
    let last = turns.and_then(|turns| {
        let is_user = |turn: &&Value| turn["role"] == "user" || turn["role"].is_null();
        turns.iter().rev().find(is_user)
    });
    let Some(last) = last else {
        return body["prompt"].as_str().unwrap_or_default().to_owned();
    };
    let content = if last["content"].is_null() {
        &last["parts"]
    } else {
        &last["content"]
    };
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect(),
        _ => String::new(),
    }
}

/// Cuts a text into about `count` pieces at character borders.
pub(crate) fn cut(text: &str, count: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let size = characters.len().div_ceil(count.max(1)).max(1);
    characters
        .chunks(size)
        .map(|piece| piece.iter().collect())
        .collect()
}

/// Writes server-sent events with the line ends that the script asks for.
struct Events {
    ends: LineEnds,
    pieces: Vec<Bytes>,
}

impl Events {
    fn new(ends: LineEnds) -> Self {
        Self {
            ends,
            pieces: Vec::new(),
        }
    }

    fn push(&mut self, name: Option<&str>, data: &str) {
        let end = match (self.ends, self.pieces.len() % 3) {
            (LineEnds::Lf, _) | (LineEnds::Mixed, 0) => "\n",
            (LineEnds::CrLf, _) | (LineEnds::Mixed, 1) => "\r\n",
            (LineEnds::Cr | LineEnds::Mixed, _) => "\r",
        };
        let name = name.map_or(String::new(), |name| format!("event: {name}{end}"));
        self.pieces
            .push(format!("{name}data: {data}{end}{end}").into());
    }

    fn json(&mut self, name: Option<&str>, data: &Value) {
        self.push(name, &data.to_string());
    }

    fn stream(self) -> Rendered {
        Rendered::Stream {
            content_type: "text/event-stream; charset=utf-8".to_owned(),
            pieces: self.pieces,
        }
    }
}

/// A vector that depends on its text alone; every number is exact in a 32-bit float.
fn vector(text: &str, dimensions: usize) -> Vec<f32> {
    let sum = text.bytes().fold(7_u16, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    (0..dimensions)
        .map(|index| f32::from(sum.wrapping_add(index as u16) % 256) / 256.0 - 0.5)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_loses_no_character() {
        for count in 0..9 {
            assert_eq!(cut("näive 🚀 text", count).concat(), "näive 🚀 text");
        }
        assert!(cut("", 4).is_empty());
    }

    #[test]
    fn the_last_user_message_is_found_in_every_shape() {
        let openai = json!({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]});
        let parts =
            json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]});
        let gemini = json!({"contents": [{"role": "user", "parts": [{"text": "a"}]}, {"role": "model", "parts": [{"text": "b"}]}]});
        let prompt = json!({"prompt": "a"});
        for body in [openai, parts, gemini, prompt] {
            assert_eq!(last_user_text(&body), "a");
        }
    }
}
