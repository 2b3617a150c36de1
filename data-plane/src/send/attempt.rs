//! One attempt at one deployment: request out, answer in, up to the first byte that a caller may
//! see.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use domain::usage::Usage;
use http::{Request, Response, StatusCode};
use providers::Provider;
use providers::destination::Destination;
use providers::wire::Stamp;

use crate::admit::Reservation;
use crate::body::Pieces;
use crate::call::Call;
use crate::estimate::{self, Question};
use crate::local;
use crate::meter::Heard;
use crate::reader::{StreamReader, whole};
use crate::route::Choice;
use crate::send::Sending;
use crate::send::deadline::Deadline;
use crate::send::fault::Fault;
use crate::send::pool::Unanswered;
use crate::send::provider_body::ProviderBody;
use crate::send::refusal::{is_compressed, is_html, refusal};
use crate::send::upstream_body;
use crate::send::url::Url;
use crate::stream::OpenStream;
use crate::translate::{Lane, translate};

/// A provider's answer, with the reservation that pays for it.
pub struct Answered {
    /// The attempt.
    pub reservation: Reservation,
    /// The answer.
    pub answer: Answer,
}

/// An answer in the caller's dialect.
pub enum Answer {
    /// Whole.
    Whole(Bytes),
    /// Begun: its first event is here.
    Stream(Box<OpenStream>),
}

/// What an exchange needs to know.
struct Exchange<'a> {
    sending: &'a Sending<'a>,
    call: &'a Call,
    choice: &'a Arc<Choice>,
    deadline: Deadline,
}

/// Makes one attempt; `is_last` says that nobody could answer after it.
///
/// # Errors
/// The fault, after the attempt has been settled.
pub async fn attempt(
    sending: &Sending<'_>,
    call: &Call,
    choice: &Arc<Choice>,
    is_last: bool,
) -> Result<Answered, Fault> {
    let reserved = sending.admission.reserve(call, choice).await;
    let mut reservation = reserved.map_err(|refused| Fault::NotAdmitted(Box::new(refused)))?;
    let limited = match reservation.output_limit_tokens() {
        Some(tokens) => Some(
            call.with_output_limit(tokens, choice)
                .map_err(Fault::BadRequest)?,
        ),
        None => None,
    };
    let call = limited.as_ref().unwrap_or(call);
    let deadline = Deadline::of(sending.state, call, &reservation, is_last);
    let exchange = Exchange {
        sending,
        call,
        choice,
        deadline,
    };
    match exchange.run(&mut reservation).await {
        Ok(answer) => Ok(Answered {
            reservation,
            answer,
        }),
        // Whoever was hung up on is not to blame. The attempt is charged as far as it came.
        Err(fault) if sending.presence.is_gone() && !fault.is_free() => Err(fault),
        Err(fault) => {
            if fault.is_the_deployments() {
                choice.candidate.health.failed(fault.retry_after());
            }
            reservation.fail(fault.outcome(), fault.status(), fault.is_free());
            Err(fault)
        }
    }
}

impl Exchange<'_> {
    async fn run(&self, reservation: &mut Reservation) -> Result<Answer, Fault> {
        let provider = match &self.choice.candidate.destination {
            Destination::Provider(provider) => *provider,
            Destination::Echo => {
                return local::echo(self.call, &self.stamp(reservation), reservation);
            }
            Destination::Mock(words) => {
                return local::mock(self.call, words, &self.stamp(reservation), reservation);
            }
        };
        let outgoing = translate(self.call, self.choice, provider)?;
        let lane = outgoing.lane;
        reservation.dropped.clone_from(&outgoing.dropped);
        let (url, request) = outgoing.into_request();
        let written = reservation.dispatch();
        written.map_err(|refused| Fault::NotAdmitted(Box::new(refused)))?;
        let waiting = Instant::now();
        let answered = self
            .answer((provider, lane), &url, request, reservation)
            .await;
        self.sending.presence.asked();
        reservation.waited(waiting.elapsed());
        answered
    }

    async fn answer(
        &self,
        (provider, lane): (&'static dyn Provider, Lane),
        url: &Url,
        request: Request<Pieces>,
        reservation: &mut Reservation,
    ) -> Result<Answer, Fault> {
        let response = tokio::time::timeout_at(
            self.deadline.first_byte.into(),
            self.sending
                .worker
                .pools
                .of(self.choice.candidate.origin)
                .request(url, request, self.sending.presence),
        )
        .await
        .map_err(|_elapsed| self.timed_out())?
        .map_err(|unanswered| match unanswered {
            Unanswered::Unreachable => Fault::Unreachable("connection failed"),
            Unanswered::Lost => Fault::Lost,
        })?;
        if response.status() != StatusCode::OK {
            let failure = refusal(provider, response).await;
            return Err(failure.without_key_of(&self.choice.candidate));
        }
        if self.call.is_streamed() {
            self.open(lane, response, reservation)
                .await
                .map(|stream| Answer::Stream(Box::new(stream)))
        } else {
            self.whole(lane, response, reservation)
                .await
                .map(Answer::Whole)
        }
    }

    async fn whole(
        &self,
        lane: Lane,
        response: Response<ProviderBody>,
        reservation: &mut Reservation,
    ) -> Result<Bytes, Fault> {
        let limit_bytes = self.sending.state.settings.max_response_bytes;
        let (head, body) = response.into_parts();
        let bytes =
            upstream_body::read_whole(&head.headers, body, limit_bytes, &self.deadline).await?;
        reservation.first_byte();
        let read = whole::read(self.call, lane, bytes, || self.stamp(reservation))?;
        if let Some(usage) = read.usage {
            reservation.meter.usage(usage);
            return Ok(read.body);
        }
        let usage = self.count(read.output_text).await;
        let body = match read.uncounted {
            Some(vectors) => whole::with_count(vectors, &usage),
            None => read.body,
        };
        reservation.meter.usage(usage);
        Ok(body)
    }

    /// Counts on a thread that may take its time: the tokenizer loads on first use.
    async fn count(&self, output: String) -> Usage {
        let (body, kind) = (self.call.body.bytes.clone(), self.call.body.kind);
        let choice = Arc::clone(self.choice);
        let output = Heard {
            kept: output,
            ..Heard::default()
        };
        let counted = tokio::task::spawn_blocking(move || {
            estimate::usage(&choice, &Question { kind, body: &body }, &output)
        });
        counted.await.unwrap_or_default()
    }

    async fn open(
        &self,
        lane: Lane,
        response: Response<ProviderBody>,
        reservation: &mut Reservation,
    ) -> Result<OpenStream, Fault> {
        let (head, mut body) = response.into_parts();
        if is_compressed(&head.headers) || is_html(&head.headers) {
            return Err(Fault::Malformed);
        }
        let mut reader = StreamReader::new(self.call, lane, &self.stamp(reservation));
        let until_first = Deadline {
            whole: self.deadline.first_byte,
            ..self.deadline
        };
        let mut begun = crate::reader::Step::default();
        while !begun.has_events {
            let Some(bytes) = upstream_body::next(&mut body, &until_first).await? else {
                return Err(Fault::Malformed);
            };
            reader
                .push(bytes, &mut reservation.meter, &mut begun)
                .map_err(|_malformed| Fault::Malformed)?;
            if begun.complete && !begun.has_events {
                // An end mark and nothing before it; waiting would bring nothing more.
                return Err(Fault::Malformed);
            }
        }
        if let Some(failure) = begun.error.take() {
            return Err(Fault::Refused {
                failure,
                retry_after: None,
            });
        }
        reservation.first_byte();
        Ok(OpenStream {
            body: Some(body),
            reader,
            begun,
            deadline: Some(self.deadline),
        })
    }

    fn stamp(&self, reservation: &Reservation) -> Stamp {
        let facts = reservation.facts();
        Stamp {
            request_id: facts.request_id.to_string(),
            created_s: facts.received.seconds(),
            model: self.choice.model.clone(),
        }
    }

    fn timed_out(&self) -> Fault {
        Fault::TimedOut {
            waited_ms: self.deadline.waited_ms(),
        }
    }
}
