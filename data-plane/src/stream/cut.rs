//! The end of an answer for which nothing more can be paid: as a token limit ends it. What the provider
//! had written by then is still read, since it bills that.

use std::time::Instant;

use crate::admit::Reservation;
use crate::admit::growth::Growth;
use crate::send::hang_up::LAST_WORDS;
use crate::send::provider_body::ProviderBody;
use crate::stream::AnswerStream;

impl AnswerStream {
    /// Ends the answer for its caller, and hangs up on the provider, so that it stops.
    pub(super) fn cut(&mut self) {
        self.is_cut = true;
        let answers = self.reservation.as_ref().and_then(Reservation::growth);
        let answers = answers.map_or(1, Growth::answers);
        let end = self.reader.cut(answers);
        self.outbox.push(end);
        if !self.upstream.as_ref().is_some_and(ProviderBody::hang_up) {
            self.complete();
            return;
        }
        let now = Instant::now();
        let heard_by = now + LAST_WORDS;
        let whole = self.limits.whole;
        self.limits.whole = Some(whole.map_or(heard_by, |whole| whole.min(heard_by)));
        let wake = self.next_wake(now);
        self.tick.as_mut().reset(wake.into());
    }
}
