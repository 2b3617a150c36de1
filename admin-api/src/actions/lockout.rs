//! Failed tries of a password: counted by account and network, answered after a growing delay.

use std::net::IpAddr;

use domain::actors::Actor;
use domain::time::TimestampMs;
use serde_json::json;
use store::{Event, Store};

use crate::error::ActionError;

/// So many failures are a person's own: nobody waits for them.
const FREE_FAILURES: u64 = 4;
/// The first delay; each failure after it doubles it.
const FIRST_DELAY_S: u64 = 2;
/// No delay is longer.
const LONGEST_DELAY_S: u64 = 15 * 60;

/// The tries of one account from one network.
pub struct Tries<'s> {
    store: &'s Store,
    account: String,
    network: String,
}

impl<'s> Tries<'s> {
    /// Those of this account (an email in any case, or a word of ours) from the caller's network.
    #[must_use]
    pub fn of(store: &'s Store, account: &str, peer: Option<IpAddr>) -> Self {
        Self {
            store,
            account: account.to_lowercase(),
            network: peer.map_or_else(|| "unknown".to_owned(), network),
        }
    }

    /// Whether another try is taken now.
    ///
    /// # Errors
    /// [`ActionError::TooMany`] with the time that is left.
    pub async fn check(&self) -> Result<(), ActionError> {
        let failures = self
            .store
            .sign_in_failures(&self.account, &self.network)
            .await?;
        let Some(failures) = failures else {
            return Ok(());
        };
        let until = failures.last_at.0 + delay_s(failures.failures) * 1_000;
        match until.saturating_sub(TimestampMs::now().0).div_ceil(1_000) {
            0 => Ok(()),
            retry_after_s => Err(ActionError::TooMany { retry_after_s }),
        }
    }

    /// Counts a failure and writes it into the audit trail, under another word when it begins a
    /// delay. What was typed is not written: people type passwords into the wrong field.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn failed(&self, actor: &Actor, user_id: Option<String>) -> Result<(), ActionError> {
        let (account, network) = (&self.account, &self.network);
        let now = TimestampMs::now();
        self.store
            .note_sign_in_failure(account, network, now)
            .await?;
        let noted = self.store.sign_in_failures(account, network).await?;
        let failures = noted.map_or(1, |noted| noted.failures);
        let delay_s = delay_s(failures);
        let event = Event {
            action: if delay_s == 0 {
                "session.refused"
            } else {
                "session.locked_out"
            },
            object_kind: "user",
            object_id: user_id.unwrap_or_else(|| "unknown".to_owned()),
            after: Some(json!({"failures": failures, "delay_s": delay_s, "network": network})),
            ..Event::default()
        };
        Ok(self.store.record(actor, event).await?)
    }

    /// Forgets the account's failures.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn succeeded(&self) -> Result<(), ActionError> {
        Ok(self.store.clear_sign_in_failures(&self.account).await?)
    }
}

/// How long after the last of so many failures no other try is taken.
fn delay_s(failures: u64) -> u64 {
    let Some(doublings) = failures.checked_sub(FREE_FAILURES + 1) else {
        return 0;
    };
    let doublings = u32::try_from(doublings).unwrap_or(u32::MAX);
    2_u64
        .checked_pow(doublings)
        .and_then(|factor| factor.checked_mul(FIRST_DELAY_S))
        .map_or(LONGEST_DELAY_S, |delay| delay.min(LONGEST_DELAY_S))
}

/// The network that an address is counted under: /24, or /64, which one subscriber has.
fn network(peer: IpAddr) -> String {
    match peer.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_grows_and_ends_at_a_quarter_of_an_hour() {
        let delays: Vec<u64> = (0..20).map(delay_s).collect();
        assert_eq!(delays[..5], [0; 5]);
        assert_eq!(delays[5..9], [2, 4, 8, 16]);
        assert_eq!(delay_s(u64::MAX), 900);
        assert!(delays.is_sorted());
    }

    #[test]
    fn neighbours_share_a_network() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("203.0.113.9"), of("203.0.113.200"));
        assert_eq!(of("::ffff:203.0.113.9"), of("203.0.113.1"));
        assert_ne!(of("203.0.113.9"), of("203.0.114.9"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
