//! Model names with a `*`: does a name match, and what did the star take?

/// What the stars of `pattern` took from `name`, or none when it does not match. A pattern
/// without a star matches itself only. Several stars take as little as they can, in order, and
/// the first one's text is given, as LiteLLM fills it in.
#[must_use]
pub fn capture<'a>(pattern: &str, name: &'a str) -> Option<&'a str> {
    let Some((head, tail)) = pattern.split_once('*') else {
        return (pattern == name).then_some("");
    };
    let rest = name.strip_prefix(head)?;
    if !tail.contains('*') {
        return rest.strip_suffix(tail);
    }
    (0..=rest.len())
        .filter_map(|end| rest.split_at_checked(end))
        .find(|(_, after)| capture(tail, after).is_some())
        .map(|(taken, _)| taken)
}

/// Puts what the group's star took in the place of the model's star.
#[must_use]
pub fn fill(model: &str, taken: Option<&str>) -> String {
    match taken {
        Some(taken) => model.replacen('*', taken, 1),
        None => model.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_star_takes_the_rest_of_the_name() {
        assert_eq!(capture("openai/*", "openai/gpt-4o"), Some("gpt-4o"));
        assert_eq!(capture("*", "anything/at:all"), Some("anything/at:all"));
        assert_eq!(
            capture("claude-*-latest", "claude-3-opus-latest"),
            Some("3-opus")
        );
        assert_eq!(capture("openai/*", "anthropic/x"), None);
        assert_eq!(capture("gpt-4o", "gpt-4o"), Some(""));
        assert_eq!(capture("gpt-4o", "gpt-4o-mini"), None);
        assert_eq!(capture("a*b*c", "a1b2c"), Some("1"));
        assert_eq!(capture("a*b*c", "a1b2d"), None);
    }

    #[test]
    fn a_dot_is_a_dot_and_the_case_counts() {
        assert_eq!(capture("gpt-4.*", "gpt-4x1"), None);
        assert_eq!(capture("GPT-*", "gpt-4"), None);
    }

    #[test]
    fn the_taken_text_fills_the_providers_name() {
        assert_eq!(fill("*", Some("gpt-4o")), "gpt-4o");
        assert_eq!(fill("ft:*:org", Some("x")), "ft:x:org");
        assert_eq!(fill("gpt-4o", Some("x")), "gpt-4o");
        assert_eq!(fill("gpt-4o", None), "gpt-4o");
    }
}
