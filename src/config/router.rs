//! `router_settings`, and what `litellm_settings` says in its place.

use std::collections::BTreeMap;

use domain::routing::{
    Alias, FallbackLists, FallbackTarget, RetryPolicy, RouterSettings, Strategy,
};

use super::deployment::warn_of_many_retries;
use super::keys::SectionName;
use super::node::{Content, Entry, Node, json_of};
use super::report::{Position, Report};
use super::section::{Section, wrong_type};
use super::settings::Sources;
use super::suggest::did_you_mean;

/// What a name in the settings must refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The group that fails.
    From,
    /// The group to go to.
    To,
    /// A new name.
    AliasName,
    /// The group behind a new name.
    AliasTarget,
    /// A group that has its own policy.
    Policy,
}

/// A name of a group somewhere in the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// As written.
    pub name: String,
    /// Where.
    pub position: Position,
    /// What it must refer to.
    pub role: Role,
    /// The key under which it stands.
    pub key: &'static str,
}

/// The router's settings and every name that they refer to.
#[derive(Default)]
pub struct Router {
    /// For the data plane.
    pub settings: RouterSettings,
    /// `model_group_alias`.
    pub aliases: BTreeMap<String, Alias>,
    /// To be looked up once all groups are known.
    pub references: Vec<Reference>,
    /// Where `context_window_fallbacks` stands.
    pub context_window_position: Option<Position>,
}

/// Reads both sections; `router_settings` counts where both speak.
pub fn read(sources: &Sources<'_>, report: &mut Report) -> Router {
    let mut router = Router::default();
    let defaults = RouterSettings::default();
    let (main, other) = (sources.router.as_ref(), sources.litellm.as_ref());
    let retries = retries(sources, report);
    let of_router = |read: &mut dyn FnMut(&Section<'_>) -> Option<u64>| main.and_then(read);
    let timeout = of_router(&mut |section| section.seconds_as_ms("timeout", report));
    let request_timeout =
        other.and_then(|section| section.seconds_as_ms("request_timeout", report));
    let stream_timeout = of_router(&mut |section| section.seconds_as_ms("stream_timeout", report));
    let retry_after = of_router(&mut |section| section.thousandths("retry_after", report));
    router.settings = RouterSettings {
        strategy: main.map_or(defaults.strategy, |section| strategy(section, report)),
        num_retries: retries.unwrap_or(defaults.num_retries),
        retry_policy: main
            .and_then(|section| section.section("retry_policy", SectionName::RetryPolicy, report))
            .map(|section| policy(&section, report))
            .unwrap_or_default(),
        group_retry_policies: group_policies(main, &mut router.references, report),
        retry_after_ms: retry_after.unwrap_or(defaults.retry_after_ms),
        timeout_ms: timeout.or(request_timeout).unwrap_or(defaults.timeout_ms),
        stream_timeout_ms: stream_timeout,
        fallbacks: lists("fallbacks", sources, &mut router.references, report).unwrap_or_default(),
        default_fallbacks: default_fallbacks(sources, &mut router.references, report),
        context_window_fallbacks: lists(
            "context_window_fallbacks",
            sources,
            &mut router.references,
            report,
        ),
        content_policy_fallbacks: lists(
            "content_policy_fallbacks",
            sources,
            &mut router.references,
            report,
        ),
        max_fallbacks: main
            .and_then(|section| section.integer("max_fallbacks", report))
            .unwrap_or(defaults.max_fallbacks),
    };
    router.context_window_position =
        chosen("context_window_fallbacks", sources, report).map(|node| node.position.clone());
    router.aliases = aliases(sources, &mut router.references, report);
    router
}

fn retries(sources: &Sources<'_>, report: &mut Report) -> Option<u32> {
    let mut found = None;
    for (section, key) in [
        (sources.router, "num_retries"),
        (sources.router, "max_retries"),
        (sources.litellm, "num_retries"),
    ] {
        let Some(section) = section else { continue };
        let number = section.integer(key, report);
        warn_of_many_retries(number, section.place(key), report);
        found = found.or(number);
    }
    found
}

fn strategy(section: &Section<'_>, report: &mut Report) -> Strategy {
    const LATER: &[&str] = &[
        "least-busy",
        "usage-based-routing",
        "usage-based-routing-v2",
        "cost-based-routing",
        "provider-budget-routing",
    ];
    let Some(name) = section.text("routing_strategy", report) else {
        return Strategy::default();
    };
    match name.as_str() {
        "simple-shuffle" => Strategy::SimpleShuffle,
        "latency-based-routing" => Strategy::Latency,
        later if LATER.contains(&later) => {
            let key =
                format!("router_settings.routing_strategy: {later} (simple-shuffle until then)");
            report.not_yet(key, section.place("routing_strategy"));
            Strategy::SimpleShuffle
        }
        unknown => {
            let known = ["simple-shuffle", "latency-based-routing"];
            let known = known.into_iter().chain(LATER.iter().copied());
            let near = did_you_mean(unknown, known);
            let message = format!("`{unknown}` is not a routing strategy; simple-shuffle is used");
            let place = section.place("routing_strategy");
            report.warn_with("unknown-strategy", place, (message, &near));
            Strategy::SimpleShuffle
        }
    }
}

fn policy(section: &Section<'_>, report: &mut Report) -> RetryPolicy {
    let internal: Option<u32> = section.integer("InternalServerErrorRetries", report);
    let unavailable = section.integer("ServiceUnavailableErrorRetries", report);
    RetryPolicy {
        bad_request: section.integer("BadRequestErrorRetries", report),
        authentication: section.integer("AuthenticationErrorRetries", report),
        timeout: section.integer("TimeoutErrorRetries", report),
        rate_limit: section.integer("RateLimitErrorRetries", report),
        content_policy: section.integer("ContentPolicyViolationErrorRetries", report),
        server: internal.max(unavailable),
        default: section.integer("DefaultRetries", report),
    }
}

fn group_policies(
    main: Option<&Section<'_>>,
    references: &mut Vec<Reference>,
    report: &mut Report,
) -> BTreeMap<String, RetryPolicy> {
    const KEY: &str = "model_group_retry_policy";
    let mut policies = BTreeMap::new();
    for entry in main
        .and_then(|main| main.map(KEY, report))
        .unwrap_or_default()
    {
        references.push(Reference {
            name: entry.key.clone(),
            position: entry.position.clone(),
            role: Role::Policy,
            key: KEY,
        });
        if let Some(section) = Section::open(&entry.value, SectionName::RetryPolicy, report) {
            policies.insert(entry.key.clone(), policy(&section, report));
        }
    }
    policies
}

/// The section's value that counts: the router's before the other's.
fn chosen<'n>(key: &'static str, sources: &Sources<'n>, report: &mut Report) -> Option<&'n Node> {
    let of = |section: Option<Section<'n>>| section.and_then(|section| section.get(key));
    let (main, other) = (of(sources.router), of(sources.litellm));
    if let (Some(_), Some(other)) = (main, other) {
        let message = format!("router_settings has `{key}` too, and counts; this one is ignored");
        report.warn_with(
            "set-twice",
            &other.position,
            (message, "remove one of them"),
        );
    }
    main.or(other)
}

/// `[{"a": ["b", {"model": "c", …}]}]`, or the same as one map.
fn lists(
    key: &'static str,
    sources: &Sources<'_>,
    references: &mut Vec<Reference>,
    report: &mut Report,
) -> Option<FallbackLists> {
    let node = chosen(key, sources, report)?;
    let maps = match &node.content {
        Content::List(items) => items.as_slice(),
        Content::Map(_) => std::slice::from_ref(node),
        _ => {
            wrong_type(key, node, "a list such as [{\"a\": [\"b\"]}]", report);
            return None;
        }
    };
    let mut lists = FallbackLists::new();
    for map in maps {
        if !matches!(map.content, Content::Map(_) | Content::Null) {
            wrong_type(key, map, "a map such as {\"a\": [\"b\"]}", report);
        }
        for entry in map.entries() {
            references.push(Reference {
                name: entry.key.clone(),
                position: entry.position.clone(),
                role: Role::From,
                key,
            });
            let found = targets(key, &entry.value, references, report);
            lists.entry(entry.key.clone()).or_default().extend(found);
        }
    }
    Some(lists)
}

fn targets(
    key: &'static str,
    node: &Node,
    references: &mut Vec<Reference>,
    report: &mut Report,
) -> Vec<FallbackTarget> {
    let items = match &node.content {
        Content::List(items) => items.as_slice(),
        Content::Null | Content::Unset { .. } => &[],
        _ => std::slice::from_ref(node),
    };
    let mut targets = Vec::new();
    for item in items {
        let Some(target) = target(key, item, report) else {
            continue;
        };
        references.push(Reference {
            name: target.group.clone(),
            position: item.position.clone(),
            role: Role::To,
            key,
        });
        targets.push(target);
    }
    targets
}

fn target(key: &'static str, item: &Node, report: &mut Report) -> Option<FallbackTarget> {
    let group = match &item.content {
        Content::Scalar { text, .. } => Some(text.as_str()),
        Content::Map(_) => item.get("model").and_then(Node::text),
        _ => None,
    };
    let Some(group) = group else {
        if item.is_given() {
            wrong_type(key, item, "a model's name, or a map with `model`", report);
        }
        return None;
    };
    let mut overrides = json_of(item.entries());
    overrides.remove("model");
    Some(FallbackTarget {
        group: group.to_owned(),
        overrides,
    })
}

fn default_fallbacks(
    sources: &Sources<'_>,
    references: &mut Vec<Reference>,
    report: &mut Report,
) -> Vec<FallbackTarget> {
    const KEY: &str = "default_fallbacks";
    let Some(node) = chosen(KEY, sources, report) else {
        return Vec::new();
    };
    if matches!(node.content, Content::Map(_)) {
        wrong_type(KEY, node, "a list such as [\"a\", \"b\"]", report);
        return Vec::new();
    }
    targets(KEY, node, references, report)
}

fn aliases(
    sources: &Sources<'_>,
    references: &mut Vec<Reference>,
    report: &mut Report,
) -> BTreeMap<String, Alias> {
    const KEY: &str = "model_group_alias";
    let Some(node) = chosen(KEY, sources, report) else {
        return BTreeMap::new();
    };
    if !matches!(node.content, Content::Map(_)) {
        wrong_type(KEY, node, "a map such as {\"gpt-4\": \"gpt-4o\"}", report);
    }
    let mut aliases = BTreeMap::new();
    for entry in node.entries() {
        let Some((alias, position)) = alias(entry, report) else {
            continue;
        };
        let mut refer = |name: &str, position: &Position, role| {
            references.push(Reference {
                name: name.to_owned(),
                position: position.clone(),
                role,
                key: KEY,
            });
        };
        refer(&entry.key, &entry.position, Role::AliasName);
        refer(&alias.group, &position, Role::AliasTarget);
        aliases.insert(entry.key.clone(), alias);
    }
    aliases
}

fn alias(entry: &Entry, report: &mut Report) -> Option<(Alias, Position)> {
    let value = &entry.value;
    if let Some(group) = value.text() {
        let alias = Alias {
            group: group.to_owned(),
            hidden: false,
        };
        return Some((alias, value.position.clone()));
    }
    let section = Section::open(value, SectionName::Alias, report)?;
    let hidden = section.boolean("hidden", report).unwrap_or(false);
    let Some(group) = section.text("model", report) else {
        let message = format!("the alias `{}` has no `model`", entry.key);
        let hint = "write the group that answers";
        report.fault_with("missing-key", section.position(), (message, hint));
        return None;
    };
    Some((Alias { group, hidden }, section.place("model").clone()))
}
