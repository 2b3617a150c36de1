//! The hold of a streamed answer: it grows before what it pays for is used up.

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::admit::Reservation;
use crate::admit::growth::Growing;
use crate::counters::operation::Extended;
use crate::reader::StreamReader;

/// Whether an answer may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// It is paid for.
    Enough,
    /// More has been asked for.
    Asked,
    /// There is no money for more.
    Spent,
}

/// A hold that grows.
#[derive(Default)]
pub struct GrowingHold {
    asked: Option<(u64, Growing)>,
    /// Nothing more can be had.
    is_last: bool,
}

impl GrowingHold {
    /// Asks for more when what has been heard comes near to what is held.
    pub fn poll(
        &mut self,
        cx: &mut Context<'_>,
        reservation: &mut Reservation,
        reader: &StreamReader,
    ) -> Hold {
        loop {
            if let Some((tokens, growing)) = &mut self.asked {
                let tokens = *tokens;
                let Poll::Ready(answer) = Pin::new(growing).poll(cx) else {
                    return Hold::Asked;
                };
                self.asked = None;
                self.take(answer.ok(), tokens, reservation);
                continue;
            }
            let Some(growth) = reservation.growth() else {
                return Hold::Enough;
            };
            let written = reader.heard_tokens(reservation.meter.heard_bytes());
            if !growth.is_short(written) {
                return Hold::Enough;
            }
            let wanted = growth.wanted(written).filter(|_| !self.is_last);
            let asked = wanted.and_then(|tokens| Some((tokens, reservation.grow(tokens)?)));
            match asked {
                Some(asked) => self.asked = Some(asked),
                None => return Hold::Spent,
            }
        }
    }

    fn take(&mut self, answer: Option<Extended>, tokens: u64, reservation: &mut Reservation) {
        match answer {
            Some(Extended::Held) => reservation.grown(tokens),
            Some(Extended::OverBudget {
                limit, standing, ..
            }) => {
                let growth = reservation.growth();
                let rest = growth.and_then(|growth| growth.affordable(limit, standing));
                let asked = rest.and_then(|rest| Some((rest, reservation.grow(rest)?)));
                self.is_last = true;
                self.asked = asked;
            }
            Some(Extended::NoSuchAttempt | Extended::Unknown(_)) | None => self.is_last = true,
        }
    }
}
