//! The hold of a streamed answer: it grows before what it pays for is used up.

use std::pin::Pin;
use std::task::{Context, Poll};

use providers::tokenizer;

use crate::admit::Reservation;
use crate::admit::growth::Growing;
use crate::counters::operation::Extended;
use crate::reader::StreamReader;
use crate::route::Choice;

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
    /// Of the text that has been heard, so many bytes have been counted …
    counted_bytes: usize,
    /// … and had so many tokens.
    counted_tokens: u64,
    asked: Option<(u64, Growing)>,
    /// Nothing more can be had.
    is_last: bool,
}

/// The tokens of a text; vendors that publish no tokenizer are given a quarter more than ours counts.
fn count(choice: &Choice, text: &str) -> u64 {
    let provider = choice.candidate.provider_name.as_str();
    let counted = tokenizer::count(provider, &choice.model, text);
    let more = if provider == "openai" {
        0
    } else {
        counted.div_ceil(4)
    };
    counted.saturating_add(more)
}

fn bytes(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
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
            let (text, beyond_bytes) = reader.heard(&reservation.meter);
            let uncounted = text.get(self.counted_bytes..).unwrap_or_default();
            // A token has a byte at least: mostly that settles it.
            let most = bytes(uncounted).saturating_add(beyond_bytes);
            if !growth.is_short(self.counted_tokens.saturating_add(most)) {
                return Hold::Enough;
            }
            // Text that is counted in pieces has no fewer tokens than as a whole.
            self.counted_tokens += count(reservation.choice(), uncounted);
            self.counted_bytes = text.len();
            let written = self.counted_tokens.saturating_add(beyond_bytes);
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
