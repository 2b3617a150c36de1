//! Keys as people read them: a table of many, a card of one.

use admin_api::api::deleted_keys::DeletedKeyBody;
use admin_api::api::key_shapes::KeyBody;

use crate::commands::policy_flags;
use crate::commands::table::Table;

/// Many keys, a line each.
pub fn many(bodies: &[KeyBody]) -> Table {
    Table::Many {
        head: &[
            "ID",
            "ALIAS",
            "NAME",
            "TEAM",
            "OWNER",
            "ENVIRONMENT",
            "STATUS",
            "EXPIRES",
            "SPEND USD",
        ],
        lines: bodies.iter().map(line).collect(),
        none: "no keys",
    }
}

/// Keys that were deleted, a line each.
pub fn of_deleted(bodies: &[DeletedKeyBody]) -> Table {
    let dash = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let line = |key: &DeletedKeyBody| {
        vec![
            key.id.clone(),
            dash(&key.alias),
            key.name.clone(),
            dash(&key.team_id),
            dash(&key.user_id),
            key.deleted_at.clone(),
            key.deleted_by.clone(),
            key.restorable_until.clone(),
        ]
    };
    Table::Many {
        head: &[
            "ID",
            "ALIAS",
            "NAME",
            "TEAM",
            "OWNER",
            "DELETED",
            "BY",
            "RESTORABLE UNTIL",
        ],
        lines: bodies.iter().map(line).collect(),
        none: "no deleted keys",
    }
}

fn line(key: &KeyBody) -> Vec<String> {
    let dash = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    vec![
        key.id.clone(),
        dash(&key.alias),
        key.name.clone(),
        dash(&key.team_id),
        dash(&owner(key)),
        dash(&key.environment),
        key.status.as_str().to_owned(),
        dash(&key.expires_at),
        key.spend_usd.clone(),
    ]
}

fn owner(key: &KeyBody) -> Option<String> {
    key.user_id.clone().or(key.service_account_id.clone())
}

/// One key.
pub fn card(key: &KeyBody) -> Table {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let secrets: Vec<String> = key
        .secrets
        .iter()
        .flatten()
        .map(|secret| {
            let until = secret.until.as_ref().map(|end| format!(" until {end}"));
            let until = until.unwrap_or_default();
            format!("...{}{until} ({} uses)", secret.last_four, secret.uses)
        })
        .collect();
    let mut members = vec![
        ("id", key.id.clone()),
        ("name", key.name.clone()),
        ("hash", key.hash.clone()),
        ("alias", text(&key.alias)),
        ("environment", text(&key.environment)),
        ("organization", key.organization_id.clone()),
        ("team", text(&key.team_id)),
        ("project", text(&key.project_id)),
        ("owner", text(&owner(key))),
        ("status", key.status.as_str().to_owned()),
        ("expires", text(&key.expires_at)),
        ("spend, USD", key.spend_usd.clone()),
        ("secrets", secrets.join(", ")),
    ];
    members.extend(policy_flags::lines(&key.policy));
    members.push(("made", format!("{} by {}", key.created_at, key.created_by)));
    Table::One(members)
}
