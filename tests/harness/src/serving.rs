//! Plays a lane's script on one connection.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::watch;

use crate::answer::{Answer, Kind};
use crate::incoming::{self, Incoming};
use crate::ledger::{self, Tokens};
use crate::provider::{Ending, Lanes, Request};
use crate::wire::{self, Rendered};

/// Answers the requests of one connection, one after the other.
pub(crate) async fn serve(stream: TcpStream, lanes: Arc<Lanes>) {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let mut is_new_connection = true;
    while let Some(request) = incoming::read(&mut reader).await {
        let path = request.target.trim_start_matches('/');
        let lane = path.split(['/', '?']).next().unwrap_or_default().to_owned();
        let (ending, seen) = watch::channel(Ending::Running);
        lanes.record(&lane, Request::new(&request, seen), is_new_connection);
        is_new_connection = false;
        let play = Play {
            lanes: &lanes,
            lane: &lane,
            request: &request,
            answer: lanes.take_answer(&lane),
        };
        let after = tokio::select! {
            after = play.run(&mut writer) => after,
            () = peer_gone(&mut reader) => {
                ending.send_replace(Ending::PeerGone);
                return;
            }
        };
        match after {
            Ok(After::KeepAlive) => ending.send_replace(Ending::Played),
            Ok(After::Close) => {
                ending.send_replace(Ending::Played);
                return;
            }
            Err(_) => {
                ending.send_replace(Ending::PeerGone);
                return;
            }
        };
    }
}

/// Ends when the peer has closed its side. The gateway does not pipeline, so a byte that comes
/// early says nothing.
async fn peer_gone<R: AsyncBufRead + Unpin>(reader: &mut R) {
    if matches!(reader.fill_buf().await, Ok(bytes) if !bytes.is_empty()) {
        std::future::pending::<()>().await;
    }
}

enum After {
    KeepAlive,
    Close,
}

struct Play<'a> {
    lanes: &'a Lanes,
    lane: &'a str,
    request: &'a Incoming,
    answer: Answer,
}

/// The most output that a request allows, in the words of any vendor.
fn limit(body: &Value) -> Option<u64> {
    let paths = [
        "/max_completion_tokens",
        "/max_tokens",
        "/generationConfig/maxOutputTokens",
        "/options/num_predict",
    ];
    paths.iter().find_map(|path| body.pointer(path)?.as_u64())
}

/// Bills what was written when it is dropped, however the answer ended.
struct Meter<'a> {
    lanes: &'a Lanes,
    lane: &'a str,
    /// On whose bill.
    name: Option<String>,
    tokens: Option<Tokens>,
    sent: usize,
    of: usize,
    /// The texts by which it bills, in order; by pieces where there are none.
    texts: Vec<String>,
}

impl Meter<'_> {
    fn wrote(&mut self, piece: &[u8]) {
        let is_billed = match self.texts.get(self.sent) {
            Some(text) => String::from_utf8_lossy(piece).contains(text.as_str()),
            None => self.texts.is_empty(),
        };
        self.sent += usize::from(is_billed);
    }
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        if let Some(tokens) = self.tokens {
            let tokens = tokens.cut_off(self.sent, self.of);
            self.lanes.bill(self.lane, self.name.as_deref(), tokens);
        }
    }
}

impl Play<'_> {
    async fn run(self, writer: &mut OwnedWriteHalf) -> io::Result<After> {
        if let Some(gate) = &self.answer.before {
            gate.pass().await;
        }
        self.take_time().await;
        let rendered = match &self.answer.kind {
            Kind::Words(words) => {
                let body: Value = serde_json::from_slice(&self.request.body).unwrap_or_default();
                let words = words.within(limit(&body));
                let rendered = wire::render(&self.request.target, &body, &words);
                let texts = match words.is_billed_by_text {
                    true => wire::cut(&words.text, words.pieces),
                    false => Vec::new(),
                };
                return self
                    .send(writer, rendered, Some((words.tokens, texts)))
                    .await;
            }
            Kind::Error(error) => wire::render_error(&self.request.target, error),
            Kind::Body {
                status,
                content_type,
                body,
            } => Rendered::Whole {
                status: *status,
                content_type: content_type.clone(),
                body: body.clone(),
            },
            Kind::Pieces {
                content_type,
                pieces,
            } => Rendered::Stream {
                content_type: content_type.clone(),
                pieces: pieces.clone(),
            },
            Kind::Socket(bytes) => {
                writer.write_all(bytes).await?;
                return Ok(After::Close);
            }
            Kind::Endless { head, block } => {
                writer.write_all(head).await?;
                loop {
                    writer.write_all(block).await?;
                }
            }
            Kind::Close => return Ok(After::Close),
            Kind::Hang => std::future::pending().await,
        };
        self.send(writer, rendered, None).await
    }

    async fn send(
        &self,
        writer: &mut OwnedWriteHalf,
        rendered: Rendered,
        billed: Option<(Tokens, Vec<String>)>,
    ) -> io::Result<After> {
        let (tokens, texts) = billed.unzip();
        let mut meter = Meter {
            texts: texts.unwrap_or_default(),
            lanes: self.lanes,
            lane: self.lane,
            name: ledger::bill_name(&self.request.body),
            tokens,
            sent: 0,
            of: 1,
        };
        match rendered {
            Rendered::Whole {
                status,
                content_type,
                body,
            } => {
                // A whole answer is written because all of it was made.
                meter.sent = 1;
                let length = ("content-length".to_owned(), body.len().to_string());
                self.head(writer, status, &content_type, length).await?;
                self.whole(writer, &body).await
            }
            Rendered::Stream {
                content_type,
                pieces,
            } => {
                meter.of = match meter.texts.len() {
                    0 => pieces.len(),
                    texts => texts,
                };
                let chunked = ("transfer-encoding".to_owned(), "chunked".to_owned());
                self.head(writer, 200, &content_type, chunked).await?;
                self.pieces(writer, &pieces, &mut meter).await
            }
        }
    }

    async fn take_time(&self) {
        if !self.answer.pace.is_zero() {
            // A model takes its time: that is what is played here.
            tokio::time::sleep(self.answer.pace).await;
        }
    }

    async fn head(
        &self,
        writer: &mut OwnedWriteHalf,
        status: u16,
        content_type: &str,
        framing: (String, String),
    ) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {status} Scripted\r\n");
        let own = [
            ("content-type".to_owned(), content_type.to_owned()),
            framing,
        ];
        for (name, value) in own.iter().chain(&self.answer.headers) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        writer.write_all(head.as_bytes()).await
    }

    async fn whole(&self, writer: &mut OwnedWriteHalf, body: &Bytes) -> io::Result<After> {
        if let Some(cut) = self.answer.cut_after_bytes {
            writer.write_all(&body[..cut.min(body.len())]).await?;
            return Ok(After::Close);
        }
        writer.write_all(body).await?;
        Ok(After::KeepAlive)
    }

    async fn pieces(
        &self,
        writer: &mut OwnedWriteHalf,
        pieces: &[Bytes],
        meter: &mut Meter<'_>,
    ) -> io::Result<After> {
        let mut left = self.answer.cut_after_bytes;
        for (sent, piece) in pieces.iter().enumerate() {
            if let Some((after, gate)) = &self.answer.pause
                && sent == *after
            {
                gate.pass().await;
            }
            self.take_time().await;
            let now = left.map_or(piece.len(), |left| left.min(piece.len()));
            if now > 0 {
                let mut chunk = format!("{now:x}\r\n").into_bytes();
                chunk.extend_from_slice(&piece[..now]);
                chunk.extend_from_slice(b"\r\n");
                writer.write_all(&chunk).await?;
            }
            if now < piece.len() {
                return Ok(After::Close);
            }
            left = left.map(|left| left - now);
            meter.wrote(piece);
        }
        if left == Some(0) {
            return Ok(After::Close);
        }
        writer.write_all(b"0\r\n\r\n").await?;
        Ok(After::KeepAlive)
    }
}
