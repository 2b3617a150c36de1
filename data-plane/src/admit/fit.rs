//! The three answers of admission: the most fits, a share fits, or nothing useful does. A request
//! that only has to wait for others to settle waits a while.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::money::NanoUsd;
use domain::prices::MostTokens;

use crate::admit::asking::Asking;
use crate::admit::growth::Growth;
use crate::admit::most;
use crate::admit::refusal;
use crate::admit::share::{Need, Share};
use crate::call::Call;
use crate::counters::Away;
use crate::counters::operation::{Admitted, Balance, Reserved};
use crate::error::GatewayError;
use crate::estimate;
use crate::governance::Governance;
use crate::route::Choice;

/// Questions that the state of counters answers otherwise than the last time: a window turned, a
/// counter was opened.
const MOST_QUESTIONS: u32 = 8;

/// The pauses of a request that waits for others to settle.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// What an attempt holds.
#[derive(Clone, Debug, Default)]
pub struct Fitted {
    /// How things stand.
    pub admitted: Admitted,
    /// What is held.
    pub amount: NanoUsd,
    /// The limit of each answer that has to be written into the request; none leaves it as it is.
    pub output_limit_tokens: Option<u64>,
    /// Whether the limit is a share, of which the caller is told.
    pub is_share: bool,
    /// The input by our count, when it was counted.
    pub counted_input_tokens: Option<u64>,
    /// Whether only this node knows of it: the counters were away.
    pub is_local: bool,
    /// How the hold grows while a streamed answer comes.
    pub growth: Option<Growth>,
}

impl Fitted {
    /// Takes what a budget that stands so leaves for it.
    fn take_share(
        &mut self,
        need: Need,
        (limit, standing): (NanoUsd, Balance),
        is_streamed: bool,
    ) -> Share {
        let free = NanoUsd(limit.0.saturating_sub(standing.used().0));
        let if_all_settled = NanoUsd(free.0.saturating_add(standing.reserved.0));
        let share = need.share(free, if_all_settled);
        match share {
            Share::Whole(amount) => {
                self.amount = amount;
                self.is_share = false;
                self.growth = None;
            }
            Share::Part {
                amount,
                output_tokens,
            } => {
                self.amount = amount;
                self.take_part(output_tokens, need, free, is_streamed);
            }
            Share::Later | Share::Never => {}
        }
        share
    }

    /// Takes a part of the answer. A stream may go on as far as the money reaches now, while its
    /// hold grows; what nobody sees being written (reasoning) cannot be followed, and other answers
    /// neither.
    fn take_part(&mut self, output_tokens: u64, need: Need, free: NanoUsd, is_streamed: bool) {
        self.is_share = true;
        self.output_limit_tokens = Some(output_tokens);
        self.growth = None;
        if is_streamed && !need.reasons {
            self.output_limit_tokens = need.affordable(free).or(self.output_limit_tokens);
            self.growth = Some(Growth::new(need, output_tokens));
        }
    }
}

/// What is to be fitted.
pub struct Fitting<'a> {
    /// By what.
    pub governance: &'a Governance,
    /// The question.
    pub asking: Asking<'a>,
    /// The call.
    pub call: &'a Call,
    /// Those who may answer; the dearest of them is held.
    pub choices: &'a [Arc<Choice>],
}

impl<'a> Fitting<'a> {
    /// Holds what the attempt needs.
    ///
    /// # Errors
    /// The refusal, when not even a share of the answer fits.
    pub async fn fit(mut self) -> Result<(Fitted, Asking<'a>), GatewayError> {
        let Some(first) = self.choices.first() else {
            return Err(GatewayError::Internal);
        };
        let most = most::most_tokens(self.call, self.choices);
        let mut fitted = Fitted {
            amount: self.dearest(&most)?,
            output_limit_tokens: most::limit_to_write(self.call, self.choices)
                .filter(|_| self.asking.has_limits()),
            ..Fitted::default()
        };
        let patience = Instant::now() + self.governance.terms.patience;
        let (mut questions, mut pause) = (0, FIRST_PAUSE);
        loop {
            self.asking.reserve.amount = fitted.amount;
            let reserved = self.governance.counters.reserve(&self.asking.reserve).await;
            let reserved = match reserved {
                Ok(reserved) => reserved,
                Err(away) => {
                    fitted.is_local = true;
                    self.locally(away)?
                }
            };
            let over = match reserved {
                Reserved::Admitted(admitted) => {
                    return Ok((Fitted { admitted, ..fitted }, self.asking));
                }
                Reserved::OverBudget {
                    hold,
                    limit,
                    standing,
                } => (hold, limit, standing),
                other => {
                    questions += 1;
                    if questions > MOST_QUESTIONS {
                        return Err(GatewayError::CountersUnavailable);
                    }
                    self.again(other).await?;
                    continue;
                }
            };
            if fitted.counted_input_tokens.is_none() {
                fitted.counted_input_tokens = Some(self.count(first).await);
            }
            let need = self.need(first, &most, &fitted);
            let is_streamed = self.call.is_streamed();
            match fitted.take_share(need, (over.1, over.2), is_streamed) {
                Share::Whole(_) | Share::Part { .. } => {}
                Share::Later if Instant::now() < patience => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Share::Later | Share::Never => return Err(self.over_budget(over)),
            }
        }
    }

    /// What the call may cost at most, at the dearest of those who may answer.
    fn dearest(&self, most: &MostTokens) -> Result<NanoUsd, GatewayError> {
        let costs = self
            .choices
            .iter()
            .map(|choice| most::most_money(choice, most));
        let costs: Vec<NanoUsd> = costs.flatten().collect();
        if costs.is_empty() && self.asking.has_limits() {
            return Err(GatewayError::PriceUnknown {
                model: self.asking.group.to_owned(),
            });
        }
        Ok(costs.into_iter().max().unwrap_or_default())
    }

    /// The input by our tokenizer, on a thread that may take its time.
    async fn count(&self, choice: &Arc<Choice>) -> u64 {
        let (body, kind) = (self.call.body.bytes.clone(), self.call.body.kind);
        let choice = Arc::clone(choice);
        let counted = tokio::task::spawn_blocking(move || {
            let question = estimate::Question { kind, body: &body };
            estimate::input_tokens(&choice, &question)
        });
        counted.await.unwrap_or(u64::MAX)
    }

    fn need(&self, choice: &Choice, most: &MostTokens, fitted: &Fitted) -> Need {
        let learned = &self.governance.learned;
        let counted = fitted.counted_input_tokens.unwrap_or(u64::MAX);
        let provider = choice.candidate.provider_name.as_str();
        let billed = learned.billed_input(provider, &choice.model, counted);
        let key_id = self.asking.payer.key_id();
        let prices = self.choices.iter();
        Need {
            prices: prices
                .filter_map(|choice| choice.known.price.clone())
                .collect(),
            most: MostTokens {
                input_tokens: billed.min(most.input_tokens),
                ..*most
            },
            answers: most::answers(self.call),
            usual_output_tokens: learned.output(key_id, self.asking.group),
            reasons: choice.known.reasons,
        }
    }

    /// What to do with an answer that is neither yes nor too dear: ask again, or refuse.
    async fn again(&mut self, reserved: Reserved) -> Result<(), GatewayError> {
        match reserved {
            Reserved::WrongWindow { now, .. } => {
                self.asking.turn(now);
                Ok(())
            }
            Reserved::Unknown(holds) => {
                let openings = holds.iter().filter_map(|hold| self.asking.opening(*hold));
                let openings = openings.collect();
                let opener = self.governance.openings();
                let opener = opener.ok_or(GatewayError::CountersUnavailable)?;
                let opened = opener.open(openings).await;
                opened.map_err(|away| self.away(away))
            }
            Reserved::Revoked(_) => Err(GatewayError::BlockedKey(REVOKED)),
            Reserved::OverRate {
                bucket,
                retry_after_ms,
                level: _,
            } => Err(self.over_rate(bucket, retry_after_ms)),
            Reserved::OverParallel { slot } => Err(self.over_parallel(slot)),
            // Ids of attempts are used once.
            Reserved::Admitted(_)
            | Reserved::AlreadyHeld { .. }
            | Reserved::Outdated(_)
            | Reserved::AlreadySettled
            | Reserved::OverBudget { .. } => Err(GatewayError::Internal),
        }
    }

    /// With the counters away: money is refused, rates hold by this node's share of them, and what
    /// nothing limits goes on.
    fn locally(&self, away: Away) -> Result<Reserved, GatewayError> {
        if self.asking.has_limits() {
            return Err(self.away(away));
        }
        let counters = &self.governance.counters;
        let reserved = counters.reserve_locally(&self.asking.reserve);
        reserved.ok_or(GatewayError::CountersUnavailable)
    }

    fn over_rate(&self, bucket: usize, retry_after_ms: u64) -> GatewayError {
        let asked = self.asking.reserve.buckets.get(bucket);
        match (self.asking.rates.get(bucket), asked) {
            (Some((line, kind)), Some(asked)) => {
                refusal::over_rate(line, *kind, asked.capacity, retry_after_ms)
            }
            _ => GatewayError::Internal,
        }
    }

    fn over_parallel(&self, slot: usize) -> GatewayError {
        let asked = self.asking.reserve.slots.get(slot);
        match (self.asking.parallel.get(slot), asked) {
            (Some(line), Some(asked)) => refusal::over_parallel(line, asked.limit),
            _ => GatewayError::Internal,
        }
    }

    fn over_budget(&self, (hold, limit, standing): (usize, NanoUsd, Balance)) -> GatewayError {
        let line = self.asking.budgets.get(hold);
        line.map_or(GatewayError::Internal, |line| {
            let status = self.governance.terms.budget_exceeded_status;
            refusal::over_budget(line, limit, standing).with_status(status)
        })
    }

    fn away(&self, _away: Away) -> GatewayError {
        GatewayError::CountersUnavailable
    }
}

const REVOKED: &str = "This API key, or something that it belongs to, has been blocked or deleted. \
Ask your administrator.";
