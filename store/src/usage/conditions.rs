//! Which combinations of dimensions are asked for, as conditions on `usage_dimensions d`.

use domain::ids::{OrganizationId, TeamId};
use domain::permissions::Scope;

use crate::sql::Sql;
use crate::usage::Dimension;

/// What may be seen: everything, or what belongs to organizations, teams or an owner.
pub(crate) fn push_scope(sql: &mut Sql, scope: &Scope) {
    if scope.everything {
        sql.push("1 = 1");
        return;
    }
    let organizations = scope.organizations.iter().map(OrganizationId::as_str);
    sql.push("(d.organization_id").among(organizations);
    if !scope.teams.is_empty() {
        sql.push(" OR d.team_id");
        sql.among(scope.teams.iter().map(TeamId::as_str));
    }
    if let Some(owner) = &scope.owner {
        sql.push(" OR d.user_id = ").text(owner.as_str());
    }
    sql.push(")");
    if let (Some(_owner), Some(only)) = (&scope.owner, &scope.within) {
        sql.push(" AND d.organization_id = ").text(only.as_str());
    }
}

/// What has one of the words that are asked for, in every dimension that is named. When tags are
/// split by (`g`), only those that are asked for are shown.
pub(crate) fn push_filters(sql: &mut Sql, filters: &[(Dimension, Vec<String>)], by_tags: bool) {
    for (dimension, words) in filters {
        let texts = || words.iter().map(String::as_str);
        if *dimension != Dimension::Tag {
            sql.push(&format!(" AND {}", dimension.column()));
            sql.among(texts());
            continue;
        }
        if by_tags {
            sql.push(" AND g.tag").among(texts());
            continue;
        }
        let tagged = "EXISTS (SELECT 1 FROM usage_dimension_tags t WHERE t.dimension_id = d.id";
        sql.push(&format!(" AND ({tagged} AND t.tag"));
        sql.among(texts()).push(")");
        if words.iter().any(String::is_empty) {
            sql.push(&format!(" OR NOT {tagged})"));
        }
        sql.push(")");
    }
}
