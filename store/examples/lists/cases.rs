//! Which lists are measured.

use domain::ids::{OrganizationId, ProjectId, ServiceAccountId, TeamId, UserId};
use domain::permissions::Scope;
use domain::time::TimestampMs;
use store::audit::AuditFilter;
use store::teams::TeamFilter;
use store::users::UserFilter;
use store::virtual_keys::KeyFilter;

use crate::seed::id;

type Case<Filter> = (&'static str, Filter);

/// All keys.
pub fn all_keys() -> KeyFilter {
    KeyFilter {
        scope: everything(),
        ..KeyFilter::default()
    }
}

/// Filters of keys.
pub fn keys() -> Vec<Case<KeyFilter>> {
    let case = |what, change: &dyn Fn(&mut KeyFilter)| {
        let mut filter = all_keys();
        change(&mut filter);
        (what, filter)
    };
    let none = || Some("not there".to_owned());
    vec![
        case("keys", &|_all| ()),
        case("of a scope", &|keys| keys.scope = scope(true)),
        case("of who administers an organization", &|keys| {
            keys.scope = administrator()
        }),
        case("of a team and an owner", &|keys| keys.scope = scope(false)),
        case("of an organization", &|keys| {
            keys.organization_id = Some(organization())
        }),
        case("of a team", &|keys| keys.team_id = Some(team())),
        case("of a person", &|keys| keys.user_id = Some(person())),
        case("of no project", &|keys| {
            keys.project_id = Some(ProjectId::new("x"))
        }),
        case("of no service account", &|keys| {
            keys.service_account_id = Some(ServiceAccountId::new("x"));
        }),
        case("of an alias", &|keys| {
            keys.alias = Some("key-99999-of-team".to_owned())
        }),
        case("of an environment", &|keys| {
            keys.environment = Some("staging".to_owned())
        }),
        case("of no environment", &|keys| keys.environment = none()),
        case("searched, one", &|keys| {
            keys.search = Some("KEY-777-".to_owned())
        }),
        case("searched, many", &|keys| {
            keys.search = Some("key".to_owned())
        }),
        case("searched, none", &|keys| keys.search = none()),
        case("searched in an organization", &|keys| {
            (keys.organization_id, keys.search) = (Some(organization()), none());
        }),
        case("searched in a scope", &|keys| {
            (keys.scope, keys.search) = (scope(true), none())
        }),
        case("blocked", &|keys| keys.blocked = Some(true)),
        case("not blocked", &|keys| keys.blocked = Some(false)),
        case("ended", &|keys| keys.expired_at = Some(TimestampMs(1_000))),
        case("without a team", &|keys| keys.without_team = true),
        case("of services", &|keys| keys.of_services = true),
        case("with a budget", &|keys| keys.with_budget = true),
        case("unused, of who administers", &|keys| {
            keys.scope = administrator();
            keys.unused_since = Some(TimestampMs(1_000));
        }),
        case("searched, of who administers", &|keys| {
            (keys.scope, keys.search) = (administrator(), none())
        }),
    ]
}

/// Filters of teams.
pub fn teams() -> Vec<Case<TeamFilter>> {
    let all = || TeamFilter {
        scope: everything(),
        ..TeamFilter::default()
    };
    let search = Some("not there".to_owned());
    vec![
        ("teams", all()),
        ("teams, searched", TeamFilter { search, ..all() }),
        (
            "teams of a person",
            TeamFilter {
                user_id: Some(person()),
                ..all()
            },
        ),
        (
            "teams of a scope",
            TeamFilter {
                scope: scope(true),
                ..all()
            },
        ),
    ]
}

/// Filters of people.
pub fn people() -> Vec<Case<UserFilter>> {
    let all = || UserFilter {
        scope: everything(),
        ..UserFilter::default()
    };
    let search = || Some("not there".to_owned());
    vec![
        ("people", all()),
        (
            "people, searched",
            UserFilter {
                search: search(),
                ..all()
            },
        ),
        (
            "people of a scope",
            UserFilter {
                scope: scope(true),
                search: search(),
                ..all()
            },
        ),
    ]
}

/// Filters of the audit trail.
pub fn trail() -> Vec<Case<AuditFilter>> {
    let case = |what, change: &dyn Fn(&mut AuditFilter)| {
        let mut filter = AuditFilter {
            scope: everything(),
            ..AuditFilter::default()
        };
        change(&mut filter);
        (what, filter)
    };
    let text = |text: &str| Some(text.to_owned());
    vec![
        case("entries", &|_all| ()),
        case("entries of who administers", &|entries| {
            entries.scope = administrator()
        }),
        case("entries of an organization", &|entries| {
            entries.organization_id = Some(organization())
        }),
        case("entries of a person", &|entries| {
            entries.actor_id = Some(id("user", 5))
        }),
        case("entries of nobody", &|entries| {
            entries.actor_id = text("not there")
        }),
        case("entries of an action", &|entries| {
            entries.action = text("team.create")
        }),
        case("entries of no action", &|entries| {
            entries.action = text("not.there")
        }),
        case("entries of a kind", &|entries| {
            entries.object_kind = text("team")
        }),
        case("entries of a kind and no action", &|entries| {
            (entries.object_kind, entries.action) = (text("team"), text("key.create"));
        }),
        case("entries about a key", &|entries| {
            entries.object_id = Some(id("key", 777))
        }),
        case("the first entries", &|entries| {
            entries.until = Some(TimestampMs(2_000))
        }),
        case("the last entries", &|entries| {
            entries.from = Some(TimestampMs(100_000))
        }),
    ]
}

fn everything() -> Scope {
    Scope {
        everything: true,
        ..Scope::default()
    }
}

fn scope(whole_organization: bool) -> Scope {
    Scope {
        organizations: whole_organization.then(organization).into_iter().collect(),
        teams: [team()].into(),
        owner: Some(person()),
        ..Scope::default()
    }
}

/// What an organization's administrator sees.
pub fn administrator() -> Scope {
    Scope {
        organizations: [organization()].into(),
        ..Scope::default()
    }
}

fn organization() -> OrganizationId {
    OrganizationId::new("org_1")
}

fn team() -> TeamId {
    TeamId::new(id("team", 77))
}

fn person() -> UserId {
    UserId::new(id("user", 5))
}
