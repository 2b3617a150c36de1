//! How long may an attempt take?

use std::time::{Duration, Instant};

use crate::admit::Reservation;
use crate::call::Call;
use crate::node::State;

/// The two moments at which an attempt is given up.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// When the attempt began.
    pub started: Instant,
    /// Until when the first byte (of a stream: the first event) has to be here.
    pub first_byte: Instant,
    /// Until when a whole answer has to be here.
    pub whole: Instant,
}

impl Deadline {
    /// The caller's own limits before the deployment's before the router's. While another
    /// deployment could still answer, a provider that keeps silent is left earlier: a stream, or a
    /// model that does not reason first, has a minute, others five (the settings' defaults).
    #[must_use]
    pub fn of(state: &State, call: &Call, reservation: &Reservation, is_last: bool) -> Self {
        let choice = reservation.choice();
        let (candidate, known) = (&choice.candidate, &choice.known);
        let (router, settings) = (&state.table.router, &state.settings);
        let controls = &call.body.controls;
        let whole_ms = controls
            .timeout_ms
            .or(candidate.timeout_ms)
            .unwrap_or(router.timeout_ms);
        let stream_ms = controls
            .stream_timeout_ms
            .or(candidate.stream_timeout_ms)
            .or(router.stream_timeout_ms);
        let streamed = call.is_streamed();
        let mut first_byte = Duration::from_millis(whole_ms);
        if streamed && let Some(stream_ms) = stream_ms {
            first_byte = Duration::from_millis(stream_ms);
        } else if !is_last {
            let patience = if known.reasons && !streamed {
                settings.reasoning_first_byte_timeout
            } else {
                settings.first_byte_timeout
            };
            first_byte = first_byte.min(patience);
        }
        let started = reservation.started();
        Self {
            started,
            first_byte: started + first_byte,
            whole: started + Duration::from_millis(whole_ms),
        }
    }

    /// Milliseconds since the attempt began.
    #[must_use]
    pub fn waited_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
