//! Images, sound and documents as parts.

use serde_json::{Map, Value, json};

use super::address;
use crate::chat::{MediaSource, Part};
use crate::policy::invalid;
use crate::wire::{Target, Untranslatable};

/// A piece of content as one of Gemini's parts; none for an empty text, which Google refuses.
///
/// An image's `detail` is not sent: it is a hint about cost that only some models take.
///
/// # Errors
/// When Gemini has no part for it; the message names `path`.
pub(super) fn part(
    content: &Part,
    path: &str,
    target: &Target<'_>,
) -> Result<Option<Value>, Untranslatable> {
    match content {
        Part::Text { text, .. } | Part::Refusal(text) => {
            Ok((!text.is_empty()).then(|| json!({"text": text})))
        }
        Part::Image { source, .. } => image(source, path).map(Some),
        Part::Audio { data, format } => Ok(Some(inline(&format!("audio/{format}"), data))),
        Part::File { file, .. } => document(file, path, target).map(Some),
        Part::Other(value) => video(value, path).map(Some),
    }
}

fn image(source: &MediaSource, path: &str) -> Result<Value, Untranslatable> {
    match source {
        MediaSource::Base64 { media_type, data } => Ok(inline(media_type, data)),
        MediaSource::Url(url) => at_address(url, None, path),
    }
}

/// OpenAI's `file` object: `file_data` is a data URL or bare base 64 with a `filename`; `file_id`
/// is an address, or a name of Google's Files API (`files/…`). `format` names the MIME type.
fn document(
    file: &Map<String, Value>,
    path: &str,
    target: &Target<'_>,
) -> Result<Value, Untranslatable> {
    let text = |name: &str| file.get(name).and_then(Value::as_str);
    let named = text("format").or_else(|| text("filename").and_then(media_type_of));
    if let Some(data) = text("file_data") {
        if let Some((media_type, data)) = data_url(data) {
            return Ok(inline(media_type, data));
        }
        let media_type = named.ok_or_else(|| {
            invalid(
                format!("{path}.file"),
                "the type of the file is unknown; send `file_data` as a data URL, or a `filename` with its extension",
            )
        })?;
        return Ok(inline(media_type, data));
    }
    let id = text("file_id").ok_or_else(|| {
        invalid(
            format!("{path}.file"),
            "a file needs `file_data` or `file_id`",
        )
    })?;
    if id.starts_with("files/") {
        let uri = format!("{}/{id}", address::base(target.base_url));
        return at_address(&uri, named, path);
    }
    at_address(id, named, path)
}

/// `{"type": "video_url", "video_url": {"url": …}}`, as callers of other gateways send it.
fn video(value: &Value, path: &str) -> Result<Value, Untranslatable> {
    let video = value.get("video_url");
    let url = video.and_then(|video| video.get("url").unwrap_or(video).as_str());
    let Some(url) = url else {
        let kind = value.get("type").and_then(Value::as_str).unwrap_or("?");
        return Err(invalid(
            path,
            format!("gemini has no content part of the type `{kind}`"),
        ));
    };
    match data_url(url) {
        Some((media_type, data)) => Ok(inline(media_type, data)),
        None => at_address(url, None, path),
    }
}

fn inline(media_type: &str, data: &str) -> Value {
    json!({"inlineData": {"mimeType": media_type, "data": data}})
}

/// A part that names an address, which Google fetches. The MIME type is optional there; it is
/// guessed from the address's extension and left out when that says nothing.
fn at_address(url: &str, media_type: Option<&str>, path: &str) -> Result<Value, Untranslatable> {
    if url.starts_with("data:") {
        return Err(invalid(
            path,
            "the data URL is not of the form `data:<type>;base64,<data>`",
        ));
    }
    let mut file = Map::new();
    if let Some(media_type) = media_type.or_else(|| media_type_of(url)) {
        file.insert("mimeType".to_owned(), media_type.into());
    }
    file.insert("fileUri".to_owned(), url.into());
    Ok(json!({"fileData": file}))
}

/// The type and the base 64 of a data URL.
fn data_url(url: &str) -> Option<(&str, &str)> {
    let (head, data) = url.strip_prefix("data:")?.split_once(',')?;
    let media_type = head.strip_suffix(";base64")?;
    let media_type = media_type.split(';').next().unwrap_or_default();
    (!media_type.is_empty()).then_some((media_type, data))
}

/// The MIME type that the extension of a file's name or address stands for.
fn media_type_of(name: &str) -> Option<&'static str> {
    let name = name.split(['?', '#']).next().unwrap_or_default();
    let (_stem, extension) = name
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "heic" => "image/heic",
        "heif" => "image/heif",
        "avif" => "image/avif",
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        "md" => "text/markdown",
        "csv" => "text/csv",
        "html" | "htm" => "text/html",
        "json" => "application/json",
        "xml" => "text/xml",
        "mp3" => "audio/mp3",
        "wav" => "audio/wav",
        "ogg" => "audio/ogg",
        "flac" => "audio/flac",
        "mp4" => "video/mp4",
        "mpeg" | "mpg" => "video/mpeg",
        "mov" => "video/mov",
        "webm" => "video/webm",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_guessed_from_the_extension_or_left_to_google() {
        let file = |url: &str| at_address(url, None, "p").unwrap()["fileData"].clone();
        assert_eq!(
            file("https://x.example/a.b/cat.JPG?w=1#f"),
            json!({"mimeType": "image/jpeg", "fileUri": "https://x.example/a.b/cat.JPG?w=1#f"})
        );
        assert_eq!(
            file("https://x.example/a.b/cat"),
            json!({"fileUri": "https://x.example/a.b/cat"})
        );
    }

    #[test]
    fn a_data_url_gives_its_type_without_parameters() {
        assert_eq!(
            data_url("data:text/plain;charset=utf-8;base64,QQ=="),
            Some(("text/plain", "QQ=="))
        );
        assert_eq!(data_url("data:,x"), None);
        assert_eq!(data_url("data:image/svg+xml,<svg/>"), None);
    }
}
