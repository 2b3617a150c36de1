//! Who listens: in one session the newest few, in one process a bounded number.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ids::SessionId;
use tokio::sync::oneshot;

/// So many streams in a session. A browser has six connections to a host; these leave it enough.
pub const MOST_IN_A_SESSION: usize = 3;

/// So many streams in a process.
pub const MOST: usize = 200;

/// Everybody who listens.
#[derive(Default)]
pub struct Seats(Mutex<Taken>);

#[derive(Default)]
struct Taken {
    last: u64,
    seats: Vec<Held>,
}

struct Held {
    number: u64,
    session: SessionId,
    give_up: oneshot::Sender<()>,
}

/// Somebody's place, until it is dropped.
pub struct Seat {
    seats: Arc<Seats>,
    number: u64,
    asked: oneshot::Receiver<()>,
}

impl Seats {
    /// Takes a place; none when the process has no more. In a session that has all of its places the
    /// oldest is asked to give up its own: mostly it is a page that is no longer open.
    #[must_use]
    pub fn take(self: &Arc<Self>, session: &SessionId) -> Option<Seat> {
        let mut taken = self.taken();
        let mine = taken.seats.iter().filter(|held| held.session == *session);
        if mine.count() >= MOST_IN_A_SESSION
            && let Some(oldest) = taken.seats.iter().position(|held| held.session == *session)
        {
            // Whoever had it may have gone.
            let _gone = taken.seats.remove(oldest).give_up.send(());
        }
        if taken.seats.len() >= MOST {
            return None;
        }
        let (give_up, asked) = oneshot::channel();
        taken.last += 1;
        let number = taken.last;
        taken.seats.push(Held {
            number,
            session: session.clone(),
            give_up,
        });
        drop(taken);
        Some(Seat {
            seats: Arc::clone(self),
            number,
            asked,
        })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.taken().seats.len()
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Resolves when a newer page of the same session has taken this place.
    pub async fn is_taken(&mut self) {
        let _dropped_only_when_removed = (&mut self.asked).await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        taken.seats.retain(|held| held.number != self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_newest_pages_of_a_session_are_live_and_others_keep_theirs() {
        let seats = Arc::<Seats>::default();
        let (ours, theirs) = (SessionId::generate(), SessionId::generate());
        let other = seats.take(&theirs).unwrap();
        let mut mine: Vec<Seat> = (0..MOST_IN_A_SESSION)
            .map(|_number| seats.take(&ours).unwrap())
            .collect();
        let newest = seats.take(&ours).unwrap();
        mine.first_mut().unwrap().is_taken().await;
        assert_eq!(seats.count(), MOST_IN_A_SESSION + 1);
        mine.remove(0);
        assert_eq!(seats.count(), MOST_IN_A_SESSION + 1);
        drop((mine, newest));
        assert_eq!(seats.count(), 1);
        drop(other);
        assert_eq!(seats.count(), 0);
    }

    #[test]
    fn a_process_has_so_many_places_and_no_more() {
        let seats = Arc::<Seats>::default();
        let mut held: Vec<Seat> = (0..MOST)
            .map(|_number| seats.take(&SessionId::generate()).unwrap())
            .collect();
        assert!(seats.take(&SessionId::generate()).is_none());
        held.pop();
        assert!(seats.take(&SessionId::generate()).is_some());
    }
}
