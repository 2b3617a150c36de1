//! Server-sent events: a stream that lasts as long as its reader, its session and its place do.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::{ACCEPT, CONTENT_TYPE};
use actix_web::rt::time::{Interval, interval};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::actors::ActorKind;
use domain::permissions::Rights;
use domain::time::TimestampMs;
use tokio::sync::broadcast::Receiver;
use tokio::sync::{mpsc, watch};
use web_ui::words::Words;

use crate::AdminApi;
use crate::acting::Permission;
use crate::error::ActionError;
use crate::live::Listening;
use crate::live::news::{Batch, Ended};
use crate::live::seats::Seat;
use crate::live_session;
use crate::pages::visit::Visit;

/// Only programs of a page open such a stream.
pub const KIND: &str = "text/event-stream";

/// A stream that has nothing to say says so this often; a reader that is gone is noticed by it.
const BEAT: Duration = Duration::from_secs(5);

/// Every so many beats it is asked whether the session is still on.
const CHECKED_EVERY: u8 = 3;

/// What ended so long ago is in the ledger, unless its node could not ship it.
pub const MARGIN_MS: u64 = 5_000;

/// So many messages may wait for a slow reader; then it is cut off, and comes back.
const WAITING: usize = 8;

/// What a reader has not read yet.
struct Body(mpsc::Receiver<Bytes>);

impl MessageBody for Body {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(Ok))
    }
}

/// A stream, as who writes it has it.
pub struct Stream {
    out: mpsc::Sender<Bytes>,
    api: web::Data<AdminApi>,
    session: String,
    words: Words,
    seat: Seat,
    news: Receiver<Arc<Batch>>,
    ending: watch::Receiver<bool>,
    beat: Interval,
    beats: u8,
}

/// What comes next.
pub enum Next {
    /// Requests that have ended.
    Batch(Arc<Batch>),
    /// The session is still on, with these rights.
    Rights(Rights),
    /// Nothing any more.
    End,
}

/// A stream that has begun.
pub struct Opened {
    /// To be written.
    pub stream: Stream,
    /// To be answered.
    pub response: HttpResponse,
    /// What ended since the time that was asked for, as far as it is known; the last to end first.
    pub before: Vec<Arc<Ended>>,
}

/// Opens a stream of what ends after `since`; none where there are too many.
///
/// # Errors
/// When it is not a program that asks.
pub fn open<P: Permission>(
    visit: &Visit<P>,
    request: &HttpRequest,
    since: TimestampMs,
) -> Result<Option<Opened>, ActionError> {
    check_accepts(request)?;
    let api = request
        .app_data::<web::Data<AdminApi>>()
        .ok_or_else(|| ActionError::Internal("the admin side is not assembled".to_owned()))?;
    let (ActorKind::Session(id, _) | ActorKind::OperatorSession(id)) = &visit.acting.actor.kind
    else {
        return Err(ActionError::Internal("a page without a session".to_owned()));
    };
    let session = live_session::hash(api, request).unwrap_or_default();
    let Some(seat) = api.live.seats.take(id) else {
        return Ok(None);
    };
    let Listening {
        before,
        news,
        ending,
    } = api.live.listen(since);
    api.live.follow(&api.store);
    let (out, waiting) = mpsc::channel(WAITING);
    let stream = Stream {
        out,
        api: api.clone(),
        session,
        words: visit.words(),
        seat,
        news,
        ending,
        beat: interval(BEAT),
        beats: 0,
    };
    let response = HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, KIND))
        // Proxies that gather answers would hold it back.
        .insert_header(("x-accel-buffering", "no"))
        .body(Body(waiting));
    Ok(Some(Opened {
        stream,
        response,
        before,
    }))
}

/// What a stream was woken by, but for its beat.
enum Woken {
    /// Its reader has gone, or this process ends.
    Left,
    /// A newer page took its place.
    Elsewhere,
    /// Requests that have ended; none for who fell behind.
    Heard(Option<Arc<Batch>>),
}

async fn ends(ending: &mut watch::Receiver<bool>) {
    let _process_ended = ending.wait_for(|ends| *ends).await;
}

/// Whether a program asks that reads events.
///
/// # Errors
/// When it does not say so.
pub fn check_accepts(request: &HttpRequest) -> Result<(), ActionError> {
    let accepted = request.headers().get(ACCEPT);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    if accepted.is_some_and(|kinds| kinds.contains(KIND)) {
        return Ok(());
    }
    let message = "This address is a stream of events, which pages read. Ask with `Accept: text/event-stream`.";
    Err(ActionError::invalid("accept", message))
}

/// From when on a stream is wanted: where its reader stopped, or when its page was made.
pub fn since(request: &HttpRequest, made: Option<u64>) -> TimestampMs {
    let last = request.headers().get("last-event-id");
    let last = last.and_then(|id| id.to_str().ok()?.parse().ok());
    let now = TimestampMs::now();
    TimestampMs(last.or(made).unwrap_or(now.0)).min(now)
}

impl Stream {
    /// Waits for what comes next; says meanwhile that it is there.
    pub async fn next(&mut self) -> Next {
        loop {
            let woken = tokio::select! {
                biased;
                () = self.out.closed() => Some(Woken::Left),
                () = ends(&mut self.ending) => Some(Woken::Left),
                () = self.seat.is_taken() => Some(Woken::Elsewhere),
                heard = self.news.recv() => Some(Woken::Heard(heard.ok())),
                _tick = self.beat.tick() => None,
            };
            match woken {
                Some(Woken::Left) => return Next::End,
                Some(Woken::Elsewhere) => return self.over("live-elsewhere"),
                // Whoever fell behind begins anew where they were.
                Some(Woken::Heard(heard)) => return heard.map_or(Next::End, Next::Batch),
                None => {}
            }
            let until = TimestampMs::now().0.saturating_sub(MARGIN_MS);
            if !self.send(&format!("id: {until}\n\n")) {
                return Next::End;
            }
            self.beats = (self.beats + 1) % CHECKED_EVERY;
            if self.beats != 0 {
                continue;
            }
            match live_session::still(&self.api, &self.session).await {
                Ok(Some(live)) => return Next::Rights(live.rights),
                Ok(None) => return self.over("live-session-over"),
                // Nothing ends because the store is away; nothing comes either.
                Err(_away) => {}
            }
        }
    }

    /// Sends a piece of the page; whether its reader still reads.
    pub fn piece(&self, until: TimestampMs, html: &str) -> bool {
        let mut event = format!("id: {}\n", until.0);
        for line in html.lines() {
            event.push_str("data: ");
            event.push_str(line);
            event.push('\n');
        }
        event.push('\n');
        self.send(&event)
    }

    /// Says why nothing comes any more, so that the reader does not come back.
    pub fn over(&self, text: &str) -> Next {
        let said = self.words.t(text);
        self.send(&format!("event: over\ndata: {said}\n\n"));
        Next::End
    }

    fn send(&self, event: &str) -> bool {
        self.out.try_send(Bytes::from(event.to_owned())).is_ok()
    }
}
