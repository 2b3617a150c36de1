//! What can be seen only when everything is read: names that lead nowhere, patterns that cannot
//! match, models that were withdrawn.

use std::collections::BTreeSet;

use domain::routing::RoutingTable;

use super::deployment::Placed;
use super::report::Report;
use super::router::{Reference, Role, Router};
use super::suggest::did_you_mean;

/// The names that callers may use.
struct Names<'t> {
    groups: BTreeSet<&'t str>,
    ids: BTreeSet<&'t str>,
    aliases: BTreeSet<&'t str>,
}

impl<'t> Names<'t> {
    fn of(table: &'t RoutingTable) -> Self {
        Self {
            groups: table
                .deployments
                .iter()
                .map(|one| one.group.as_str())
                .collect(),
            ids: table
                .deployments
                .iter()
                .map(|one| one.id.as_str())
                .collect(),
            aliases: table.aliases.keys().map(String::as_str).collect(),
        }
    }

    fn has_group(&self, name: &str) -> bool {
        self.groups.iter().any(|group| matches(group, name))
    }

    fn can_be_called(&self, name: &str) -> bool {
        self.has_group(name) || self.aliases.contains(name) || self.ids.contains(name)
    }

    fn near(&self, name: &str) -> String {
        let known = self.groups.iter().chain(&self.aliases).copied();
        did_you_mean(name, known)
    }
}

/// Whether a name is the pattern's own or one that it matches (`*` stands for anything).
#[must_use]
pub fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let mut is_pattern = false;
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        is_pattern = true;
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(found) => rest = rest.get(found.saturating_add(part.len())..).unwrap_or(""),
            None => return false,
        }
    }
    !is_pattern && rest.is_empty()
}

/// Warns of everything that the finished table shows.
pub fn check(table: &RoutingTable, router: &Router, placed: &[Placed], report: &mut Report) {
    let names = Names::of(table);
    for reference in &router.references {
        check_reference(reference, &names, report);
    }
    check_context_window(table, router, report);
    for one in placed {
        check_wildcard(one, report);
        check_retired(one, report);
    }
}

fn check_reference(reference: &Reference, names: &Names<'_>, report: &mut Report) {
    let Reference {
        name,
        position,
        role,
        key,
    } = reference;
    let (is_good, code, message) = match role {
        Role::From => (
            name.contains('*') || names.can_be_called(name),
            "unknown-group",
            format!("`{key}` is written for `{name}`, and there is no such model"),
        ),
        Role::To => (
            names.can_be_called(name),
            "unknown-group",
            format!("`{key}` leads to `{name}`, and there is no such model"),
        ),
        Role::Policy => (
            names.can_be_called(name),
            "unknown-group",
            format!("`{key}` is written for `{name}`, and there is no such model"),
        ),
        Role::AliasTarget => (
            names.has_group(name),
            "unknown-group",
            format!("the alias leads to `{name}`, and there is no such model"),
        ),
        Role::AliasName => (
            !names.groups.contains(name.as_str()),
            "shadowed-group",
            format!("the alias `{name}` hides the models of that name"),
        ),
    };
    if !is_good {
        let near = names.near(name);
        report.warn_with(code, position, (message, &near));
    }
}

/// LiteLLM's trap: once the list is there, a group without an entry gets no fallback at all when
/// a prompt is too long.
fn check_context_window(table: &RoutingTable, router: &Router, report: &mut Report) {
    let (Some(lists), Some(position)) = (
        &table.router.context_window_fallbacks,
        &router.context_window_position,
    ) else {
        return;
    };
    if lists.contains_key("*") {
        return;
    }
    let left: Vec<&str> = table
        .router
        .fallbacks
        .keys()
        .filter(|group| *group != "*")
        .filter(|group| !lists.keys().any(|pattern| matches(pattern, group)))
        .map(String::as_str)
        .collect();
    if left.is_empty() {
        return;
    }
    let message = format!(
        "`context_window_fallbacks` has no entry for {}: a prompt that is too long is refused there, whatever `fallbacks` says",
        left.join(", ")
    );
    let hint = "write an entry for each, or leave the list out";
    report.warn_with("no-context-fallback", position, (message, hint));
}

fn check_wildcard(one: &Placed, report: &mut Report) {
    let deployment = &one.deployment;
    if deployment.model.contains('*') && !deployment.group.contains('*') {
        let message = format!(
            "the model `{}` has a `*`, and the name `{}` has none for it to stand for",
            deployment.model, deployment.group
        );
        let hint = "write a `*` into model_name too, such as openai/*";
        report.warn_with("unreachable-wildcard", &one.model_position, (message, hint));
    }
    if deployment.group.matches('*').count() > 1 {
        let message = format!(
            "`{}` has more than one `*`; only the first is put into the model",
            deployment.group
        );
        report.warn("several-wildcards", &one.group_position, message);
    }
}

fn check_retired(one: &Placed, report: &mut Report) {
    let deployment = &one.deployment;
    let Some(provider) = providers::find(&deployment.provider) else {
        return;
    };
    // An address of the operator's own may well serve what the vendor has withdrawn.
    if deployment.base_url.is_some() || deployment.mock_response.is_some() {
        return;
    }
    let base_model = deployment.info.base_model.as_deref();
    let facts = providers::catalogue::look_up(provider, &deployment.model, base_model);
    if facts.is_some_and(|facts| facts.retired) {
        let message = format!(
            "{} has withdrawn the model `{}`",
            deployment.provider, deployment.model
        );
        let hint = "choose a present one; a fallback keeps callers going";
        report.warn_with("retired-model", &one.model_position, (message, hint));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_nothing_else_does() {
        assert!(matches("gpt-4o", "gpt-4o"));
        assert!(!matches("gpt-4o", "gpt-4o-mini"));
        assert!(!matches("gpt-4", "gpt-4o"));
        assert!(matches("openai/*", "openai/gpt-4o"));
        assert!(!matches("openai/*", "gemini/gpt-4o"));
        assert!(matches("*", "anything"));
        assert!(matches("a*c*e", "abcde"));
        assert!(!matches("a*c*e", "abde"));
        assert!(matches("*-mini", "gpt-4o-mini"));
    }
}
