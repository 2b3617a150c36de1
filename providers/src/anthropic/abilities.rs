//! What does a model take? Read from its name, since the API has no way to ask.
//!
//! Source: Anthropic's documentation of extended thinking, adaptive thinking, effort and
//! structured outputs, and the migration guides of Opus 4.7, Sonnet 5, Opus 5.5 and Sonnet 5.5
//! (read in November 2026). A request with a setting that its model does not take is a 400.

/// What one model takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Abilities {
    /// How it is told to think.
    pub thinking: ThinkingStyle,
    /// Whether the effort `xhigh` exists; `max` is the level above `high` otherwise.
    pub xhigh: bool,
    /// Which of `temperature` and `top_p` may be set.
    pub sampling: Sampling,
    /// Whether `output_config.format` and `strict` tools exist.
    pub json_schema: bool,
    /// Whether `tool_choice` may be `any` or `tool`.
    pub forced_tools: bool,
}

/// How a model is told to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ThinkingStyle {
    /// It cannot.
    Never,
    /// `enabled`, with a budget of tokens.
    Budget,
    /// `adaptive`, with an effort.
    Adaptive(ThinkingOff),
}

/// How an adaptive model is told not to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ThinkingOff {
    /// `disabled`.
    Disabled,
    /// `between_tools` is the least it takes.
    BetweenTools,
    /// It always thinks.
    Impossible,
}

/// Which sampling parameters may differ from their default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sampling {
    /// `temperature` and `top_p`.
    Both,
    /// `temperature` or `top_p`, not both.
    OneOfThem,
    /// Neither.
    Neither,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Opus,
    Sonnet,
    Haiku,
    /// Fable and Mythos.
    AlwaysThinking,
    Other,
}

impl Abilities {
    /// Reads a model's name; one that says no version is taken for an older model, which is what
    /// servers that imitate the API are.
    pub(super) fn of(model: &str) -> Self {
        let Some((line, version)) = line_and_version(model) else {
            return Self {
                thinking: ThinkingStyle::Budget,
                xhigh: false,
                sampling: Sampling::Both,
                json_schema: false,
                forced_tools: true,
            };
        };
        let always_thinks = line == Line::AlwaysThinking;
        Self {
            thinking: thinking_style(line, version),
            xhigh: version >= (4, 7),
            sampling: match version {
                _ if version >= (4, 7) => Sampling::Neither,
                _ if version >= (4, 1) => Sampling::OneOfThem,
                _ => Sampling::Both,
            },
            json_schema: version >= (4, 5),
            forced_tools: version < (5, 5) && !(always_thinks && version >= (5, 1)),
        }
    }
}

fn thinking_style(line: Line, version: (u32, u32)) -> ThinkingStyle {
    if version < (3, 7) {
        return ThinkingStyle::Never;
    }
    if version < (4, 6) {
        return ThinkingStyle::Budget;
    }
    ThinkingStyle::Adaptive(match line {
        Line::AlwaysThinking => ThinkingOff::Impossible,
        Line::Sonnet if version >= (5, 5) => ThinkingOff::BetweenTools,
        // Opus 5.5; what Haiku 5.5 takes is not documented, so it is asked for nothing.
        _ if version >= (5, 5) => ThinkingOff::Impossible,
        _ => ThinkingOff::Disabled,
    })
}

/// Reads `claude-opus-4-6`, `claude-3-5-sonnet-20240620`, `us.anthropic.claude-opus-4-6-v1` …
fn line_and_version(model: &str) -> Option<(Line, (u32, u32))> {
    let (_, name) = model.split_once("claude-")?;
    let mut line = Line::Other;
    let mut numbers = Vec::new();
    for word in name.split(['-', '.', '@', ':']) {
        match word {
            "opus" => line = Line::Opus,
            "sonnet" => line = Line::Sonnet,
            "haiku" => line = Line::Haiku,
            "fable" | "mythos" => line = Line::AlwaysThinking,
            // A date has eight digits.
            _ if word.len() <= 2 => numbers.extend(word.parse::<u32>()),
            _ => {}
        }
    }
    let mut numbers = numbers.into_iter();
    match (numbers.next(), line) {
        (Some(major), _) => Some((line, (major, numbers.next().unwrap_or(0)))),
        (None, Line::AlwaysThinking) => Some((line, (5, 0))),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_name_is_read() {
        for (model, version) in [
            ("claude-3-5-sonnet-20240620", (3, 5)),
            ("claude-3-7-sonnet-latest", (3, 7)),
            ("claude-2.1", (2, 1)),
            ("claude-opus-4-20250514", (4, 0)),
            ("claude-opus-4-1-20250805", (4, 1)),
            ("claude-4-sonnet-20250514", (4, 0)),
            ("anthropic/claude-sonnet-4.5", (4, 5)),
            ("us.anthropic.claude-opus-4-6-v1", (4, 6)),
            ("claude-opus-4-7-20260416", (4, 7)),
            ("claude-sonnet-5", (5, 0)),
            ("claude-fable-5-1", (5, 1)),
            ("claude-mythos-preview", (5, 0)),
        ] {
            let read = line_and_version(model).map(|(_, version)| version);
            assert_eq!(read, Some(version), "{model}");
        }
        for model in ["smollm2", "claude-x", "priced-claude-x"] {
            assert!(line_and_version(model).is_none(), "{model}");
        }
    }

    #[test]
    fn models_are_asked_to_think_in_the_way_they_take() {
        let style = |model: &str| Abilities::of(model).thinking;
        assert_eq!(style("claude-3-5-sonnet-20240620"), ThinkingStyle::Never);
        assert_eq!(style("claude-haiku-4-5"), ThinkingStyle::Budget);
        assert_eq!(style("some-model"), ThinkingStyle::Budget);
        for (model, off) in [
            ("claude-opus-4-6", ThinkingOff::Disabled),
            ("claude-opus-5", ThinkingOff::Disabled),
            ("claude-sonnet-5-5", ThinkingOff::BetweenTools),
            ("claude-opus-5-5", ThinkingOff::Impossible),
            ("claude-fable-5", ThinkingOff::Impossible),
        ] {
            assert_eq!(style(model), ThinkingStyle::Adaptive(off), "{model}");
        }
    }

    #[test]
    fn newer_models_take_less() {
        let of = |model: &str| {
            let abilities = Abilities::of(model);
            (
                abilities.sampling,
                abilities.json_schema,
                abilities.forced_tools,
            )
        };
        assert_eq!(
            of("claude-3-5-sonnet-20240620"),
            (Sampling::Both, false, true)
        );
        assert_eq!(of("claude-sonnet-4-5"), (Sampling::OneOfThem, true, true));
        assert_eq!(of("claude-opus-4-8"), (Sampling::Neither, true, true));
        assert_eq!(of("claude-sonnet-5-5"), (Sampling::Neither, true, false));
        assert_eq!(of("claude-fable-5-1"), (Sampling::Neither, true, false));
    }
}
