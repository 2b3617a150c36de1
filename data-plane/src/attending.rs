//! Is the caller still there? When one goes away while a provider answers, the provider is hung up
//! on, and what it had said already is read to its end in the background: it is billed.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::runtime::Handle;

use crate::send::hang_up::{HangUp, LAST_WORDS};

/// Whether the caller of one request is there.
#[derive(Default)]
pub struct Presence(Mutex<State>);

#[derive(Default)]
struct State {
    is_gone: bool,
    /// The connection on which a provider is being asked.
    asked: Option<Arc<HangUp>>,
}

impl Presence {
    /// A provider is being asked on this connection.
    pub fn asks(&self, connection: &Arc<HangUp>) {
        self.state().asked = Some(Arc::clone(connection));
    }

    /// It has answered, or has not.
    pub fn asked(&self) {
        self.state().asked = None;
    }

    /// Whether nobody waits for an answer any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.state().is_gone
    }

    /// The caller has gone. Whether a provider was being asked, which has been hung up on.
    fn leave(&self) -> bool {
        let mut state = self.state();
        state.is_gone = true;
        let asked = state.asked.take();
        drop(state);
        asked.inspect(|connection| connection.now()).is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answering of one request, which is dropped when the caller goes away.
pub struct Attended<F: Future + Send + 'static>
where
    F::Output: Send,
{
    presence: Arc<Presence>,
    answering: Option<Pin<Box<F>>>,
}

impl<F: Future + Send + 'static> Attended<F>
where
    F::Output: Send,
{
    /// Answers while the caller is there.
    pub fn new(presence: Arc<Presence>, answering: F) -> Self {
        Self {
            presence,
            answering: Some(Box::pin(answering)),
        }
    }
}

impl<F: Future + Send + 'static> Future for Attended<F>
where
    F::Output: Send,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Some(answering) = &mut self.answering else {
            // Nobody asks for an answer twice.
            return Poll::Pending;
        };
        let answer = answering.as_mut().poll(cx);
        if answer.is_ready() {
            self.answering = None;
        }
        answer
    }
}

impl<F: Future + Send + 'static> Drop for Attended<F>
where
    F::Output: Send,
{
    fn drop(&mut self) {
        let Some(answering) = self.answering.take() else {
            return;
        };
        if !self.presence.leave() {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                // Nobody hears the answer; what it cost is settled when it is dropped.
                drop(tokio::time::timeout(LAST_WORDS, answering).await);
            });
        }
    }
}
