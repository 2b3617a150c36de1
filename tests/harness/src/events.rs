//! Server-sent events of a whole answer, read independently of the gateway's own reader.

use serde_json::Value;

/// The data of each event, in order; comments are left out.
#[must_use]
pub fn data(body: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(body)
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let event = |block: &str| {
        let lines = block.lines().filter_map(|line| line.strip_prefix("data:"));
        let lines: Vec<&str> = lines
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    };
    text.split("\n\n").filter_map(event).collect()
}

/// The chunks of a chat stream, `[DONE]` left out.
///
/// # Panics
/// When an event is no JSON.
#[must_use]
pub fn chunks(body: &[u8]) -> Vec<Value> {
    let data = data(body).into_iter().filter(|data| data != "[DONE]");
    data.map(|data| match serde_json::from_str(&data) {
        Ok(chunk) => chunk,
        Err(error) => panic!("{error} in the event `{data}`"),
    })
    .collect()
}

/// The text that a chat stream's chunks add up to.
#[must_use]
pub fn text(body: &[u8]) -> String {
    let piece = |chunk: &Value| Some(chunk["choices"][0]["delta"]["content"].as_str()?.to_owned());
    chunks(body).iter().filter_map(piece).collect()
}

/// The finish reasons of a chat stream, in order.
#[must_use]
pub fn finish_reasons(body: &[u8]) -> Vec<String> {
    let reason = |chunk: &Value| Some(chunk["choices"][0]["finish_reason"].as_str()?.to_owned());
    chunks(body).iter().filter_map(reason).collect()
}

/// Name and arguments of the tool calls that a chat stream adds up to.
#[must_use]
pub fn tool_calls(body: &[u8]) -> Vec<(String, Value)> {
    let mut calls: Vec<(String, String)> = Vec::new();
    for chunk in chunks(body) {
        let deltas = chunk["choices"][0]["delta"]["tool_calls"]
            .as_array()
            .cloned();
        for delta in deltas.unwrap_or_default() {
            let index = delta["index"].as_u64().unwrap_or_default() as usize;
            calls.resize(calls.len().max(index + 1), Default::default());
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            calls[index].0 += &text(&delta["function"]["name"]);
            calls[index].1 += &text(&delta["function"]["arguments"]);
        }
    }
    let parsed = |(name, arguments): (String, String)| {
        let arguments = serde_json::from_str(&arguments).unwrap_or(Value::String(arguments));
        (name, arguments)
    };
    calls.into_iter().map(parsed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_left_out_and_line_ends_may_be_mixed() {
        assert_eq!(
            data(b": hi\n\ndata: a\r\n\r\nevent: x\rdata:b\r\r"),
            ["a", "b"]
        );
    }
}
