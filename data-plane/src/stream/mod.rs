//! A streamed answer on its way to the caller: bytes, comments while it waits, and a proper end.
//!
//! However it ends, its reservation settles: when the caller closes the connection, hyper drops
//! this, and with it the reservation.

mod breaks;
mod cut;
mod hold;
pub mod last_words;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::usage::Usage;
use http_body::{Body, Frame};
use providers::openai::write_stream::error_event;
use tokio::task::JoinHandle;
use tokio::time::Sleep;

use crate::admit::Reservation;
use crate::body::BrokenOff;
use crate::estimate::{self, Question};
use crate::node::Node;
use crate::outbox::Outbox;
use crate::reader::{Step, StreamReader};
use crate::send::deadline::Deadline;
use crate::send::provider_body::ProviderBody;
use crate::settle::Ending;
use crate::stream::breaks::Break;
use crate::stream::hold::{GrowingHold, Hold};

/// A stream whose first event is here.
pub struct OpenStream {
    /// What still comes; none when the gateway answers itself.
    pub body: Option<ProviderBody>,
    /// Reads it.
    pub reader: StreamReader,
    /// What has been read.
    pub begun: Step,
    /// When it has to be over.
    pub deadline: Option<Deadline>,
}

impl OpenStream {
    /// An answer that is here already.
    #[must_use]
    pub const fn local(reader: StreamReader, begun: Step) -> Self {
        Self {
            body: None,
            reader,
            begun,
            deadline: None,
        }
    }
}

/// A waiting stream looks around at least this often: is the gateway to end?
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// The body of a streamed answer.
pub struct AnswerStream {
    node: Arc<Node>,
    upstream: Option<ProviderBody>,
    reader: StreamReader,
    reservation: Option<Reservation>,
    outbox: Outbox,
    step: Step,
    counting: Option<JoinHandle<Usage>>,
    hold: GrowingHold,
    is_cut: bool,
    limits: Limits,
    last_event: Instant,
    last_comment: Instant,
    tick: Pin<Box<Sleep>>,
    overhead: Duration,
    over: bool,
}

#[derive(Clone, Copy)]
struct Limits {
    keep_alive: Option<Duration>,
    idle: Duration,
    whole: Option<Instant>,
}

impl Limits {
    fn first_sleep(&self) -> Duration {
        self.keep_alive.unwrap_or(self.idle).min(LONGEST_SLEEP)
    }
}

/// Without this the settlement of an answer that nobody waited for would count no output.
impl Drop for AnswerStream {
    fn drop(&mut self) {
        if let Some(reservation) = &mut self.reservation {
            self.reader.hand_over(&mut reservation.meter);
        }
    }
}

impl AnswerStream {
    /// Takes over a stream and the reservation that pays for it.
    #[must_use]
    pub fn new(
        node: Arc<Node>,
        open: OpenStream,
        reservation: Reservation,
        overhead: Duration,
    ) -> Self {
        let state = node.state();
        let limits = Limits {
            keep_alive: state.settings.keep_alive_interval,
            idle: state.settings.stream_idle_timeout,
            whole: open.deadline.map(|deadline| deadline.whole),
        };
        let mut stream = Self {
            node,
            upstream: open.body,
            reader: open.reader,
            reservation: Some(reservation),
            outbox: Outbox::default(),
            step: open.begun,
            counting: None,
            hold: GrowingHold::default(),
            is_cut: false,
            limits,
            last_event: Instant::now(),
            last_comment: Instant::now(),
            tick: Box::pin(tokio::time::sleep(limits.first_sleep())),
            overhead,
            over: false,
        };
        stream.take_step();
        stream
    }

    /// One piece of the answer.
    pub fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let this = &mut *self;
        loop {
            let piece = if this.over {
                this.outbox.take_all()
            } else {
                this.outbox.take()
            };
            if let Some(piece) = piece {
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            if this.over {
                return Poll::Ready(None);
            }
            if let Some(counting) = &mut this.counting {
                let Poll::Ready(usage) = Pin::new(counting).poll(cx) else {
                    return Poll::Pending;
                };
                this.counting = None;
                if let Some(reservation) = &mut this.reservation {
                    reservation.meter.usage(usage.unwrap_or_default());
                }
                this.complete();
                continue;
            }
            if this.step.complete {
                this.complete();
                continue;
            }
            if this.node.is_cutting() {
                this.break_off(Break::ShuttingDown);
                continue;
            }
            match this.poll_hold(cx) {
                Hold::Enough => {
                    if this.poll_upstream(cx).is_ready() {
                        continue;
                    }
                }
                Hold::Asked => {}
                Hold::Spent => {
                    this.cut();
                    continue;
                }
            }
            if this.outbox.gives_way() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if let Some(piece) = this.outbox.take_all() {
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            if this.poll_tick(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }

    /// Whether what has been heard is paid for.
    fn poll_hold(&mut self, cx: &mut Context<'_>) -> Hold {
        let reservation = self.reservation.as_mut();
        let reservation = reservation.filter(|_| !self.is_cut);
        reservation.map_or(Hold::Enough, |reservation| {
            self.hold.poll(cx, reservation, &self.reader)
        })
    }

    fn poll_upstream(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(upstream) = &mut self.upstream else {
            self.break_off(Break::Truncated);
            return Poll::Ready(());
        };
        let Poll::Ready(frame) = Pin::new(upstream).poll_frame(cx) else {
            return Poll::Pending;
        };
        let now = Instant::now();
        self.outbox
            .arrived(now.saturating_duration_since(self.last_event));
        self.last_event = now;
        let Some(reservation) = &mut self.reservation else {
            self.over = true;
            return Poll::Ready(());
        };
        let meter = &mut reservation.meter;
        let read = match frame {
            None => {
                let end = self.reader.end(meter, &mut self.step);
                self.step.complete |= end.is_ok();
                end.map_err(|_malformed| Break::Truncated)
            }
            Some(Err(_broken)) => Err(Break::Truncated),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(bytes) => self
                    .reader
                    .push(bytes, meter, &mut self.step)
                    .map_err(|_malformed| Break::Malformed),
                Err(_trailers) => Ok(()),
            },
        };
        self.take_step();
        if let Err(cause) = read
            && !self.step.complete
        {
            self.break_off(cause);
        }
        Poll::Ready(())
    }

    /// Comments while nothing comes, and the end of patience.
    fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.tick.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        let now = Instant::now();
        let silent = now.saturating_duration_since(self.last_event);
        if self.limits.whole.is_some_and(|whole| now >= whole) {
            self.break_off(Break::TooLong);
        } else if silent >= self.limits.idle {
            self.give_up_waiting();
        } else {
            let quiet = now.saturating_duration_since(self.last_event.max(self.last_comment));
            if self
                .limits
                .keep_alive
                .is_some_and(|keep_alive| quiet >= keep_alive)
            {
                self.last_comment = now;
                self.outbox.push(Bytes::from_static(b": keep-alive\n\n"));
            }
            let wake = self.next_wake(now);
            self.tick.as_mut().reset(wake.into());
        }
        Poll::Ready(())
    }

    /// A provider that has said everything and keeps the connection open has answered; one that has
    /// not has failed.
    fn give_up_waiting(&mut self) {
        let Some(reservation) = &mut self.reservation else {
            return;
        };
        let end = self.reader.end(&mut reservation.meter, &mut self.step);
        self.step.complete |= end.is_ok();
        self.take_step();
        if !self.step.complete {
            self.break_off(Break::Idle);
        }
    }

    fn next_wake(&self, now: Instant) -> Instant {
        let idle_ends = self.last_event + self.limits.idle;
        let quiet_since = self.last_comment.max(self.last_event);
        let comment = self.limits.keep_alive.map(|pause| quiet_since + pause);
        let wake = idle_ends.min(now + LONGEST_SLEEP);
        let wake = comment.map_or(wake, |comment| wake.min(comment));
        let wake = self.limits.whole.map_or(wake, |whole| wake.min(whole));
        wake.max(now + Duration::from_millis(1))
    }

    fn take_step(&mut self) {
        if self.is_cut {
            // The caller has had the end.
            self.step.pieces.clear();
            self.step.error = None;
        }
        for piece in self.step.pieces.drain(..) {
            self.outbox.push(piece);
        }
        if let Some(failure) = self.step.error.take() {
            if self.reader.passes_errors_on() {
                self.fail("error_midstream", "upstream_error", Vec::new());
                return;
            }
            let message = if failure.message.is_empty() {
                "The provider reported an error.".to_owned()
            } else {
                failure.message
            };
            let event = error_event(
                &message,
                failure.error_type.as_deref().unwrap_or("upstream_error"),
                "upstream_error",
            );
            self.fail("error_midstream", "upstream_error", event);
        }
    }

    /// The provider's last event is here: count if it did not, then settle, then say so.
    fn complete(&mut self) {
        self.upstream = None;
        let Some(mut reservation) = self.reservation.take() else {
            self.over = true;
            return;
        };
        if !reservation.meter.has_usage() {
            self.reader.hand_over(&mut reservation.meter);
            self.counting = Some(count(&mut reservation));
            self.reservation = Some(reservation);
            return;
        }
        let charge = reservation.meter.charge();
        let cost = charge.map_or_else(|| "unknown".to_owned(), |charge| charge.to_string());
        let tail = self
            .reader
            .tail(&reservation.meter, &format!("x-headgate-cost-usd: {cost}"));
        let outcome = if self.is_cut { "cut_by_budget" } else { "ok" };
        let ending = Ending::answered(200, self.overhead, Instant::now());
        reservation.end(outcome, ending);
        for piece in tail {
            self.outbox.push(piece);
        }
        self.over = true;
    }

    fn break_off(&mut self, cause: Break) {
        if self.is_cut {
            return self.complete();
        }
        let (message, code) = cause.words();
        self.fail(code, code, error_event(message, "upstream_error", code));
    }

    fn fail(&mut self, outcome: &'static str, code: &'static str, event: Vec<u8>) {
        self.upstream = None;
        if let Some(mut reservation) = self.reservation.take() {
            self.reader.hand_over(&mut reservation.meter);
            reservation.end(outcome, Ending::failed(200, code, self.overhead));
        }
        if !event.is_empty() {
            self.outbox.push(Bytes::from(event));
        }
        self.over = true;
    }
}

/// Counts on a thread that may take its time: the tokenizer loads on first use.
fn count(reservation: &mut Reservation) -> JoinHandle<Usage> {
    let choice = Arc::clone(reservation.choice());
    let (body, kind) = (reservation.facts().body.clone(), reservation.facts().kind);
    let output = reservation.meter.take_heard();
    tokio::task::spawn_blocking(move || {
        estimate::usage(&choice, &Question { kind, body: &body }, &output)
    })
}
