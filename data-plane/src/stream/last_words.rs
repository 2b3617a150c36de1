//! A stream whose caller has gone away: the provider is hung up on, and what it had written already
//! is read and charged.

use std::pin::Pin;

use http_body_util::BodyExt;
use tokio::runtime::Handle;

use crate::send::hang_up::LAST_WORDS;
use crate::stream::AnswerStream;

/// A stream for a caller who may go away.
pub struct Heard(Option<Pin<Box<AnswerStream>>>);

impl Heard {
    /// As long as this is there, somebody listens.
    #[must_use]
    pub fn new(stream: AnswerStream) -> Self {
        Self(Some(Box::pin(stream)))
    }

    /// The stream; none only while this is dropped.
    pub fn stream(&mut self) -> Option<Pin<&mut AnswerStream>> {
        self.0.as_mut().map(Pin::as_mut)
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        let Some(stream) = self.0.take().filter(|stream| stream.reservation.is_some()) else {
            return;
        };
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(listen_on(stream));
        }
    }
}

/// Reads until the provider has noticed. Then the stream is dropped, and its attempt settled.
async fn listen_on(mut stream: Pin<Box<AnswerStream>>) {
    let Some(mut upstream) = stream.upstream.take() else {
        return;
    };
    if !upstream.hang_up() {
        return;
    }
    let listening = async {
        while let Some(Ok(frame)) = upstream.frame().await {
            let stream = &mut *stream;
            let (Ok(bytes), Some(reservation)) = (frame.into_data(), &mut stream.reservation)
            else {
                continue;
            };
            let meter = &mut reservation.meter;
            let read = stream.reader.push(bytes, meter, &mut stream.step);
            stream.step.pieces.clear();
            if read.is_err() || stream.step.complete {
                return;
            }
        }
    };
    // Whoever does not notice is not listened to for ever.
    let _late = tokio::time::timeout(LAST_WORDS, listening).await;
}
