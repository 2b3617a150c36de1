//! The mock provider: speaks OpenAI's chat completions and Anthropic's Messages, and does what the model's name says.
//!
//! `answer-N` answers at once with a JSON body of N bytes; `stream-COUNT-MS` streams COUNT chunks, one every MS
//! milliseconds. The script is in the model's name because every gateway carries it through unchanged.

mod answers;
mod anthropic;
mod openai;

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::http::{Dechunker, Framing, framing, head_end};
use answers::Answers;
pub use answers::{now_ns, prose};

/// The wire format asked for, by the request's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    OpenAi,
    Anthropic,
}

/// What a request asks the mock to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Answer { bytes: usize },
    Stream { chunks: u32, every_ms: u64 },
}

/// What is kept of a request.
struct Asked {
    dialect: Dialect,
    model: String,
    include_usage: bool,
}

/// Answers every connection accepted on `address`, for ever.
pub async fn serve(address: SocketAddr) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    let answers = Rc::new(RefCell::new(Answers::default()));
    LocalSet::new()
        .run_until(async move {
            loop {
                let (socket, _) = listener.accept().await?;
                socket.set_nodelay(true)?;
                let answers = Rc::clone(&answers);
                // A caller that goes away is the load generator's to count.
                tokio::task::spawn_local(async move { converse(socket, answers).await.ok() });
            }
        })
        .await
}

async fn converse(mut socket: TcpStream, answers: Rc<RefCell<Answers>>) -> io::Result<()> {
    let mut received = Vec::with_capacity(8 * 1024);
    let mut body = Vec::new();
    while let Some(asked) = next_request(&mut socket, &mut received, &mut body).await? {
        match script(&asked.model) {
            Some(Script::Answer { bytes }) => {
                let answer = answers.borrow_mut().sized(asked.dialect, bytes);
                socket.write_all(&answer).await?;
            }
            Some(Script::Stream { chunks, every_ms }) => {
                stream(&mut socket, &asked, (chunks, every_ms)).await?;
            }
            None => socket.write_all(answers::UNKNOWN_MODEL).await?,
        }
    }
    Ok(())
}

/// Reads one request whole; `None` when the caller has closed. `received` keeps what came after it.
async fn next_request(
    socket: &mut TcpStream,
    received: &mut Vec<u8>,
    body: &mut Vec<u8>,
) -> io::Result<Option<Asked>> {
    let end = loop {
        if let Some(end) = head_end(received) {
            break end;
        }
        if socket.read_buf(received).await? == 0 {
            return Ok(None);
        }
    };
    let dialect = dialect(&received[..end]);
    match framing(&received[..end]) {
        Framing::Sized(length) => {
            received.reserve((end + length).saturating_sub(received.len()));
            while received.len() < end + length {
                if socket.read_buf(received).await? == 0 {
                    return Ok(None);
                }
            }
            let asked = asked(dialect, &received[end..end + length]);
            received.drain(..end + length);
            Ok(Some(asked))
        }
        Framing::Chunked => {
            body.clear();
            let mut decoder = Dechunker::default();
            received.drain(..end);
            loop {
                let taken = decoder.feed(received, body);
                received.drain(..taken);
                if decoder.done() {
                    return Ok(Some(asked(dialect, body)));
                }
                if socket.read_buf(received).await? == 0 {
                    return Ok(None);
                }
            }
        }
    }
}

fn dialect(head: &[u8]) -> Dialect {
    let line = memchr::memchr(b'\r', head).map_or(head, |at| &head[..at]);
    if memmem::find(line, b"/messages").is_some() {
        Dialect::Anthropic
    } else {
        Dialect::OpenAi
    }
}

fn asked(dialect: Dialect, body: &[u8]) -> Asked {
    Asked {
        dialect,
        model: member(body, b"\"model\"").unwrap_or_default(),
        include_usage: memmem::find(body, b"\"include_usage\"").is_some(),
    }
}

/// The string after the first `name`: enough for bodies that the benchmark itself wrote.
fn member(body: &[u8], name: &[u8]) -> Option<String> {
    let after = &body[memmem::find(body, name)? + name.len()..];
    let open = memchr::memchr(b'"', after)? + 1;
    let close = open + memchr::memchr(b'"', &after[open..])?;
    Some(String::from_utf8_lossy(&after[open..close]).into_owned())
}

fn script(model: &str) -> Option<Script> {
    let mut words = model.split('-');
    match (words.next()?, words.next()?, words.next()) {
        ("answer", bytes, None) => Some(Script::Answer {
            bytes: bytes.parse().ok()?,
        }),
        ("stream", chunks, Some(every_ms)) => Some(Script::Stream {
            chunks: chunks.parse().ok()?,
            every_ms: every_ms.parse().ok()?,
        }),
        _ => None,
    }
}

async fn stream(socket: &mut TcpStream, asked: &Asked, pace: (u32, u64)) -> io::Result<()> {
    let (chunks, every_ms) = pace;
    let mut wire = Vec::with_capacity(1024);
    wire.extend_from_slice(answers::STREAM_HEAD);
    let mut events = String::with_capacity(512);
    let mut ticks = interval(Duration::from_millis(every_ms.max(1)));
    // Under overload the stream slows down: a burst would merge chunks and flatter everybody.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0..chunks {
        ticks.tick().await;
        if number == 0 {
            match asked.dialect {
                Dialect::OpenAi => openai::opening(&asked.model, &mut events),
                Dialect::Anthropic => anthropic::opening(&asked.model, &mut events),
            }
        }
        match asked.dialect {
            Dialect::OpenAi => openai::chunk(&asked.model, &mut events),
            Dialect::Anthropic => anthropic::chunk(&mut events),
        }
        answers::chunked(&mut events, &mut wire);
        socket.write_all(&wire).await?;
        wire.clear();
    }
    match asked.dialect {
        Dialect::OpenAi => {
            openai::closing(&asked.model, (asked.include_usage, chunks), &mut events)
        }
        Dialect::Anthropic => anthropic::closing(chunks, &mut events),
    }
    answers::chunked(&mut events, &mut wire);
    wire.extend_from_slice(b"0\r\n\r\n");
    socket.write_all(&wire).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_name_is_found_in_either_spelling_of_json() {
        assert_eq!(
            member(br#"{"model":"answer-1024"}"#, b"\"model\"").unwrap(),
            "answer-1024"
        );
        assert_eq!(
            member(br#"{"a":1,"model" : "stream-4-5"}"#, b"\"model\"").unwrap(),
            "stream-4-5"
        );
    }

    #[test]
    fn the_model_name_is_the_script() {
        assert_eq!(script("answer-1024"), Some(Script::Answer { bytes: 1024 }));
        assert_eq!(
            script("stream-100-5"),
            Some(Script::Stream {
                chunks: 100,
                every_ms: 5
            })
        );
        assert_eq!(script("gpt-4o"), None);
    }
}
