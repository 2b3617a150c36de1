//! Keys of a keyboard, as WebDriver names them.

use serde_json::{Value, json};

/// A key that is pressed and let go.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    /// A letter, a digit, a sign.
    Letter(char),
    /// Enter.
    Enter,
    /// Escape.
    Escape,
    /// Tab.
    Tab,
    /// Down.
    Down,
    /// Space.
    Space,
    /// A letter while Control is held.
    Control(char),
}

impl Key {
    /// What is sent for it (W3C WebDriver, 17.4.2: keys that are no letters).
    pub(super) fn actions(self) -> Vec<Value> {
        let letter = match self {
            Self::Letter(letter) | Self::Control(letter) => letter,
            Self::Enter => '\u{e007}',
            Self::Escape => '\u{e00c}',
            Self::Tab => '\u{e004}',
            Self::Down => '\u{e015}',
            Self::Space => ' ',
        };
        let act = |kind: &str, letter: char| json!({"type": kind, "value": letter.to_string()});
        let mut actions = vec![act("keyDown", letter), act("keyUp", letter)];
        if let Self::Control(_letter) = self {
            actions.insert(0, act("keyDown", '\u{e009}'));
            actions.push(act("keyUp", '\u{e009}'));
        }
        actions
    }
}
