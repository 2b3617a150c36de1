//! What the address of the list of keys says: view, filters, order; and which keys those are.

use domain::ids::{TeamId, UserId};
use domain::time::TimestampMs;
use serde::Deserialize;
use store::deleted_keys::DeletedKeyFilter;
use store::page::Order;
use store::virtual_keys::{KeyFilter, KeyOrder};

use web_ui::pages::parts::Sorts;

use super::views;
use crate::acting::{Acting, may};
use crate::actions::keys;
use crate::error::ActionError;
use crate::pages::addresses::query;
use crate::pages::form::Form;

/// From how much of a budget on a key is near its end, in percent.
const NEAR_PERCENT: u64 = 80;

/// What the address says of the list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub view: String,
    pub q: String,
    pub team: String,
    pub user: String,
    pub status: String,
    pub environment: String,
    pub sort: String,
    pub after: String,
}

const ORDERS: [(&str, KeyOrder); 5] = [
    ("name", KeyOrder::Name),
    ("spend", KeyOrder::Spend),
    ("used", KeyOrder::LastUsed),
    ("expires", KeyOrder::Expires),
    ("created", KeyOrder::Created),
];

impl Asked {
    /// The same of a form, which sends the filter for all that it has.
    pub(super) fn of_form(typed: &Form) -> Self {
        let text = |name: &str| typed.text(name).to_owned();
        Self {
            view: text("view"),
            q: text("q"),
            team: text("team"),
            user: text("user"),
            status: text("status"),
            environment: text("environment"),
            ..Self::default()
        }
    }

    /// Names and values, but for order and place.
    pub(super) fn members(&self) -> [(&'static str, &str); 6] {
        [
            ("view", self.view.as_str()),
            ("q", &self.q),
            ("team", &self.team),
            ("user", &self.user),
            ("status", &self.status),
            ("environment", &self.environment),
        ]
    }

    pub(super) fn address(&self, base: &str, after: &str) -> String {
        let members = self.members().into_iter();
        let place = [("sort", self.sort.as_str()), ("after", after)];
        format!("{base}{}", query(&members.chain(place).collect::<Vec<_>>()))
    }

    /// The orders to choose from.
    pub(super) fn sorts(&self, base: &str) -> Sorts {
        let query = query(&self.members());
        let joint = if query.is_empty() { '?' } else { '&' };
        Sorts {
            by: self.sort.trim_start_matches('-').to_owned(),
            descending: self.sort.starts_with('-'),
            address: format!("{base}{query}{joint}sort="),
        }
    }

    pub(super) fn is_narrowed(&self) -> bool {
        self.members()
            .iter()
            .any(|(_name, value)| !value.is_empty())
    }

    /// In which order; none is the newest first.
    pub(super) fn order(&self) -> Option<Order> {
        let word = self.sort.trim_start_matches('-');
        let known = ORDERS.iter().find(|(one, _order)| *one == word);
        known.map(|(_word, order)| order.order(self.sort.starts_with('-')))
    }

    /// Whether deleted keys are asked for.
    pub(super) fn is_of_deleted(&self) -> bool {
        self.view == views::DELETED
    }

    /// Which deleted keys are asked for.
    pub(super) fn of_deleted(&self) -> DeletedKeyFilter {
        DeletedKeyFilter {
            team_id: said(&self.team).map(TeamId::new),
            user_id: said(&self.user).map(UserId::new),
            environment: said(&self.environment),
            search: said(&self.q),
            ..DeletedKeyFilter::default()
        }
    }

    /// Which keys are asked for; none when there can be none, as where deleted ones are.
    pub(super) async fn filter(
        &self,
        acting: &Acting<may::ReadKeys>,
        now: TimestampMs,
    ) -> Result<Option<KeyFilter>, ActionError> {
        if self.is_of_deleted() {
            return Ok(None);
        }
        let mut filter = views::filter(&self.view, acting, now);
        filter.search = said(&self.q);
        filter.team_id = said(&self.team).map(TeamId::new);
        if let Some(user) = said(&self.user) {
            filter.user_id = Some(UserId::new(user));
        }
        filter.environment = said(&self.environment);
        match self.status.as_str() {
            "active" => {
                filter.blocked = Some(false);
                filter.alive_at = Some(now);
            }
            "blocked" => filter.blocked = Some(true),
            "expired" => filter.expired_at = Some(now),
            _ => {}
        }
        if self.view == views::NEAR {
            filter.ids = keys::near_limit(acting, filter.clone(), NEAR_PERCENT).await?;
            if filter.ids.is_empty() {
                return Ok(None);
            }
        }
        Ok(Some(filter))
    }
}

fn said(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
