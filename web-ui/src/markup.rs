//! Small pieces of markup that many pages show: icons, states, status codes, the logo.
//!
//! Only this crate makes [`Markup`], and every text that goes into it is escaped here.

use std::fmt;

use askama::filters::HtmlSafe;
use domain::time::TimestampMs;

use crate::figures::{basis_points, percent, relative};
use crate::frame::Frame;
use crate::words::Words;

/// Markup that a page shows as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(String);

impl Markup {
    /// Of a text whose parts have been escaped.
    pub(crate) const fn of(text: String) -> Self {
        Self(text)
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

/// A text in markup, in attributes too.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

impl Frame {
    /// How a figure has changed: an arrow and percent; `bad_up` where more is worse.
    #[must_use]
    pub fn delta(&self, now: u64, before: u64, bad_up: bool) -> Markup {
        let Some(share) = basis_points(now.abs_diff(before), before) else {
            return Markup::default();
        };
        if share < 50 {
            let none = escape(&percent(self.words, 0));
            return Markup::of(format!("<span class=\"delta flat\">±{none}</span>"));
        }
        let (icon, class) = match (now > before, bad_up) {
            (true, true) => ("arrow-up", "up"),
            (true, false) => ("arrow-up", "good"),
            (false, true) => ("arrow-down", "down"),
            (false, false) => ("arrow-down", "up"),
        };
        let share = escape(&percent(self.words, share.div_ceil(100) * 100));
        Markup::of(format!(
            "<span class=\"delta {class}\">{}{share}</span>",
            self.i(icon)
        ))
    }

    /// An icon of the sprite, which says nothing by itself.
    #[must_use]
    pub fn i(&self, name: &str) -> Markup {
        let address = escape(&self.icon(name));
        Markup::of(format!(
            "<svg class=\"i\" aria-hidden=\"true\"><use href=\"{address}\"/></svg>"
        ))
    }

    /// The logo.
    #[must_use]
    pub fn logo(&self) -> Markup {
        Markup::of(LOGO.to_owned())
    }

    /// The fields that every form carries: the session's token, and the language in which its amounts
    /// are typed.
    #[must_use]
    pub fn token(&self) -> Markup {
        let token = escape(&self.csrf);
        let language = self.words.language.tag();
        Markup::of(format!(
            "<input type=\"hidden\" name=\"csrf\" value=\"{token}\">\
             <input type=\"hidden\" name=\"lang\" value=\"{language}\">"
        ))
    }
}

const LOGO: &str = "<svg viewBox=\"0 0 28 28\" aria-hidden=\"true\" fill=\"none\">\
<rect x=\"3\" y=\"3\" width=\"3.4\" height=\"22\" rx=\"1.7\" fill=\"currentColor\"/>\
<rect x=\"21.6\" y=\"3\" width=\"3.4\" height=\"22\" rx=\"1.7\" fill=\"currentColor\"/>\
<rect x=\"8.6\" y=\"4.5\" width=\"10.8\" height=\"8.6\" rx=\"1.6\" fill=\"currentColor\"/>\
<path d=\"M8.2 18.2c1.9-1.9 3.9-1.9 5.8 0s3.9 1.9 5.8 0M8.2 22.6c1.9-1.9 3.9-1.9 5.8 0s3.9 1.9 5.8 0\" \
stroke=\"currentColor\" stroke-width=\"2\" stroke-linecap=\"round\" opacity=\".75\"/></svg>";

/// A text where markup is wanted.
#[must_use]
pub fn plain(text: &str) -> Markup {
    Markup::of(escape(text))
}

/// How a state looks. Its word says it too: colour never stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to be said.
    Plain,
    /// Good.
    Ok,
    /// Soon to be looked at.
    Warn,
    /// Now.
    Danger,
    /// A fact such as a role.
    Info,
}

impl Tone {
    /// The style's word.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Ok => " ok",
            Self::Warn => " warn",
            Self::Danger => " danger",
            Self::Info => " info plain",
        }
    }
}

/// A state.
#[must_use]
pub fn badge(tone: Tone, text: &str) -> Markup {
    let text = escape(text);
    Markup::of(format!(
        "<span class=\"badge{}\">{text}</span>",
        tone.class()
    ))
}

/// A status that a caller got.
#[must_use]
pub fn code(status: u16) -> Markup {
    let class = status / 100;
    let shown = if status == 0 {
        "—".to_owned()
    } else {
        status.to_string()
    };
    Markup::of(format!("<span class=\"code c{class}\">{shown}</span>"))
}

/// A time, told from now; the exact one is its title.
#[must_use]
pub fn ago(words: Words, at: TimestampMs, now: TimestampMs, exact: &str) -> Markup {
    Markup::of(format!(
        "<time datetime=\"{}\" data-ago title=\"{}\">{}</time>",
        at.to_rfc3339(),
        escape(exact),
        escape(&relative(words, at, now))
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_is_never_markup() {
        let shown = badge(Tone::Warn, "<b>\"&'");
        assert_eq!(
            shown.as_str(),
            "<span class=\"badge warn\">&lt;b&gt;&quot;&amp;&#39;</span>"
        );
    }

    #[test]
    fn a_status_has_the_class_of_its_hundred() {
        assert_eq!(code(429).as_str(), "<span class=\"code c4\">429</span>");
        assert_eq!(code(0).as_str(), "<span class=\"code c0\">—</span>");
    }
}
