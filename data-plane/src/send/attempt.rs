//! One attempt at one deployment: request out, answer in, up to the first byte that a caller may
//! see.

use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use bytes::Bytes;
use domain::time::TimestampMs;
use domain::usage::Usage;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use providers::Provider;
use providers::dialect::Dialect;
use providers::failure::{Failure, FailureKind};
use providers::wire::Stamp;

use crate::admit::Reservation;
use crate::body::Pieces;
use crate::call::Call;
use crate::estimate::{self, Question};
use crate::local;
use crate::meter::Heard;
use crate::reader::{StreamReader, whole};
use crate::route::Choice;
use crate::route::candidate::Destination;
use crate::send::Sending;
use crate::send::deadline::Deadline;
use crate::send::fault::Fault;
use crate::send::upstream_body;
use crate::stream::OpenStream;
use crate::translate::{Lane, Outgoing, translate};

/// An error answer's body has this long.
const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(5);

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
    let mut reservation = sending.admission.reserve(choice);
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
        let request = request(outgoing)?;
        reservation.dispatch();
        let waiting = Instant::now();
        let answered = self.answer(provider, lane, request, reservation).await;
        reservation.waited(waiting.elapsed());
        answered
    }

    async fn answer(
        &self,
        provider: &'static dyn Provider,
        lane: Lane,
        request: Request<Pieces>,
        reservation: &mut Reservation,
    ) -> Result<Answer, Fault> {
        let response = tokio::time::timeout_at(
            self.deadline.first_byte.into(),
            self.sending.worker.pool.request(request),
        )
        .await
        .map_err(|_elapsed| self.timed_out())?
        .map_err(|error| {
            if error.is_connect() {
                Fault::Unreachable("connection failed")
            } else {
                Fault::Lost
            }
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
        response: Response<hyper::body::Incoming>,
        reservation: &mut Reservation,
    ) -> Result<Bytes, Fault> {
        let limit_bytes = self.sending.state.settings.max_response_bytes;
        let (head, body) = response.into_parts();
        let bytes =
            upstream_body::read_whole(&head.headers, body, limit_bytes, &self.deadline).await?;
        reservation.first_byte();
        let read = whole::read(self.call, lane, bytes, &self.stamp(reservation))?;
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
        response: Response<hyper::body::Incoming>,
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

fn request(outgoing: Outgoing) -> Result<Request<Pieces>, Fault> {
    let Outgoing {
        uri,
        headers,
        pieces,
        lane: _,
        dropped: _,
    } = outgoing;
    let length: usize = pieces.iter().map(Bytes::len).sum();
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(uri)
        .body(Pieces::new(pieces))
        .map_err(|_unfit| Fault::Misconfigured)?;
    *request.headers_mut() = headers;
    request
        .headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from(length));
    Ok(request)
}

/// Reads an answer that is no success. A redirect is never followed: it would carry the credential
/// to an address that the operator did not name.
async fn refusal(
    provider: &'static dyn Provider,
    response: Response<hyper::body::Incoming>,
) -> Fault {
    let (head, body) = response.into_parts();
    let status = head.status.as_u16();
    if !(400..=599).contains(&status) {
        return Fault::Unexpected { status };
    }
    let body =
        upstream_body::read_error(&head.headers, body, Instant::now() + ERROR_BODY_TIMEOUT).await;
    let failure = in_openais_words(provider, provider.failure(status, &body));
    Fault::Refused {
        failure,
        retry_after: retry_after(&head.headers),
    }
}

/// Callers look at OpenAI's types: another vendor's type goes into the code.
fn in_openais_words(provider: &dyn Provider, mut failure: Failure) -> Failure {
    if provider.dialect() != Dialect::OpenAi {
        failure.code = match failure.kind {
            FailureKind::ContextWindow => Some("context_length_exceeded".to_owned()),
            _ => failure
                .error_type
                .take()
                .map(|word| word.to_ascii_lowercase()),
        };
        failure.error_type = None;
    }
    failure
}

/// How long the provider wants us to wait: milliseconds, seconds with a fraction perhaps, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let exact = text("retry-after-ms").and_then(|text| text.parse().ok());
    exact
        .map(Duration::from_millis)
        .or_else(|| wait(text(RETRY_AFTER.as_str())?))
}

fn wait(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let until = until.duration_since(UNIX_EPOCH).ok()?;
    let TimestampMs(now_ms) = TimestampMs::now();
    Some(until.saturating_sub(Duration::from_millis(now_ms)))
}

/// Nobody asked for a compressed stream.
fn is_compressed(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_ENCODING)
        .is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn is_html(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| {
        value
            .as_bytes()
            .to_ascii_lowercase()
            .starts_with(b"text/html")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(name: &'static str, value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        retry_after(&headers)
    }

    #[test]
    fn a_providers_wish_is_read_in_every_spelling() {
        assert_eq!(wish("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(
            wish("retry-after", "2.5"),
            Some(Duration::from_millis(2_500))
        );
        assert_eq!(
            wish("retry-after-ms", "250"),
            Some(Duration::from_millis(250))
        );
        let soon = UNIX_EPOCH + Duration::from_millis(TimestampMs::now().0 + 30_000);
        let date = httpdate::fmt_http_date(soon);
        let wait = wish("retry-after", &date).unwrap();
        assert!(wait > Duration::from_secs(25) && wait <= Duration::from_secs(30));
        let past = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(wish("retry-after", past), Some(Duration::ZERO));
        for nonsense in ["-1", "soon", "inf", "NaN", "18446744073709551616", ""] {
            assert_eq!(wish("retry-after", nonsense), None, "{nonsense}");
        }
    }
}
