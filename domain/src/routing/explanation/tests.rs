//! What a table says of names.

use serde_json::{Map, Value, json};

use super::*;
use crate::ids::{DeploymentId, OrganizationId};
use crate::policies::Policy;
use crate::routing::rights::Asked;
use crate::routing::{Alias, ModelInfo, Origin, ParameterPolicy, RouterSettings};
use crate::standing::Level;

fn deployment(id: &str, group: &str, model: &str) -> Deployment {
    Deployment {
        id: DeploymentId::new(id),
        group: group.to_owned(),
        organization_id: None,
        provider: "openai".to_owned(),
        model: model.to_owned(),
        base_url: None,
        api_key: None,
        api_version: None,
        organization: None,
        extra_headers: Vec::new(),
        extra_body: Map::new(),
        weight: None,
        rpm: None,
        tpm: None,
        order: 0,
        timeout_ms: None,
        stream_timeout_ms: None,
        num_retries: None,
        parameters: ParameterPolicy::default(),
        mock_response: None,
        info: ModelInfo::default(),
        origin: Origin::File,
    }
}

fn target(group: &str) -> FallbackTarget {
    FallbackTarget {
        group: group.to_owned(),
        overrides: Map::new(),
    }
}

fn table() -> RoutingTable {
    let private = Deployment {
        organization_id: Some(OrganizationId::new("acme")),
        ..deployment("private", "gpt-4o", "gpt-4o")
    };
    let mut extra = Map::new();
    extra.insert("access_groups".to_owned(), json!(["beta"]));
    let grouped = Deployment {
        info: ModelInfo {
            extra,
            ..ModelInfo::default()
        },
        ..deployment("mini", "gpt-4o-mini", "gpt-4o-mini")
    };
    let weighed = Deployment {
        weight: Some(3),
        ..deployment("first", "gpt-4o", "gpt-4o")
    };
    let later = Deployment {
        order: 2,
        num_retries: Some(7),
        ..deployment("later", "gpt-4o", "gpt-4o-2024-08-06")
    };
    let alias = Alias {
        group: "gpt-4o".to_owned(),
        hidden: true,
    };
    RoutingTable {
        deployments: vec![
            later,
            weighed,
            private,
            grouped,
            deployment("any", "openai/*", "*"),
            deployment("ft", "openai/ft:*", "ft:*:org"),
        ],
        aliases: [("smart".to_owned(), alias)].into(),
        router: RouterSettings {
            fallbacks: [(
                "gpt-*".to_owned(),
                vec![target("gpt-4o"), target("gpt-4o-mini"), target("missing")],
            )]
            .into(),
            default_fallbacks: vec![target("gpt-4o-mini")],
            context_window_fallbacks: Some(
                [("gpt-4o".to_owned(), vec![target("openai/large")])].into(),
            ),
            ..RouterSettings::default()
        },
    }
}

fn ids<'a>(candidates: &'a [Candidate<'_>]) -> Vec<&'a str> {
    candidates
        .iter()
        .map(|one| one.deployment.id.as_str())
        .collect()
}

#[test]
fn a_name_leads_to_its_group_and_what_an_organization_may_use_of_it() {
    let table = table();
    let explainer = Explainer::of(&table);
    let of_default = explainer.explain("smart", "default").unwrap();
    assert_eq!(
        (of_default.group.as_str(), of_default.by),
        ("gpt-4o", FoundBy::Name)
    );
    assert_eq!(of_default.alias_of.as_deref(), Some("gpt-4o"));
    assert_eq!(ids(&of_default.candidates), ["first", "later"]);
    let shares: Vec<_> = of_default
        .candidates
        .iter()
        .map(|one| one.share_basis_points)
        .collect();
    assert_eq!(shares, [Some(10_000), Some(0)]);
    let retries: Vec<_> = of_default
        .candidates
        .iter()
        .map(|one| one.retries)
        .collect();
    assert_eq!(retries, [2, 7]);
    let of_acme = explainer.explain("gpt-4o", "acme").unwrap();
    // A sibling has a weight, so what has none is asked last.
    assert_eq!(ids(&of_acme.candidates), ["first", "private", "later"]);
    assert!(explainer.explain("private", "default").is_none());
    let by_id = explainer.explain("private", "acme").unwrap();
    assert_eq!(
        (by_id.by, ids(&by_id.candidates)),
        (FoundBy::Id, vec!["private"])
    );
    assert!(explainer.explain("gpt-5", "default").is_none());
}

#[test]
fn the_longest_pattern_wins_and_fills_the_providers_name() {
    let table = table();
    let explainer = Explainer::of(&table);
    let tuned = explainer.explain("openai/ft:x", "default").unwrap();
    assert_eq!(
        (tuned.group.as_str(), tuned.by),
        ("openai/ft:*", FoundBy::Pattern)
    );
    assert_eq!(tuned.wildcard.as_deref(), Some("x"));
    assert_eq!(tuned.candidates[0].model, "ft:x:org");
}

#[test]
fn fallbacks_leave_the_group_itself_out_and_show_what_is_missing() {
    let table = table();
    let explained = Explainer::of(&table).explain("gpt-4o", "default").unwrap();
    let steps = |steps: &[Step<'_>]| -> Vec<(String, usize)> {
        let each = steps.iter();
        each.map(|one| (one.group.to_owned(), one.candidates.len()))
            .collect()
    };
    let told = [("gpt-4o-mini".to_owned(), 1), ("missing".to_owned(), 0)];
    assert_eq!(steps(&explained.fallbacks), told);
    let large = explained.context_window_fallbacks.unwrap();
    assert_eq!(steps(&large), [("openai/large".to_owned(), 1)]);
    assert_eq!(large[0].candidates[0].model, "large");
    assert!(explained.content_policy_fallbacks.is_none());
    // Set, but silent about this group: the error stands.
    let of_pattern = Explainer::of(&table)
        .explain("openai/x", "default")
        .unwrap();
    assert!(of_pattern.context_window_fallbacks.unwrap().is_empty());
    assert_eq!(
        steps(&of_pattern.fallbacks),
        [("gpt-4o-mini".to_owned(), 1)]
    );
}

#[test]
fn a_list_allows_by_name_pattern_access_group_and_vendors_name() {
    let table = table();
    let explainer = Explainer::of(&table);
    let refusing = |model: &str, level: Level, models: Value| {
        let policy = Policy {
            models: serde_json::from_value(models).unwrap(),
            ..Policy::default()
        };
        let hit = explainer.find(model, "default");
        let asked = Asked {
            model,
            hit: hit.as_ref(),
            organization_id: "default",
            has_team: level == Level::User,
        };
        asked.refusing([(Level::Organization, &Policy::default()), (level, &policy)])
    };
    let allowed = [
        ("gpt-4o", json!([])),
        ("gpt-4o", json!(["gpt-4o"])),
        ("smart", json!(["gpt-4o"])),
        ("gpt-4o-mini", json!(["beta"])),
        ("gpt-4o", json!(["openai/*"])),
        ("gpt-4o", json!(["all-team-models"])),
    ];
    for (model, models) in allowed {
        assert_eq!(
            refusing(model, Level::Key, models.clone()),
            None,
            "{model} {models}"
        );
    }
    assert_eq!(
        refusing("gpt-4o", Level::Key, json!(["gpt-4o-mini"])),
        Some(Level::Key)
    );
    assert_eq!(
        refusing("gpt-4o", Level::Team, json!(["no-default-models"])),
        Some(Level::Team)
    );
    assert_eq!(
        refusing("gpt-4o", Level::User, json!(["no-default-models"])),
        None
    );
}
