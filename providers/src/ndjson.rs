//! Lines of JSON from bytes, however they are cut: Ollama's streams.

use crate::sse::MAX_EVENT_BYTES;
use crate::wire::Malformed;

/// Reads lines from bytes that come in pieces.
#[derive(Debug, Default)]
pub struct LineReader {
    line: Vec<u8>,
}

impl LineReader {
    /// Takes the next bytes and appends the lines that they complete; blank lines are skipped.
    ///
    /// # Errors
    /// [`Malformed::TooLarge`] when a line exceeds [`MAX_EVENT_BYTES`].
    pub fn push(&mut self, bytes: &[u8], lines: &mut Vec<Vec<u8>>) -> Result<(), Malformed> {
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, tail) = rest.split_at(end);
            self.take(line)?;
            self.line_ends(lines);
            rest = tail.strip_prefix(b"\n").unwrap_or(tail);
        }
        self.take(rest)
    }

    /// Appends a last line that had no line end.
    pub fn end(&mut self, lines: &mut Vec<Vec<u8>>) {
        self.line_ends(lines);
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        if self.line.len().saturating_add(bytes.len()) > MAX_EVENT_BYTES {
            return Err(Malformed::TooLarge);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn line_ends(&mut self, lines: &mut Vec<Vec<u8>>) {
        let line = std::mem::take(&mut self.line);
        if !line.iter().all(u8::is_ascii_whitespace) {
            lines.push(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_gives_the_same_lines() {
        let bytes = b"{\"a\":1}\r\n\n{\"b\":2}\n{\"c\":3}";
        let read = |pieces: &[&[u8]]| {
            let (mut reader, mut lines) = (LineReader::default(), Vec::new());
            for piece in pieces {
                reader.push(piece, &mut lines).unwrap();
            }
            reader.end(&mut lines);
            lines
        };
        let whole = read(&[bytes]);
        assert_eq!(whole.len(), 3);
        for cut in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(cut);
            assert_eq!(read(&[head, tail]), whole);
        }
    }

    #[test]
    fn an_endless_line_is_refused() {
        let (mut reader, mut lines) = (LineReader::default(), Vec::new());
        assert_eq!(
            reader.push(&vec![b'a'; MAX_EVENT_BYTES + 1], &mut lines),
            Err(Malformed::TooLarge)
        );
    }
}
