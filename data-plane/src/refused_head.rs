//! Words for a head that hyper refuses with an empty body.

use domain::time::TimestampMs;

/// Words in OpenAI's shape for a head that hyper refuses.
#[must_use]
pub fn refusal_instead_of(answer: &[u8]) -> Option<Vec<u8>> {
    let (status, code, message) = match answer.strip_prefix(b"HTTP/1.1 ")?.get(..3)? {
        b"400" => (
            "400 Bad Request",
            "bad_framing",
            "The request's head cannot be parsed: its request line or a header is not valid HTTP/1.1.",
        ),
        b"431" => (
            "431 Request Header Fields Too Large",
            "headers_too_large",
            "The request's headers are too many or too large. Send fewer and shorter ones.",
        ),
        b"414" => (
            "414 URI Too Long",
            "uri_too_long",
            "The request's address is too long.",
        ),
        _ => return None,
    };
    let id = crate::random::request_id(TimestampMs::now());
    let body = serde_json::json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": code, "request_id": id.as_str()}}).to_string();
    let length = body.len();
    Some(format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nx-request-id: {id}\r\nx-headgate-code: {code}\r\nconnection: close\r\n\r\n{body}").into_bytes())
}
