//! Requests in short lists.

use store::requests::RequestRow;
use web_ui::figures::{count, duration, price};
use web_ui::frame::Frame;
use web_ui::markup::code;
use web_ui::pages::parts::LatestRow;

use crate::pages::clock::Clock;

/// A request as a row with this label.
pub fn row(frame: &Frame, clock: &Clock, one: RequestRow, label: String) -> LatestRow {
    let words = clock.words;
    let tokens = one.prompt_tokens.saturating_add(one.completion_tokens);
    LatestRow {
        time: clock.time(one.at),
        status: code(one.status),
        href: frame.to(&format!("/requests/{}", one.id)),
        model: one.asked_model,
        label,
        tokens: if tokens == 0 {
            "—".to_owned()
        } else {
            count(words, tokens)
        },
        latency: duration(words, one.duration_ms),
        cost: if one.charge_nanousd.0 == 0 {
            "—".to_owned()
        } else {
            price(words, one.charge_nanousd)
        },
    }
}
